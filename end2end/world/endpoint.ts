// A scripted LLM endpoint on loopback: real agent programs talk to it instead of a provider.
// It speaks Anthropic Messages as a stream, as far as Claude Code 2.1 uses it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the endpoint answers to one request of the conversation. */
export type Turn =
  | { text: string }
  | { tool: string; input: unknown }
  | { status: number; type: string; message: string }
  | { hang: true };

/** One request that an agent program sent. */
export type Asked = { system: string; messages: { role: string; text: string }[]; tools: string[] };

/** Tokens that each answer claims to have cost. */
export const USAGE = { input_tokens: 1200, output_tokens: 34, cache_creation_input_tokens: 0, cache_read_input_tokens: 800 };

export class Endpoint {
  /** Requests of conversations, oldest first; side errands without tools are answered, not kept. */
  readonly asked: Asked[] = [];
  private number = 0;

  private constructor(
    private readonly server: Server,
    private script: (asked: Asked) => Turn,
  ) {}

  /** Answers every request by the script. */
  static async start(script: (asked: Asked) => Turn): Promise<Endpoint> {
    const server = createServer();
    const endpoint = new Endpoint(server, script);
    server.on("request", (request, response) => void endpoint.answer(request, response));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Another script from now on. */
  follow(script: (asked: Asked) => Turn): void {
    this.script = script;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse((await read(request)) || "{}");
    if (!request.url?.startsWith("/v1/messages")) return json(response, 404, { error: { type: "not_found_error" } });
    if (request.url.includes("count_tokens")) return json(response, 200, { input_tokens: 42 });
    const asked = understand(body);
    const errand = asked.tools.length === 0;
    if (!errand) this.asked.push(asked);
    const turn: Turn = errand ? { text: "ok" } : this.script(asked);
    if ("hang" in turn) return;
    if ("status" in turn) {
      return json(response, turn.status, { type: "error", error: { type: turn.type, message: turn.message } });
    }
    this.number += 1;
    const message = message_of(body.model, this.number);
    if (body.stream) return stream(response, message, turn, this.number);
    json(response, 200, { ...message, content: [block(turn, this.number)], stop_reason: "end_turn" });
  }
}

function understand(body: any): Asked {
  const text = (content: any): string =>
    typeof content === "string" ? content : (content ?? []).map((part: any) => part.text ?? JSON.stringify(part)).join("\n");
  return {
    system: text(body.system),
    messages: (body.messages ?? []).map((message: any) => ({ role: message.role, text: text(message.content) })),
    tools: (body.tools ?? []).map((tool: any) => tool.name),
  };
}

function message_of(model: string, number: number) {
  return { id: `msg_${number}`, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null, usage: USAGE };
}

function block(turn: { text: string } | { tool: string; input: unknown }, number: number) {
  return "text" in turn
    ? { type: "text", text: turn.text }
    : { type: "tool_use", id: `toolu_${number}`, name: turn.tool, input: turn.input };
}

function stream(response: ServerResponse, message: object, turn: { text: string } | { tool: string; input: unknown }, number: number): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (type: string, data: object) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const whole = block(turn, number);
  send("message_start", { message });
  send("content_block_start", { index: 0, content_block: "text" in turn ? { type: "text", text: "" } : { ...whole, input: {} } });
  const delta = "text" in turn
    ? { type: "text_delta", text: turn.text }
    : { type: "input_json_delta", partial_json: JSON.stringify(turn.input) };
  send("content_block_delta", { index: 0, delta });
  send("content_block_stop", { index: 0 });
  send("message_delta", { delta: { stop_reason: "text" in turn ? "end_turn" : "tool_use", stop_sequence: null }, usage: USAGE });
  send("message_stop", {});
  response.end();
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}
