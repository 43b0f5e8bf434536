// Everything around the list of agents: filter, selection, bulk actions, moving in the tree,
// trash and diagnostics.
import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { Locator } from "@playwright/test";

import { expect, expectAccessible, expectNoSidewaysScroll, live, type Page, test } from "../../world/test.js";

const row = (page: Page, name: string | RegExp) => page.locator("tbody tr").filter({
    has: page.getByRole("link", { name: typeof name === "string" ? new RegExp(`${name}$`) : name }),
  });
const check = (page: Page, name: string) => page.getByRole("checkbox", { name: `Select ${name}`, exact: true });
const bulk = (page: Page) => page.getByRole("region", { name: "Selected agents" });
const toast = (page: Page, text: string | RegExp) => page.locator(".toast").filter({ hasText: text });
const item = (page: Page, name: string | RegExp) =>
  page.getByRole("tree").getByRole("treeitem", { name: typeof name === "string" ? new RegExp(name) : name });

/** Opens the row's menu with the keyboard. */
async function menuOf(page: Page, treeitem: Locator): Promise<Locator> {
  await treeitem.focus();
  await page.keyboard.press("Shift+F10");
  const menu = page.getByRole("menu", { name: /^Actions for/ });
  await expect(menu).toBeVisible();
  return menu;
}

test("the filter and the order live in the address", async ({ page, maestro }) => {
  for (const name of ["docs-site-handbook", "payments-ledger-fix", "payments-checkout-sca"]) {
    await maestro.script(name, "exec cat");
  }
  const filter = page.getByRole("searchbox", { name: "Filter agents" });
  await filter.fill("ledger");
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expect(page).toHaveURL(/\?q=ledger$/);
  await page.reload();
  await live(page);
  await expect(filter).toHaveValue("ledger");
  await expect(page.locator("tbody tr")).toHaveCount(1);

  await filter.fill("nothing like it");
  await expect(page.getByRole("heading", { name: "No agent fits the filter" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Clear filter" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(3);
  await expect(page).toHaveURL(/\/$/);

  await filter.fill("state:running program:sh");
  await expect(page.locator("tbody tr")).toHaveCount(3);
  await filter.fill("");
  const head = page.getByRole("columnheader", { name: "Agent" });
  await expect(head).toHaveAttribute("aria-sort", "ascending");
  await head.getByRole("link").click();
  await expect(head).toHaveAttribute("aria-sort", "descending");
  await expect(page.locator("tbody tr").first()).toContainText("payments-ledger-fix");
  await expect(page).toHaveURL(/sort=-name/);
});

test("rows are chosen with mouse and keys", async ({ page, maestro }) => {
  for (const name of ["a", "b", "c", "d"]) await maestro.script(name, "exec cat");
  await check(page, "a").click();
  await check(page, "c").click({ modifiers: ["Shift"] });
  await expect(bulk(page)).toContainText("3 selected");
  await expect(check(page, "b")).toBeChecked();
  await expect(check(page, "d")).not.toBeChecked();
  await expectAccessible(page);

  await row(page, "d").getByRole("link").focus();
  await page.keyboard.press("x");
  await expect(bulk(page)).toContainText("4 selected");
  await page.keyboard.press("ArrowUp");
  await expect(row(page, "c").getByRole("link")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(bulk(page)).toHaveCount(0);
  await page.keyboard.press("ControlOrMeta+a");
  await expect(bulk(page)).toContainText("4 selected");
  await expect(page.getByRole("checkbox", { name: "Select all" })).toBeChecked();
  await page.getByRole("button", { name: "Clear the selection" }).click();
  await expect(check(page, "a")).not.toBeChecked();
});

test("one action reaches all that are chosen, and the trash gives them back", async ({ page, maestro }) => {
  for (const name of ["one", "two", "three"]) await maestro.script(name, "exec cat");
  await check(page, "one").click();
  await check(page, "two").click();
  await bulk(page).getByRole("button", { name: "Hibernate" }).click();
  await expect(toast(page, "Hibernated 2 agents")).toBeVisible();
  await expect(row(page, "one")).toContainText("Hibernated");
  await expect(row(page, "three")).toContainText("Running");

  await bulk(page).getByRole("button", { name: "Add tag" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Add tag" }).click();
  await expect(dialog.getByText("The tag is empty.")).toBeVisible();
  await dialog.getByLabel("Tag").fill("night shift");
  await dialog.getByRole("button", { name: "Add tag" }).click();
  await expect(row(page, "two").locator(".tag")).toHaveText("night shift");
  await page.getByRole("searchbox").fill('tag:"night shift"');
  await expect(page.locator("tbody tr")).toHaveCount(2);
  await page.getByRole("searchbox").fill("");

  await bulk(page).getByRole("button", { name: "Move to trash" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await toast(page, "Moved 2 agents to the trash").getByRole("button", { name: "Undo" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(3);
});

test.describe("when something is refused", () => {
  test.use({ allowed: [/status of (409|422|503)/] });

  test("a refusal names its agent and the others are done", async ({ page, maestro }) => {
    await maestro.program("short-lived", "exec cat");
    await maestro.cli("agent", "create", "broken", "--program", "short-lived", "--dir", maestro.work);
    await maestro.script("fine", "exec cat");
    for (const name of ["broken", "fine"]) await check(page, name).click();
    await bulk(page).getByRole("button", { name: "Hibernate" }).click();
    await expect(row(page, "broken")).toContainText("Hibernated");
    await rm(join(maestro.folder, "bin", "short-lived"));
    await bulk(page).getByRole("button", { name: "Wake" }).click();
    const alert = page.getByRole("alert").filter({ hasText: "broken" });
    await expect(alert).toContainText("short-lived");
    await expect(row(page, "fine")).toContainText("Running");
    await alert.getByRole("button", { name: "Dismiss" }).click();
    await expect(alert).toHaveCount(0);
  });

  test("a name that is taken is asked for when an agent comes back", async ({ page, maestro }) => {
    const id = await maestro.script("worker", "exec cat");
    await maestro.cli("agent", "trash", id);
    await maestro.script("worker", "exec cat");
    await page.goto(`${maestro.origin}/trash`);
    await live(page);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Restore worker" }).click();
    const dialog = page.getByRole("dialog", { name: "Restore under another name" });
    await expect(dialog.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
    await dialog.getByLabel("Name").fill("worker-again");
    await dialog.getByRole("button", { name: "Restore agent" }).click();
    await expect(page.getByRole("heading", { name: "The trash is empty" })).toBeVisible();
    await expect(item(page, "again")).toBeVisible();
  });

  test("a move to a taken name is taken back", async ({ page, maestro }) => {
    await maestro.script("team-alpha-job", "exec cat");
    await maestro.script("team-alpha-other", "exec cat");
    await maestro.script("team-beta-job", "exec cat");
    await maestro.script("team-beta-more", "exec cat");
    await item(page, /job/).first().dragTo(item(page, /^beta/));
    await expect(toast(page, "job")).toBeVisible();
    await expect(item(page, /^alpha/)).toBeVisible();
    await expect(row(page, "team-alpha-job")).toHaveCount(1);
  });
});

test("dragging a row onto a group renames its agent, and onto the host takes it out", async ({ page, maestro }) => {
  await maestro.script("team-alpha-job", "exec cat");
  await maestro.script("team-alpha-other", "exec cat");
  await maestro.script("team-beta-task", "exec cat");
  await maestro.script("team-beta-more", "exec cat");
  await item(page, /job/).dragTo(item(page, /^beta/));
  await expect(row(page, "team-beta-job")).toHaveCount(1);
  await expect(page.getByRole("status").filter({ hasText: "job moved to team / beta." })).toBeAttached();
  await item(page, /job/).dragTo(page.locator("#row-host"));
  await expect(row(page, /^job/)).toHaveCount(1);
});

test("moving works with the keyboard alone", async ({ page, maestro }) => {
  await maestro.script("team-alpha-job", "exec cat");
  await maestro.script("team-beta-task", "exec cat");
  const menu = await menuOf(page, item(page, /job/));
  await expectAccessible(page);
  await page.keyboard.press("ArrowDown");
  await expect(menu.getByRole("menuitem", { name: "Move…" })).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Move job" });
  await dialog.getByLabel("To", { exact: true }).selectOption({ label: "team / beta" });
  await expect(dialog).toContainText("Its name will be team-beta-job.");
  await expectAccessible(page);
  await dialog.getByLabel("Or a new group").fill("night");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(row(page, "night-job")).toHaveCount(1);
});

test("a favourite is pinned above the tree, from its row's menu", async ({ page, maestro }) => {
  await maestro.script("team-alpha-job", "exec cat");
  const menu = await menuOf(page, item(page, /job/));
  await menu.getByRole("menuitem", { name: "Add to favourites" }).click();
  await expect(item(page, "Pinned")).toBeVisible();
  await expect(item(page, /team \/ alpha \/ job/).first()).toBeVisible();
  await expectAccessible(page);
});

test("what is deleted for good is named before it goes", async ({ page, maestro }) => {
  for (const name of ["gone", "kept", "third"]) {
    const id = await maestro.script(name, "exec cat");
    if (name !== "kept") await maestro.cli("agent", "trash", id);
  }
  await page.getByRole("link", { name: "Trash" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Trash" })).toBeFocused();
  await page.getByRole("button", { name: "Delete for good… gone" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("Delete gone for good?");
  await expect(dialog).toContainText(/files in .* stay/);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Restore third" })).toBeFocused();
  await page.getByRole("button", { name: "Empty trash…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("heading", { name: "The trash is empty" })).toBeVisible();
});

test("diagnostics show the checks and make a backup", async ({ page, maestro }) => {
  await maestro.script("any", "exec cat");
  await page.getByRole("link", { name: "Diagnostics" }).click();
  await expect(page.getByRole("heading", { level: 2, name: /Checks/ })).toBeVisible();
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  const backups = page.getByRole("region", { name: "Backups" }).locator("tbody tr");
  const before = await backups.count();
  await page.getByRole("button", { name: "Back up now" }).click();
  await expect(toast(page, /Made a backup of/)).toBeVisible();
  await expect(backups).toHaveCount(before + 1);
});

test("agents that were lost together come back together", async ({ page, maestro }) => {
  for (const name of ["first", "second", "third"]) await maestro.script(name, "exec cat");
  await maestro.killTmux();
  const notice = page.locator(".overview .lost-notice");
  await expect(notice).toContainText("3 agents were lost");
  await expectAccessible(page);
  await notice.getByRole("button", { name: "Restore all" }).click();
  await expect(notice).toHaveCount(0);
  await expect(row(page, "second")).toContainText("Running");
});

test("the dialog tells all mistakes at once and offers what is installed", async ({ page, maestro }) => {
  await maestro.program("codex", 'if [ "$1" = --version ]; then echo codex-cli 0.42.0; else exec cat; fi');
  await page.getByRole("button", { name: "New agent" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Folder").fill("code/project");
  await dialog.getByRole("button", { name: "Create agent" }).click();
  await expect(dialog.getByText("The name is empty.")).toBeVisible();
  await expect(dialog.getByText("No program is named.")).toBeVisible();
  await expect(dialog.getByText("The folder is relative.")).toBeVisible();
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByRole("radio", { name: /Codex/ }).check({ force: true });
  await expect(dialog.getByLabel("Program")).toHaveValue("codex");
  await dialog.getByRole("button", { name: /^More/ }).click();
  await dialog.getByLabel("Tags").fill("night, docs");
  await expectAccessible(page);
  await dialog.getByLabel("Name").fill("docs-writer");
  await dialog.getByLabel("Folder").fill(maestro.work);
  await dialog.getByRole("button", { name: "Create agent" }).click();
  await page.waitForURL(/\/a\//);
  await page.goto(maestro.origin);
  await expect(row(page, "docs-writer").locator(".tag")).toHaveText(["night", "docs"]);
});
