/** What Figma refuses, as far as its documentation and its typings tell. */

const MOST_DATA_BYTES = 100_000;

const PAINT_KEYS: Record<string, readonly string[]> = {
  SOLID: ["type", "color", "opacity", "visible", "blendMode", "boundVariables"],
  IMAGE: [
    "type",
    "scaleMode",
    "imageHash",
    "imageTransform",
    "scalingFactor",
    "rotation",
    "filters",
    "visible",
    "opacity",
    "blendMode",
  ],
  VIDEO: ["type", "scaleMode", "videoHash", "visible", "opacity", "blendMode"],
  GRADIENT_LINEAR: ["type", "gradientTransform", "gradientStops", "visible", "opacity", "blendMode", "boundVariables"],
  GRADIENT_RADIAL: ["type", "gradientTransform", "gradientStops", "visible", "opacity", "blendMode", "boundVariables"],
};

export function checkPaints(value: unknown): void {
  if (!Array.isArray(value)) throw new Error('in set_fills: Property "fills" failed validation: Expected array');
  for (const paint of value as Record<string, unknown>[]) {
    const type = String(paint["type"]);
    const keys = PAINT_KEYS[type];
    if (keys === undefined) throw new Error(`in set_fills: Property "fills" failed validation: Invalid type "${type}"`);
    const strange = Object.keys(paint).filter((key) => !keys.includes(key));
    if (strange.length > 0) {
      throw new Error(
        `in set_fills: Property "fills" failed validation: Unrecognized key(s) in object: '${strange.join("', '")}'`,
      );
    }
    if (type === "IMAGE") checkImagePaint(paint);
  }
}

function checkImagePaint(paint: Record<string, unknown>): void {
  const mode = String(paint["scaleMode"]);
  if (!["FILL", "FIT", "CROP", "TILE"].includes(mode)) throw new Error(`in set_fills: Invalid scaleMode "${mode}"`);
  const hash = paint["imageHash"];
  if (hash !== null && typeof hash !== "string") throw new Error("in set_fills: imageHash must be a string or null");
  const transform = paint["imageTransform"];
  if (transform !== undefined) checkMatrix(transform);
  const rotation = paint["rotation"];
  if (rotation !== undefined && (typeof rotation !== "number" || rotation % 90 !== 0)) {
    throw new Error("in set_fills: rotation must be in increments of +90");
  }
  const scaling = paint["scalingFactor"];
  if (scaling !== undefined && !(typeof scaling === "number" && scaling > 0)) {
    throw new Error("in set_fills: scalingFactor must be positive");
  }
}

function checkMatrix(value: unknown): asserts value is [[number, number, number], [number, number, number]] {
  const isRow = (row: unknown) =>
    Array.isArray(row) && row.length === 3 && row.every((of) => typeof of === "number" && Number.isFinite(of));
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isRow)) {
    throw new Error("Expected a 2 × 3 matrix of finite numbers");
  }
}

/** Nodes are not scaled by their transform: its axes have length one. */
export function checkTransform(value: unknown): void {
  checkMatrix(value);
  const [[a, c], [b, d]] = value;
  for (const length of [Math.hypot(a, b), Math.hypot(c, d)]) {
    if (Math.abs(length - 1) > 1e-3) throw new Error("in set_relativeTransform: The transform must have unit axes");
  }
}

export function checkData(namespace: string, key: string, value: unknown): void {
  if (!/^[a-zA-Z0-9_.]{3,}$/.test(namespace))
    throw new Error("in setSharedPluginData: The namespace must have at least 3 letters");
  if (typeof value !== "string") throw new Error("in setSharedPluginData: Expected the value to be a string");
  if (namespace.length + key.length + value.length > MOST_DATA_BYTES) {
    throw new Error("in setSharedPluginData: The entry is larger than 100 kB");
  }
}

/** Only plain data and Uint8Array cross between main thread and frame. A copy in this realm comes back. */
export function plainCopy(value: unknown): unknown {
  if (value === null || ["undefined", "boolean", "number", "string"].includes(typeof value)) return value;
  if (typeof value !== "object") throw new Error(`postMessage: a ${typeof value} cannot be sent`);
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Uint8Array]") return Uint8Array.from(value as Uint8Array);
  // Not value.map: that would make an array of the other realm.
  if (Array.isArray(value)) return Array.from(value, plainCopy);
  const proto: unknown = Object.getPrototypeOf(value);
  if (tag !== "[object Object]" || (proto !== null && Object.getPrototypeOf(proto) !== null)) {
    throw new Error(`postMessage: ${tag} cannot be sent`);
  }
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, plainCopy(of)]));
}
