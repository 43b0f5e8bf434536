// The HTTP API with the command line's token, for what the command line does not take as it is.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Maestro } from "./maestro.js";

/** One request; its status and its data. */
export async function api(
  maestro: Maestro,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; data: any }> {
  const token = await readFile(join(maestro.folder, "home/run/cli-token"), "utf8");
  const headers: Record<string, string> = { authorization: `Bearer ${token.trim()}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(maestro.origin + path, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, data: text ? JSON.parse(text).data : null };
}
