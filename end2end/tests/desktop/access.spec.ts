// A real browser as the attacker's tool: other ports, other names, used links.
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { test as anonymous } from "@playwright/test";

import { expect, expectAccessible, live, logIn, Maestro, test } from "../../world/test.js";

test("a login link works once", async ({ page, maestro, browser }) => {
  const link = await maestro.loginLink();
  const first = await (await browser.newContext()).newPage();
  await first.goto(link);
  await first.waitForURL(`${maestro.origin}/`);
  const second = await (await browser.newContext()).newPage();
  await second.goto(link);
  await expect(second.getByRole("alert")).toContainText("maestro login-link");
  expect(second.url()).toBe(`${maestro.origin}/login`);
  await expectAccessible(second);
  await first.context().close();
  await second.context().close();
  await live(page);
});

test("a link can be pasted, and nonsense is refused with a sentence", async ({ page, maestro, browser }) => {
  const other = await (await browser.newContext()).newPage();
  await other.goto(maestro.origin);
  expect(other.url()).toBe(`${maestro.origin}/login`);
  await other.getByLabel("Login link").fill("nonsense");
  await other.getByRole("button", { name: "Log in" }).click();
  await expect(other.getByRole("alert")).toContainText("That is not a login link");
  await other.getByLabel("Login link").fill(await maestro.loginLink());
  await other.getByRole("button", { name: "Log in" }).click();
  await live(other);
  await other.context().close();
  await live(page);
});

anonymous("a page on another port gets nothing, with the owner's cookie in the same browser", async ({ page }) => {
  const maestro = await Maestro.start();
  const elsewhere = await serve("<!doctype html><title>elsewhere</title><h1>elsewhere</h1>");
  try {
    await logIn(page, maestro);
    await page.goto(elsewhere.address);
    const gained = await page.evaluate(attack, maestro.origin);
    expect(gained).toEqual([]);
    expect(JSON.parse(await maestro.cli("agent", "list", "--json")).data).toEqual([]);
  } finally {
    elsewhere.server.close();
    await maestro.remove();
  }
});

anonymous("a foreign name that points to this machine gets nothing", async ({ page }) => {
  const maestro = await Maestro.start();
  try {
    await logIn(page, maestro);
    const rebound = maestro.origin.replace("127.0.0.1", "evil.test");
    for (const path of ["/", "/login", "/healthz", "/api/agents", "/pkg/maestro.js"]) {
      const answer = await page.goto(rebound + path);
      expect(answer?.status(), path).toBe(421);
    }
    const gained = await page.evaluate(attack, rebound);
    expect(gained).toEqual([]);
  } finally {
    await maestro.remove();
  }
});

/** Tries everything a page can; returns what it learned or opened. Runs in the page. */
async function attack(origin: string): Promise<string[]> {
  const gained: string[] = [];
  const body = JSON.stringify({ name: "stolen", program: "sh", folder: "/" });
  for (const path of ["/", "/api/agents", "/fn/agents/list", "/fn/agents/create", "/healthz"]) {
    for (const method of ["GET", "POST"]) {
      for (const credentials of ["include", "omit"] as const) {
        const type = "text/plain";
        const init = { method, credentials, body: method === "POST" ? body : undefined, headers: { "content-type": type } };
        const answer = await fetch(origin + path, init).catch(() => null);
        if (answer?.ok) gained.push(`${method} ${path}`);
      }
    }
  }
  const socket = await new Promise<string>((resolve) => {
    const ws = new WebSocket(origin.replace("http", "ws") + "/ws", "maestro-term.1");
    ws.onopen = () => resolve("open");
    ws.onerror = () => resolve("refused");
  });
  if (socket === "open") gained.push("WebSocket");
  for (const tag of ["img", "script", "iframe"] as const) {
    const outcome = await new Promise<string>((resolve) => {
      const element = document.createElement(tag);
      element.onload = () => resolve("loaded");
      element.onerror = () => resolve("refused");
      element.src = `${origin}/${tag === "script" ? "pkg/maestro.js" : "icon.svg"}`;
      document.body.append(element);
      // A frame that is refused still fires load; what counts is whether its content is there.
      if (tag === "iframe") element.onload = () => resolve(tryRead(element as HTMLIFrameElement));
    });
    if (outcome === "loaded") gained.push(tag);
  }
  return gained;

  function tryRead(frame: HTMLIFrameElement): string {
    try {
      return frame.contentDocument?.body.textContent?.includes("Maestro") ? "loaded" : "refused";
    } catch {
      return "refused";
    }
  }
}

async function serve(html: string): Promise<{ server: Server; address: string }> {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
