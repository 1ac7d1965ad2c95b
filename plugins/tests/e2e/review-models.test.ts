/** Which open model draws in a document, chosen on the page: the real bridge, two people, a browser. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import axe from "axe-core";
import type { Locator, Page } from "playwright-core";
import { Reviewing, seen, shoot } from "../support/reviewing.ts";
import { until } from "../support/review_team.ts";

let team: Reviewing;
/** Who may all, and an editor. */
let ann: Page;
let bo: Page;

before(async () => {
  team = await Reviewing.start("models");
  await team.edit("fill with brick wall");
  ann = await team.owner();
  bo = await team.join(await team.invite(ann, "editor"), "Bo");
});
after(async () => {
  await team.dispose();
});

const chooser = (page: Page): Locator =>
  page.getByRole("region", { name: "Edit" }).getByRole("combobox", { name: "Drawn by" });
const offered = (page: Page): Promise<readonly string[]> => chooser(page).locator("option").allTextContents();
const chosen = (page: Page): Promise<string | null> => chooser(page).locator("option:checked").textContent();

describe("a document's model", { concurrency: false }, () => {
  it("is nothing to choose where no open model is here", async () => {
    await seen(ann.getByRole("textbox", { name: "Command" }));
    assert.equal(await chooser(ann).count(), 0);
  });

  it("is chosen by keys alone, and the others see and hear it", async () => {
    team.bridge.havePulled("meissonic");
    await Promise.all([ann.reload(), bo.reload()]);
    await seen(chooser(ann));
    await seen(chooser(bo));
    assert.deepEqual(await offered(ann), ["Best model here", "Meissonic", "Built-in models only"]);
    assert.equal(await chosen(ann), "Best model here");
    await shoot(ann, "model");
    await chooser(ann).focus();
    await ann.keyboard.type("Me");
    await until(async () => (await chosen(bo)) === "Meissonic", 20);
    await seen(bo.getByRole("status").getByText("chose who draws here: Meissonic."));
    assert.ok(await chooser(ann).evaluate((select) => select === document.activeElement));
    await ann.reload();
    await seen(chooser(ann));
    assert.equal(await chosen(ann), "Meissonic");
  });

  it("keeps nobody out who does not see", async () => {
    await ann.evaluate(axe.source);
    const found = await ann.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
      return violations.map(({ id, impact }) => `${id}: ${impact ?? ""}`).filter((one) => /serious|critical/.test(one));
    });
    assert.deepEqual(found, []);
  });

  it("is an editor's to choose too, and no commenter's", async () => {
    await chooser(bo).selectOption("built-in");
    await until(async () => (await chosen(ann)) === "Built-in models only", 20);
    const cy = await team.join(await team.invite(ann, "commenter"), "Cy");
    await seen(cy.getByRole("heading", { name: "v1 · fill with brick wall" }));
    assert.equal(await chooser(cy).count(), 0);
  });

  it("is nobody's any more who may not edit any more", async () => {
    await ann.getByRole("button", { name: /^People/ }).click();
    await ann.getByLabel("Role of Bo").selectOption("commenter");
    await ann.keyboard.press("Escape");
    await until(async () => (await chooser(bo).count()) === 0, 20);
    assert.equal(await chosen(ann), "Built-in models only");
    assert.deepEqual(team.wrong, []);
  });
});
