// The real Claude Code in a home of its own, talking to a scripted endpoint.
import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type { Endpoint } from "./endpoint.js";

const KEY = "sk-ant-scripted-endpoint-0123456789";

/** The program that npm unpacked for this machine. */
function binary(): string {
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
  return join(dirname(createRequire(import.meta.url).resolve(`${platform}/package.json`)), "claude");
}

/** Puts `claude` on the PATH of this folder's Maestro, past its first-start questions. */
export async function installClaude(folder: string): Promise<void> {
  await mkdir(join(folder, "bin"), { recursive: true });
  await mkdir(join(folder, "work"), { recursive: true });
  await symlink(binary(), join(folder, "bin", "claude"));
  const work = await realpath(join(folder, "work"));
  const config = {
    hasCompletedOnboarding: true,
    theme: "dark",
    autoUpdates: false,
    customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
    projects: { [work]: { hasTrustDialogAccepted: true, allowedTools: [] } },
  };
  await writeFile(join(folder, ".claude.json"), JSON.stringify(config));
}

/** Variables of the server that agents refer to. */
export function claudeEnvironment(endpoint: Endpoint): Record<string, string> {
  return { SCRIPTED_URL: endpoint.url, SCRIPTED_KEY: KEY, SCRIPTED_QUIET: "1" };
}

/** How `maestro agent create` hands them to the agent. */
export const CLAUDE_ENV = [
  "--env", "ANTHROPIC_BASE_URL=$SCRIPTED_URL",
  "--env", "ANTHROPIC_API_KEY=$SCRIPTED_KEY",
  "--env", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=$SCRIPTED_QUIET",
];
