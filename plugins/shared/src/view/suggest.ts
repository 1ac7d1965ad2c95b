/** What could be typed: what was typed before, then what people often want. Pure. */

const WITH_SELECTION = [
  "remove this",
  "fill with brick wall",
  "make it red",
  "replace the background with a summer beach",
  "fill with cobblestones",
  "blur this",
  "brighten this",
] as const;
const WHOLE = [
  "remove the background",
  "blur the background",
  "upscale 2x",
  "make it 16:9",
  "turn it into an oil painting",
  "make the background black and white",
  "write “Summer sale” at the top in bold white",
] as const;

/**
 * At most `most` texts, the likeliest first: those that begin with what stands in the box, then those with a word that
 * does.
 *
 * @param typed newest first
 */
export function suggestions(
  text: string,
  typed: readonly string[],
  selected: boolean,
  most: number,
): readonly string[] {
  const wanted = text.trim().toLowerCase();
  const recent = [...new Set(typed.filter((words) => !words.includes("\n")))];
  const common: readonly string[] = selected ? WITH_SELECTION : WHOLE;
  // An empty box shows both kinds, so that nobody only ever sees their own habits.
  const all = wanted === "" ? [...recent.slice(0, 2), ...common] : [...recent, ...common, ...WITH_SELECTION, ...WHOLE];
  const unique = [...new Set(all)].filter((words) => words.toLowerCase() !== wanted);
  if (wanted === "") return unique.slice(0, most);
  const begins = unique.filter((words) => words.toLowerCase().startsWith(wanted));
  const within = unique.filter((words) => !begins.includes(words) && words.toLowerCase().includes(` ${wanted}`));
  return [...begins, ...within].slice(0, most);
}
