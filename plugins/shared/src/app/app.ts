/** The plugin behind its panel: wires the rooms together, and carries out what a person does. */

import { Bridge } from "../bridge/bridge.ts";
import type { Platform } from "../bridge/platform.ts";
import { Session } from "../bridge/session.ts";
import type { Event } from "../protocol/messages.ts";
import type { Host, MaskSource } from "../host.ts";
import type { Mask } from "../pixels/raster.ts";
import { Comments } from "./comments.ts";
import { type Context, guarded, problemFrom, Turns } from "./context.ts";
import { Editing } from "./editing.ts";
import { History } from "./history.ts";
import { keyOf, Layers } from "./layers.ts";
import { Looks } from "./looks.ts";
import { Placing } from "./placing.ts";
import { References } from "./references.ts";
import { Results } from "./results.ts";
import { Sharing } from "./sharing.ts";
import { DEFAULT_SETTINGS, INITIAL } from "./initial.ts";
import type { Actions, Page, PanelSettings, PanelState } from "./state.ts";
import { Store } from "./store.ts";

const SETTINGS = "settings";
const TOKEN = "token";
/** Somebody else's change is looked at so long after it was told: several come at once. */
const LOOK_MS = 150;

export class App implements Actions {
  readonly store = new Store<PanelState>(INITIAL);
  private readonly common: Context;
  private readonly session: Session;
  private readonly layers: Layers;
  private readonly references: References;
  private readonly results: Results;
  private readonly editing: Editing;
  private readonly history: History;
  private readonly commenting: Comments;
  private readonly looks: Looks;
  private readonly sharing: Sharing;
  private stopWatching: () => void = () => undefined;
  private stopLooking: () => void = () => undefined;

  constructor(
    private readonly host: Host,
    platform: Platform,
    port: number,
  ) {
    const bridge = new Bridge(platform, (event) => this.happened(event));
    this.common = { host, platform, bridge, store: this.store, turns: new Turns(), port };
    this.layers = new Layers(this.common);
    const placing = new Placing(this.common, this.layers);
    this.references = new References(this.common);
    this.results = new Results(this.common, this.layers, placing);
    this.editing = new Editing(this.common, this.layers, this.results, this.references);
    this.commenting = new Comments(this.common);
    this.history = new History(this.common, this.layers, placing, this.commenting);
    this.looks = new Looks(this.common);
    this.sharing = new Sharing(this.common, this.layers);
    this.session = new Session({
      platform,
      port,
      name: host.name,
      loadToken: () => host.load(TOKEN),
      saveToken: (token) => host.save(TOKEN, token),
      changed: (connection) => this.store.set({ connection }),
      ready: (link) => {
        bridge.attach(link);
        this.editing.away(false);
        void guarded(this.common, () => this.editing.resume());
        this.reload();
      },
      message: (message) => bridge.receive(message),
      lost: () => {
        bridge.detach();
        this.editing.away(true);
      },
    });
  }

  get(): PanelState {
    return this.store.get();
  }

  subscribe(listener: () => void): () => void {
    return this.store.subscribe(listener);
  }

  /** Begins: reads what was kept, looks at the selection, connects. */
  async start(): Promise<void> {
    this.store.set({ settings: settingsFrom(await this.host.load(SETTINGS)) });
    await this.editing.loadTyped();
    await this.look();
    this.stopWatching = this.host.watch(() => void this.look());
    await this.session.connect();
  }

  stop(): void {
    this.stopWatching();
    this.stopLooking();
    this.session.stop();
  }

  // ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────

  async connect(): Promise<void> {
    await this.doing(() => this.session.connect());
  }

  async pair(code: string): Promise<void> {
    await this.doing(() => this.session.pair(code));
  }

  async forget(): Promise<void> {
    await this.doing(() => this.session.forget());
  }

  go(page: Page): void {
    this.store.set({ page, problem: null, said: null });
    this.reload();
  }

  async run(text: string): Promise<void> {
    await this.doing(() => this.editing.command(text));
  }

  async cancel(): Promise<void> {
    await this.doing(() => this.editing.cancel());
  }

  async again(): Promise<void> {
    await this.run("again");
  }

  async undo(): Promise<void> {
    await this.inTurn(() => this.history.undo());
  }

  async redo(): Promise<void> {
    await this.inTurn(() => this.history.redo());
  }

  async apply(version_id: string): Promise<void> {
    await this.inTurn(() => this.results.apply(version_id));
  }

  async discard(): Promise<void> {
    await this.inTurn(() => this.results.discard());
  }

  dismiss(): void {
    this.store.set({ outcome: null });
  }

  hush(): void {
    this.store.set({ problem: null, said: null });
  }

  async bringIn(): Promise<void> {
    await this.inTurn(() => this.history.bringIn());
  }

  async chooseMask(source: MaskSource): Promise<void> {
    const { target } = this.store.get();
    if (target === null) return;
    this.store.set({ mask: this.layers.withPaint(target, { source, mask: null }), maskPicture: null });
    await this.doing(() => this.looks.mask());
  }

  paint(mask: Mask | null): void {
    const { target } = this.store.get();
    const source = target?.masks.find((other) => other.kind === "brush");
    if (source === undefined) return;
    if (target !== null) this.layers.paint(target, mask);
    this.store.set({ mask: { source, mask } });
    void this.doing(() => this.looks.mask());
  }

  async addReferences(): Promise<void> {
    await this.doing(() => this.references.add());
  }

  removeReference(number: number): void {
    this.references.remove(number);
  }

  async refreshHistory(): Promise<void> {
    await this.inTurn(() => this.history.refresh());
  }

  async selectVersion(version_id: string): Promise<void> {
    const selected = this.doing(() => this.history.select(version_id));
    this.commenting.show(); // what was said of it is here; its pictures come later
    await selected;
  }

  async restore(version_id: string): Promise<void> {
    await this.inTurn(() => this.history.restore(version_id));
  }

  comment(text: string, replyTo: string | null): Promise<boolean> {
    return this.doing(() => this.commenting.add(text, replyTo));
  }

  async resolve(comment_id: string, resolved: boolean): Promise<void> {
    await this.doing(() => this.commenting.resolve(comment_id, resolved));
  }

  openReview(): void {
    const { reviewUrl, target } = this.store.get();
    void this.doing(async () => {
      const document_id = reviewUrl?.split("/d/")[1] ?? "";
      // A browser knows nobody yet: what is after the # makes it this person, once.
      const { token } = await this.common.bridge.connected().request("link.make", { document_id }, "link.is");
      this.host.openUrl(`${reviewUrl}#k=${token}`);
      await this.sharing.share(target);
    });
  }

  stopSharing(): void {
    this.sharing.stop();
  }

  async set(fields: Partial<PanelSettings>): Promise<void> {
    const settings = { ...this.store.get().settings, ...fields };
    this.store.set({ settings });
    await this.doing(() => this.host.save(SETTINGS, JSON.stringify(settings)));
  }

  // ── what happens without a person's doing ────────────────────────────────────────────────────────────────────

  private doing(work: () => Promise<void>): Promise<boolean> {
    this.store.set({ problem: null });
    return guarded(this.common, work);
  }

  private inTurn(work: () => Promise<void>): Promise<boolean> {
    return this.doing(() => this.common.turns.take(work));
  }

  /** The selection or the layer changed. */
  private async look(): Promise<void> {
    const before = this.store.get().target;
    try {
      const selected = await this.layers.refresh();
      await this.looks.refresh();
      const now = "target" in selected ? selected.target : null;
      if (now !== null && (before === null || keyOf(before) !== keyOf(now))) this.reload();
    } catch (error) {
      this.store.set({ problem: problemFrom(error) });
    }
  }

  /** Fills the page that is open. */
  private reload(): void {
    const { page, connection, target, edit } = this.store.get();
    if (connection.state !== "ready" || target === null || page === "settings") return;
    // While an edit of this panel runs, the head moves because of it.
    if (page === "edit" && edit !== null) return;
    void guarded(this.common, () =>
      this.common.turns.take(async () => {
        if (page !== "edit") {
          await this.history.refresh();
          return;
        }
        const selected = await this.layers.refresh();
        if ("target" in selected) await this.layers.open(selected.target);
      }),
    );
  }

  /** Something happened in an open document, by whomever. */
  private happened(event: Event): void {
    if (event.kind.startsWith("edit.")) return;
    this.stopLooking();
    this.stopLooking = this.common.platform.timer(LOOK_MS, () => this.reload());
  }
}

function settingsFrom(json: string | null): PanelSettings {
  if (json === null) return DEFAULT_SETTINGS;
  try {
    const kept = JSON.parse(json) as Partial<Record<keyof PanelSettings, unknown>>;
    const { placeAs, native, previewOnCanvas, variations } = kept;
    return {
      placeAs: placeAs === "merge" ? "merge" : "layer",
      native: typeof native === "boolean" ? native : DEFAULT_SETTINGS.native,
      previewOnCanvas: typeof previewOnCanvas === "boolean" ? previewOnCanvas : DEFAULT_SETTINGS.previewOnCanvas,
      variations: typeof variations === "number" && variations >= 1 && variations <= 8 ? Math.floor(variations) : 1,
    };
  } catch {
    return DEFAULT_SETTINGS;
  }
}
