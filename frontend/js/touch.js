// A finger on the terminal is a wheel: xterm.js knows wheels and does the right thing with them,
// be it scrolling back, reporting to the program or pressing arrow keys. It knows no fingers.

/**
 * Where the element itself can pan, the browser does that first.
 * @param {HTMLElement} element
 * @returns {() => void} ends it
 */
export function wheelByTouch(element) {
  let last = 0;
  const start = ({ touches }) => {
    last = touches[0].clientY;
  };
  const move = (event) => {
    const { clientX, clientY } = event.touches[0];
    const deltaY = last - clientY;
    last = clientY;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const pans = deltaY > 0 ? scrollTop + clientHeight < scrollHeight - 1 : scrollTop > 0;
    if (pans || event.touches.length > 1) return;
    const wheel = new WheelEvent("wheel", { deltaY, clientX, clientY, bubbles: true, cancelable: true });
    // Browsers fill this old property wrongly in events they did not make; xterm.js prefers it.
    Object.defineProperty(wheel, "wheelDeltaY", { value: undefined });
    event.target.dispatchEvent(wheel);
  };
  element.addEventListener("touchstart", start, { passive: true });
  element.addEventListener("touchmove", move, { passive: true });
  return () => {
    element.removeEventListener("touchstart", start);
    element.removeEventListener("touchmove", move);
  };
}
