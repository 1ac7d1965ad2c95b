/** A strict stand-in for Photoshop: its documents, layers, history and modal rules. Types are the official typings'. */

import type { ModalScope, Photoshop, PsApp, PsColor, PsDocument } from "../../../photoshop/src/api.ts";
import { FakeImaging } from "./imaging.ts";
import { FakeDocument } from "./document.ts";
import { HostFailure, Rules } from "./rules.ts";
import type { DocumentSpec } from "./spec.ts";

type Listener = (name: string, descriptor: { _obj: string }) => void;

export class FakePhotoshop {
  readonly rules = new Rules();
  readonly open: FakeDocument[] = [];
  readonly imaging: FakeImaging;
  readonly alerts: string[] = [];
  fonts: { family: string; style: string; postScriptName: string }[] = [
    { family: "DejaVu Sans", style: "Bold", postScriptName: "DejaVuSans-Bold" },
    { family: "DejaVu Sans", style: "Book", postScriptName: "DejaVuSans" },
  ];
  /** Files that `app.open` can open, by name. */
  readonly files = new Map<string, DocumentSpec>();
  private readonly listeners: { events: readonly string[]; tell: Listener }[] = [];
  private front: FakeDocument | null = null;
  private nextDocument = 59;

  constructor(encodeJpeg?: (rgb: Uint8Array, width: number, height: number) => Promise<string>) {
    this.imaging = new FakeImaging(this, encodeJpeg);
  }

  openDocument(spec: DocumentSpec): FakeDocument {
    const document = new FakeDocument(this, this.nextDocument++, spec);
    this.open.push(document);
    this.front = document;
    this.tell("open");
    return document;
  }

  closeDocument(document: FakeDocument): void {
    document.isClosed = true;
    this.open.splice(this.open.indexOf(document), 1);
    if (this.front === document) this.front = this.open[0] ?? null;
    this.tell("close");
  }

  /** The plugin is gone, and with it who listened. */
  forgetListeners(): void {
    this.listeners.length = 0;
  }

  documentOf(id: number | undefined): FakeDocument {
    const document = id === undefined || id < 0 ? this.front : this.open.find((one) => one.id === id);
    if (document === undefined || document === null) throw new HostFailure(`there is no document ${String(id)}`);
    return document;
  }

  /** Tells listeners what a person did; Photoshop is silent while a plugin is modal. */
  tell(event: string): void {
    if (this.rules.isModal) return;
    for (const { events, tell } of [...this.listeners]) if (events.includes(event)) tell(event, { _obj: event });
  }

  /** What `require("photoshop")` gives. */
  readonly api = ((): Photoshop => {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- getters have a `this` of their own
    const host = this;
    const app: PsApp = {
      get documents() {
        return host.open.map((document) => document.handle);
      },
      get activeDocument() {
        return host.front?.handle ?? null;
      },
      get fonts() {
        return host.fonts;
      },
      SolidColor: class implements PsColor {
        readonly rgb = { red: 0, green: 0, blue: 0 };
      },
      open: (file: never) => host.openFile(file),
    };
    return {
      app,
      core: {
        executeAsModal: (run, { commandName }) => {
          if (commandName === "") throw new HostFailure("commandName is required");
          return host.runModal(run);
        },
        showAlert: (options) => {
          host.alerts.push(typeof options === "string" ? options : options.message);
          return Promise.resolve();
        },
      },
      action: {
        batchPlay: (commands) => host.batchPlay(commands),
        addNotificationListener: (events, tell) => {
          host.listeners.push({ events, tell });
          return Promise.resolve();
        },
        removeNotificationListener: (_events, tell) => {
          host.listeners.splice(
            host.listeners.findIndex((one) => one.tell === tell),
            1,
          );
          return Promise.resolve();
        },
      },
      get imaging() {
        return host.imaging;
      },
    };
  })();

  private async openFile(file: { readonly name: string }): Promise<PsDocument> {
    this.rules.changes("open");
    const spec = this.files.get(file.name);
    if (spec === undefined) throw new HostFailure(`cannot open ${file.name}`);
    return this.rules.answer(() => this.openDocument(spec).handle);
  }

  private async runModal<T>(run: (scope: ModalScope) => Promise<T>): Promise<T> {
    const autoClose: number[] = [];
    const scope: ModalScope = {
      isCancelled: false,
      hostControl: {
        suspendHistory: ({ documentID, name }) =>
          this.rules.answer(() => {
            this.rules.changes("suspendHistory");
            return { historySuspensionID: this.documentOf(documentID).suspend(name) };
          }),
        resumeHistory: ({ historySuspensionID }, commit = true) =>
          this.rules.answer(() => {
            // Going back must always work: it is not among the calls that tests let fail.
            if (commit) this.rules.changes("resumeHistory");
            this.open.find((one) => one.suspension?.id === historySuspensionID)?.resume(commit);
          }),
        registerAutoCloseDocument: (id) => this.rules.answer(() => void autoClose.push(id)),
      },
    };
    let isDone = false;
    try {
      return await this.rules.executeAsModal(async () => {
        const result = await run(scope);
        isDone = true;
        return result;
      });
    } finally {
      for (const document of this.open) if (document.suspension !== null) document.resume(isDone);
      for (const id of autoClose) {
        const document = this.open.find((one) => one.id === id);
        if (document !== undefined) this.closeDocument(document);
      }
    }
  }

  /** Only the one command that the plugin uses: reading a layer's descriptor. */
  private batchPlay(commands: readonly { _obj: string; [name: string]: unknown }[]) {
    return this.rules.answer(() =>
      commands.map((command) => {
        const [layer, document] = command["_target"] as { _ref: string; _id: number }[];
        if (command._obj !== "get" || layer?._ref !== "layer" || document?._ref !== "document") {
          throw new HostFailure(`the stand-in does not know ${command._obj}`);
        }
        const node = this.documentOf(document._id).node(layer._id);
        return {
          _obj: "layer",
          layerID: node.id,
          hasUserMask: node.mask !== null,
          ...(node.mask === null ? {} : { userMaskEnabled: node.maskEnabled }),
        };
      }),
    );
  }
}
