// The page of one agent for its whole life: its views, its terminals, its menu, its settings with
// their versions, and its history.
import { expect, expectAccessible, live, test, terminalOf } from "../../world/test.js";
import type { Page } from "../../world/test.js";

// What is refused on purpose below: a taken name, a folder that is none.
test.use({ allowed: [/status of (409|422)/] });

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const view = (page: Page, name: string) =>
  page.getByRole("tablist", { name: "Views of this agent" }).getByRole("tab", { name });
const terminal = (page: Page, name: string | RegExp) =>
  page.getByRole("tablist", { name: "Terminals of this agent" }).getByRole("tab", { name });

/** Opens the menu of the header and chooses an entry. */
async function choose(page: Page, entry: string): Promise<void> {
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menu", { name: "More actions" }).getByText(entry, { exact: true }).click();
}

/** A field of the settings; the dialog for new agents has fields of the same names. */
const field = (page: Page, name: string) => page.getByRole("textbox", { name: new RegExp(`^${name}`) });

test("a terminal stays as it is while other views are in sight", async ({ page, maestro }) => {
  const id = await maestro.script("stays", "echo first-line; exec cat");
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  const { screen, keys } = terminalOf(page);
  await expect(screen).toContainText("first-line");
  await screen.locator(".term-screen").evaluate((element) => element.setAttribute("data-mark", "1"));

  await view(page, "Settings").click();
  await expect(page).toHaveURL(`${maestro.origin}/a/${id}/settings`);
  await expect(screen).toBeHidden();
  await expectAccessible(page);
  await field(page, "Label").fill("Typed, not saved");
  await view(page, "History").click();
  await expect(page.getByRole("heading", { name: "Today" })).toBeVisible();
  await expectAccessible(page);
  await view(page, "Settings").click();
  await expect(field(page, "Label")).toHaveValue("Typed, not saved");

  await view(page, "Terminal").click();
  await expect(screen.locator("[data-mark]")).toHaveCount(1);
  await expect(keys).toBeFocused();
  await page.reload();
  await live(page);
  await page.goBack();
  await expect(view(page, "Settings")).toHaveAttribute("aria-selected", "true");
});

test("views are walked with the keyboard", async ({ page, maestro }) => {
  const id = await maestro.script("walked", "exec cat");
  await page.goto(`${maestro.origin}/a/${id}/settings`);
  await live(page);
  await view(page, "Settings").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(view(page, "History")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${maestro.origin}/a/${id}/history`);
  await expect(view(page, "History")).toBeFocused();
  await page.keyboard.press("End");
  await expect(view(page, "Settings")).toBeFocused();
});

test("a shell is started by choosing it, renamed, ended and closed", async ({ page, maestro }) => {
  const id = await maestro.script("shells", "echo the-program; exec cat");
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  await expect(terminalOf(page).screen).toContainText("the-program");
  await terminal(page, /^Shell/).click();
  await expect(page).toHaveURL(`${maestro.origin}/a/${id}?t=1`);
  const shell = page.getByRole("region", { name: "Shell terminal" });
  const keys = shell.getByRole("textbox", { name: /Type into the terminal/ });
  await expect(keys).toBeFocused();
  await page.keyboard.type("echo in-the-sh''ell");
  await page.keyboard.press("Enter");
  await expect(shell).toContainText("in-the-shell");
  await expect(page).toHaveTitle(/^Shell · shells/);

  await terminal(page, "AI").click();
  await expect(shell).toBeHidden();
  await expect(terminalOf(page).screen).toContainText("the-program");
  await terminal(page, "Shell").click();
  await expect(shell).toContainText("in-the-shell");

  await page.getByRole("button", { name: "Actions for the terminal Shell" }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Build");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(terminal(page, "Build")).toHaveAttribute("aria-selected", "true");

  const build = page.getByRole("region", { name: "Build terminal" });
  await build.getByRole("textbox", { name: /Type into the terminal/ }).focus();
  await page.keyboard.type("exit 3");
  await page.keyboard.press("Enter");
  await expect(build).toContainText("Ended with exit code 3");
  await expectAccessible(page);
  await build.getByRole("button", { name: "Start again" }).click();
  await expect(build.getByText("Ended with exit code 3")).toHaveCount(0);
  await page.getByRole("button", { name: "Actions for the terminal Build" }).click();
  await page.getByRole("menuitem", { name: "Close and end its shell" }).click();
  await expect(terminal(page, "Build")).toHaveCount(0);
  await expect(page).toHaveURL(`${maestro.origin}/a/${id}`);

  await page.getByRole("button", { name: "New terminal" }).click();
  await expect(page).toHaveURL(`${maestro.origin}/a/${id}?t=2`);
  await expect(terminal(page, /^Shell/)).toHaveAttribute("aria-selected", "true");
});

test("the menu works with the keyboard, and its focus returns", async ({ page, maestro }) => {
  const id = await maestro.script("menu", "exec cat");
  await page.goto(`${maestro.origin}/a/${id}/history`);
  await live(page);
  const button = page.getByRole("button", { name: "More actions" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(button).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByRole("menuitem", { name: "Restart", exact: true })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: "Move to trash" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Restart", exact: true })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(button).toHaveAttribute("aria-expanded", "false");
  await button.click();
  await heading(page).click();
  await expect(page.getByRole("menu")).toHaveCount(0);
});

test("hibernate, wake, rename, clone, and a trash that can be undone", async ({ page, maestro }) => {
  const id = await maestro.script("life-cycle-one", "echo awake; exec cat");
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  await page.getByRole("button", { name: "Hibernate agent" }).click();
  await expect(page.getByRole("region", { name: "AI terminal" })).toContainText("Hibernated: no program runs here.");
  await page.getByRole("button", { name: "Wake agent" }).click();
  await expect(page.getByRole("button", { name: "Hibernate agent" })).toBeVisible();

  await choose(page, "Rename…");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Name")).toHaveValue("life-cycle-one");
  await dialog.getByLabel("Name").fill("life-cycle-two");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(heading(page)).toHaveText("life-cycle-two");

  await choose(page, "Clone…");
  await dialog.getByLabel("Name").fill("life-cycle-two");
  await dialog.getByRole("button", { name: "Clone" }).click();
  await expect(dialog.locator(".err")).toBeVisible();
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("life-cycle-copy");
  await dialog.getByRole("button", { name: "Clone" }).click();
  await expect(heading(page)).toHaveText("life-cycle-copy");

  await choose(page, "Start with the machine");
  await page.getByRole("button", { name: "More actions" }).click();
  await expect(page.getByRole("menuitemcheckbox")).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("Escape");

  await choose(page, "Move to trash");
  await page.waitForURL(`${maestro.origin}/`);
  await expect(page.getByText("Moved copy to the trash")).toBeVisible();
  await expect(page.getByRole("treeitem", { name: /copy/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("treeitem", { name: /copy/ })).toBeVisible();
});

test("settings are saved, compared, and taken back", async ({ page, maestro }) => {
  const id = await maestro.script("settled", "exec cat");
  await page.goto(`${maestro.origin}/a/${id}/settings`);
  await live(page);
  await field(page, "Label").fill("Ledger");
  await field(page, "Tags").fill("api, urgent");
  await field(page, "Arguments").fill("-c\nexec cat\nthird one");
  await page.getByRole("radio", { name: "Rose" }).check({ force: true });
  await page.getByRole("button", { name: "Add variable" }).click();
  await page.keyboard.type("INSIDE");
  await field(page, "Variable of the server").fill("HOME");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved as version 2")).toBeVisible();
  await expect(page.locator(".agent-label")).toHaveText("Ledger");
  await expect(page.getByText("take effect when the agent is restarted")).toBeVisible();
  await page.getByRole("button", { name: "Restart", exact: true }).click();
  await expect(page.getByText("take effect when the agent is restarted")).toHaveCount(0);
  await expectAccessible(page);

  await field(page, "Folder").fill("not/absolute");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(field(page, "Folder")).toBeFocused();
  await expect(field(page, "Folder")).toHaveAttribute("aria-invalid", "true");
  await page.getByRole("button", { name: "Discard changes" }).click();

  const versions = page.getByRole("region", { name: "Versions" });
  await expect(versions.getByRole("listitem")).toHaveCount(2);
  await expect(versions.locator("ins").filter({ hasText: "third one" })).toBeVisible();
  await versions.getByRole("button", { name: "Go back to version 1" }).click();
  const dialog = page.getByRole("dialog", { name: "Go back to version 1?" });
  await expect(dialog.locator("del").filter({ hasText: "Ledger" })).toBeVisible();
  await dialog.getByRole("button", { name: "Go back to this version" }).click();
  await expect(versions.getByText("Went back to version 1")).toBeVisible();
  await expect(field(page, "Label")).toHaveValue("");

  await view(page, "History").click();
  await expect(page.getByText("Went back to version 1 (now version 3)")).toBeVisible();
});

test("two people who edit the same settings learn of each other", async ({ page, maestro }) => {
  const id = await maestro.script("shared", "exec cat");
  await page.goto(`${maestro.origin}/a/${id}/settings`);
  await live(page);
  await field(page, "Label").fill("Mine");
  await maestro.cli("agent", "edit", "shared", "--note", "Theirs");
  await expect(page.getByText("These settings changed meanwhile")).toBeVisible();
  await page.getByRole("button", { name: "Keep my changes" }).click();
  await expect(field(page, "Note")).toHaveValue("Theirs");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved as version 3")).toBeVisible();
  await maestro.cli("agent", "edit", "shared", "--note", "Later");
  await expect(field(page, "Note"), "a form that nobody touched follows").toHaveValue("Later");
});

test("what was typed and not saved is there when one comes back", async ({ page, maestro }) => {
  const id = await maestro.script("drafted", "exec cat");
  await maestro.script("elsewhere", "exec cat");
  await page.goto(`${maestro.origin}/a/${id}/settings`);
  await live(page);
  await field(page, "Label").fill("Half a thought");
  await page.getByRole("treeitem", { name: /elsewhere/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("elsewhere");
  await page.goBack();
  await expect(field(page, "Label")).toHaveValue("Half a thought");
});
