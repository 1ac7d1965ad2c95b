/** Text layers are drawn as blocks: what matters is that they have a size and a place, as letters have. */

import { type Depth, type Plane, store, type TextNode, whiteOf } from "./model.ts";

/** Of the em, as in an average sans-serif. */
const ADVANCE_EM = 0.5;
const HEIGHT_EM = 0.7;

export function renderText(text: TextNode, depth: Depth, colours: number): Plane {
  const lines = text.contents.split("\r");
  const leading = text.autoLeading ? text.size * 1.2 : text.leading;
  const longest = Math.max(...lines.map((line) => line.length));
  const width = Math.max(1, Math.round(longest * ADVANCE_EM * text.size));
  const height = Math.max(1, Math.round(HEIGHT_EM * text.size + (lines.length - 1) * leading));
  const start = { left: 0, center: width / 2, right: width }[text.justification] ?? 0;
  const left = Math.round(text.position.x - start);
  const top = Math.round(text.position.y - HEIGHT_EM * text.size);
  const channels = colours + 1;
  const data = store(depth, width * height * channels);
  const white = whiteOf(depth);
  const [red, green, blue] = text.colour;
  const own = colours === 1 ? [red] : [red, green, blue];
  for (let pixel = 0; pixel < width * height; pixel++) {
    own.forEach((value, channel) => {
      data[pixel * channels + channel] = depth === 32 ? value / 255 : Math.round((value / 255) * white);
    });
    data[pixel * channels + colours] = white;
  }
  return { box: { left, top, right: left + width, bottom: top + height }, channels, data };
}
