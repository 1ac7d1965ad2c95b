/** Comments of the chosen version: read, write, answer, settle. */

import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import type { PanelState, Thread } from "../app/state.ts";
import type { CommentInfo } from "../protocol/messages.ts";
import { fromTuple } from "../pixels/rect.ts";
import { useHome, useOpening } from "./homes.ts";
import { useKit } from "./kit.ts";
import { type Focusable, names } from "./dom.ts";
import { Empty } from "./parts.tsx";
import { Frame } from "./picture.tsx";
import { titleOf } from "./row.tsx";
import { counted, rectWords, when } from "./words.tsx";

const PICTURE_PX = 36;

export function CommentsPage({ state }: { readonly state: PanelState }) {
  const { actions, widgets, now } = useKit();
  const { Button } = widgets;
  const { selectedVersionId, history, threads } = state;
  const [settledToo, setSettledToo] = useState(false);
  const home = useHome();
  const row = history.find(({ version }) => version.version_id === selectedVersionId);
  if (row === undefined) {
    return <Empty title="No version chosen">Choose one in the history to read and write comments on it.</Empty>;
  }
  const settled = threads.filter(({ root }) => root.resolved_at !== null);
  const shown = settledToo ? threads : threads.filter(({ root }) => root.resolved_at === null);
  return (
    <div class="in-comments">
      <div class="in-row in-comments-head in-flush-right">
        <Frame picture={row.picture} width={PICTURE_PX} height={PICTURE_PX} how="cover" />
        <div class="in-grow in-clip in-comments-version">
          <div class="in-strong in-cut" title={titleOf(row)}>
            {titleOf(row)}
          </div>
          <div class="in-dim in-cut">
            {row.version.author} · {when(row.version.created_at, now())}
          </div>
        </div>
        {state.reviewUrl !== null && (
          <Button
            text="Open review"
            kind="quiet"
            name="Open the review page and share this layer with it"
            onPress={() => actions.openReview()}
          />
        )}
      </div>
      {state.sharing !== null && (
        <div class="in-row in-comments-head in-flush-right">
          <span class="in-dim in-grow in-cut">Sharing the picture · {Math.round(state.sharing * 100)} %</span>
          <Button text="Stop" name="Stop sharing the picture" kind="quiet" onPress={() => actions.stopSharing()} />
        </div>
      )}
      <div class="in-threads" role="list" aria-label="Comments">
        {shown.length === 0 && (
          <div class="in-dim in-threads-none">
            {settled.length > 0 ? "All comments are resolved." : "No comments yet. Say what you think of this version."}
          </div>
        )}
        {shown.map((thread) => (
          <ThreadBox key={thread.root.comment_id} thread={thread} />
        ))}
        {settled.length > 0 && (
          <div class="in-settled">
            <Button
              text={settledToo ? "Hide resolved" : `Show ${counted(settled.length, "resolved", "resolved")}`}
              kind="quiet"
              onPress={() => setSettledToo(!settledToo)}
            />
          </div>
        )}
      </div>
      <Compose
        key={row.version.version_id}
        name="Comment"
        placeholder="Write a comment"
        replyTo={null}
        draft={`comment ${row.version.version_id}`}
        button="Comment"
        handle={home}
      />
    </div>
  );
}

function ThreadBox({ thread }: { readonly thread: Thread }) {
  const { actions, widgets } = useKit();
  const { Button } = widgets;
  const [answering, setAnswering] = useState(false);
  const [answer, opener] = useOpening(answering);
  const { root, replies } = thread;
  const resolved = root.resolved_at !== null;
  return (
    <div class={names("in-thread", resolved && "in-thread-resolved")} role="listitem">
      <Comment comment={root} />
      {replies.map((reply) => (
        <div key={reply.comment_id} class="in-reply">
          <Comment comment={reply} />
        </div>
      ))}
      {resolved && <div class="in-dim in-resolved-by">Resolved by {root.resolved_by ?? "somebody"}</div>}
      {answering ? (
        <Compose
          name={`Answer to ${root.author}`}
          placeholder={`Answer ${root.author}`}
          replyTo={root.comment_id}
          draft={`answer ${root.comment_id}`}
          button="Answer"
          handle={answer}
          onEnd={() => setAnswering(false)}
        />
      ) : (
        <div class="in-row in-thread-foot">
          {!resolved && (
            <Button
              text="Answer"
              kind="quiet"
              name={`Answer ${root.author}`}
              handle={opener}
              onPress={() => setAnswering(true)}
            />
          )}
          <Button
            text={resolved ? "Reopen" : "Resolve"}
            kind="quiet"
            name={`${resolved ? "Reopen" : "Resolve"} the comment by ${root.author}`}
            onPress={() => void actions.resolve(root.comment_id, !resolved)}
          />
        </div>
      )}
    </div>
  );
}

function Comment({ comment }: { readonly comment: CommentInfo }) {
  const { now } = useKit();
  return (
    <>
      <div class="in-row">
        <span class="in-strong in-cut">{comment.author}</span>
        <span class="in-dim in-comment-when">{when(comment.created_at, now())}</span>
        {comment.changed_at !== null && <span class="in-dim in-comment-when">changed</span>}
      </div>
      <div class="in-comment-text">{comment.text}</div>
      {comment.rect_px !== null && <div class="in-dim in-comment-place">{place(comment.rect_px)}</div>}
    </>
  );
}

function place(tuple: readonly [number, number, number, number]): string {
  const rect_px = fromTuple(tuple);
  return `At ${rect_px.x0}, ${rect_px.y0} · ${rectWords(rect_px)}`;
}

interface ComposeProps {
  readonly name: string;
  readonly placeholder: string;
  readonly button: string;
  readonly replyTo: string | null;
  /** Under what the unsent text is kept. */
  readonly draft: string;
  readonly handle?: RefObject<Focusable>;
  /** It is put away again: after sending, and by Esc. */
  readonly onEnd?: () => void;
}

function Compose({ name, placeholder, button, replyTo, draft, handle, onEnd }: ComposeProps) {
  const { actions, widgets, drafts } = useKit();
  const { Button, Field } = widgets;
  const [text, keep] = useState(drafts.get(draft) ?? "");
  const setText = (next: string) => {
    drafts.set(draft, next);
    keep(next);
  };
  const send = () => {
    if (text.trim() === "") return;
    void actions.comment(text.trim(), replyTo).then((said) => {
      if (!said) return;
      setText("");
      onEnd?.();
    });
  };
  return (
    <div class={names("in-compose", replyTo === null && "in-compose-page")}>
      <Field
        name={name}
        placeholder={placeholder}
        value={text}
        lines={2}
        {...(handle === undefined ? {} : { handle })}
        onInput={setText}
        onKey={(event) => {
          if (event.isComposing === true) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            send();
          } else if (event.key === "Escape" && onEnd !== undefined) {
            event.stopPropagation();
            onEnd();
          }
        }}
      />
      <div class="in-row in-compose-foot">
        <span class="in-grow" />
        {onEnd !== undefined && <Button text="Cancel" kind="quiet" onPress={onEnd} />}
        <Button text={button} off={text.trim() === ""} onPress={send} />
      </div>
    </div>
  );
}
