/** Pictures in boxes. Sizes are computed here: UXP has neither object-fit nor background-position. */

import type { Picture } from "../host.ts";
import { names } from "./dom.ts";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The picture wholly inside the box (`contain`), or filling it (`cover`), centred. Never larger than 2 times. */
export function fitted(picture: Picture, width: number, height: number, how: "contain" | "cover"): Box {
  const across = width / Math.max(1, picture.width);
  const down = height / Math.max(1, picture.height);
  const scale = how === "cover" ? Math.max(across, down) : Math.min(across, down, 2);
  const box = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
  return { ...box, left: Math.round((width - box.width) / 2), top: Math.round((height - box.height) / 2) };
}

/** Higher in a wider panel, but never so high that nothing else has room. */
export function heightFor(width: number): number {
  return Math.round(Math.max(120, Math.min(280, width / 2)));
}

function styled(box: Box) {
  return { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` };
}

interface FrameProps {
  readonly picture: Picture | null;
  readonly width: number;
  readonly height: number;
  readonly how?: "contain" | "cover";
  /** For screen readers; empty when the text beside it says the same. */
  readonly name?: string;
  /** Laid over the picture, in the same place. */
  readonly over?: Picture | null;
  /** Another picture over it from the left, so many pixels wide. */
  readonly wipe?: { readonly picture: Picture; readonly px: number } | null;
  readonly quiet?: boolean;
}

/** A picture in a box of fixed size; the box alone while it is not there. */
export function Frame({ picture, width, height, how = "contain", name = "", over, wipe, quiet }: FrameProps) {
  const box = picture === null ? null : fitted(picture, width, height, how);
  return (
    <div class={names("in-frame", quiet && "in-frame-quiet")} style={{ width: `${width}px`, height: `${height}px` }}>
      {picture !== null && box !== null && <img class="in-image" src={picture.url} alt={name} style={styled(box)} />}
      {box !== null && over !== null && over !== undefined && (
        <img class="in-image" src={over.url} alt="" style={styled(box)} />
      )}
      {wipe !== null && wipe !== undefined && (
        <div class="in-wipe" style={{ width: `${wipe.px}px`, height: `${height}px` }}>
          <img
            class="in-image"
            src={wipe.picture.url}
            alt=""
            style={styled(fitted(wipe.picture, width, height, how))}
          />
        </div>
      )}
    </div>
  );
}
