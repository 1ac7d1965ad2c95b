/** The app behind Photoshop's panel, its menu and its commands. */

import { App } from "../../shared/src/app/app.ts";
import { PORT } from "../../shared/src/globals.ts";
import { mountPanel, type Mounting } from "../../shared/src/view/mount.tsx";
import type { PhotoshopHost } from "./host.ts";
import { type MenuId, perform } from "./menu.ts";
import { uxpPlatform } from "./platform.ts";
import { photoshopWidgets, plainElements } from "./widgets.tsx";

export type Root = Mounting["root"];

export class PhotoshopPanel {
  private readonly app: App;
  private readonly started: Promise<void>;
  private isOpen = false;

  constructor(private readonly host: PhotoshopHost) {
    this.app = new App(host, uxpPlatform, PORT);
    this.started = this.app.start();
  }

  /** Shows the panel in an element of UXP, which may give it twice. */
  open(root: Root): void {
    if (this.isOpen) return;
    this.isOpen = true;
    plainElements(document);
    mountPanel({ state$: this.app, actions: this.app, widgets: photoshopWidgets, host: this.host, root });
  }

  /** A menu item or a command. Without a panel to say it, what went wrong is said in a dialog. */
  async perform(id: MenuId): Promise<void> {
    await this.started;
    await perform(this.app, id);
    const { problem } = this.app.get();
    if (problem !== null && !this.isOpen) this.host.notify(`${problem.message} ${problem.hint}`, true);
  }

  /** Photoshop is in a dialog, and a result has to wait for it; or that is over. */
  waits(waiting: boolean): void {
    const said = "Photoshop is busy with a dialog or another command. The result waits for it.";
    this.app.store.set({ said: waiting ? said : null });
  }

  stop(): void {
    this.app.stop();
  }
}
