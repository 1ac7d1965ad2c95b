/** Begins: which page this is, and who comes. */

import "./page.css";
import { render } from "preact";
import { comeIn, documentInAddress, readFragment, takeToken } from "./door.ts";
import { keepFocus } from "./focus.ts";
import { PagePlatform } from "./platform.ts";
import { Review } from "./review.ts";
import { Closed, DocumentPage } from "./views/app.tsx";
import { Join } from "./views/join.tsx";

let review: Review | null = null;

async function begin(root: HTMLElement): Promise<void> {
  const token = takeToken();
  const document_id = documentInAddress();
  if (location.pathname === "/join") {
    render(<Join token={token} />, root);
  } else if (document_id === null) {
    render(<Closed title="There is nothing here" words="Open the link that you were given once more." />, root);
  } else {
    // One that was used already lets in whoever it let in before: their cookie does.
    if (token !== null) await comeIn(token, "");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    review = new Review(document_id, new PagePlatform(`${scheme}://${location.host}/ws`));
    render(<DocumentPage review={review} />, root);
  }
}

// A link opened again in the same tab changes only what is after the #: where to go, or else a token to come in by.
addEventListener("hashchange", () => {
  const { token, goal } = readFragment(location.pathname, location.hash);
  if (token === null && goal !== null) review?.links.changed(location.hash);
  else if (location.hash !== "") location.reload();
});
const root = document.querySelector<HTMLElement>("#page");
if (root !== null) {
  keepFocus(root);
  void begin(root);
}
