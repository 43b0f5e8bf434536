// A page of somebody else in the owner's own browser: nothing it sends has an effect, nothing that
// comes back can be read. From another port of this machine, and under a name that was rebound.
import { readFile } from "node:fs/promises";

import { expect, type Page, test as anonymous } from "@playwright/test";

import { attack, Elsewhere, type Target } from "../../world/attacker.js";
import { logIn, Maestro } from "../../world/test.js";

type World = { maestro: Maestro; elsewhere: Elsewhere; agent: string };

const test = anonymous.extend<World>({
  maestro: async ({}, use) => {
    const maestro = await Maestro.start();
    await use(maestro);
    await maestro.remove();
  },
  elsewhere: async ({}, use) => {
    const elsewhere = await Elsewhere.start();
    await use(elsewhere);
    await elsewhere.stop();
  },
  agent: async ({ maestro, page }, use) => {
    const agent = await maestro.script("victim", "stty -echo; echo untouched; exec cat");
    await logIn(page, maestro);
    await use(agent);
  },
});

/** Each route of the matrix, with the ids of this agent. */
async function targets(agent: string): Promise<Target[]> {
  const table = await readFile("../server/src/access/matrix.txt", "utf8");
  const rows = table.split("\n").map((line) => line.split(/\s+/));
  const routes = rows.filter(([method, path]) => /^(GET|POST|PUT|PATCH|DELETE)$/.test(method) && path.startsWith("/"));
  expect(routes.length).toBeGreaterThan(50);
  return routes.map(([method, path]) => ({
    method,
    path: path.replace(/\{(id|agent)\}/, agent).replace("{tab}", "settings").replace(/\{\*?\w+\}/, "maestro.js"),
  }));
}

/** All that an attack could have changed, as the owner sees it. */
async function state(maestro: Maestro, agent: string): Promise<unknown> {
  const facts = [];
  for (const words of [["agent", "list"], ["trash", "list"], ["terminal", "list", agent], ["backup", "list"]]) {
    facts.push(JSON.parse(await maestro.cli(...words, "--json")).data);
  }
  facts.push(await maestro.cli("agent", "output", agent));
  return facts;
}

/** Runs every attack from a page of this address against this origin. */
async function expectNothing(world: World & { page: Page }, from: string, origin: string) {
  const { page, maestro, agent } = world;
  const before = await state(maestro, agent);
  await page.goto(from);
  const gained = await page.evaluate(attack, { origin, targets: await targets(agent) });
  expect(gained, `${from} against ${origin}`).toEqual([]);
  expect(await state(maestro, agent)).toEqual(before);
}

anonymous("the attack finds a server that lets everybody in", async ({ page }) => {
  const [elsewhere, careless] = [await Elsewhere.start(), await Elsewhere.start({ careless: true })];
  await page.goto(elsewhere.origin());
  const targets = ["GET", "POST", "PUT", "DELETE"].map((method) => ({ method, path: "/api/agents" }));
  const gained = await page.evaluate(attack, { origin: careless.origin(), targets });
  for (const means of ["fetch", "text", "WebSocket", "EventSource", "script", "link"]) {
    expect(gained.filter((entry) => entry.startsWith(means)), means).not.toEqual([]);
  }
  // What a page cannot read still has its effect: a form and a beacon arrive.
  const posts = careless.visits.filter((visit) => visit === "POST /api/agents");
  expect(posts.length).toBeGreaterThan(5);
  await elsewhere.stop();
  await careless.stop();
});

// The same site as Maestro, since sites do not tell ports apart, and another one.
for (const host of ["127.0.0.1", "evil.test"]) {
  test(`a page of ${host} on another port gains nothing`, async ({ page, maestro, elsewhere, agent }) => {
    await expectNothing({ page, maestro, elsewhere, agent }, elsewhere.origin(host), maestro.origin);
  });
}

test("a rebound name gains nothing, even from its own page", async ({ page, maestro, elsewhere, agent }) => {
  const rebound = maestro.origin.replace("127.0.0.1", "evil.test");
  for (const { path } of (await targets(agent)).filter(({ method }) => method === "GET")) {
    const answer = await page.goto(rebound + path);
    expect(answer?.status(), path).toBe(421);
    expect(await answer?.text(), path).not.toContain("evil.test");
  }
  // From a page of the rebound name itself the browser lets everything through: to it, this is
  // one origin. What counts is that the server does not take part.
  await expectNothing({ page, maestro, elsewhere, agent }, `${rebound}/`, rebound);
});

test("a form that leads to Maestro changes nothing, and a window that it opens is out of reach", async ({
  page,
  maestro,
  elsewhere,
  agent,
}) => {
  const before = await state(maestro, agent);
  for (const path of ["/api/agents", `/api/agents/${agent}/hibernate`, "/api/login-links", "/fn/agents/trash", "/api/logout"]) {
    await page.goto(elsewhere.origin());
    const [answer] = await Promise.all([
      page.waitForNavigation({ url: maestro.origin + path }),
      page.evaluate((action) => {
        document.body.innerHTML = `<form method="post" action="${action}"><input name="name" value="stolen"></form>`;
        document.forms[0].submit();
      }, maestro.origin + path),
    ]);
    expect(answer?.status(), path).toBe(403);
  }
  expect(await state(maestro, agent)).toEqual(before);

  await page.goto(elsewhere.origin());
  const [popup] = await Promise.all([
    page.waitForEvent("popup"),
    page.evaluate((address) => void Object.assign(window, { opened: window.open(address) }), `${maestro.origin}/`),
  ]);
  await popup.waitForLoadState();
  const reached = await page.evaluate(() => {
    const { opened } = window as unknown as { opened: Window };
    try {
      return opened.document.title || opened.length;
    } catch {
      return opened.closed ? "severed" : "another origin";
    }
  });
  expect(["severed", "another origin"]).toContain(reached);
  expect(await popup.evaluate(() => window.opener)).toBeNull();
});
