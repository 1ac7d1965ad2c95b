/** Which open model draws in the document what the built-in ones cannot: for everybody in it. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Event, ModelInfo } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "./review.ts";

/** As the protocol calls them: whichever is best of those that are here, and none but those that come with Inlay. */
export const AUTO = "auto";
export const BUILT_IN = "built-in";

/** What can be chosen. */
export interface Choice {
  readonly name: string;
  readonly title: string;
}

export class OpenModels {
  constructor(private readonly review: Review) {}

  async read(link: Link): Promise<void> {
    const { models } = await link.request("models.list", {}, "models");
    this.review.store.set({ models });
  }

  pin(model: string): Promise<boolean> {
    return this.review.doing(async (link) => {
      const fields = { document_id: this.review.document_id, model };
      this.becomes((await link.request("document.model", fields, "document.model.is")).model);
    });
  }

  /** Somebody chose another. */
  happened({ detail, by }: Event): void {
    this.becomes(detail);
    this.review.say(`${by} chose who draws here: ${titleOf(detail, this.review.store.get().models ?? [])}.`);
    this.review.refresh(["models"]);
  }

  private becomes(model: string): void {
    const { document: opened } = this.review.store.get();
    if (opened !== null) this.review.store.set({ document: { ...opened, model } });
  }
}

/**
 * What a document can be drawn by: the models that are on the bridge's machine, and the one that it is pinned to, wherever
 * that is. Empty where there is nothing to choose.
 */
export function choicesOf(models: readonly ModelInfo[], pinned: string): readonly Choice[] {
  const here = models.filter((model) => model.present).map(({ name, title }) => ({ name, title }));
  const always = [AUTO, BUILT_IN].map((name) => ({
    name,
    title: titleOf(name, models),
  }));
  const isOffered = [...here, ...always].some((choice) => choice.name === pinned);
  if (here.length === 0 && pinned === AUTO) return [];
  const absent = isOffered
    ? []
    : [
        {
          name: pinned,
          title: `${titleOf(pinned, models)} (not on this machine)`,
        },
      ];
  return [...always.slice(0, 1), ...here, ...absent, ...always.slice(1)];
}

function titleOf(name: string, models: readonly ModelInfo[]): string {
  if (name === AUTO) return "Best model here";
  if (name === BUILT_IN) return "Built-in models only";
  return models.find((model) => model.name === name)?.title ?? name;
}
