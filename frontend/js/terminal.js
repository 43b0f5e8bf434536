// The terminal as the pages see it: xterm.js with its addons, our theme, and the manners that a
// terminal needs when several windows look at one program. Loaded on first use.

import { Terminal } from "@xterm/xterm";
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebglAddon } from "@xterm/addon-webgl";

import { confirmLinks } from "./links.js";
import { silenceAnswers } from "./silence.js";
import { currentTheme, watchTheme } from "./theme.js";
import { wheelByTouch } from "./touch.js";

/** Lines that can be scrolled back to. */
const SCROLLBACK = 5_000;
/** A window that is being dragged proposes its size this long after it last moved, in ms. */
const SETTLED = 100;
/** Smallest font that a phone shrinks to before the terminal pans, in px. */
const SMALLEST_FONT = 10;
/** What xterm reports when it gains or loses the focus. */
const FOCUS_REPORTS = ["\x1b[I", "\x1b[O"];

/** xterm's own style sheet lies beside this module; without it cells cannot be measured. */
const styled = new Promise((resolve) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("terminal.css", import.meta.url).href;
  link.onload = resolve;
  link.onerror = resolve;
  document.head.append(link);
});

/**
 * @typedef {object} Options
 * @property {boolean} phone the font shrinks to fit, and a tap does not open the keyboard
 * @property {string} label accessible name of the text field that takes the keys
 * @property {(bytes: Uint8Array) => void} onInput the user typed, pasted or clicked
 * @property {(offset: number) => void} onParsed everything up to this offset is on the screen
 * @property {(cols: number, rows: number) => void} onPropose the window has room for this size now
 * @property {(backwards: boolean) => void} onLeave F6 or Shift+F6: the focus shall go elsewhere
 */

/**
 * Opens a terminal in an element whose own size does not depend on what is inside.
 * @param {HTMLElement} element its computed font is the terminal's
 * @param {Options} options
 * @returns {Promise<Screen>}
 */
export async function mount(element, options) {
  const { fontFamily, fontSize } = getComputedStyle(element);
  // Cells are measured once: with a font that arrives later they would be wrong for good.
  const faces = ["", "bold "].map((weight) => document.fonts.load(`${weight}${fontSize} ${fontFamily}`));
  await Promise.allSettled([styled, ...faces, document.fonts.ready]);
  return new Screen(element, options);
}

/**
 * A pasted text must stay one: an escape in it could end the brackets of a bracketed paste, and
 * what follows would be typed. Tabs and line ends stay.
 * @param {string} text
 */
function withoutControls(text) {
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "");
}

/** One terminal in the page. All changes take effect in the order of the calls. */
class Screen {
  #element;
  #options;
  #terminal;
  #fit = new FitAddon();
  #fontSize;
  #proposed = "";
  #settled = 0;
  /** A terminal larger than its element shows its cursor until somebody looks elsewhere. */
  #following = true;
  #ends = [];

  /**
   * @param {HTMLElement} element
   * @param {Options} options
   */
  constructor(element, options) {
    const { fontFamily, fontSize } = getComputedStyle(element);
    this.#element = element;
    this.#options = options;
    this.#fontSize = parseFloat(fontSize);
    this.#terminal = new Terminal({
      allowProposedApi: true, // the width tables of addon-unicode11
      altClickMovesCursor: false,
      fontFamily,
      fontSize: this.#fontSize,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK,
      theme: currentTheme(element),
    });
    confirmLinks(this.#terminal);
    silenceAnswers(this.#terminal);
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#takeInput();
    withStyleNonce(() => this.#terminal.open(element));
    const onPaste = (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.paste(event.clipboardData?.getData("text/plain") ?? "");
    };
    element.addEventListener("paste", onPaste, true);
    this.#terminal.textarea.setAttribute("aria-label", options.label);
    if (options.phone) this.setKeyboard(false);
    this.#drawWithGpu();
    this.#ends.push(wheelByTouch(element), watchTheme(() => {
      this.#terminal.options.theme = currentTheme(element);
    }));
    const observer = new ResizeObserver(() => this.#resized());
    observer.observe(element);
    const panned = () => { this.#following = this.#offset() === 0; };
    element.addEventListener("scroll", panned);
    this.#ends.push(() => observer.disconnect(), () => element.removeEventListener("scroll", panned));
  }

  /**
   * Output; `onParsed` gets the offset when it is on the screen.
   * @param {Uint8Array} bytes
   * @param {number} offset after the last byte
   */
  write(bytes, offset) {
    this.#terminal.write(bytes, () => {
      this.#follow();
      this.#options.onParsed(offset);
    });
  }

  /** Forgets everything, scrollback too. */
  reset() {
    this.#inOrder(() => this.#terminal.reset());
  }

  /** @param {number} cols @param {number} rows */
  resize(cols, rows) {
    this.#inOrder(() => {
      this.#terminal.resize(cols, rows);
      this.#fitFont();
    });
  }

  /** The size that fits the element, as [cols, rows]; nothing while it is not laid out. */
  proposeSize() {
    const size = this.#fit.proposeDimensions();
    if (!size || !Number.isFinite(size.cols)) return undefined;
    this.#proposed = `${size.cols},${size.rows}`;
    return [size.cols, size.rows];
  }

  /** The rows of the screen, without trailing blanks and without the empty rows at its end. */
  text() {
    const buffer = this.#terminal.buffer.active;
    const rows = [];
    for (let row = 0; row < this.#terminal.rows; row += 1) {
      rows.push(buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? "");
    }
    return rows.join("\n").trimEnd();
  }

  /** Whether the program wants arrow keys in their application form. */
  get applicationCursor() {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  /** Types a text as a paste: bracketed if the program asked for it. @param {string} text */
  paste(text) {
    this.#terminal.paste(withoutControls(text));
  }

  /** Whether focusing the terminal opens a touch device's keyboard. @param {boolean} open */
  setKeyboard(open) {
    const { textarea } = this.#terminal;
    textarea.blur();
    textarea.inputMode = open ? "text" : "none";
    if (open) textarea.focus();
  }

  focus() {
    this.#terminal.focus();
  }

  dispose() {
    clearTimeout(this.#settled);
    for (const end of this.#ends) end();
    this.#terminal.dispose();
  }

  /** Waits until all output written before is parsed. */
  #inOrder(change) {
    this.#terminal.write("", change);
  }

  #takeInput() {
    const { onInput } = this.#options;
    const encoder = new TextEncoder();
    this.#terminal.onData((text) => {
      // One program, several windows: their focus is not the program's business.
      if (!FOCUS_REPORTS.includes(text)) onInput(encoder.encode(text));
    });
    this.#terminal.onBinary((text) => onInput(Uint8Array.from(text, (byte) => byte.charCodeAt(0))));
    this.#terminal.attachCustomKeyEventHandler((event) => this.#isForTerminal(event));
  }

  /** Keys that the browser, the page or the clipboard get instead of the program. */
  #isForTerminal(event) {
    if (event.key === "F6") {
      event.preventDefault();
      if (event.type === "keydown") this.#options.onLeave(event.shiftKey);
      return false;
    }
    if (event.ctrlKey && event.shiftKey && event.code === "KeyC") {
      event.preventDefault();
      if (event.type === "keydown") navigator.clipboard?.writeText(this.#terminal.getSelection());
      return false;
    }
    const paste = event.ctrlKey && event.shiftKey && event.code === "KeyV";
    return !paste && event.key !== "F1";
  }

  /** The GPU draws, where there is one. If its context is lost, the DOM renderer takes over again. */
  #drawWithGpu() {
    if (!hasGpu()) return;
    const webgl = new WebglAddon();
    webgl.onContextLoss(() => withStyleNonce(() => webgl.dispose()));
    this.#terminal.loadAddon(webgl);
  }

  #resized() {
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => {
      this.#fitFont();
      this.#follow();
      const before = this.#proposed;
      const size = this.proposeSize();
      if (size && this.#proposed !== before) this.#options.onPropose(...size);
    }, SETTLED);
  }

  #follow() {
    if (this.#following) this.#element.scrollTop += this.#offset();
  }

  /** How far the element must scroll until it shows the cursor's row, in px; 0 if it does. */
  #offset() {
    const { clientHeight, scrollTop } = this.#element;
    const height = this.#screen.clientHeight / this.#terminal.rows;
    const top = this.#terminal.buffer.active.cursorY * height - scrollTop;
    const below = top + height - clientHeight;
    return below > 0 ? Math.ceil(below) : Math.min(0, Math.floor(top));
  }

  get #screen() {
    return this.#element.querySelector(".xterm-screen");
  }

  /** On a phone the columns are given and the font follows; below its limit the terminal pans. */
  #fitFont() {
    if (!this.#options.phone) return;
    const { options, cols } = this.#terminal;
    const cell = this.#screen.clientWidth / cols / options.fontSize; // width in em
    const fitting = Math.floor(this.#element.clientWidth / (cols * cell));
    const size = Math.min(this.#fontSize, Math.max(SMALLEST_FONT, fitting));
    if (Number.isFinite(size) && size !== options.fontSize) options.fontSize = size;
  }
}

/** Whether a GPU draws WebGL 2. Where a processor does, the DOM renderer is the faster one. */
function hasGpu() {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) return false;
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(renderer);
}

/**
 * Runs work that makes xterm create style elements. The page's policy admits those with its nonce
 * only, and xterm has no option for it.
 * @param {() => void} work
 */
function withStyleNonce(work) {
  const nonce = document.querySelector("script[nonce]")?.nonce;
  const create = Document.prototype.createElement;
  document.createElement = (name, options) => {
    const element = create.call(document, name, options);
    if (nonce && name === "style") element.nonce = nonce;
    return element;
  };
  try {
    work();
  } finally {
    delete document.createElement;
  }
}
