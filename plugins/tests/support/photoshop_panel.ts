/** Driving the Photoshop panel in the end-to-end tests as a person does: by its fields and keys. */

import type { DocumentSpec } from "../hosts/photoshop/spec.ts";
import { openPhotoshop, type PhotoshopInBrowser } from "../hosts/photoshop/open.ts";
import type { RealBridge } from "./bridge.ts";

const EDIT_MS = 60_000;

/** A plugin over a document, paired and ready. Close it when done. */
export async function pairedPhotoshop(bridge: RealBridge, document: DocumentSpec): Promise<PhotoshopInBrowser> {
  const opened = await openPhotoshop({ document, port: bridge.port });
  const code = opened.page.locator("sp-textfield").first();
  await code.waitFor();
  await code.click();
  await opened.page.keyboard.type(bridge.pairingCode());
  await opened.page.keyboard.press("Enter");
  await commandBox(opened).waitFor();
  return opened;
}

export const commandBox = (opened: PhotoshopInBrowser) => opened.page.locator("sp-textarea").first();

/** Types a command; does not wait for what comes of it. */
export async function type(opened: PhotoshopInBrowser, words: string): Promise<void> {
  await commandBox(opened).click();
  await opened.page.keyboard.type(words);
  await opened.page.keyboard.press("Enter");
}

/** Types a command and waits until the document has that many history states. */
export async function run(opened: PhotoshopInBrowser, words: string, states: number): Promise<void> {
  await type(opened, words);
  await hasStates(opened, states);
}

export function hasStates(opened: PhotoshopInBrowser, states: number): Promise<void> {
  return until(opened, async () => (await opened.history()).length === states);
}

/** Waits; says what the panel shows when it never comes. */
export async function until(opened: PhotoshopInBrowser, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + EDIT_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came: ${await opened.page.innerText("#panel")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
