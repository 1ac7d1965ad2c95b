/** Deleting the document, and what is in its owner's bin. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { BinnedInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "../review.ts";
import { exactly } from "../words.ts";
import { usePage } from "./parts.tsx";
import "../styles/bin.css";

/** What is shown in the place of a document that was deleted. */
export function Deleted({ review }: { readonly review: Review }): JSX.Element {
  const documents = useBinned(review);
  const mine = documents?.find((one) => one.document_id === review.document_id) ?? null;
  return (
    <main class="door">
      <h1>This document was deleted</h1>
      {mine === null ? (
        <p>Its owner can bring it back for 30 days. If they do, this page shows it again.</p>
      ) : (
        <>
          <p>
            {holds(mine)} {kept(mine)}
          </p>
          <p>
            <button type="button" class="main" onClick={() => void review.bin.restore(mine.document_id)}>
              Bring it back
            </button>
          </p>
        </>
      )}
    </main>
  );
}

/** For the owner, below the people: deleting, and the other documents in the bin. */
export function BinPart(): JSX.Element | null {
  const { review, state } = usePage();
  const documents = useBinned(review);
  const [asked, setAsked] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => yes.current?.focus(), [asked]);
  if (state.document?.role !== "owner") return null;
  return (
    <section class="binning" aria-label="Delete">
      <h3>Delete</h3>
      {asked ? (
        <div class="row wrap" role="group" aria-label="Delete this document?">
          <span class="whole">
            It is gone for everybody at once. You can bring it back for 30 days; your own files are not touched.
          </span>
          <button type="button" onClick={() => setAsked(false)}>
            Keep it
          </button>
          <button type="button" class="bad" ref={yes} onClick={() => void review.bin.delete()}>
            Delete for everybody
          </button>
        </div>
      ) : (
        <button type="button" class="bad" onClick={() => setAsked(true)}>
          Delete this document …
        </button>
      )}
      {documents !== null && documents.length > 0 && (
        <>
          <h3>In the bin</h3>
          <ul class="members" aria-label="In the bin">
            {documents.map((one) => (
              <li key={one.document_id} class="row">
                <div class="grow clip">
                  <div class="cut">{one.title || "Untitled"}</div>
                  <div class="dim">
                    {holds(one)} {kept(one)}
                  </div>
                </div>
                <button type="button" class="quiet" onClick={() => void review.bin.restore(one.document_id)}>
                  Bring back
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function useBinned(review: Review): readonly BinnedInfo[] | null {
  const [documents, setDocuments] = useState(review.bin.store.get().documents);
  useEffect(() => {
    const stop = review.bin.store.subscribe(() => setDocuments(review.bin.store.get().documents));
    void review.bin.look();
    return () => {
      stop();
    };
  }, [review]);
  return documents;
}

function holds({ versions, comments }: BinnedInfo): string {
  const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
  return `${many(versions, "version")}, ${many(comments, "comment")}.`;
}

function kept({ ends_at }: BinnedInfo): string {
  return `Kept until ${exactly(ends_at)}.`;
}
