// A phone: the same pages at 390 px, reachable with a thumb.
import { expect, expectAccessible, expectNoSidewaysScroll, live, picture, terminalOf, test } from "../../world/test.js";

test("an agent is found, read and answered on a phone", async ({ page, maestro }) => {
  const id = await maestro.script("mobile-ios-onboarding", "stty -echo; echo Keep the old deep link?; exec cat");
  await maestro.script("docs-site-handbook", "exit 0");
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await picture(page, "phone-agents.png");

  await page.getByRole("treeitem", { name: /onboarding/ }).tap();
  await page.waitForURL(`${maestro.origin}/a/${id}`);
  await live(page);
  const { screen: terminal } = terminalOf(page);
  await expect(terminal).toContainText("deep link?");
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await picture(page, "phone-agent.png");

  await page.getByRole("textbox", { name: /message or command/i }).fill("keep it");
  await page.getByRole("button", { name: "Send" }).tap();
  await expect(terminal).toContainText("keep it");
  await page.getByRole("link", { name: /back|agents/i }).first().tap();
  await page.waitForURL(`${maestro.origin}/`);
});

test("every control on a phone is large enough for a finger", async ({ page, maestro }) => {
  const id = await maestro.script("thumb", "exec cat");
  for (const path of ["/", `/a/${id}`]) {
    await page.goto(maestro.origin + path);
    await live(page);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("a, button, input, textarea, [role=treeitem]")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".xterm, .vh, .skip"))
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < 40 || box.height < 40))
        .map(({ element }) => element.outerHTML.slice(0, 120)),
    );
    expect(small, path).toEqual([]);
  }
});
