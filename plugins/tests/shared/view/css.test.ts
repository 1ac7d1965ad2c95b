/** What Photoshop shows may only use the CSS and the HTML that UXP documents (its “CSS Reference” and “Known Issues”). */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const FILES = ["shared/src/view/view.css", "photoshop/src/panel.css"];

const SIDES = ["top", "right", "bottom", "left"];
/** UXP's list of styles, with `position` and `z-index`, which its pages on `top` and on known issues speak of. */
const PROPERTIES = new Set([
  ...["align-content", "align-items", "align-self", "background", "background-attachment", "background-color"],
  ...["background-image", "background-repeat", "background-size", "border-color", "border-radius", "border-style"],
  ...["border-width", "color", "display", "flex", "flex-basis", "flex-direction", "flex-grow", "flex-shrink"],
  ...["flex-wrap", "font-family", "font-size", "font-style", "font-weight", "height", "justify-content"],
  ...["letter-spacing", "margin", "max-height", "max-width", "min-height", "min-width", "opacity", "overflow"],
  ...["overflow-x", "overflow-y", "padding", "text-align", "text-overflow", "visibility", "white-space", "width"],
  ...["position", "z-index"],
  ...SIDES,
  ...SIDES.flatMap((side) => [`margin-${side}`, `padding-${side}`, `border-${side}`, `border-${side}-color`]),
  ...SIDES.flatMap((side) => [`border-${side}-width`]),
  ...["border-top-left-radius", "border-top-right-radius", "border-bottom-left-radius", "border-bottom-right-radius"],
]);
const VALUES: Readonly<Record<string, readonly string[]>> = {
  display: ["none", "inline", "block", "inline-block", "flex", "inline-flex"],
  position: ["absolute", "relative"],
  overflow: ["visible", "hidden", "auto", "scroll"],
  "border-style": ["none", "solid", "dashed"],
  "white-space": ["wrap", "nowrap", "pre", "pre-line", "pre-wrap"],
  "text-overflow": ["clip", "ellipsis"],
};
const PSEUDO = new Set([
  ...[":active", ":checked", ":defined", ":disabled", ":empty", ":enabled", ":first-child", ":focus", ":hover"],
  ...[":last-child", ":nth-child", ":nth-last-child", ":only-child", ":root", "::after", "::before"],
]);

interface Found {
  readonly file: string;
  readonly selector: string;
  readonly property: string;
  readonly value: string;
}

function rules(): { readonly declarations: Found[]; readonly selectors: string[]; readonly at: string[] } {
  const declarations: Found[] = [];
  const selectors: string[] = [];
  const at: string[] = [];
  for (const file of FILES) {
    const text = readFileSync(join(ROOT, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [, name] of text.matchAll(/(@[a-z-]+[^;{]*)[;{]/g)) at.push((name ?? "").trim());
    for (const [, selector, body] of text.matchAll(/([^{};]+)\{([^{}]*)\}/g)) {
      const who = (selector ?? "").trim();
      selectors.push(...who.split(",").map((part) => part.trim()));
      for (const declaration of (body ?? "").split(";")) {
        const colon = declaration.indexOf(":");
        if (colon === -1) continue;
        const property = declaration.slice(0, colon).trim();
        declarations.push({ file, selector: who, property, value: declaration.slice(colon + 1).trim() });
      }
    }
  }
  return { declarations, selectors, at };
}

describe("the styles that Photoshop gets", () => {
  const { declarations, selectors, at } = rules();

  it("are read at all", () => {
    assert.ok(declarations.length > 250);
    assert.ok(selectors.length > 80);
  });

  it("use no property that UXP does not list", () => {
    const unknown = declarations.filter(({ property }) => !property.startsWith("--") && !PROPERTIES.has(property));
    assert.deepEqual(unknown, []);
  });

  it("use no value that UXP does not list", () => {
    const wrong = declarations.filter(({ property, value }) => VALUES[property]?.includes(value) === false);
    assert.deepEqual(wrong, []);
    const functions = declarations.filter(({ value }) => /(color-mix|min|max|clamp|env|linear-gradient)\(/.test(value));
    assert.deepEqual(functions, []);
  });

  it("use no selector that UXP does not list", () => {
    const wrong = selectors.filter((selector) =>
      [...selector.matchAll(/::?[a-z-]+/g)].some(([pseudo]) => !PSEUDO.has(pseudo)),
    );
    assert.deepEqual(wrong, []);
  });

  it("ask only for the theme, and take in only each other", () => {
    assert.deepEqual(
      at.filter((rule) => !/^@import |^@media \(prefers-color-scheme: /.test(rule)),
      [],
    );
  });

  it("use only variables that are set, or are Photoshop's own", () => {
    const set = new Set(declarations.map(({ property }) => property).filter((property) => property.startsWith("--")));
    const used = declarations.flatMap(({ value }) =>
      [...value.matchAll(/var\((--[a-z-]+)\)/g)].map(([, name]) => name ?? ""),
    );
    assert.deepEqual(
      used.filter((name) => !set.has(name) && !name.startsWith("--uxp-host-")),
      [],
    );
  });

  it("have each variable of the panel in Figma's file too", () => {
    const figma = readFileSync(join(ROOT, "figma/src/ui/panel.css"), "utf8");
    const missing = declarations
      .map(({ property }) => property)
      .filter((property) => property.startsWith("--in-") && !figma.includes(`${property}:`));
    assert.deepEqual(missing, []);
  });
});

describe("the elements that Photoshop gets", () => {
  const sources = ["shared/src/view", "photoshop/src"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith(".tsx"))
      .map((name) => ({ name, text: readFileSync(join(ROOT, folder, name), "utf8") })),
  );

  it("have no labels that point elsewhere, no key presses, no markup from text and no drawing", () => {
    for (const { name, text } of sources) {
      assert.doesNotMatch(text, /<label|htmlFor|keypress|innerHTML|dangerouslySetInnerHTML|<canvas|<svg/i, name);
    }
  });

  it("set only lengths by hand", () => {
    for (const { name, text } of sources) {
      for (const [, body] of text.matchAll(/style=\{\{([^}]*)\}/g)) {
        for (const [, property] of (body ?? "").matchAll(/(?:^|,)\s*([a-zA-Z]+):/g)) {
          assert.ok(["width", "height", "left", "top", "right"].includes(property ?? ""), `${name}: ${property ?? ""}`);
        }
      }
    }
  });
});
