// A phone's whole story over TLS: it is paired, works with an agent, and is shown out.
import { type Browser, test as base } from "@playwright/test";

import { api } from "../../world/api.js";
import {
  expect, expectAccessible, expectNoSidewaysScroll, live, Maestro, type Page, picture, terminalOf, watch,
} from "../../world/test.js";

type World = {
  /** Listens with TLS beside its usual port; somebody logged in before. */
  maestro: Maestro;
  /** The owner's page about access, on a computer. */
  owner: Page;
  /** Another browser, which has never been here. */
  phone: Page;
};

const test = base.extend<World>({
  maestro: async ({ browser }, use) => {
    // Only a Maestro that somebody has logged in to listens for others.
    const first = await Maestro.start();
    const { page } = await computer(browser);
    await page.goto(first.firstLink);
    await page.waitForURL(`${first.origin}/`);
    await page.context().close();
    await first.stop();
    const env = { MAESTRO_LISTEN: "127.0.0.1:0", MAESTRO_TLS: "own" };
    const maestro = await Maestro.start({ folder: first.folder, port: Number(new URL(first.origin).port), env });
    await use(maestro);
    await maestro.remove();
  },
  owner: async ({ browser, maestro }, use) => {
    const { page, problems } = await computer(browser);
    await page.goto(maestro.firstLink);
    await page.waitForURL(`${maestro.origin}/`);
    await page.goto(`${maestro.origin}/access`);
    await live(page);
    await use(page);
    expect(problems, "what the owner's browser complains about").toEqual([]);
    await page.context().close();
  },
  phone: async ({ browser, viewport }, use) => {
    // The authority is not trusted here: what a person compares on the first visit is told by the
    // page about access.
    const context = await browser.newContext({ viewport, isMobile: true, hasTouch: true, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    // Wrong codes and revoked logins are noted by the browser itself.
    const problems = watch(page, [/status of (401|403)/, /WebSocket/]);
    await use(page);
    expect(problems, "what the phone's browser complains about").toEqual([]);
    await context.close();
  },
});

async function computer(browser: Browser): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, isMobile: false, hasTouch: false });
  const page = await context.newPage();
  return { page, problems: watch(page) };
}

/** Digits alone: they are set in groups. */
const digits = (text: string | null): string => (text ?? "").replace(/\D/g, "");

/** The owner makes an offer; where the phone goes, and what is typed there. */
async function offer(owner: Page): Promise<{ origin: string; code: string }> {
  await owner.getByRole("button", { name: "Pair a device" }).click();
  const dialog = owner.getByRole("dialog", { name: "Pair a device" });
  await expectAccessible(owner);
  const code = (await dialog.locator(".pair-code").textContent())!;
  const address = await dialog.getByText(/^https:.*\/pair$/).textContent();
  return { origin: address!.replace("/pair", ""), code };
}

/** Types the code on the phone and gives the digits that it shows. */
async function typeCode(phone: Page, origin: string, code: string, name: string): Promise<string> {
  await phone.goto(`${origin}/pair`);
  await expectAccessible(phone);
  await expectNoSidewaysScroll(phone);
  // As people type it: the dash comes by itself.
  await phone.getByLabel("Code").pressSequentially(code.replace("-", "").toLowerCase());
  await expect(phone.getByLabel("Code")).toHaveValue(code);
  return ask(phone, name);
}

async function ask(phone: Page, name: string): Promise<string> {
  await phone.getByLabel("Name of this device").fill(name);
  await phone.getByRole("button", { name: "Ask to be let in" }).tap();
  await expect(phone.getByRole("heading", { name: "Compare the numbers" })).toBeVisible();
  await expectAccessible(phone);
  await expectNoSidewaysScroll(phone);
  await picture(phone, "phone-pairing.png");
  return digits(await phone.locator("#pair-digits").textContent());
}

async function letIn(owner: Page, name: string, shown: string, role: string): Promise<void> {
  await expect(owner.getByRole("heading", { name: `${name} asks to be let in` })).toBeVisible();
  const card = owner.locator(".waiting");
  expect(digits(await card.locator(".fingerprint").textContent())).toBe(shown);
  expect(shown).toMatch(/^\d{24}$/);
  await expect(card.getByLabel("Role"), "a device begins with least").toHaveValue("viewer");
  await expectAccessible(owner);
  await picture(owner, "pairing.png");
  await card.getByLabel("Role").selectOption(role);
  await card.getByRole("button", { name: "Let it in" }).click();
}

async function revoke(owner: Page, name: string): Promise<number> {
  await owner.goto(owner.url());
  await live(owner);
  await owner.getByRole("button", { name: `Actions for ${name}` }).click();
  await owner.getByRole("menuitem", { name: "Revoke…" }).click();
  const dialog = owner.getByRole("alertdialog", { name: `Revoke ${name}?` });
  await expectAccessible(owner);
  const began = Date.now();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  return began;
}

async function openAgent(phone: Page, name: RegExp): Promise<void> {
  await live(phone);
  await phone.getByRole("treeitem", { name }).tap();
  await expect(terminalOf(phone).screen).toContainText("ready");
}

test("a phone is paired by its code as an operator, types, and is shown out", async ({ maestro, owner, phone }) => {
  await maestro.script("night-shift", "stty -echo; echo ready; exec cat");
  const { origin, code } = await offer(owner);
  await picture(owner, "pair-offer.png");

  // Another place in the offer than the first character: the exchange is found, the key is not.
  const wrong = code.slice(0, -1) + (code.endsWith("7") ? "8" : "7");
  await phone.goto(`${origin}/pair`);
  await phone.getByLabel("Code").fill(wrong);
  await phone.getByRole("button", { name: "Ask to be let in" }).tap();
  await expect(phone.getByRole("alert")).toContainText("4 tries are left");
  await expectAccessible(phone);

  const shown = await typeCode(phone, origin, code, "Ada’s phone");
  await letIn(owner, "Ada’s phone", shown, "operator");
  await phone.waitForURL(`${origin}/`);
  await openAgent(phone, /shift/);
  await phone.getByRole("textbox", { name: /message or command/i }).fill("typed on the phone");
  await phone.getByRole("button", { name: "Send" }).tap();
  await expect(terminalOf(phone).screen).toContainText("typed on the phone");

  await owner.goto(`${maestro.origin}/access`);
  await live(owner);
  await expectAccessible(owner);
  await picture(owner, "access.png");
  await owner.goto(`${maestro.origin}/audit`);
  await live(owner);
  await expectAccessible(owner);
  await picture(owner, "audit.png");
  await owner.goto(`${maestro.origin}/access`);

  const began = await revoke(owner, "Ada’s phone");
  await expect(phone.getByText("Your login ended.")).toBeVisible({ timeout: 2_000 });
  expect(Date.now() - began, "from the click to the phone's own words").toBeLessThan(2_000);
  await phone.goto(`${origin}/`);
  expect(phone.url(), "a revoked phone is a stranger").toBe(`${origin}/login`);
});

test("a phone is paired by its picture as a viewer, and what it types changes nothing", async ({ maestro, owner, phone }) => {
  const agent = await maestro.script("night-shift", "stty -echo; echo ready; exec cat");
  // What the picture says, since a test has no camera.
  const { data } = await api(maestro, "POST", "/api/pairings");
  const origin = new URL(data.url).origin;
  expect(origin).toMatch(/^https:/);
  await phone.goto(data.url);
  expect(phone.url(), "the secret does not stay in the address").toBe(`${origin}/pair`);
  const shown = await ask(phone, "Wall screen");
  await letIn(owner, "Wall screen", shown, "viewer");
  await phone.waitForURL(`${origin}/`);
  await openAgent(phone, /shift/);
  const told = phone.getByText("You only watch here").filter({ visible: true }).first();
  await expect(told).toBeVisible();
  await picture(phone, "phone-viewer.png");
  await expect(phone.getByRole("textbox", { name: /message or command/i })).toHaveCount(0);

  const before = await maestro.cli("agent", "output", agent);
  await terminalOf(phone).screen.tap();
  await phone.keyboard.type("rm -rf everything");
  await phone.keyboard.press("Enter");
  await expect(told).toBeVisible();
  expect(await maestro.cli("agent", "output", agent)).toBe(before);
  await phone.goto(`${origin}/access`);
  await expect(phone.getByRole("heading", { name: "This device may not see this page" })).toBeVisible();
  await expectAccessible(phone);
});

test("a phone that the owner refuses learns it, and its code is worth nothing", async ({ owner, phone }) => {
  const { origin, code } = await offer(owner);
  await typeCode(phone, origin, code, "Stranger");
  await owner.locator(".waiting").getByRole("button", { name: /^Refuse/ }).click();
  await expect(phone.getByRole("heading", { name: "Not let in" })).toBeVisible();
  await expectAccessible(phone);
  await phone.getByRole("button", { name: "Type another code" }).tap();
  await phone.getByLabel("Code").fill(code);
  await phone.getByRole("button", { name: "Ask to be let in" }).tap();
  await expect(phone.locator("#pair-error, #pair-end-text").filter({ hasText: /Ask for a new code|not right/ })).toBeVisible();
  await phone.goto(`${origin}/`);
  expect(phone.url()).toBe(`${origin}/login`);
});
