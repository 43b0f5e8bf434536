// Pulling the plug: what a page shows while the server is away, and that it comes back.
import { expect, expectAccessible, live, logIn, Maestro, terminalOf, watch } from "../../world/test.js";
import { test as playwright } from "@playwright/test";


playwright("a server that goes away and comes back", async ({ page }) => {
  const maestro = await Maestro.start();
  try {
    const problems = watch(page, [/WebSocket connection to/, /ERR_CONNECTION_REFUSED/]);
    const id = await maestro.script("patient", "stty -echo; echo before; exec cat");
    await logIn(page, maestro);
    await page.goto(`${maestro.origin}/a/${id}`);
    await live(page);
    const { screen: terminal, keys } = terminalOf(page);
    // The page has the text from the start; what goes away later is the live terminal.
    await expect(keys).toBeFocused();
    await expect(terminal).toContainText("before");

    await maestro.stop();
    await expect(page.getByText(/Keys are not sent/)).toBeVisible();
    await expectAccessible(page);
    await keys.focus();
    await page.keyboard.type("typed while offline");
    await page.keyboard.press("Enter");

    await maestro.startAgain();
    await live(page);
    await expect(page.getByText(/Keys are not sent/)).toBeHidden();
    await expect(terminal).toContainText("before");
    await keys.focus();
    await page.keyboard.type("typed afterwards");
    await page.keyboard.press("Enter");
    await expect(terminal).toContainText("typed afterwards");
    await expect(terminal).not.toContainText("typed while offline");
    expect(problems).toEqual([]);
  } finally {
    await maestro.remove();
  }
});
