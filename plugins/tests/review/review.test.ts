/** The page when the bridge lets it in, puts it out, or cannot say now. */

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Link } from "../../shared/src/bridge/link.ts";
import { Refused } from "../../shared/src/bridge/errors.ts";
import type { Platform } from "../../shared/src/bridge/platform.ts";
import type { Problem } from "../../shared/src/app/state.ts";
import type { Store } from "../../shared/src/app/store.ts";
import type { PageState } from "../../../bridge/review/page/src/state.ts";

type Answers = Readonly<Record<string, () => unknown>>;

/** What the bridge makes happen at the page, without a socket. */
interface Inside {
  link: Link | null;
  readonly store: Store<PageState>;
  visit(link: Link, again: boolean): Promise<void>;
  receive(message: object): void;
  refresh(parts: readonly string[]): void;
}

const DOCUMENT = { document_id: "d", key: "k", role: "viewer", title: "T", last_seq: 5 };
const LET_IN = () => ({ type: "document.opened", document: DOCUMENT, layers: [] });
const NOTHING_BINNED = () => ({ type: "bin.is", documents: [] });

function refuse(code: string): never {
  throw new Refused({ code, message: code, hint: "" });
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

class Scene {
  private constructor(
    readonly page: Inside,
    readonly link: Link,
    private readonly timers: (() => void)[],
  ) {}

  static async start(answers: Answers): Promise<Scene> {
    const { Review } = await import("../../../bridge/review/page/src/review.ts");
    const timers: (() => void)[] = [];
    const platform = {
      timer: (_: number, ring: () => void) => {
        timers.push(ring);
        return () => timers.splice(0, timers.length, ...timers.filter((other) => other !== ring));
      },
      now: () => 0,
      random: (count: number) => new Uint8Array(count),
    };
    const link = {
      isOpen: true,
      send: () => undefined,
      number: () => 1,
      answerTo: () => new Promise(() => undefined),
      request: async (type: string) => {
        const answer = answers[type];
        return answer === undefined ? new Promise(() => undefined) : await answer();
      },
    } as unknown as Link;
    const page = new Review("d", platform as unknown as Platform) as unknown as Inside;
    page.link = link;
    return new Scene(page, link, timers);
  }

  get refused(): Problem | null {
    return this.page.store.get().refused;
  }

  async opens(): Promise<void> {
    await this.page.visit(this.link, false).catch(() => undefined);
    await settled();
  }

  async role(role: string | null): Promise<void> {
    this.page.receive({ type: "role.is", document_id: "d", role });
    await settled();
  }

  /** A second later. */
  async later(): Promise<void> {
    for (const ring of this.timers.splice(0)) ring();
    await settled();
  }
}

describe("the page", () => {
  before(() => {
    const location = { hash: "", origin: "", pathname: "/d/d", reload: () => undefined };
    Object.assign(globalThis, { location, history: { replaceState: () => undefined }, document: { title: "" } });
  });

  it("closes for whom is put out, and opens again for whom is let in again", async () => {
    const scene = await Scene.start({ "document.visit": LET_IN, "bin.list": NOTHING_BINNED });
    await scene.opens();
    await scene.role(null);
    assert.equal(scene.refused?.code, "not_found");
    await scene.role("viewer");
    assert.equal(scene.refused, null);
  });

  it("opens again also while it asks why it was closed", async () => {
    let answer: () => void = () => undefined;
    const slow = () => new Promise((resolve) => (answer = () => resolve(NOTHING_BINNED())));
    const scene = await Scene.start({ "document.visit": LET_IN, "bin.list": slow });
    await scene.opens();
    await scene.role(null);
    await scene.role("viewer");
    answer();
    await settled();
    assert.equal(scene.refused, null);
  });

  it("closes also when it cannot be told why", async () => {
    const scene = await Scene.start({ "document.visit": LET_IN, "bin.list": () => refuse("storage_busy") });
    await scene.opens();
    await scene.role(null);
    assert.equal(scene.refused?.code, "not_found");
  });

  it("tells an owner that the document was deleted, however that is heard first", async () => {
    const binned = () => ({ type: "bin.is", documents: [{ document_id: "d" }] });
    const scene = await Scene.start({ "document.visit": LET_IN, "bin.list": binned });
    await scene.opens();
    await scene.role(null);
    assert.equal(scene.refused?.code, "deleted");
    await scene.role(null);
    assert.equal(scene.refused.code, "deleted");
  });

  it("is tried again when the bridge could not let anybody in, and says nothing of it afterwards", async () => {
    let tries = 0;
    const busyOnce = () => (tries++ === 0 ? refuse("storage_busy") : LET_IN());
    const scene = await Scene.start({ "document.visit": busyOnce });
    await scene.opens();
    assert.equal(scene.refused, null);
    assert.equal(scene.page.store.get().problem?.code, "storage_busy");
    await scene.later();
    assert.equal(tries, 2);
    assert.equal(scene.page.store.get().document?.document_id, "d");
    assert.equal(scene.page.store.get().problem, null);
  });

  it("is closed to whom is not in it, also while the bin cannot be read", async () => {
    const scene = await Scene.start({
      "document.visit": () => refuse("not_found"),
      "bin.list": () => refuse("storage_busy"),
    });
    await scene.opens();
    assert.equal(scene.refused?.message, "You are not in this document.");
  });

  it("reads again what could not be read", async () => {
    let tries = 0;
    const busyOnce = () => (tries++ === 0 ? refuse("storage_busy") : { type: "members", members: [] });
    const scene = await Scene.start({ "document.visit": LET_IN, "member.list": busyOnce });
    scene.page.refresh(["people"]);
    for (let turn = 0; turn < 3; turn++) await scene.later();
    assert.equal(tries, 2);
  });
});
