/** What people say of the chosen version, in threads, and where one says something oneself. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CommentInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import { chosen, type Thread, threads, type Which } from "../threads.ts";
import { mayComment, numberOf } from "../words.ts";
import { CopyLink } from "./links.tsx";
import { Text } from "./mentions.tsx";
import { Face, Moment, Segments, usePage, Writing } from "./parts.tsx";
import { PinIcon } from "./viewer.tsx";

export function Comments(): JSX.Element {
  const { review, state } = usePage();
  const [which, setWhich] = useState<Which>("open");
  const [everywhere, setEverywhere] = useState(false);
  const all = threads(state.comments);
  const shown = chosen(all, which, everywhere ? null : state.version_id, state.me);
  const elsewhere = chosen(all, which, null, state.me).length - shown.length;
  const may = state.document !== null && mayComment(state.document.role);
  // A thread that is pointed at on the picture is shown, whatever is filtered.
  const pointed = all.find(({ root }) => root.comment_id === state.thread_id);
  const list = pointed === undefined || shown.includes(pointed) ? shown : [...shown, pointed];
  return (
    <section class="comments" aria-label="Comments">
      <div class="row head">
        <h3>Comments</h3>
        <span class="grow" />
        <Segments
          label="Which comments"
          value={which}
          choices={[
            ["open", "Open"],
            ["mine", "Mine"],
            ["all", "All"],
          ]}
          onChoose={setWhich}
        />
      </div>
      <label class="row check">
        <input type="checkbox" checked={everywhere} onChange={(event) => setEverywhere(event.currentTarget.checked)} />
        Of all versions
        {elsewhere > 0 && <span class="dim"> · {elsewhere} more</span>}
      </label>
      <ul class="threads" aria-label="Threads">
        {list.map((thread) => (
          <ThreadBox key={thread.root.comment_id} thread={thread} may={may} />
        ))}
      </ul>
      {list.length === 0 && (
        <p class="none">{which === "open" ? "Nothing is open on this version." : "No comments here."}</p>
      )}
      {may && state.version_id !== null && (
        <div class="say">
          {state.mark !== null && (
            <div class="row marked">
              <PinIcon /> With the marked place
              <span class="grow" />
              <button type="button" class="quiet" onClick={() => review.pin(false)}>
                Without
              </button>
            </div>
          )}
          <Writing
            key={state.mark === null ? "plain" : "marked"}
            label="Your comment"
            placeholder={state.mark === null ? "Say something about this version" : "What about this place?"}
            send="Comment"
            mentions
            onSend={(text, picked) => review.comment(text, null, picked)}
          />
        </div>
      )}
    </section>
  );
}

function ThreadBox({ thread: { root, replies, number }, may }: { readonly thread: Thread; readonly may: boolean }) {
  const { review, state } = usePage();
  const [replying, setReplying] = useState(false);
  const box = useRef<HTMLLIElement>(null);
  const isChosen = state.thread_id === root.comment_id;
  useEffect(() => {
    if (isChosen) box.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const isResolved = root.resolved_at !== null;
  const place = state.places.get(root.comment_id);
  const changed = place?.changed_by.at(-1);
  return (
    <li class={`thread${isChosen ? " chosen" : ""}${isResolved ? " resolved" : ""}`} ref={box}>
      <div class="row dim">
        {root.version_id !== state.version_id && (
          <button type="button" class="link" onClick={() => review.chooseVersion(root.version_id)}>
            on {numberOf(state.versions, root.version_id)}
          </button>
        )}
        {place?.where === "gone" && <span>its place is outside of the layer now</span>}
        {!isResolved && changed !== undefined && (
          <button type="button" class="link" onClick={() => review.chooseVersion(changed)}>
            addressed in {numberOf(state.versions, changed)}?
          </button>
        )}
        {isResolved && <span>✓ resolved by {root.resolved_by}</span>}
      </div>
      <Said comment={root} may={may}>
        {root.rect_px !== null && (
          <button
            type="button"
            class="number"
            aria-label={`Show comment ${number} on the picture`}
            aria-pressed={isChosen}
            onClick={() => review.showThread(isChosen ? null : root.comment_id)}
          >
            {number}
          </button>
        )}
      </Said>
      {replies.map((reply) => (
        <Said key={reply.comment_id} comment={reply} may={may} />
      ))}
      {may && !replying && (
        <div class="row">
          {!isResolved && (
            <button type="button" class="quiet" onClick={() => setReplying(true)}>
              Reply
            </button>
          )}
          <button type="button" class="quiet" onClick={() => void review.resolve(root.comment_id, !isResolved)}>
            {isResolved ? "Reopen" : "Resolve"}
          </button>
        </div>
      )}
      {replying && (
        <Writing
          label="Your reply"
          placeholder={`Answer ${root.author}`}
          send="Reply"
          focused
          mentions
          onSend={async (text, picked) => {
            const done = await review.comment(text, root.comment_id, picked);
            if (done) setReplying(false);
            return done;
          }}
          onCancel={() => setReplying(false)}
        />
      )}
    </li>
  );
}

interface SaidProps {
  readonly comment: CommentInfo;
  readonly may: boolean;
  readonly children?: ComponentChildren;
}

function Said({ comment, may, children }: SaidProps): JSX.Element {
  const { review, state } = usePage();
  const [changing, setChanging] = useState(false);
  const isMine = comment.person_id === state.me;
  return (
    <div class="said">
      <Face name={comment.author} person_id={comment.person_id} />
      <div class="grow">
        <div class="row">
          {children}
          <strong class="cut">{comment.author}</strong>
          <span class="dim">
            <Moment iso={comment.created_at} />
            {comment.changed_at !== null && " · edited"}
          </span>
          <span class="grow" />
          <CopyLink
            goal={{ comment_id: comment.comment_id }}
            name={`Copy the link to the comment of ${comment.author}`}
          />
          {may && isMine && !changing && (
            <button type="button" class="link" onClick={() => setChanging(true)}>
              Edit
            </button>
          )}
        </div>
        {changing ? (
          <Writing
            label="Change your comment"
            placeholder=""
            send="Save"
            initial={comment.text}
            focused
            mentions
            onSend={async (text, picked) => {
              const done = await review.change(comment.comment_id, text, picked);
              if (done) setChanging(false);
              return done;
            }}
            onCancel={() => setChanging(false)}
          />
        ) : (
          <Text comment={comment} />
        )}
      </div>
    </div>
  );
}
