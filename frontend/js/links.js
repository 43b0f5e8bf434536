// Hyperlinks that a program prints (OSC 8): their text says anything, so the address is shown
// before it is followed.

/**
 * Makes links ask first.
 * @param {import("@xterm/xterm").Terminal} terminal
 */
export function confirmLinks(terminal) {
  terminal.options.linkHandler = { activate: (_event, address) => follow(address) };
}

/** @param {string} address */
function follow(address) {
  if (!URL.canParse(address)) return;
  const url = new URL(address);
  if (!["http:", "https:"].includes(url.protocol)) return;
  // `href` is the address as the browser reads it: look-alike letters show as punycode.
  if (window.confirm(`The program in this terminal links to\n\n${url.href}\n\nOpen it in a new tab?`)) {
    window.open(url.href, "_blank", "noopener,noreferrer");
  }
}
