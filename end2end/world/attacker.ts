// A web site of somebody else: its server on this machine, and what its pages try.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server of somebody else's, which remembers who came. */
export class Elsewhere {
  /** Method and address of each request, sockets too. */
  readonly visits: string[] = [];
  /** The server forgets them once they are upgraded. */
  private readonly sockets: Socket[] = [];

  private constructor(private readonly server: Server) {}

  /** A `careless` one lets every page do everything, as servers for developers often do. */
  static async start({ careless = false } = {}): Promise<Elsewhere> {
    const server = createServer();
    const elsewhere = new Elsewhere(server);
    server.on("request", (request, response) => {
      elsewhere.note(request.method, request.url);
      if (careless) allow(request, response);
      response.setHeader("content-type", kindOf(request));
      response.end("<!doctype html><title>elsewhere</title><h1>elsewhere</h1>maestro");
    });
    server.on("upgrade", (request, socket: Socket) => {
      elsewhere.note("SOCKET", request.url);
      elsewhere.sockets.push(socket);
      if (careless) socket.write(welcome(request));
      else socket.destroy();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return elsewhere;
  }

  /** Its address under a name that leads to this machine. */
  origin(host = "127.0.0.1"): string {
    return `http://${host}:${this.port}`;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private note(method = "", url = ""): void {
    // The browser asks for it by itself.
    if (url !== "/favicon.ico") this.visits.push(`${method} ${url}`);
  }
}

function allow({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", headers.origin ?? "*");
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE");
  response.setHeader("access-control-allow-headers", "content-type");
}

/** What the browser asks for, so that it takes the answer for that. */
function kindOf({ headers }: IncomingMessage): string {
  if (headers.accept?.includes("event-stream")) return "text/event-stream";
  const kinds: Record<string, string> = { script: "text/javascript", style: "text/css" };
  return kinds[String(headers["sec-fetch-dest"])] ?? "text/html";
}

function welcome({ headers }: IncomingMessage): string {
  const key = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  const asked = headers["sec-websocket-protocol"];
  const protocol = asked ? `Sec-WebSocket-Protocol: ${asked}\r\n` : "";
  return `HTTP/1.1 101 Welcome\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n`;
}

/** A route of the server under attack, with everything in its address filled in. */
export type Target = { method: string; path: string };

/**
 * Tries every way out of a page on every route; returns what it could read or open. Runs in the
 * page, so it may use nothing from outside.
 */
export async function attack({ origin, targets }: { origin: string; targets: Target[] }): Promise<string[]> {
  const gained: string[] = [];
  const bodies: [string, string][] = [
    ["text/plain", JSON.stringify({ name: "stolen", program: "sh", folder: "/", role: "owner" })],
    ["application/x-www-form-urlencoded", "name=stolen&program=sh&folder=/&role=owner"],
    ["application/json", JSON.stringify({ name: "stolen", program: "sh", folder: "/", role: "owner" })],
  ];
  // Some attempts are dropped by the browser without an event.
  const soon = <T>(promise: Promise<T>, otherwise: T) =>
    Promise.race([promise, new Promise<T>((resolve) => setTimeout(resolve, 5_000, otherwise))]);

  for (const { method, path } of targets) {
    const safe = method === "GET";
    for (const [type, body] of safe ? [["text/plain", ""]] : bodies) {
      for (const mode of ["cors", "no-cors"] as const) {
        const simple = ["GET", "POST"].includes(method) && type !== "application/json";
        if (mode === "no-cors" && !simple) continue;
        const init: RequestInit = { method, mode, credentials: "include", headers: { "content-type": type } };
        if (!safe) init.body = body;
        const answer = await fetch(origin + path, init).catch(() => null);
        if (answer?.ok) gained.push(`fetch ${mode} ${type} ${method} ${path}`);
        if (answer && answer.type !== "opaque" && (await answer.text()).includes("maestro")) {
          gained.push(`text of ${method} ${path}`);
        }
      }
    }
    if (!safe) navigator.sendBeacon(origin + path, bodies[1][1]);
  }

  const socketOrigin = origin.replace("http", "ws");
  for (const protocols of [[], ["maestro-term.1"]]) {
    const opened = await soon(
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(`${socketOrigin}/ws`, protocols);
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      }),
      false,
    );
    if (opened) gained.push(`WebSocket ${protocols}`);
  }

  const stream = await soon(
    new Promise<boolean>((resolve) => {
      const source = new EventSource(`${origin}/api/agents`, { withCredentials: true });
      const end = (opened: boolean) => {
        source.close();
        resolve(opened);
      };
      source.onopen = () => end(true);
      source.onerror = () => end(false);
    }),
    false,
  );
  if (stream) gained.push("EventSource");

  const parts: [string, Record<string, string>][] = [
    ["img", { src: `${origin}/icon.svg` }],
    ["img", { src: `${origin}/icon.svg`, crossorigin: "use-credentials" }],
    ["script", { src: `${origin}/pkg/maestro.js` }],
    ["script", { src: `${origin}/api/agents` }],
    ["script", { src: `${origin}/pkg/maestro.js`, type: "module" }],
    ["link", { href: `${origin}/pkg/maestro.css`, rel: "stylesheet" }],
    ["link", { href: `${origin}/pkg/maestro.wasm`, rel: "preload", as: "fetch", crossorigin: "use-credentials" }],
    ["object", { data: `${origin}/` }],
    ["embed", { src: `${origin}/icon.svg` }],
    ["video", { src: `${origin}/icon.svg` }],
  ];
  for (const [tag, attributes] of parts) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    const loaded = await soon(
      new Promise<boolean>((resolve) => {
        element.onload = () => resolve(true);
        element.onerror = () => resolve(false);
        document.body.append(element);
      }),
      false,
    );
    // Some browsers fire `load` for an embedded error page; only a document inside is a gain.
    const embedded = element as HTMLObjectElement;
    const opaque = tag === "object" || tag === "embed";
    if (loaded && (!opaque || read(() => embedded.contentDocument?.body.textContent))) {
      gained.push(`${tag} ${Object.values(attributes)[0]}`);
    }
  }

  const frame = document.createElement("iframe");
  frame.name = "sink";
  document.body.append(frame);
  for (const path of ["/", "/login", "/pair", "/a/x", "/access"]) {
    await soon(
      new Promise<void>((resolve) => {
        frame.onload = () => resolve();
        frame.src = origin + path;
      }),
      undefined,
    );
    const text = read(() => frame.contentDocument?.body.textContent);
    if (text && /Maestro/.test(text)) gained.push(`iframe ${path}`);
    if (frame.contentWindow!.length > 0) gained.push(`frames in ${path}`);
  }

  const encodings = ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"];
  for (const [number, { method, path }] of targets.filter((target) => target.method === "POST").entries()) {
    const enctype = encodings[number % encodings.length];
    const form = document.createElement("form");
    Object.assign(form, { method, action: origin + path, enctype, target: "sink" });
    form.innerHTML = '<input name="name" value="stolen"><input name="program" value="sh"><input name="folder" value="/">';
    document.body.append(form);
    await soon(
      new Promise<void>((resolve) => {
        frame.onload = () => resolve();
        form.submit();
      }),
      undefined,
    );
    if (read(() => frame.contentDocument?.body.textContent)) gained.push(`form ${enctype} ${path}`);
    form.remove();
  }
  return gained;

  function read(what: () => string | null | undefined): string | null | undefined {
    try {
      return what();
    } catch {
      return null;
    }
  }
}
