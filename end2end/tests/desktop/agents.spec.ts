// The whole story: log in, create an agent, type into it, stop, start, delete; and everybody
// who watches sees it.
import { expect, expectAccessible, live, logIn, terminalOf, test, watch } from "../../world/test.js";

test("a first agent is created in the dialog and typed into", async ({ page, maestro }) => {
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Welcome");
  await expect(page.getByText("maestro agent create")).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "New agent" }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Name").fill("payments-ledger-fix");
  await dialog.getByLabel("Program").fill("sh");
  await dialog.getByLabel("Arguments").fill("-c\nstty -echo; echo ready to work; exec cat");
  await dialog.getByLabel("Folder").fill(maestro.work);
  await dialog.getByRole("button", { name: "Create" }).click();

  await page.waitForURL(/\/a\/[0-9a-z]{26}$/);
  await expect(page).toHaveTitle(/fix · Maestro/);
  const { screen: terminal, keys } = terminalOf(page);
  await expect(terminal).toContainText("ready to work");
  await expect(keys).toBeFocused();
  await page.keyboard.type("hello maestro");
  await page.keyboard.press("Enter");
  await expect(terminal).toContainText("hello maestro");
  await expectAccessible(page);
});

test("a second browser and the command line see every change at once", async ({ page, maestro, browser }) => {
  const context = await browser.newContext();
  const other = await context.newPage();
  const problems = watch(other);
  await logIn(other, maestro);

  const id = await maestro.script("watched", "exec cat");
  for (const window of [page, other]) {
    await expect(window.getByRole("treeitem", { name: /watched/ })).toBeVisible();
  }
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  await page.getByRole("button", { name: "Hibernate agent" }).click();
  await expect(other.getByRole("treeitem", { name: /watched.*Hibernated|Hibernated.*watched/ })).toBeVisible();
  await page.getByRole("button", { name: "Wake agent" }).click();
  await expect(other.getByRole("treeitem", { name: /watched.*Running|Running.*watched/ })).toBeVisible();

  await page.getByRole("button", { name: "More actions" }).click();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Move to trash" }).click();
  await page.waitForURL(`${maestro.origin}/`);
  await expect(other.getByRole("treeitem", { name: /watched/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(other.getByRole("treeitem", { name: /watched/ })).toBeVisible();
  expect(problems).toEqual([]);
  await context.close();
});

test("the whole way works with the keyboard alone", async ({ page, maestro }) => {
  const id = await maestro.script("keyboard", "stty -echo; echo prompt; exec cat");
  await maestro.script("second", "exec cat");
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  const { screen: terminal, keys } = terminalOf(page);
  await expect(terminal).toContainText("prompt");
  await keys.focus();
  await page.keyboard.type("typed");
  await page.keyboard.press("Enter");
  await expect(terminal).toContainText("typed");
  await page.keyboard.press("F6");
  await expect(keys).not.toBeFocused();

  const item = page.getByRole("treeitem", { name: /keyboard/ });
  await item.focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("treeitem", { name: /second/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("second");
});
