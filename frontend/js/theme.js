// The terminal's colours, from the page's custom properties.

const ANSI = [
  "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  "brightBlack", "brightRed", "brightGreen", "brightYellow",
  "brightBlue", "brightMagenta", "brightCyan", "brightWhite",
];
// Opacities.
const QUARTER = "40";
const HALF = "80";

/**
 * The colours that hold for an element now.
 * @param {HTMLElement} element
 * @returns {import("@xterm/xterm").ITheme}
 */
export function currentTheme(element) {
  const style = getComputedStyle(element);
  const colour = (property) => toHex(style.getPropertyValue(property));
  const theme = {
    background: colour("--well"),
    foreground: colour("--text"),
    cursor: colour("--text"),
    cursorAccent: colour("--well"),
    selectionBackground: colour("--accent") + QUARTER,
    scrollbarSliderBackground: colour("--control-border") + QUARTER,
    scrollbarSliderHoverBackground: colour("--control-border") + HALF,
    scrollbarSliderActiveBackground: colour("--control-border") + HALF,
  };
  ANSI.forEach((name, index) => {
    theme[name] = colour(`--ansi-${index}`);
  });
  return theme;
}

/**
 * Calls back when the theme was changed, by the page or, if that follows it, by the device.
 * @param {() => void} changed
 * @returns {() => void} ends it
 */
export function watchTheme(changed) {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const device = window.matchMedia("(prefers-color-scheme: light)");
  device.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    device.removeEventListener("change", changed);
  };
}

const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/**
 * An opaque CSS colour as #rrggbb; xterm reads no oklch().
 * @param {string} colour
 */
function toHex(colour) {
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
