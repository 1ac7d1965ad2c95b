import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandIn, duration, grouped, layerWords, when } from "../../../shared/src/view/words.tsx";

const NOW = new Date(2026, 10, 27, 15, 30).getTime();
const ago = (milliseconds: number) => when(new Date(NOW - milliseconds).toISOString(), NOW);
const MINUTE = 60_000;

describe("how the panel says things", () => {
  it("says when in the words of people", () => {
    assert.equal(ago(20_000), "just now");
    assert.equal(ago(-5_000), "just now");
    assert.equal(ago(5 * MINUTE), "5 min ago");
    assert.equal(ago(3 * 60 * MINUTE), "12:30");
    assert.equal(ago(24 * 60 * MINUTE), "yesterday 15:30");
    assert.equal(ago(24 * 24 * 60 * MINUTE), "3 Nov");
    assert.equal(ago(365 * 24 * 60 * MINUTE), "27 Nov 2025");
    assert.equal(when("not a time", NOW), "");
  });

  it("says how long", () => {
    assert.equal(duration(0.42), "0.4 s");
    assert.equal(duration(12.4), "12 s");
    assert.equal(duration(125), "2 min 5 s");
  });

  it("groups the digits of large numbers", () => {
    assert.equal(grouped(999), "999");
    assert.equal(grouped(16384), "16,384");
    assert.equal(grouped(1234567), "1,234,567");
  });

  it("says what a layer is", () => {
    const size = { width: 3000, height: 2000 };
    assert.equal(
      layerWords({ size, format: { depth: "u16", channels: 4, alpha: "straight" } }),
      "3,000 × 2,000 px · 16 bit",
    );
    assert.equal(
      layerWords({ size, format: { depth: "u8", channels: 1, alpha: "none" } }),
      "3,000 × 2,000 px · 8 bit · grey",
    );
  });

  it("finds the command in a hint", () => {
    assert.equal(commandIn("Start it with `inlay serve`, or `inlay doctor`."), "inlay serve");
    assert.equal(commandIn("Wait a moment."), null);
  });
});
