/** UXP's services behind the small interface that `PhotoshopHost` uses. */

import { entrypoints, host, secureStorage, shell, storage } from "uxp";
import type { ChosenFile, Uxp } from "./api.ts";

export { entrypoints };

/** In UXP's typings this is a module of its own, which is not how it is reached. */
interface Chooser {
  getFileForOpening(options: { types: string[]; allowMultiple: true }): Promise<unknown>;
}

/** What Photoshop opens as a picture without asking anything. */
const PICTURES = ["png", "jpg", "jpeg", "tif", "tiff", "webp", "gif", "bmp", "psd"];

export const uxp: Uxp = {
  version: String(host.version),
  localStorage,
  secureStorage,
  openExternal: (url) => shell.openExternal(url, "Inlay opens its review page, which is on this machine."),
  chooseFiles: async () => {
    const { localFileSystem } = storage as unknown as { localFileSystem: Chooser };
    const chosen = await localFileSystem.getFileForOpening({ types: PICTURES, allowMultiple: true });
    return Array.isArray(chosen) ? (chosen as ChosenFile[]) : [];
  },
};
