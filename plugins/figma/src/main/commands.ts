/** Quick actions: what is suggested while words are typed, and how the plugin is opened for each command. */

import { type Run, TYPED_KEY } from "../shared/asks.ts";

/** What people ask for most, for those who have typed nothing yet. */
const COMMON = [
  "remove this",
  "remove the background",
  "fill with grass",
  "make it brighter",
  "make the background black and white",
  "blur the background",
  "make it 16:9",
  "upscale 2x",
  "turn it into an oil painting",
  "another one",
] as const;
const MOST_SUGGESTIONS = 8;
const MOST_TYPED = 40;

export async function typed(): Promise<readonly string[]> {
  const stored: unknown = await figma.clientStorage.getAsync(TYPED_KEY);
  if (typeof stored !== "string") return [];
  try {
    const list: unknown = JSON.parse(stored);
    return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}

export async function rememberTyped(text: string): Promise<void> {
  const list = [text, ...(await typed()).filter((other) => other !== text)].slice(0, MOST_TYPED);
  await figma.clientStorage.setAsync(TYPED_KEY, JSON.stringify(list));
}

/** Recent ones first, then common ones; those that begin with what is typed before those that hold it. */
export function suggestions(query: string, recent: readonly string[]): string[] {
  const wanted = query.trim().toLowerCase();
  const all = [...new Set([...recent, ...COMMON])];
  const begin = all.filter((text) => text.toLowerCase().startsWith(wanted));
  const hold = all.filter((text) => !begin.includes(text) && text.toLowerCase().includes(wanted));
  return [...begin, ...hold].slice(0, MOST_SUGGESTIONS);
}

export function suggestWhileTyping(): void {
  let recent: readonly string[] = [];
  const loaded = typed().then((list) => (recent = list));
  figma.parameters.on("input", ({ key, query, result }) => {
    if (key !== "text") return;
    void loaded.then(() => result.setSuggestions(suggestions(query, recent)));
  });
}

export function runOf(command: string, parameters: ParameterValues | undefined): Run {
  const given: unknown = parameters?.["text"];
  const text = typeof given === "string" ? given.trim() : "";
  switch (command) {
    case "edit":
      return { command, text, hidden: text !== "" };
    case "remove":
      return { command, text: "remove this", hidden: true };
    case "undo":
      return { command, text: "", hidden: true };
    case "history":
      return { command, text: "", hidden: false };
    default:
      return { command: "open", text: "", hidden: false };
  }
}
