/** The document page, whole. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Review } from "../review.ts";
import { ROLES, STATES } from "../words.ts";
import { Deleted } from "./bin.tsx";
import { CommandBar } from "./command.tsx";
import { Comments } from "./comments.tsx";
import { Help, useShortcuts } from "./help.tsx";
import { PageContext, usePage } from "./parts.tsx";
import { People } from "./people.tsx";
import { Avatars, Following } from "./presence.tsx";
import { TakeAway } from "./take.tsx";
import { SearchButton } from "./search.tsx";
import { Tree } from "./tree.tsx";
import { Verdicts } from "./verdicts.tsx";
import { Viewer } from "./viewer.tsx";

type Tab = "comments" | "versions" | "approval";
const TABS: readonly (readonly [Tab, string])[] = [
  ["comments", "Comments"],
  ["versions", "Versions"],
  ["approval", "Approval"],
];

export function DocumentPage({ review }: { readonly review: Review }): JSX.Element {
  const [state, setState] = useState(review.store.get());
  const [tab, setTab] = useState<Tab>("comments");
  useEffect(() => {
    const stop = review.store.subscribe(() => setState(review.store.get()));
    void review.start();
    return () => {
      stop();
    };
  }, [review]);
  // Where there is room for one only, what was pointed at is shown.
  useEffect(() => {
    if (state.thread_id !== null || state.mark !== null) setTab("comments");
  }, [state.thread_id, state.mark]);
  useShortcuts(review);
  const { connection, refused } = state;
  if (refused?.code === "deleted") return <Deleted review={review} />;
  if (refused !== null) return <Closed title={refused.message} words={refused.hint} />;
  if (connection.state === "pairing") {
    return (
      <Closed
        title="This browser is not let in"
        words="Open the link of your invite once more, or press “Open review” in the plugin, or run `inlay review`. A link for oneself works once, within two minutes."
      />
    );
  }
  return (
    <PageContext.Provider value={{ review, state }}>
      <div class={`page at-${tab}`}>
        <Header />
        <Bars />
        <nav class="tabs" aria-label="Parts of the page">
          {TABS.map(([one, words]) => (
            <button key={one} type="button" aria-pressed={one === tab} onClick={() => setTab(one)}>
              {words}
            </button>
          ))}
        </nav>
        <main>
          <Tree />
          <div class="middle">
            <Viewer />
            <CommandBar />
          </div>
          <div class="side">
            <Verdicts />
            <Comments />
          </div>
        </main>
      </div>
    </PageContext.Provider>
  );
}

function Header(): JSX.Element {
  const { review, state } = usePage();
  const [people, setPeople] = useState(false);
  const { document: opened, stands, connection } = state;
  return (
    <header>
      <img class="logo" src={icon()} alt="" />
      <h1 class="cut" title={opened?.title}>
        {opened === null ? "Inlay" : opened.title || "Untitled"}
      </h1>
      {stands !== null && <span class={`badge ${stands.state}`}>{STATES[stands.state]}</span>}
      <span class="grow" />
      <Avatars />
      {opened !== null && connection.state === "ready" && (
        <span class="me dim cut">
          {connection.person} · {ROLES[opened.role]}
        </span>
      )}
      <TakeAway />
      <SearchButton />
      <button type="button" onClick={() => setPeople(true)} disabled={opened === null}>
        People{state.members.length > 0 && ` (${state.members.length})`}
      </button>
      <button
        type="button"
        class="round keyboard"
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => review.store.set({ helping: true })}
      >
        ?
      </button>
      <Help />
      {people && <People onClose={() => setPeople(false)} />}
    </header>
  );
}

/** What happened to the connection, and what could not be done. */
function Bars(): JSX.Element {
  const { review, state } = usePage();
  const { connection, problem, said } = state;
  const away = connection.state === "offline" || (connection.state === "connecting" && connection.again);
  return (
    <div class="bars" aria-live="polite">
      {away && (
        <p class="bar away" role="status">
          The connection to the bridge is lost. What is shown may be old.{" "}
          {connection.state === "offline" && connection.retryInS !== null
            ? `Trying again in ${connection.retryInS} s.`
            : "Trying again…"}
        </p>
      )}
      {said !== null && !away && (
        <p class="bar" role="status">
          {said}
        </p>
      )}
      <Following />
      {problem !== null && (
        <p class="bar problem" role="alert">
          <span class="grow">
            <strong>{problem.message}</strong> {problem.hint}
          </span>
          <button type="button" class="quiet" onClick={() => review.dismiss()}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}

export function Closed({ title, words }: { readonly title: string; readonly words: string }): JSX.Element {
  return (
    <main class="door">
      <h1>{title}</h1>
      <p>{words}</p>
    </main>
  );
}

/** Ours, as the document names it: by its content. */
function icon(): string {
  return document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? "";
}
