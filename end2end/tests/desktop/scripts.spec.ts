// Texts that would run as scripts, stored in every field and shown on every page: they are text.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { api } from "../../world/api.js";
import { Elsewhere } from "../../world/attacker.js";
import { sequences, texts } from "../../world/scripts.js";
import { expect, live, type Page, terminalOf, test } from "../../world/test.js";

/** What must stay empty: calls of the planted function, policy violations, dialogs. */
async function watchFor(page: Page): Promise<string[]> {
  const seen: string[] = [];
  await page.exposeFunction("noteScript", (what: string) => void seen.push(what));
  await page.addInitScript(() => {
    const { noteScript } = window as unknown as { noteScript: (what: string) => void };
    Object.assign(window, { xss: () => noteScript("a script ran") });
    document.addEventListener("securitypolicyviolation", (event) => {
      noteScript(`${event.violatedDirective} was violated by ${event.blockedURI}`);
    });
  });
  page.on("dialog", (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  return seen;
}

test("what people type is shown and never run", async ({ page, maestro }) => {
  test.setTimeout(180_000);
  const elsewhere = await Elsewhere.start();
  const corpus = texts(elsewhere.origin());
  const seen = await watchFor(page);
  const outside: string[] = [];
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== maestro.origin) outside.push(request.url());
  });

  const all = corpus.join("\n");
  await writeFile(join(maestro.folder, "output"), sequences(elsewhere.origin()).join("\\n") + "\\n" + "shown\\n");
  const script = 'printf "$(cat ../output)"; cat ../texts; echo all shown; exec cat';
  await writeFile(join(maestro.folder, "texts"), all + "\n");
  const ids: string[] = [];
  for (const [index, text] of corpus.entries()) {
    const whole = {
      name: text.replace(/@/g, "(at)").replace(/^-+/, ""),
      label: text,
      note: all,
      persona: all,
      tags: [text.replaceAll(",", ";").slice(0, 40).trim()],
      program: "sh",
      args: ["-c", index === 0 ? script : "exit 0", text],
      folder: maestro.work,
      start: index < 2,
    };
    const { status, data } = await api(maestro, "POST", "/api/agents", whole);
    expect(status, text).toBe(201);
    ids.push(data.id);
  }
  const { status, data } = await api(maestro, "POST", `/api/agents/${ids[0]}/terminals`, { name: corpus[6] });
  expect(status, JSON.stringify(data)).toBe(201);
  for (const id of ids.slice(-5)) await maestro.cli("agent", "trash", id);

  const pages = ["/", "/trash", "/diagnostics", `/?${new URLSearchParams({ filter: corpus[6], q: corpus[6], sort: corpus[6] })}`];
  for (const id of ids.slice(0, 12)) pages.push(`/a/${id}`, `/a/${id}/history`, `/a/${id}/settings`);
  for (const path of pages) {
    await page.goto(maestro.origin + path);
    await live(page);
    await page.waitForLoadState("networkidle");
  }
  await page.goto(`${maestro.origin}/a/${ids[0]}`);
  await expect(terminalOf(page).screen).toContainText("all shown");
  expect(await page.title()).toContain("Maestro");

  await page.goto(maestro.origin);
  await expect(page.locator("tbody tr")).toHaveCount(corpus.length - 5);
  const shown = await page.locator("tbody").innerText();
  for (const text of corpus.slice(0, 20)) expect(shown).toContain(text);
  expect(seen).toEqual([]);
  expect(outside).toEqual([]);
  expect(elsewhere.visits).toEqual([]);
  await elsewhere.stop();
});

test("the watch finds a script, a violation and a visit", async ({ browser }) => {
  const elsewhere = await Elsewhere.start();
  const page = await browser.newPage();
  const seen = await watchFor(page);
  await page.goto(elsewhere.origin());
  await page.evaluate((address) => {
    document.body.innerHTML = `<img src=x onerror=xss()><img src=${address}/img>`;
  }, elsewhere.origin());
  await expect.poll(() => seen).toEqual(["a script ran"]);
  await expect.poll(() => elsewhere.visits).toContain("GET /img");
  await page.close();
  await elsewhere.stop();
});
