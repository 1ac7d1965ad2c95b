/** Who is here and what they look at; their cursors over the picture. */

import type { JSX } from "preact";
import type { PresentInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import type { PageState } from "../state.ts";
import { numberOf } from "../words.ts";
import "../styles/presence.css";
import { Face, usePage } from "./parts.tsx";

/** Faces in the header; the rest are a number. */
const MOST_FACES = 5;

export function Avatars(): JSX.Element | null {
  const { state } = usePage();
  const others = state.here.filter((one) => one.person_id !== state.me);
  if (others.length === 0) return null;
  const more = others.length - MOST_FACES;
  return (
    <ul class="avatars" aria-label="Who is here">
      {others.slice(0, MOST_FACES).map((one) => (
        <li key={one.person_id}>
          <Avatar one={one} />
        </li>
      ))}
      {more > 0 && (
        <li
          class="dim"
          title={others
            .slice(MOST_FACES)
            .map((one) => one.name)
            .join(", ")}
        >
          +{more}
        </li>
      )}
    </ul>
  );
}

function Avatar({ one }: { readonly one: PresentInfo }): JSX.Element {
  const { review, state } = usePage();
  const follows = state.following === one.person_id;
  const looks = looksAt(one, state);
  const face = (
    <>
      <Face name={one.name} person_id={one.person_id} />
      <span class="where cut" aria-hidden="true">
        {looks.short}
      </span>
    </>
  );
  if (one.version_id === null) {
    return (
      <span class="avatar" title={looks.says}>
        {face}
        <span class="unseen">{looks.says}</span>
      </span>
    );
  }
  return (
    <button
      type="button"
      class={`avatar${follows ? " followed" : ""}`}
      aria-pressed={follows}
      title={`${looks.says}. ${follows ? "Click to stop following" : "Click to look at what they look at"}.`}
      onClick={() => review.here.follow(follows ? null : one.person_id)}
    >
      {face}
      <span class="unseen">{`${looks.says}. Follow ${one.name}`}</span>
    </button>
  );
}

/** Whom one follows, and how to stop. */
export function Following(): JSX.Element | null {
  const { review, state } = usePage();
  const one = state.here.find(({ person_id }) => person_id === state.following);
  if (one === undefined) return null;
  return (
    <p class="bar" role="status">
      <span class="grow">
        You look at what <strong>{one.name}</strong> looks at.
      </span>
      <button type="button" class="quiet" onClick={() => review.here.follow(null)}>
        Stop
      </button>
    </p>
  );
}

/** What somebody looks at: “Bo looks at v3”, and in a word. */
export function looksAt(
  one: PresentInfo,
  { layers, layer_id, versions, version_id }: Pick<PageState, "layers" | "layer_id" | "versions" | "version_id">,
): { readonly says: string; readonly short: string } {
  if (one.version_id === null) {
    const programs = one.programs.join(", ");
    return { says: `${one.name} has the document open in ${programs}`, short: one.programs[0] ?? "" };
  }
  if (one.layer_id !== layer_id) {
    const name = layers.find((layer) => layer.layer_id === one.layer_id)?.name ?? "another layer";
    return { says: `${one.name} looks at ${name}`, short: name };
  }
  const number = numberOf(versions, one.version_id);
  return { says: `${one.name} looks at ${number}`, short: one.version_id === version_id ? "here" : number };
}
