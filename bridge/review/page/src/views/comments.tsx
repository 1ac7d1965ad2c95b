/** What people say of the chosen version, in threads, and where one says something oneself. */

import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CommentInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import { countOf, known, type Thread } from "../threads.ts";
import { mayComment, numberOf } from "../words.ts";
import { CopyLink } from "./links.tsx";
import { Text } from "./mentions.tsx";
import { Face, Moment, Segments, usePage, Writing } from "./parts.tsx";
import { Rows, type RowsControl } from "./rows.tsx";
import { PinIcon } from "./viewer.tsx";

/** About as high as a thread is; each is measured when it is drawn. */
const THREAD_PX = 132;
/** With more threads than can be counted at a glance it is said how many there are. */
const SOME = 9;

export function Comments(): JSX.Element {
  const { review, state } = usePage();
  const { talk, version_id, thread_id } = state;
  const { which, everywhere, total } = talk;
  const list = known(talk);
  const keys = useMemo(() => list.map(({ root }) => root.comment_id), [talk.threads, talk.pointed]);
  const threads = useMemo(() => new Map(list.map((thread) => [thread.root.comment_id, thread])), [keys, talk]);
  const elsewhere = which === "mine" || everywhere ? 0 : countOf(talk, which, null) - countOf(talk, which, version_id);
  const may = state.document !== null && mayComment(state.document.role);
  const control = useRef<RowsControl>(null);
  // What somebody writes in stays, wherever they scroll.
  const [busy, setBusy] = useState<readonly string[]>([]);
  const writes = useCallback(
    (key: string, on: boolean) =>
      setBusy((before) =>
        before.includes(key) === on ? before : on ? [...before, key] : before.filter((one) => one !== key),
      ),
    [],
  );
  const isThere = thread_id !== null && threads.has(thread_id);
  useEffect(() => {
    if (isThere) control.current?.show(thread_id);
  }, [isThere, thread_id]);
  const onDrawn = useCallback((ids: readonly string[]) => review.talk.want(ids), [review]);
  const onEnd = useCallback(() => review.talk.more(), [review]);
  const from = useMemo(() => ({}), [threads, may, version_id, thread_id, state.places, state.versions, state.me]);
  return (
    <section class="comments" aria-label="Comments">
      <div class="row head">
        <h2>Comments</h2>
        <span class="grow" />
        <Segments
          label="Which comments"
          value={which}
          choices={[
            ["open", "Open"],
            ["mine", "Mine"],
            ["all", "All"],
          ]}
          onChoose={(one) => review.talk.filter(one, everywhere)}
        />
      </div>
      <label class="row check">
        <input
          type="checkbox"
          checked={everywhere}
          onChange={(event) => review.talk.filter(which, event.currentTarget.checked)}
        />
        Of all versions
        {elsewhere > 0 && <span class="dim"> · {elsewhere.toLocaleString()} more</span>}
        <span class="grow" />
        {total !== null && total > SOME && <span class="dim">{total.toLocaleString()} threads</span>}
      </label>
      <Rows
        label="Threads"
        class="threads"
        keys={keys}
        total={Math.max(keys.length, total ?? 0)}
        rowPx={THREAD_PX}
        measured
        kept={busy}
        from={from}
        control={control}
        onDrawn={onDrawn}
        onEnd={onEnd}
        row={(key) => {
          const thread = threads.get(key);
          return thread === undefined ? <></> : <ThreadBox thread={thread} may={may} writes={writes} />;
        }}
      />
      {keys.length === 0 && (
        <p class="none">
          {total === null ? "Loading…" : which === "open" ? "Nothing is open on this version." : "No comments here."}
        </p>
      )}
      {may && version_id !== null && (
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
            onSend={(text, picked) => review.speech.add(text, null, picked)}
          />
        </div>
      )}
    </section>
  );
}

interface ThreadProps {
  readonly thread: Thread;
  readonly may: boolean;
  readonly writes: (key: string, on: boolean) => void;
}

function ThreadBox({ thread, may, writes }: ThreadProps): JSX.Element {
  const { review, state } = usePage();
  const { root, replies, number, reply_count } = thread;
  const [replying, setReplying] = useState(false);
  const [changing, setChanging] = useState<string | null>(null);
  const key = root.comment_id;
  const isWriting = replying || changing !== null;
  useEffect(() => {
    writes(key, isWriting);
    return () => writes(key, false);
  }, [key, isWriting, writes]);
  const isChosen = state.thread_id === key;
  const isResolved = root.resolved_at !== null;
  const place = state.places.get(key);
  const changed = place?.changed_by.at(-1);
  const earlier = reply_count - replies.length;
  const said = { may, changing, onChange: setChanging };
  return (
    <article
      class={`thread${isChosen ? " chosen" : ""}${isResolved ? " resolved" : ""}`}
      aria-label={`Thread ${number} of ${root.author}`}
    >
      <div class="row dim wrap">
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
      <Said comment={root} {...said}>
        {root.rect_px !== null && (
          <button
            type="button"
            class="number"
            aria-label={`Show comment ${number} on the picture`}
            aria-pressed={isChosen}
            onClick={() => review.showThread(isChosen ? null : key)}
          >
            {number}
          </button>
        )}
      </Said>
      {earlier > 0 && (
        <button type="button" class="link earlier" onClick={() => void review.talk.whole(thread)}>
          {earlier === 1 ? "1 earlier answer" : `${earlier.toLocaleString()} earlier answers`}
        </button>
      )}
      {replies.map((one) => (
        <Said key={one.comment_id} comment={one} {...said} />
      ))}
      {may && !replying && (
        <div class="row does">
          {!isResolved && (
            <button type="button" class="quiet" data-home onClick={() => setReplying(true)}>
              Reply
            </button>
          )}
          <button type="button" class="quiet" onClick={() => void review.speech.resolve(key, !isResolved)}>
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
            const done = await review.speech.add(text, key, picked);
            if (done) setReplying(false);
            return done;
          }}
          onCancel={() => setReplying(false)}
        />
      )}
    </article>
  );
}

interface SaidProps {
  readonly comment: CommentInfo;
  readonly may: boolean;
  /** Of the thread's comments, the one that is being changed. */
  readonly changing: string | null;
  readonly onChange: (comment_id: string | null) => void;
  readonly children?: ComponentChildren;
}

function Said({ comment, may, changing, onChange, children }: SaidProps): JSX.Element {
  const { review, state } = usePage();
  const isMine = comment.person_id === state.me;
  const isChanging = changing === comment.comment_id;
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
          {may && isMine && !isChanging && (
            <button type="button" class="link" onClick={() => onChange(comment.comment_id)}>
              Edit
            </button>
          )}
        </div>
        {isChanging ? (
          <Writing
            label="Change your comment"
            placeholder=""
            send="Save"
            initial={comment.text}
            focused
            mentions
            onSend={async (text, picked) => {
              const done = await review.speech.change(comment.comment_id, text, picked);
              if (done) onChange(null);
              return done;
            }}
            onCancel={() => onChange(null)}
          />
        ) : (
          <Text comment={comment} />
        )}
      </div>
    </div>
  );
}
