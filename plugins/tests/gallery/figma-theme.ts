/** Figma's CSS variables as its desktop app sets them for a plugin with `themeColors: true`: those that the panel uses. */
const LIGHT = {
  bg: "#ffffff",
  "bg-secondary": "#f5f5f5",
  "bg-tertiary": "#e6e6e6",
  "bg-hover": "#f5f5f5",
  "bg-pressed": "#e6e6e6",
  "bg-selected": "#e5f4ff",
  "bg-brand": "#0d99ff",
  "bg-danger-tertiary": "#ffe2e0",
  "bg-warning-tertiary": "#fff1c2",
  border: "#e6e6e6",
  "border-selected": "#0d99ff",
  text: "#000000e5",
  "text-disabled": "#0000004d",
  "text-success": "#009951",
  "text-warning": "#b86200",
  "text-danger": "#dc3412",
};
const DARK = {
  bg: "#2c2c2c",
  "bg-secondary": "#383838",
  "bg-tertiary": "#444444",
  "bg-hover": "#383838",
  "bg-pressed": "#444444",
  "bg-selected": "#4a5878",
  "bg-brand": "#0c8ce9",
  "bg-danger-tertiary": "#4f2a24",
  "bg-warning-tertiary": "#4d3b12",
  border: "#444444",
  "border-selected": "#0c8ce9",
  text: "#ffffff",
  "text-disabled": "#ffffff66",
  "text-success": "#79d297",
  "text-warning": "#f7d15f",
  "text-danger": "#fca397",
};

export function applyFigmaTheme(theme: "light" | "dark"): void {
  document.documentElement.className = `figma-${theme}`;
  for (const [name, value] of Object.entries(theme === "light" ? LIGHT : DARK)) {
    document.documentElement.style.setProperty(`--figma-color-${name}`, value);
  }
}
