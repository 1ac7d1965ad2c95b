/** Pictures from the person's own files. */

import type { Reference } from "../../../shared/src/host.ts";
import { referenceOf } from "./host.ts";
import { decodeImage } from "./images.ts";

/** Empty when nothing was chosen. Must follow a click soon, else the browser does not open its window. */
export async function pickFiles(): Promise<readonly Reference[]> {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/png,image/jpeg,image/webp,image/gif";
  input.multiple = true;
  input.hidden = true;
  document.body.append(input);
  try {
    const files = await new Promise<readonly File[]>((resolve) => {
      input.addEventListener("change", () => resolve([...(input.files ?? [])]));
      input.addEventListener("cancel", () => resolve([]));
      input.click();
    });
    return await Promise.all(
      files.map(async (file) => {
        const bytes = new Uint8Array(await file.arrayBuffer());
        return referenceOf(file.name, await decodeImage(bytes, null));
      }),
    );
  } finally {
    input.remove();
  }
}
