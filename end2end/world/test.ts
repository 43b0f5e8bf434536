// The test function of this suite: a Maestro per worker, a logged-in page per test, and no
// console message that a user's browser would not show either.
import { join } from "node:path";

import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

import { Maestro } from "./maestro.js";

export { expect, Maestro };
export type { Page };

type World = {
  /** A fresh login in this test's browser; its page shows the overview. */
  page: Page;
  /** Console messages that belong to what the test does, such as a refused request. */
  allowed: RegExp[];
};

export const test = base.extend<World & { noAgents: void }, { maestro: Maestro }>({
  maestro: [
    async ({}, use) => {
      const maestro = await Maestro.start();
      await use(maestro);
      await maestro.remove();
    },
    { scope: "worker" },
  ],

  noAgents: [
    async ({ maestro }, use) => {
      await use();
      await maestro.deleteAllAgents();
    },
    { auto: true },
  ],

  allowed: [[], { option: true }],

  page: async ({ page, maestro, allowed }, use) => {
    const problems = watch(page, allowed);
    await logIn(page, maestro);
    await use(page);
    expect(problems, "console errors, warnings and policy violations").toEqual([]);
  },
});

/** Opens a new login link and waits for the live page. */
export async function logIn(page: Page, maestro: Maestro): Promise<void> {
  await page.goto(await maestro.loginLink());
  await page.waitForURL(`${maestro.origin}/`);
  await live(page);
}

/** Keeps a picture of what is in sight: for people who look at a run, or into the README's folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.UPDATE_PICTURES ? "screenshots" : test.info().outputDir;
  await page.screenshot({ path: join(folder, name) });
}

/** Waits until the page is hydrated and its socket is live. */
export async function live(page: Page): Promise<void> {
  await expect(page.locator(".connection")).toHaveText(/^Live/);
}

/** The terminal of the agent's page, and where its keys go. */
export function terminalOf(page: Page): { screen: Locator; keys: Locator } {
  const screen = page.getByRole("region", { name: "AI terminal" });
  return { screen, keys: screen.getByRole("textbox", { name: /Type into the terminal/ }) };
}

/** Collects what a browser complains about; hydration warnings are console messages too. */
export function watch(page: Page, allowed: RegExp[] = []): string[] {
  const problems: string[] = [];
  const note = (text: string) => {
    if (!allowed.some((pattern) => pattern.test(text))) problems.push(text);
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) note(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => note(`exception: ${error.message}`));
  return problems;
}

/** Axe with every WCAG 2.2 A and AA rule, contrast included. */
export async function expectAccessible(page: Page): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }));
  expect(found).toEqual([]);
}

/** Nothing is wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
}
