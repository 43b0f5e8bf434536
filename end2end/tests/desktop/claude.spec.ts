// A real Claude Code survives what a session can meet: the death of Maestro, the death of tmux,
// and sleep. Its conversation goes on each time.
import { mkdtemp } from "node:fs/promises";

import { CLAUDE_ENV, claudeEnvironment, installClaude } from "../../world/claude.js";
import { Endpoint } from "../../world/endpoint.js";
import { expect, live, Maestro, terminalOf, test as base } from "../../world/test.js";

const test = base.extend<{}, { endpoint: Endpoint }>({
  endpoint: [
    async ({}, use) => {
      const endpoint = await Endpoint.start((asked) => ({
        text: `Understood: ${asked.messages.filter((message) => message.role === "user").length} so far.`,
      }));
      await use(endpoint);
      await endpoint.stop();
    },
    { scope: "worker" },
  ],
  maestro: [
    async ({ endpoint }, use) => {
      const folder = await mkdtemp("/tmp/mst");
      await installClaude(folder);
      const maestro = await Maestro.start({ folder, env: claudeEnvironment(endpoint) });
      await use(maestro);
      await maestro.remove();
    },
    { scope: "worker" },
  ],
});

// The browser notes that a killed server refuses connections.
test.use({ allowed: [/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/] });

test("a conversation outlives Maestro, tmux and sleep", async ({ page, maestro, endpoint }) => {
  test.setTimeout(180_000);
  const persona = "You are the keeper of the lighthouse.";
  const created = JSON.parse(await maestro.cli(
    "agent", "create", "keeper", "--program", "claude", "--dir", maestro.work,
    "--persona", persona, ...CLAUDE_ENV, "--json",
  ));
  const id: string = created.data.id;
  await page.goto(`${maestro.origin}/a/${id}`);
  await live(page);
  const { screen, keys } = terminalOf(page);
  const say = async (words: string, answer: string) => {
    await keys.focus();
    await page.keyboard.type(words);
    await expect(screen).toContainText(words);
    // Keys that come while the program starts are one piece to it, their Enter a line break.
    await expect(async () => {
      await page.keyboard.press("Enter");
      await expect(screen).toContainText(answer, { timeout: 10_000 });
    }).toPass({ timeout: 60_000 });
  };
  await expect(screen).toContainText("?", { timeout: 60_000 });
  await say("remember the green lamp", "Understood: 1 so far.");
  expect(endpoint.asked.at(-1)!.system).toContain(persona);

  // The server is killed: the program does not notice.
  const before = await maestro.processOf(id);
  await maestro.kill();
  await maestro.startAgain();
  await live(page);
  expect(await maestro.processOf(id)).toBe(before);
  await expect(screen).toContainText("Understood: 1 so far.");
  await say("and the red one", "Understood: 2 so far.");

  // tmux is killed: one click brings the conversation back.
  await maestro.killTmux();
  const restore = page.getByRole("button", { name: "Restore" }).first();
  await expect(restore).toBeVisible({ timeout: 5_000 });
  await restore.click();
  await expect(screen).toContainText("Understood: 2 so far.", { timeout: 60_000 });
  await say("which lamps were they", "Understood: 3 so far.");
  const said = endpoint.asked.at(-1)!.messages.map((message) => message.text).join("\n");
  expect(said).toContain("remember the green lamp");
  expect(said).toContain("and the red one");

  // Sleep and waking do the same; a new conversation knows nothing of it.
  await maestro.cli("agent", "hibernate", "keeper");
  await expect(page.locator(".agent-head")).toContainText("Hibernated");
  await maestro.cli("agent", "wake", "keeper");
  await expect(screen).toContainText("which lamps were they", { timeout: 60_000 });
  await maestro.cli("agent", "restart", "keeper", "--fresh");
  await expect(screen).not.toContainText("which lamps were they", { timeout: 60_000 });
  await expect(screen).toContainText("?", { timeout: 60_000 });
  await say("hello again", "Understood: 1 so far.");
});
