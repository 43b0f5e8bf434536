// Where a page connects to is decided by where it came from, never by what its address says.
import { Elsewhere } from "../../world/attacker.js";
import { expect, live, test } from "../../world/test.js";

/** Names under which pages elsewhere took an address from a link. */
const NAMES = [
  "gatewayUrl", "gateway", "server", "serverUrl", "host", "url", "api", "apiUrl", "base", "baseUrl", "backend",
  "endpoint", "ws", "wsUrl", "socket", "connect", "origin", "next", "redirect", "redirect_uri", "return", "returnTo",
];

test("no parameter of a link leads a page elsewhere", async ({ page, maestro }) => {
  const elsewhere = await Elsewhere.start();
  const id = await maestro.script("linked", "exec cat");
  const asked: string[] = [];
  page.on("websocket", (socket) => asked.push(socket.url()));
  page.on("request", (request) => asked.push(request.url()));
  const addresses = [elsewhere.origin(), elsewhere.origin().replace("http", "ws"), `//127.0.0.1:${elsewhere.port}`];
  for (const path of ["/", `/a/${id}`, "/trash", "/diagnostics", "/login"]) {
    for (const address of addresses) {
      const query = NAMES.map((name) => `${name}=${encodeURIComponent(address)}`).join("&");
      for (const link of [`${path}?${query}&token=x`, `${path}?t=1#${query}`]) {
        await page.goto(maestro.origin + link);
        if (path !== "/login") await live(page);
        expect(new URL(page.url()).origin, link).toBe(maestro.origin);
      }
    }
  }
  const foreign = asked.filter((address) => new URL(address).host !== new URL(maestro.origin).host);
  // Pictures in the page itself go nowhere.
  expect(foreign.filter((address) => !/^(data|blob):/.test(address))).toEqual([]);
  expect(asked.filter((address) => address.startsWith("ws")).length).toBeGreaterThan(0);
  expect(elsewhere.visits).toEqual([]);
  await elsewhere.stop();
});

test("a login link leads to Maestro alone, whatever else it says", async ({ page, maestro }) => {
  const elsewhere = await Elsewhere.start();
  const [login, token] = (await maestro.loginLink()).split("#");
  const query = NAMES.map((name) => `${name}=${encodeURIComponent(elsewhere.origin())}`).join("&");
  await page.goto(`${login}?${query}#${token}`);
  await live(page);
  expect(page.url()).toBe(`${maestro.origin}/`);
  expect(elsewhere.visits).toEqual([]);
  await elsewhere.stop();
});
