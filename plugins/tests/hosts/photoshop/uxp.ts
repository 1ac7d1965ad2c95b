/** UXP's own services: storage, the browser, file dialogs. */

import type { ChosenFile, TextStorage, Uxp } from "../../../photoshop/src/api.ts";

export class FakeUxp implements Uxp {
  readonly version = "26.1.0";
  readonly texts = new Map<string, string>();
  readonly secrets = new Map<string, Uint8Array>();
  readonly opened: string[] = [];
  /** What the next file dialog gives. */
  files: ChosenFile[] = [];

  readonly localStorage: TextStorage = {
    getItem: (key) => this.texts.get(key) ?? null,
    setItem: (key, value) => void this.texts.set(key, value),
    removeItem: (key) => void this.texts.delete(key),
  };

  readonly secureStorage: Uxp["secureStorage"] = {
    getItem: (key) => Promise.resolve(this.secrets.get(key) ?? null),
    setItem: (key, value) => {
      this.secrets.set(
        key,
        Uint8Array.from(value, (char) => char.charCodeAt(0)),
      );
      return Promise.resolve();
    },
    removeItem: (key) => {
      this.secrets.delete(key);
      return Promise.resolve();
    },
  };

  openExternal(url: string): Promise<unknown> {
    this.opened.push(url);
    return Promise.resolve("");
  }

  chooseFiles(): Promise<readonly ChosenFile[]> {
    return Promise.resolve(this.files);
  }
}
