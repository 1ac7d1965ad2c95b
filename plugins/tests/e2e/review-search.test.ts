/** Searching on the team's page, and a document that is deleted and comes back, in a real browser with the real bridge. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { Reviewing, seen, shoot } from "../support/reviewing.ts";

let team: Reviewing;
let owner: Page;
let guest: Page;

before(async () => {
  team = await Reviewing.start("search-document");
  await team.edit("make this warmer");
  owner = await team.owner();
  guest = await team.join(await team.invite(owner, "commenter"), "Ana");
  await guest.getByLabel("Your comment").fill("The cuff is too dark, please look at the Ärmel once more");
  await guest.keyboard.press("Enter");
  await seen(owner.getByText("The cuff is too dark"));
  await team.edit("make this black and white");
  await seen(owner.getByRole("option", { name: /black and white/ }).or(owner.getByText(/black and white/)));
});
after(() => team.dispose());

describe("searching", { concurrency: false }, () => {
  it("opens by a key, finds while one types and leads to the comment", async () => {
    await owner.keyboard.press("/");
    const dialog = owner.getByRole("dialog", { name: "Search" });
    await seen(dialog);
    await shoot(owner, "search-empty");
    await owner.keyboard.type("ärmel");
    const hit = dialog.getByRole("button", { name: /The cuff is too dark/ });
    await seen(hit);
    assert.equal(await hit.locator("mark").innerText(), "Ärmel");
    await shoot(owner, "search-found");
    await owner.keyboard.press("ArrowDown");
    await owner.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await seen(owner.getByText("The cuff is too dark"));
  });

  it("finds versions by person and operation, and shows only what one may see", async () => {
    await guest.getByRole("button", { name: "Search" }).click();
    await guest.getByLabel("Search for").fill("warmer in:versions -by:me op:relight");
    const dialog = guest.getByRole("dialog", { name: "Search" });
    await seen(dialog.getByText("1 found."));
    await seen(dialog.getByRole("button", { name: /make this warmer/ }));
    await dialog.getByRole("button", { name: "All documents" }).click();
    await seen(dialog.getByText("1 found."));
    await guest.getByLabel("Search for").fill("nothing of that kind");
    await seen(dialog.getByText("Nothing was found."));
  });

  it("says what cannot be read and what it may have been", async () => {
    await guest.getByLabel("Search for").fill("form:ana op:relite");
    await seen(guest.getByText(/is nothing to search by/));
    await shoot(guest, "search-unclear");
    await guest.keyboard.press("Escape");
  });
});

describe("the bin", { concurrency: false }, () => {
  it("takes the document from everybody at once and gives it back to everybody", async () => {
    await owner.getByRole("button", { name: /^People/ }).click();
    await owner.getByRole("button", { name: "Delete this document …" }).click();
    await shoot(owner, "bin-asks");
    await owner.getByRole("button", { name: "Delete for everybody" }).click();
    await seen(owner.getByRole("heading", { name: "This document was deleted" }));
    await seen(owner.getByText(/versions?, 1 comment/));
    await seen(guest.getByRole("heading", { name: "This document was deleted" }));
    await seen(guest.getByText("Its owner can bring it back for 30 days."));
    await shoot(owner, "bin-owner");
    await shoot(guest, "bin-guest");

    await guest.reload();
    await seen(guest.getByText("You are not in this document."));
    await owner.reload();
    await seen(owner.getByRole("heading", { name: "This document was deleted" }));
    await owner.getByRole("button", { name: "Bring it back" }).click();
    await seen(owner.getByRole("button", { name: "People (2)" }));
    await guest.reload();
    await seen(guest.getByRole("button", { name: "People (2)" }));
  });

  it("says nothing that it should not", () => {
    assert.deepEqual(team.wrong, []);
  });
});
