/** The panel in a real browser, with the controls of both programs: keys, focus, names, colours, sizes. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { galleryPage } from "../gallery/build.ts";
import { running } from "../gallery/states.ts";
import type { HostKind } from "../gallery/page.tsx";

const SIZES = { figma: { width: 320, height: 600 }, photoshop: { width: 300, height: 650 } } as const;
const THEMES = { figma: ["light", "dark"], photoshop: ["darkest", "dark", "light", "lightest"] } as const;
/** What a person may make of it: Figma's is fixed, Photoshop's manifest says the least. */
const WIDTHS = { figma: [320], photoshop: [240, 300, 560] } as const;
const HOSTS = ["figma", "photoshop"] as const;

let browser: Browser;
const pages = new Map<string, Page>();

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
});
after(async () => {
  await browser.close();
});

/** One page for each program and brightness; states are shown in it one after the other. */
async function pageOf(host: HostKind, light = true): Promise<Page> {
  const key = `${host} ${String(light)}`;
  const known = pages.get(key);
  if (known !== undefined) return known;
  const page = await browser.newPage({ viewport: SIZES[host] });
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.setContent(await galleryPage(host, light));
  await page.evaluate(async () => {
    window.inlay = await window.inlayGallery({});
  });
  pages.set(key, page);
  return page;
}

async function open(host: HostKind, state: string, changes = {}, theme: string = "light"): Promise<Page> {
  const page = await pageOf(host, theme.startsWith("light"));
  await page.evaluate(([one, two, three, four]) => window.inlay.show(one, two, three, four), [
    host,
    theme,
    state,
    changes,
  ] as const);
  return page;
}

/** What has the focus, as a screen reader names it. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element === null || element === document.body
      ? ""
      : (element.getAttribute("aria-label") ?? element.closest("label")?.textContent ?? element.textContent);
  });

/** Presses Tab until something of that name has the focus, as a person without a mouse would. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let press = 0; press < 60; press++) {
    const now = await focused(page);
    if (now === name) return;
    seen.push(now);
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not come to “${name}”, only to ${[...new Set(seen)].join(" | ")}`);
}

async function calls(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    window.inlay
      .calls()
      .map(({ name, values }) => `${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`),
  );
}

const change = (page: Page, changes: object) => page.evaluate((given) => window.inlay.change(given), changes);

for (const host of HOSTS) {
  describe(`the panel with ${host}'s controls`, () => {
    it("does everything by the keyboard alone", async () => {
      const done: string[] = [];
      const visit = async (state: string, steps: (page: Page) => Promise<void>) => {
        const page = await open(host, state);
        await steps(page);
        done.push(...(await calls(page)));
      };
      const press = async (page: Page, name: string) => {
        await tabTo(page, name);
        await page.keyboard.press("Enter");
      };
      await visit("offline-not-running", (page) => press(page, "Try now"));
      await visit("pairing", async (page) => {
        await tabTo(page, "Pairing code");
        await page.keyboard.type("k7qf2m9x");
        await page.keyboard.press("Enter");
      });
      await visit("ready-long", async (page) => {
        await tabTo(page, "What should change");
        await page.keyboard.type("blur this");
        await page.keyboard.press("Enter");
        await press(page, "Undo the last edit of this layer");
        await press(page, "Redo the edit that was undone");
        await press(page, "Do the last edit again");
        await press(page, "Bring in the version by Jonas");
        await press(page, "Remove image 1, logo.png");
        await press(page, "Add a picture that the command can speak of as image 1, image 2 and so on");
        await tabTo(page, "Whole image");
        await page.keyboard.press("ArrowLeft");
      });
      await visit("running", async (page) => {
        await tabTo(page, "What should change");
        await page.keyboard.press("Escape");
      });
      await visit("running", (page) => press(page, "Cancel the edit (Esc)"));
      await visit("candidates", async (page) => {
        await tabTo(page, "Result 2, in the document");
        await page.keyboard.press("ArrowRight");
        assert.equal(await focused(page), "Result 3");
        await page.keyboard.press("Enter");
        await press(page, "Discard the result");
        await press(page, "Close the result");
      });
      await visit("offered", (page) => press(page, "Apply anyway"));
      await visit("problem", (page) => press(page, "Close this message"));
      await visit("history-empty", (page) => press(page, "Read the versions again"));
      await visit("history-chosen", async (page) => {
        await press(page, "Restore this version: the document shows it again");
        await press(page, "Go back to this version and edit on from it");
        await press(page, "Comments on this version");
        await page.keyboard.press("Shift+Tab");
        while (!(await focused(page)).startsWith("write “Summer sale”")) await page.keyboard.press("Shift+Tab");
        await page.keyboard.press("ArrowDown");
        assert.match(await focused(page), /^replace the background/);
        await page.keyboard.press("Enter");
      });
      await visit("comments", async (page) => {
        await press(page, "Resolve the comment by Jonas");
        await press(page, "Open the review page and share this layer with it");
        await press(page, "Stop sharing the picture");
        await press(page, "Answer Jonas");
        assert.equal(await focused(page), "Answer to Jonas");
        await page.keyboard.type("Mended.");
        await page.keyboard.press("Enter");
        assert.equal(await focused(page), "Answer Jonas");
        await tabTo(page, "Comment");
        await page.keyboard.type("Good.");
        await page.keyboard.press("Enter");
        await press(page, "Show 1 resolved");
        await press(page, "Reopen the comment by Jonas");
      });
      await visit("settings", async (page) => {
        await tabTo(page, "1");
        await page.keyboard.press("ArrowRight");
        // Photoshop has no first looks on the canvas: each would be a step of its history.
        const checkbox =
          host === "figma" ? "First looks on the canvas too" : "Letters and placed pictures as layers of their own";
        await tabTo(page, checkbox);
        await page.keyboard.press("Space");
        await press(page, "Forget this bridge");
        assert.equal(await focused(page), "Keep this bridge");
        await page.keyboard.press("Enter");
        assert.equal(await focused(page), "Forget this bridge");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Shift+Tab");
        await page.keyboard.press("Enter");
        await tabTo(page, "Settings");
        await page.keyboard.press("ArrowLeft");
      });
      const wanted = [
        "connect()",
        'pair("K7QF-2M9X")',
        'run("blur this")',
        "undo()",
        "redo()",
        "again()",
        "bringIn()",
        "removeReference(1)",
        "addReferences()",
        'apply("c2")',
        'apply("v1")',
        "discard()",
        "dismiss()",
        "hush()",
        "refreshHistory()",
        'restore("v11")',
        'go("edit")',
        'go("comments")',
        'selectVersion("v10")',
        'resolve("c1", true)',
        'resolve("c4", false)',
        "openReview()",
        "stopSharing()",
        'comment("Mended.", "c1")',
        'comment("Good.", null)',
        'set({"variations":2})',
        host === "figma" ? 'set({"previewOnCanvas":true})' : 'set({"native":false})',
        "forget()",
      ];
      assert.deepEqual(
        wanted.filter((call) => !done.includes(call)),
        [],
      );
      assert.equal(done.filter((call) => call === "cancel()").length, 2);
      assert.ok(done.some((call) => call.startsWith("chooseMask(")));
    });

    it("keeps the focus, the text and the caret while the state changes", async () => {
      const page = await open(host, "running");
      await tabTo(page, "What should change");
      await page.keyboard.type("make it blue");
      for (let press = 0; press < 4; press++) await page.keyboard.press("ArrowLeft");
      for (const fraction of [0.5, 0.6, 0.7]) {
        await change(page, { said: `${fraction * 100} %` });
      }
      await change(page, { edit: null });
      assert.equal(await focused(page), "What should change");
      await page.keyboard.type("sky ");
      await page.keyboard.press("Enter");
      assert.ok((await calls(page)).includes('run("make it sky blue")'));
    });

    it("gives the focus to the command box when the button that had it goes away", async () => {
      const page = await open(host, "running");
      await tabTo(page, "Cancel the edit (Esc)");
      await change(page, { edit: null });
      assert.equal(await focused(page), "What should change");
    });

    it("does not take the focus when nothing of it had any", async () => {
      const page = await open(host, "running");
      await change(page, { edit: null });
      assert.equal(await focused(page), "");
    });

    it("walks through what was typed with the arrow keys, and back to what was being typed", async () => {
      const page = await open(host, "ready");
      await tabTo(page, "What should change");
      const value = () => page.evaluate(() => (document.activeElement as unknown as { readonly value: string }).value);
      await page.keyboard.type("half");
      await page.keyboard.press("ArrowUp");
      assert.equal(await value(), "make the sky darker");
      await page.keyboard.press("ArrowUp");
      assert.equal(await value(), "remove the sign on the left");
      await page.keyboard.press("ArrowUp");
      assert.equal(await value(), "remove the sign on the left");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      assert.equal(await value(), "half");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("line two");
      assert.equal(await value(), "half\nline two");
      assert.deepEqual(await calls(page), []);
    });

    it("runs nothing from an empty box, and nothing without a connection", async () => {
      const page = await open(host, "running-away");
      await tabTo(page, "What should change");
      await page.keyboard.press("Enter");
      await page.keyboard.type("blur this");
      await page.keyboard.press("Enter");
      assert.deepEqual(await calls(page), []);
    });

    it("shows every text as text", async () => {
      const evil = `<img src=x onerror="window.broken=1"><script>window.broken=1</script>`;
      const page = await open(host, "ready-long");
      const state = await page.evaluate(async (text) => {
        const gallery = window.inlay;
        await gallery.change({
          said: text,
          typed: [text],
          references: [text],
          problem: { code: "x", message: text, hint: `${text} \`${text}\`` },
          edit: null,
        });
        const first = document.body.innerText;
        await gallery.change({ problem: null, noTarget: { reason: text, hint: text }, target: null });
        return [
          first,
          document.body.innerText,
          document.querySelectorAll("img[src=x], #root script").length,
          "broken" in window,
        ];
      }, evil);
      assert.match(String(state[0]), /<img src=x/);
      assert.match(String(state[1]), /<script>/);
      assert.equal(state[2], 0);
      assert.equal(state[3], false);
    });

    it("draws some of a thousand versions, and comes to the last one by one key", async () => {
      const page = await open(host, "history");
      await page.evaluate(() => window.inlay.grow(1000));
      const rows = page.getByRole("treeitem");
      assert.ok((await rows.count()) < 60);
      while (!(await focused(page)).includes("current version")) await page.keyboard.press("Tab");
      await page.keyboard.press("End");
      assert.match(await focused(page), /^Original/);
      assert.ok((await rows.count()) < 60);
      const [row, list] = await Promise.all([
        page.getByRole("treeitem", { name: /^Original/ }).boundingBox(),
        page.getByRole("tree").boundingBox(),
      ]);
      assert.ok(row !== null && list !== null);
      assert.ok(row.y >= list.y && row.y + row.height <= list.y + list.height + 1);
      // Scrolled away from the row with the focus: it stays, and the keys go on from it.
      await page.getByRole("tree").evaluate((tree) => {
        tree.scrollTop = 0;
      });
      await page.waitForTimeout(50);
      assert.match(await focused(page), /^Original/);
      await page.keyboard.press("Home");
      assert.match(await focused(page), /current version/);
    });

    it("has a name for everything that can be used, in every state", async () => {
      const page = await pageOf(host);
      for (const name of await page.evaluate(() => window.inlay.names())) {
        await open(host, name);
        const nameless = await page.evaluate(() =>
          [
            ...document.querySelectorAll(
              "button, input, textarea, dialog, [role], [tabindex], sp-button, sp-action-button, sp-textfield, sp-textarea, sp-slider, sp-checkbox, sp-progressbar",
            ),
          ]
            .filter(
              (element) =>
                !["presentation", "status", "alert", "separator"].includes(element.getAttribute("role") ?? ""),
            )
            .filter((element) => {
              const label =
                element.getAttribute("aria-label") ?? element.closest("label")?.textContent ?? element.textContent;
              return label.trim() === "";
            })
            .map((element) => element.outerHTML.slice(0, 120)),
        );
        assert.deepEqual(nameless, [], name);
      }
    });

    for (const width of WIDTHS[host]) {
      it(`fits a width of ${width} pixels in every state`, async () => {
        const page = await pageOf(host);
        await page.setViewportSize({ width, height: SIZES[host].height });
        for (const name of await page.evaluate(() => window.inlay.names())) {
          await open(host, name);
          const over = await page.evaluate(() => {
            const most = document.documentElement.clientWidth;
            return [...document.querySelectorAll("#root *")]
              .filter((element) => {
                const box = element.getBoundingClientRect();
                // Pictures are cut by their frames, and cut texts by what holds them.
                return box.width > 0 && box.right > most + 0.5 && element.closest(".in-frame, .in-compare") === null;
              })
              .map((element) => `${element.className}: ${element.textContent.slice(0, 40)}`);
          });
          assert.deepEqual(over, [], name);
        }
        await page.setViewportSize(SIZES[host]);
      });
    }

    it("shows the version's buttons in a panel that is as low as it may be", async () => {
      const page = await open(host, "history-chosen");
      await page.setViewportSize({ width: SIZES[host].width, height: 320 });
      await page.getByText("Branch from here").scrollIntoViewIfNeeded();
      const box = await page.getByText("Branch from here").boundingBox();
      assert.ok(box !== null && box.y + box.height <= 320);
      const tree = await page.getByRole("tree").boundingBox();
      assert.ok(tree !== null && tree.height >= 96);
      await page.setViewportSize(SIZES[host]);
    });

    it("keeps what was typed while other pages are looked at, and while the bridge is away", async () => {
      const page = await open(host, "ready");
      await tabTo(page, "What should change");
      await page.keyboard.type("make the sky");
      await change(page, { page: "settings" });
      const offline = {
        state: "offline",
        problem: { code: "not_running", message: "Gone.", hint: "Wait." },
        retryInS: 1,
      };
      await change(page, { connection: offline });
      await change(page, { page: "edit", connection: { state: "ready", person: "Mia", bridge: "Inlay" } });
      await tabTo(page, "What should change");
      await page.keyboard.press("End");
      await page.keyboard.type(" pink");
      await page.keyboard.press("Enter");
      assert.deepEqual(await calls(page), ['run("make the sky pink")']);
    });

    for (const theme of THEMES[host]) {
      it(`can be read in the theme ${theme}: every text has a contrast of 4.5 : 1`, async () => {
        const page = await pageOf(host, theme.startsWith("light"));
        for (const name of await page.evaluate(() => window.inlay.names())) {
          await open(host, name, {}, theme);
          assert.deepEqual(await page.evaluate(() => window.inlay.faint()), [], name);
        }
      });
    }
  });
}

describe("the brush in Figma's panel", () => {
  /** The mask that the last `paint` was called with: its box and how much of it is selected. */
  const lastMask = (page: Page) =>
    page.evaluate(() => {
      const call = window.inlay
        .calls()
        .filter(({ name }) => name === "paint")
        .pop();
      const mask = call?.values[0] as { readonly rect_px: object; readonly data: Uint8Array } | null | undefined;
      if (mask === null || mask === undefined) return mask;
      return { rect_px: mask.rect_px, full: mask.data.filter((value) => value === 255).length };
    });

  it("gives what is painted with the mouse in the layer's own pixels", async () => {
    const page = await open("figma", "brush");
    await page.getByRole("button", { name: "Paint", exact: true }).click();
    const paper = await page.getByRole("application").boundingBox();
    assert.ok(paper !== null);
    const scale = 3000 / paper.width;
    await page.mouse.move(paper.x + 100, paper.y + 60);
    await page.mouse.down();
    await page.mouse.move(paper.x + 180, paper.y + 60, { steps: 8 });
    await page.mouse.up();
    await page.getByRole("button", { name: "Done", exact: true }).click();
    const mask = (await lastMask(page)) as {
      rect_px: { x0: number; y0: number; x1: number; y1: number };
      full: number;
    };
    // A brush of 160 pixels with a feather of 24: its line from 100 to 180 on the screen.
    const { x0, y0, x1, y1 } = mask.rect_px;
    for (const [is, should] of [
      [x0, 100 * scale - 80],
      [x1, 180 * scale + 80],
      [y0, 60 * scale - 80],
      [y1, 60 * scale + 80],
    ] as const) {
      assert.ok(Math.abs(is - should) < 40, `${is} for ${should}`);
    }
    // Fully selected is what the feather does not reach.
    assert.ok(mask.full > 80 * scale * 60);
    assert.equal(await focused(page), "Paint");
  });

  it("paints, erases and undoes by the keyboard alone", async () => {
    const page = await open("figma", "brush");
    await tabTo(page, "Paint");
    await page.keyboard.press("Enter");
    assert.match(await focused(page), /^The layer's picture/);
    await page.keyboard.press("Space");
    for (let press = 0; press < 6; press++) await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await page.keyboard.press("ControlOrMeta+z");
    await page.keyboard.press("Enter");
    const line = await lastMask(page);
    assert.ok(line !== null && line !== undefined);
    // Six steps of a third of the brush to the right of the middle, and the dab below it undone.
    const box = line.rect_px as { x0: number; y0: number; x1: number; y1: number };
    assert.ok(Math.abs(box.x1 - (1500 + 320 + 80)) < 40 && Math.abs(box.y1 - 1080) < 40);

    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    await page.keyboard.press("e");
    for (let press = 0; press < 3; press++) await page.keyboard.press("]");
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    assert.equal(await lastMask(page), null);
  });

  it("does not open when the arrow keys only pass over it", async () => {
    const page = await open("figma", "ready");
    await tabTo(page, "2 shapes over the image");
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(page), "Brush");
    assert.equal(await page.getByRole("dialog").count(), 0);
    await page.keyboard.press("Enter");
    assert.equal(await page.getByRole("dialog").count(), 1);
    assert.deepEqual(await calls(page), Array(2).fill('chooseMask({"kind":"brush","label":"Brush","rect_px":null})'));
  });

  it("is left by Esc without a mask, and without cancelling the edit that runs", async () => {
    const page = await open("figma", "brush", { edit: running() });
    await page.getByRole("button", { name: "Paint", exact: true }).click();
    await page.keyboard.press("Space");
    await page.keyboard.press("Escape");
    assert.deepEqual(await calls(page), []);
    assert.equal(await focused(page), "Paint");
    assert.equal(await page.getByRole("dialog").count(), 0);
  });
});
