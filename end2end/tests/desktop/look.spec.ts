// Themes without a flash, pages without JavaScript, and the pictures that the README shows.
import { expect, expectAccessible, expectNoSidewaysScroll, live, picture, test } from "../../world/test.js";

const SCREEN = [
  "printf '\\033[32m●\\033[0m \\033[1mRead\\033[0m(crates/ledger/src/post.rs)\\r\\n  \\033[90m└\\033[0m Read \\033[1m214\\033[0m lines\\r\\n\\r\\n'",
  "printf '● There is no unique key on (source, source_event_id), so a retry after the\\r\\n  first commit posts twice. I will add the key in a migration.\\r\\n\\r\\n'",
  "printf '\\033[32m●\\033[0m \\033[1mBash\\033[0m(cargo nextest run -p ledger)\\r\\n  \\033[90m└\\033[0m \\033[32mPASS\\033[0m [0.212s] \\033[36mretry_after_commit_posts_once\\033[0m\\r\\n    \\033[32mPASS\\033[0m [0.347s] \\033[36mconcurrent_retries_return_first_posting\\033[0m\\r\\n\\r\\n'",
  "printf '\\033[34m❯\\033[0m '; stty -echo; exec cat",
].join("; ");

test("the picture of an agent, dark and light", async ({ page, maestro }) => {
  await maestro.program("demo-agent", SCREEN);
  await maestro.program("failing-agent", "exit 1");
  await maestro.program("finished-agent", "exit 0");
  const agents = [
    ["payments-ledger-idempotency", "demo-agent", "--model", "opus"],
    ["payments-ledger-reconcile", "demo-agent"],
    ["payments-checkout-sca", "failing-agent"],
    ["docs-site-handbook", "finished-agent"],
    ["infra-ci-cache", "demo-agent"],
  ];
  const ids: string[] = [];
  for (const [name, program, ...args] of agents) {
    const command = ["agent", "create", name, "--program", program, "--dir", maestro.work, "--json"];
    ids.push(JSON.parse(await maestro.cli(...command, "--", ...args)).data.id);
  }
  const id = ids[0];
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  await expect(page.getByRole("region", { name: "AI terminal" })).toContainText("posts_once");
  await expectNoSidewaysScroll(page);
  await picture(page, "agent-dark.png");
  // The device's theme comes first, then dark, then light.
  await expect(page.locator("html")).toHaveAttribute("data-theme", "auto");
  for (const theme of ["dark", "light"]) {
    await page.getByRole("button", { name: /theme/i }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
  }
  await expectAccessible(page);
  await picture(page, "agent-light.png");

  await page.reload({ waitUntil: "commit" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await live(page);
  await page.goto(maestro.origin);
  await live(page);
  await expectAccessible(page);
  await picture(page, "overview-light.png");
});

test("without JavaScript a page shows the agents and the terminal's text", async ({ page, maestro, browser }) => {
  const id = await maestro.script("plain-text", "echo readable without script; exec cat");
  const context = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const plain = await context.newPage();
  await expect(async () => {
    await plain.goto(`${maestro.origin}/a/${id}`);
    await expect(plain.getByRole("region", { name: "AI terminal" })).toContainText("readable without script", { timeout: 500 });
  }).toPass();
  await expect(plain.getByRole("treeitem", { name: /plain/ }).or(plain.getByRole("link", { name: /plain/ })).first()).toBeVisible();
  await plain.goto(maestro.origin);
  await expect(plain.getByText("plain", { exact: false }).first()).toBeVisible();
  await context.close();
});

test("hostile text in every field stays text", async ({ page, maestro }) => {
  const hostile = `<img src=x onerror=alert(1)><script>alert(2)</script>"'\`$(x)#{y}`;
  page.on("dialog", (dialog) => {
    throw new Error(`a script ran: ${dialog.message()}`);
  });
  await maestro.cli(
    "agent", "create", hostile, "--program", "sh", "--dir", maestro.work, "--note", hostile,
    "--", "-c", `printf '%s' "$0"; exec cat`, hostile,
  );
  await expect(page.getByRole("treeitem", { name: /onerror/ })).toBeVisible();
  await page.getByRole("treeitem", { name: /onerror/ }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("<img src=x");
  await expect(page.getByRole("region", { name: "AI terminal" })).toContainText("<script>");
  await page.reload();
  await live(page);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("<img src=x");
});
