/** The panel with a made-up state, in a browser: for screenshots (tests/gallery/shoot.ts) and for tests. */

import type { Actions, PanelState } from "../../shared/src/app/state.ts";
import type { Picture } from "../../shared/src/host.ts";
import { mountPanel } from "../../shared/src/view/mount.tsx";
import { figmaWidgets } from "../../figma/src/ui/widgets.tsx";
import { photoshopWidgets, plainElements } from "../../photoshop/src/widgets.tsx";
import { faint } from "./contrast.ts";
import { applyFigmaTheme } from "./figma-theme.ts";
import { applyTheme, defineSpectrum, type Theme } from "./spectrum.ts";
import { NOW_MS, type Pictures, rowsOf, states, versionTree } from "./states.ts";

export type HostKind = "figma" | "photoshop";

export interface Call {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** What tests and the gallery do with the page; it is `window.inlay`. */
export interface Gallery {
  names(): readonly string[];
  show(host: HostKind, theme: string, name: string, changes?: Partial<PanelState>): Promise<void>;
  change(changes: Partial<PanelState>): Promise<void>;
  /** A history of so many versions. */
  grow(count: number): Promise<void>;
  calls(): readonly Call[];
  /** Texts whose contrast is below 4.5 : 1. */
  faint(): readonly string[];
  close(): void;
}

/** Sheets of several photographs side by side: which they are, how many, and at which of the page's inputs. */
async function cut(url: string, index: number, count: number, gap: number): Promise<Picture> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const width = (image.width - gap * (count + 1)) / count;
  const height = image.height - 2 * gap;
  return draw(width, height, (context) => {
    context.drawImage(
      image,
      gap + index * (width + gap),
      gap,
      width,
      height,
      0,
      0,
      Math.round(width),
      Math.round(height),
    );
  });
}

function draw(width: number, height: number, paint: (context: CanvasRenderingContext2D) => void): Picture {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width);
  canvas.height = Math.round(height);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("This browser cannot draw.");
  paint(context);
  return { width: canvas.width, height: canvas.height, url: canvas.toDataURL() };
}

/** Without photographs: plain drawings with the same parts. */
function drawings(): Pictures {
  const scene = (colour: string, thing: boolean) =>
    draw(450, 300, (context) => {
      context.fillStyle = "#31507c";
      context.fillRect(0, 0, 450, 300);
      context.fillStyle = colour;
      context.fillRect(0, 220, 450, 80);
      if (thing) {
        context.fillStyle = "#f2efe8";
        context.fillRect(215, 90, 24, 190);
      }
    });
  const tint = draw(450, 300, (context) => {
    context.fillStyle = "rgba(236, 0, 140, 0.58)";
    context.fillRect(205, 80, 44, 205);
  });
  return {
    photo: scene("#7a5b3a", true),
    tint,
    removed: scene("#7a5b3a", false),
    cup: scene("#8d3b22", true),
    fills: [scene("#cfcfcf", true), scene("#c98a2b", true), scene("#4d3a2a", true)],
  };
}

async function photographs(sheets: Readonly<Record<string, string>>): Promise<Pictures> {
  const { result, filled } = sheets;
  const made = drawings();
  if (result === undefined || filled === undefined) return made;
  const photo = await cut(result, 0, 3, 8);
  return {
    photo,
    tint: draw(photo.width, photo.height, (context) => {
      context.fillStyle = "rgba(236, 0, 140, 0.58)";
      context.fillRect(photo.width * 0.465, photo.height * 0.27, photo.width * 0.085, photo.height * 0.7);
    }),
    removed: await cut(result, 2, 3, 8),
    cup: await cut(filled, 0, 4, 4),
    fills: [await cut(filled, 1, 4, 4), await cut(filled, 2, 4, 4), await cut(filled, 3, 4, 4)],
  };
}

/** @param sheets addresses of the demo's sheets, `result` and `filled`; drawings without them. */
export async function makeGallery(sheets: Readonly<Record<string, string>>): Promise<Gallery> {
  defineSpectrum();
  plainElements(document);
  const pictures = await photographs(sheets);
  const all = states(pictures);
  let calls: Call[] = [];
  let state: PanelState = all["empty"] as PanelState;
  let changed: (() => void) | null = null;
  let close: (() => void) | null = null;
  const actions = new Proxy({} as Actions, {
    get:
      (_, name: string) =>
      (...values: unknown[]) => {
        calls.push({ name, values });
        return Promise.resolve(true);
      },
  });
  const drawn = () =>
    new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  const change = async (changes: Partial<PanelState>) => {
    state = { ...state, ...changes };
    changed?.();
    await drawn();
  };
  return {
    names: () => Object.keys(all),
    show: async (host, theme, name, changes = {}) => {
      close?.();
      const root = document.getElementById("root");
      const wanted = all[name];
      if (root === null || wanted === undefined) throw new Error(`There is no state “${name}”.`);
      if (host === "figma") applyFigmaTheme(theme === "dark" ? "dark" : "light");
      else applyTheme(theme as Theme);
      calls = [];
      state = { ...wanted, ...changes };
      close = mountPanel({
        state$: {
          get: () => state,
          subscribe: (listener) => {
            changed = listener;
            return () => {
              changed = null;
            };
          },
        },
        actions,
        widgets: host === "figma" ? figmaWidgets : photoshopWidgets,
        host: { kind: host, canMerge: host === "figma" },
        root,
        now: () => NOW_MS,
      });
      await drawn();
    },
    change,
    grow: (count) =>
      change({
        page: "history",
        history: rowsOf(versionTree(count), `v${count - 1}`, [pictures.photo, pictures.removed]),
      }),
    calls: () => calls,
    faint,
    close: () => close?.(),
  };
}

declare global {
  interface Window {
    inlayGallery: typeof makeGallery;
    inlay: Gallery;
  }
}
window.inlayGallery = makeGallery;
