/** How the panel says things. */

import type { Target } from "../host.ts";
import { type Rect, widthOf, heightOf } from "../pixels/rect.ts";

/** 3000 → “3,000”. UXP's Intl is not to be relied on. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function sizeWords(width: number, height: number): string {
  return `${grouped(width)} × ${grouped(height)}`;
}

export function rectWords(rect_px: Rect): string {
  return `${sizeWords(widthOf(rect_px), heightOf(rect_px))} px`;
}

const DEPTHS = { u8: "8 bit", u16: "16 bit", f32: "32 bit" } as const;

/** “3,000 × 2,000 px · 16 bit”. */
export function layerWords({ size, format }: Pick<Target, "size" | "format">): string {
  const grey = format.channels - (format.alpha === "none" ? 0 : 1) === 1;
  return [`${sizeWords(size.width, size.height)} px`, DEPTHS[format.depth], ...(grey ? ["grey"] : [])].join(" · ");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** “just now”, “5 min ago”, “14:32”, “yesterday 14:32”, “3 Nov”, “3 Nov 2025”, in this machine's time. */
export function when(iso: string, nowMs: number): string {
  const then = new Date(iso);
  const passed = nowMs - then.getTime();
  if (Number.isNaN(passed)) return "";
  if (passed < MINUTE_MS) return "just now";
  if (passed < HOUR_MS) return `${Math.floor(passed / MINUTE_MS)} min ago`;
  const now = new Date(nowMs);
  const clock = `${then.getHours()}:${String(then.getMinutes()).padStart(2, "0")}`;
  if (sameDay(then, now)) return clock;
  if (sameDay(then, new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return `yesterday ${clock}`;
  const day = `${then.getDate()} ${MONTHS[then.getMonth()] ?? ""}`;
  return then.getFullYear() === now.getFullYear() ? day : `${day} ${then.getFullYear()}`;
}

function sameDay(one: Date, other: Date): boolean {
  return (
    one.getFullYear() === other.getFullYear() &&
    one.getMonth() === other.getMonth() &&
    one.getDate() === other.getDate()
  );
}

/** “0.4 s”, “12 s”, “2 min 5 s”. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function counted(count: number, one: string, many: string): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Text with `commands` in it, as hints have them. It is always text, never markup. */
export function Words({ text }: { readonly text: string }) {
  return (
    <>
      {text.split("`").map((part, index) =>
        index % 2 === 1 ? (
          <span key={index} class="in-code">
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </>
  );
}

/** The first command in a hint. */
export function commandIn(hint: string): string | null {
  return /`([^`]+)`/.exec(hint)?.[1] ?? null;
}
