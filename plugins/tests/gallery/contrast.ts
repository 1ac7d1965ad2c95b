/** How well the texts of a page stand out, as WCAG measures it. */

/** Texts of the page whose contrast is below WCAG's AA. */
export function faint(): string[] {
  type Colour = readonly [number, number, number, number];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return ["no canvas"];
  const known = new Map<string, Colour>();
  const parse = (text: string): Colour => {
    const before = known.get(text);
    if (before !== undefined) return before;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    const colour = [red, green, blue, alpha / 255] as const;
    known.set(text, colour);
    return colour;
  };
  const over = (top: Colour, below: Colour): Colour => [
    top[0] * top[3] + below[0] * (1 - top[3]),
    top[1] * top[3] + below[1] * (1 - top[3]),
    top[2] * top[3] + below[2] * (1 - top[3]),
    1,
  ];
  const ground = (element: Element): Colour => {
    const own = parse(getComputedStyle(element).backgroundColor);
    const parent = element.parentElement;
    const below: Colour = parent === null ? [255, 255, 255, 1] : own[3] === 1 ? own : ground(parent);
    return over(own, below);
  };
  const light = (colour: Colour) => {
    const [red = 0, green = 0, blue = 0] = colour
      .slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const found: string[] = [];
  const texts = document.createTreeWalker(document.getElementById("root") ?? document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode() !== null) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent ?? "";
    if (element === null || text.trim() === "") continue;
    // What is off, what only screen readers get, what stands on a photograph, and what the program colours itself.
    if (
      element.closest(
        "[aria-disabled=true], .ps-off, .in-spoken, .in-compare-word, sp-button, sp-action-button, sp-checkbox",
      ) !== null
    )
      continue;
    const below = ground(element);
    const above = over(parse(getComputedStyle(element).color), below);
    const [one, two] = [light(above), light(below)];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)} ${text.slice(0, 40)} (${element.className})`);
  }
  return [...new Set(found)];
}
