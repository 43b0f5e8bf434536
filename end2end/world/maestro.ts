// A Maestro of a test's own: temporary folder, own tmux server, a port that the system chose.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);
type Options = { port?: number; folder?: string; env?: Record<string, string> };
const BINARY = resolve(process.env.MAESTRO_BINARY ?? "../target/debug/maestro");

export class Maestro {
  private constructor(
    readonly folder: string,
    private child: ChildProcess,
    readonly origin: string,
    readonly firstLink: string,
    private readonly env: Record<string, string>,
  ) {}

  /** `env` are variables of the server beside the usual ones. */
  static async start({ port = 0, folder, env = {} }: Options = {}): Promise<Maestro> {
    // Short, since the path of a socket must be.
    folder ??= await mkdtemp("/tmp/mst");
    await mkdir(join(folder, "work"), { recursive: true });
    await mkdir(join(folder, "bin"), { recursive: true });
    const child = spawn(BINARY, ["--home", join(folder, "home"), "--port", String(port)], {
      env: { ...environment(folder), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let log = "";
    child.stderr!.on("data", (bytes) => (log += bytes));
    for await (const line of createInterface({ input: child.stdout! })) {
      const link = /http:\/\/\S+\/login#t=\S+/.exec(line)?.[0];
      if (link) return new Maestro(folder, child, new URL(link).origin, link, env);
    }
    throw new Error(`maestro did not start: ${log}`);
  }

  get work(): string {
    return join(this.folder, "work");
  }

  /** Runs the command line and returns what it prints. */
  async cli(...args: string[]): Promise<string> {
    const home = join(this.folder, "home");
    const { stdout } = await run(BINARY, ["--home", home, ...args], {
      env: environment(this.folder),
      cwd: this.work,
    });
    return stdout;
  }

  async loginLink(): Promise<string> {
    return /http:\S+/.exec(await this.cli("login-link"))![0];
  }

  /** Creates an agent that runs `sh -c SCRIPT` and returns its id. */
  async script(name: string, script: string): Promise<string> {
    const args = ["agent", "create", name, "--program", "sh", "--dir", this.work, "--json"];
    const answer = JSON.parse(await this.cli(...args, "--", "-c", script));
    return answer.data.id;
  }

  /** Puts a shell script on the server's PATH under this name. */
  async program(name: string, script: string): Promise<void> {
    await writeFile(join(this.folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  async deleteAllAgents(): Promise<void> {
    const { data } = JSON.parse(await this.cli("agent", "list", "--json"));
    if (data.length > 0) await this.cli("agent", "trash", ...data.map((agent: { id: string }) => agent.id));
    await this.cli("trash", "empty", "--yes");
  }

  /** Ends the server; its agents go on. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await gone;
  }

  /** Ends the server without a warning. */
  async kill(): Promise<void> {
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await gone;
  }

  /** Ends the tmux server without a warning. */
  async killTmux(): Promise<void> {
    process.kill(Number(await this.tmux("display-message", "-p", "#{pid}")), "SIGKILL");
  }

  /** Process id of an agent's program. */
  async processOf(id: string): Promise<string> {
    return this.tmux("list-panes", "-t", `=${id}`, "-F", "#{pane_pid}");
  }

  private async tmux(...args: string[]): Promise<string> {
    const socket = join(this.folder, "home/run/tmux-0.sock");
    return (await run("tmux", ["-S", socket, ...args])).stdout.trim();
  }

  /** Starts the server again on the same folder and port. */
  async startAgain(): Promise<void> {
    const port = Number(new URL(this.origin).port);
    const again = await Maestro.start({ port, folder: this.folder, env: this.env });
    this.child = again.child;
  }

  /** Ends everything that this Maestro started. */
  async remove(): Promise<void> {
    await this.stop();
    const socket = join(this.folder, "home/run/tmux-0.sock");
    await run("tmux", ["-S", socket, "kill-server"]).catch(() => "no agent was ever started");
    await rm(this.folder, { recursive: true, force: true });
  }
}

function environment(folder: string): NodeJS.ProcessEnv {
  const PATH = `${join(folder, "bin")}:${process.env.PATH}`;
  return { PATH, HOME: folder, LANG: "C.UTF-8", TERM: "xterm-256color", MAESTRO_LOG: "warn" };
}
