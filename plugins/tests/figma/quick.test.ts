/** Quick actions: words in, notifications out, no panel unless somebody must decide. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Run } from "../../figma/src/shared/asks.ts";
import { quick } from "../../figma/src/ui/quick.ts";
import { INITIAL } from "../../shared/src/app/initial.ts";
import type { Actions, PanelState } from "../../shared/src/app/state.ts";
import { Store } from "../../shared/src/app/store.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import { photo } from "./support.ts";

const READY: PanelState = { ...INITIAL, connection: { state: "ready", person: "Ada", bridge: "0.1.0" } };
const RUNNING = {
  edit_id: "e",
  text: "remove this",
  layerName: "Photo",
  says: ["Remove the selection"],
  position: 0,
  stage: "",
  fraction: 0,
  preview: null,
  away: false,
  cancelling: false,
};
const OUTCOME = {
  text: "remove this",
  says: ["Removed"],
  notes: [],
  seconds: 1,
  candidates: [],
  state: "placed",
  why: null,
} as const;
const EDIT: Run = { command: "edit", text: "remove this", hidden: true };

function stage(begin: PanelState, act: (store: Store<PanelState>) => void) {
  const store = new Store<PanelState>(begin);
  const said: string[] = [];
  const log = { shown: 0, closed: null as { say: string | null; error: boolean } | null, ran: [] as string[] };
  const actions = {
    run: (text: string) => {
      log.ran.push(text);
      act(store);
      return Promise.resolve();
    },
    undo: () => {
      log.ran.push("(undo)");
      store.set({ said: "Undone." });
      return Promise.resolve();
    },
  } as unknown as Actions;
  const app = { actions, state: () => store.get(), subscribe: (listener: () => void) => store.subscribe(listener) };
  const host = {
    say: (text: string) => {
      said.push(text);
    },
    show: () => {
      log.shown++;
      return Promise.resolve();
    },
    close: (say: string | null, error: boolean) => {
      log.closed = { say, error };
      return Promise.resolve();
    },
  };
  return { app, host, said, log };
}

describe("a quick action", () => {
  it("tells the plan and how far it is, then the end, and closes", async () => {
    const { app, host, said, log } = stage(READY, (store) => {
      store.set({ edit: RUNNING });
      store.set({ edit: { ...RUNNING, fraction: 0.04 } });
      store.set({ edit: { ...RUNNING, fraction: 0.57 } });
      setTimeout(() => store.set({ edit: null, outcome: OUTCOME, said: "Removed." }), 10);
    });
    await quick(app, host, EDIT);
    assert.deepEqual(log.ran, ["remove this"]);
    assert.deepEqual(said, ["Inlay: 0 % · Remove the selection", "Inlay: 50 % · Remove the selection"]);
    assert.deepEqual(log.closed, { say: "Removed.", error: false });
    assert.equal(log.shown, 0);
  });

  it("says what went wrong", async () => {
    const problem = { code: "not_understood", message: "It did not understand.", hint: "Try “remove this”." };
    const { app, host, log } = stage(READY, (store) => store.set({ problem }));
    await quick(app, host, EDIT);
    assert.deepEqual(log.closed, { say: "It did not understand. Try “remove this”.", error: true });
  });

  it("shows the panel when the bridge is not there, or wants a code", async () => {
    for (const connection of [
      { state: "offline", problem: { code: "x", message: "m", hint: "h" }, retryInS: 5 },
      { state: "pairing", problem: null, busy: false },
    ] as const) {
      const { app, host, log } = stage({ ...INITIAL, connection }, () => undefined);
      await quick(app, host, EDIT);
      assert.equal(log.shown, 1);
      assert.deepEqual(log.ran, []);
      assert.equal(log.closed, null);
    }
  });

  it("shows the panel when there is something to decide", async () => {
    const { app, host, log } = stage(READY, (store) => store.set({ outcome: { ...OUTCOME, state: "offered" } }));
    await quick(app, host, EDIT);
    assert.equal(log.shown, 1);
    assert.equal(log.closed, null);
  });

  it("undoes", async () => {
    const { app, host, log } = stage(READY, () => undefined);
    await quick(app, host, { command: "undo", text: "", hidden: true });
    assert.deepEqual(log.ran, ["(undo)"]);
    assert.deepEqual(log.closed, { say: "Undone.", error: false });
  });
});

describe("commands in Figma", () => {
  const document = () => {
    const made = new FigmaDocument();
    made.select(made.addPicture(photo(40, 30).png));
    return made;
  };

  it("open the panel, or a hidden frame when there are words", async () => {
    const cases = [
      ["open", undefined, { command: "open", text: "", hidden: false }, true],
      ["edit", { text: " make it brighter " }, { command: "edit", text: "make it brighter", hidden: true }, false],
      ["edit", undefined, { command: "edit", text: "", hidden: false }, true],
      ["remove", undefined, { command: "remove", text: "remove this", hidden: true }, false],
      ["undo", undefined, { command: "undo", text: "", hidden: true }, false],
      ["history", undefined, { command: "history", text: "", hidden: false }, true],
    ] as const;
    for (const [command, parameters, run, visible] of cases) {
      const opened = await openHost({ document: document(), command, ...(parameters ? { parameters } : {}) });
      assert.deepEqual(opened.run, run);
      assert.equal(opened.shown.visible, visible);
      assert.equal(opened.shown.options?.themeColors, true);
      await opened.host.show();
      assert.equal(opened.shown.visible, true);
      opened.close();
    }
  });

  it("suggest recent words first, then common ones, while words are typed", async () => {
    const storage = new Map<string, unknown>();
    const first = await openHost({
      document: document(),
      command: "edit",
      parameters: { text: "make the sky green" },
      storage,
    });
    first.close();
    const again = await openHost({ document: document(), storage });
    assert.equal((await again.main.suggest("text", ""))[0], "make the sky green");
    assert.deepEqual((await again.main.suggest("text", "remove")).slice(0, 2), [
      "remove this",
      "remove the background",
    ]);
    assert.deepEqual(await again.main.suggest("text", "xyzzy"), []);
    again.close();
  });

  it("notify, replace what stays, and close with a word", async () => {
    const { host, main } = await openHost({ document: document() });
    host.say("10 %", false, true);
    host.say("20 %", false, true);
    host.notify("Done", false);
    await host.save("x", "1");
    assert.deepEqual(
      main.notifications.map(({ text, timeout, cancelled }) => [text, timeout, cancelled]),
      [
        ["10 %", Infinity, true],
        ["20 %", Infinity, true],
        ["Done", undefined, false],
      ],
    );
    await host.close("Removed.", false);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(main.closed, true);
    assert.equal(main.lastWord, "Removed.");
  });

  it("keep the token and the settings from one session to the next", async () => {
    const storage = new Map<string, unknown>();
    const first = await openHost({ document: document(), storage });
    assert.equal(await first.host.load("token"), null);
    await first.host.save("token", "secret");
    first.close();
    const second = await openHost({ document: document(), storage });
    assert.equal(await second.host.load("token"), "secret");
    await second.host.save("token", null);
    assert.equal(await second.host.load("token"), null);
    second.close();
  });
});
