// What is refused says why, where it was asked for.
import { expect, expectAccessible, test } from "../../world/test.js";

// The browser itself notes every answer that is not 2xx.
test.use({ allowed: [/status of (422|503|404)/] });

test("mistakes in the dialog are named at their field and nothing is created", async ({ page, maestro }) => {
  await page.getByRole("button", { name: "New agent" }).first().click();
  const dialog = page.getByRole("dialog");
  const create = dialog.getByRole("button", { name: "Create" });
  const mistakes: [string, string, RegExp][] = [
    ["Name", "me@host", /@/],
    ["Program", "no-such-program", /is not installed on this machine/],
    ["Folder", "/no/such/folder", /There is no folder/],
  ];
  await dialog.getByLabel("Name").fill("x");
  await dialog.getByLabel("Program").fill("sh");
  await dialog.getByLabel("Folder").fill(maestro.work);
  for (const [label, bad, sentence] of mistakes) {
    const field = dialog.getByLabel(label);
    const good = await field.inputValue();
    await field.fill(bad);
    await create.click();
    await expect(dialog.getByText(sentence)).toBeVisible();
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toBeFocused();
    await field.fill(good);
  }
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect(JSON.parse(await maestro.cli("agent", "list", "--json")).data).toEqual([]);
});

test("an unknown agent and an unknown page say so", async ({ page, maestro }) => {
  await page.goto(`${maestro.origin}/a/00000000000000000000000000`);
  await expect(page.getByRole("heading", { name: "This agent does not exist" })).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${maestro.origin}/nowhere`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expectAccessible(page);
});
