// What people do not forgive: losing an agent. Maestro is killed, tmux is killed, programs end at
// once; the page says what happened, and nothing is lost.
import { expect, expectAccessible, live, logIn, Maestro, terminalOf, test as base } from "../../world/test.js";

const test = base.extend<{}, { maestro: Maestro }>({
  // A tmux server is killed here: these tests share theirs with nobody.
  maestro: [
    async ({}, use) => {
      const maestro = await Maestro.start();
      await use(maestro);
      await maestro.remove();
    },
    { scope: "worker" },
  ],
});

// The browser notes that a killed server refuses connections.
test.use({ allowed: [/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/] });

test("a killed server changes nothing for the agents", async ({ page, maestro }) => {
  const id = await maestro.script("survivor", "stty -echo; echo here since the start; exec cat");
  const before = await maestro.processOf(id);
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  const { screen, keys } = terminalOf(page);
  await expect(screen).toContainText("here since the start");
  await maestro.kill();
  await expect(page.locator(".connection")).not.toHaveText(/^Live/);
  await maestro.startAgain();
  await live(page);
  expect(await maestro.processOf(id)).toBe(before);
  await expect(screen).toContainText("here since the start");
  await keys.focus();
  await page.keyboard.type("typed after the fall");
  await page.keyboard.press("Enter");
  await expect(screen).toContainText("typed after the fall");
});

test("a killed tmux is told at once, and one click brings all back", async ({ page, maestro }) => {
  const ids = [];
  for (const name of ["one", "two", "three"]) {
    ids.push(await maestro.script(`night-${name}`, "stty -echo; echo process $$; pwd; exec cat"));
  }
  await page.goto(`${maestro.origin}/a/${ids[0]}`);
  await live(page);
  const { screen } = terminalOf(page);
  await expect(screen).toContainText("process ");
  await maestro.killTmux();
  await expect(page.locator(".agent-head")).toContainText("Lost", { timeout: 3_000 });
  await expect(page.getByText(/Restore starts/)).toBeVisible();
  await expectAccessible(page);
  await page.goto(maestro.origin);
  await live(page);
  await expect(page.getByText(/3 agents were lost/).filter({ visible: true }).first()).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Restore all" }).filter({ visible: true }).first().click();
  await expect(page.getByRole("treeitem", { name: /one.*Running|Running.*one/ })).toBeVisible();
  await expect(page.getByText(/agents were lost/)).toHaveCount(0);
  await page.goto(`${maestro.origin}/a/${ids[2]}`);
  await expect(screen).toContainText(maestro.work);
});

test("a program that ends at once leaves its last words and its exit code", async ({ page, maestro }) => {
  const id = await maestro.script("short", "echo nothing to do here; exit 7");
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  const { screen } = terminalOf(page);
  await expect(screen).toContainText("nothing to do here");
  await expect(page.getByText(/exit code 7/).first()).toBeVisible();
  // Its last words are there after a restart of the server, too.
  await maestro.stop();
  await maestro.startAgain();
  await page.reload();
  await live(page);
  await expect(screen).toContainText("nothing to do here");
  await page.getByRole("link", { name: "History" }).or(page.getByRole("tab", { name: "History" })).click();
  await expect(page.getByText(/exit code 7/).last()).toBeVisible();
});

test("an agent that another tab moves to the trash is not a riddle", async ({ page, maestro, browser }) => {
  const id = await maestro.script("fleeting", "exec cat");
  const context = await browser.newContext();
  const other = await context.newPage();
  await logIn(other, maestro);
  await other.goto(`${maestro.origin}/a/${id}`);
  await live(other);
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  await maestro.cli("agent", "trash", "fleeting");
  await expect(page.getByText("This agent does not exist")).toBeVisible();
  await expect(other.getByText("This agent does not exist")).toBeVisible();
  await expectAccessible(page);
  await context.close();
});
