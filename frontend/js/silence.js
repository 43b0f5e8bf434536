// Questions that programs ask their terminal. tmux answers them, once; a browser that answered
// too would type the answer into the program once more for every window that is open.

/** Device attributes, device and mode reports, window reports, terminal version. */
const CSI_QUESTIONS = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { prefix: ">", final: "q" },
  { final: "t" },
  { final: "x" },
  { prefix: "?", final: "u" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
];

/** Settings and capabilities: DECRQSS and XTGETTCAP. */
const DCS_QUESTIONS = [
  { intermediates: "$", final: "q" },
  { intermediates: "+", final: "q" },
];

/** Colours: palette, foreground, background, cursor. A `?` asks, everything else sets. */
const OSC_COLOURS = [4, 5, 10, 11, 12, 13, 14, 17, 19];
/** The clipboard belongs to the person at the keyboard. */
const OSC_CLIPBOARD = 52;

/**
 * Makes a terminal keep silent about itself.
 * @param {import("@xterm/xterm").Terminal} terminal
 */
export function silenceAnswers({ parser }) {
  const swallow = () => true;
  for (const question of CSI_QUESTIONS) parser.registerCsiHandler(question, swallow);
  for (const question of DCS_QUESTIONS) parser.registerDcsHandler(question, swallow);
  for (const colour of OSC_COLOURS) {
    parser.registerOscHandler(colour, (data) => data.split(";").includes("?"));
  }
  parser.registerOscHandler(OSC_CLIPBOARD, swallow);
}
