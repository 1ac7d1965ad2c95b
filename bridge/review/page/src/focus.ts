/**
 * The focus is never lost: when what has it goes away (a field that was sent, a button that did its work), whatever is
 * left next to it takes it, so that the keyboard and a screen reader go on from there and not from the page's beginning.
 */

const FOCUSABLE =
  "button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), a[href], [tabindex]";

/** Watches a page, for as long as it is there. Returns how to stop. */
export function keepFocus(root: HTMLElement): () => void {
  /** What has the focus, then all around it, the innermost first. */
  let chain: readonly Element[] = [];
  const remember = ({ target }: FocusEvent): void => {
    const around: Element[] = [];
    for (let at = target instanceof Element ? target : null; at !== null && at !== root; at = at.parentElement)
      around.push(at);
    chain = around;
  };
  // A click beside everything takes the focus away, as it may.
  const forget = (): void => {
    if (chain[0]?.isConnected === true) chain = [];
  };
  const changed = (): void => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (!isLost || chain.length === 0 || isUsable(chain[0])) return;
    const left = chain.find((element) => element.isConnected && homeIn(element) !== null);
    chain = [];
    (left === undefined ? null : homeIn(left))?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(changed);
  observer.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  root.addEventListener("focusin", remember);
  document.addEventListener("pointerdown", forget);
  return () => {
    observer.disconnect();
    root.removeEventListener("focusin", remember);
    document.removeEventListener("pointerdown", forget);
  };
}

function isUsable(element: Element | undefined): boolean {
  return element?.isConnected === true && element.matches(":not(:disabled)");
}

/** Where the focus goes within an element: to what is marked for that (`data-home`), else to the first that takes it. */
function homeIn(element: Element): HTMLElement | null {
  const seen = [...element.querySelectorAll<HTMLElement>(`[data-home], ${FOCUSABLE}`)].filter(
    (one) => one.tabIndex >= 0 && one.getClientRects().length > 0,
  );
  return seen.find((one) => one.dataset["home"] !== undefined) ?? seen[0] ?? null;
}
