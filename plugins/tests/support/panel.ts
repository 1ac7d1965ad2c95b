/** The panel as a person uses it, in either program's browser. */

import type { Frame, Locator, Page } from "playwright-core";

const PATIENCE_MS = 60_000;

export class Panel {
  constructor(
    private readonly kind: "figma" | "photoshop",
    readonly view: Frame | Page,
  ) {}

  field(name: string): Locator {
    const named = this.view.locator(`[aria-label="${name}"]`);
    // Photoshop's fields are elements around the real one.
    return this.kind === "figma" ? named : named.locator("input, textarea");
  }

  button(name: string): Locator {
    return this.view.getByRole("button", { name, exact: true });
  }

  async press(name: string): Promise<void> {
    await this.button(name).first().click({ timeout: PATIENCE_MS });
  }

  /** Waits until the panel shows this text. */
  async shows(text: string | RegExp): Promise<void> {
    try {
      await this.view.getByText(text).first().waitFor({ timeout: PATIENCE_MS });
    } catch {
      throw new Error(`never shown: ${String(text)}; the panel shows:\n${await this.text()}`);
    }
  }

  text(): Promise<string> {
    return this.view.locator("body").innerText();
  }

  async pair(code: string): Promise<void> {
    await this.shows("Pair with Inlay");
    await this.field("Pairing code").fill(code);
    await this.press("Pair");
    await this.ready();
  }

  /** Waits until the bridge is there and something is selected. */
  async ready(): Promise<void> {
    try {
      await this.field("What should change").waitFor({ timeout: PATIENCE_MS });
    } catch {
      throw new Error(`never ready; the panel shows:\n${await this.text()}`);
    }
  }

  /** Types a command and sends it off. */
  async type(words: string): Promise<void> {
    await this.field("What should change").fill(words);
    await this.field("What should change").press("Enter");
  }

  /** A command, until its result is in the document. */
  async run(words: string): Promise<void> {
    await this.type(words);
    await this.shows("Done");
  }

  async closeResult(): Promise<void> {
    await this.press("Close the result");
  }

  async go(page: "Edit" | "History" | "Comments" | "Settings"): Promise<void> {
    await this.view.getByRole("tab", { name: page }).click({ timeout: PATIENCE_MS });
  }
}
