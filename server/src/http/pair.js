// The phone's side of a pairing. Whatever is computed with a secret or a code is computed in the
// WebAssembly module beside this page; here are only its steps.
const meta = (name) => document.querySelector(`meta[name=${name}]`).content;
const byId = (id) => document.getElementById(id);
const instance = meta("maestro-instance");
const [form, code, name, problem] =
  ["pair-form", "pair-code", "pair-name", "pair-error"].map(byId);
const button = form.querySelector("button");
// A device that proved itself may collect its login for a minute after the two of its code.
const LONGEST_MS = 3 * 60_000;

const theme = /(?:^|; )maestro_theme=(dark|light|auto)/.exec(document.cookie)?.[1] ?? "auto";
const light = theme === "light" || (theme === "auto" && matchMedia("(prefers-color-scheme: light)").matches);
document.documentElement.dataset.theme = light ? "light" : "dark";

// The id and the secret of a scanned code; without them a person types the short one.
let scanned = null;

/** An end of the pairing, with its heading and its sentence. */
class End extends Error {
  constructor(title, sentence) {
    super(sentence);
    this.title = title;
  }
}

/** What a person can mend in the form; `field` is where. */
class Mistake extends Error {
  constructor(field, sentence) {
    super(sentence);
    this.field = field;
  }
}

/** Shows one step and says so: its heading gets the focus. */
const show = (step) => {
  for (const section of document.querySelectorAll(".pair-step")) section.hidden = section.id !== step;
  document.querySelector(`#${step} h1`).focus();
};

const complain = (field, sentence) => {
  problem.textContent = sentence;
  problem.hidden = false;
  for (const input of [code, name]) input.toggleAttribute("aria-invalid", false);
  field?.setAttribute("aria-invalid", "true");
  (field ?? button).focus();
};

const ask = (hidden) => {
  for (const part of [code, byId("pair-code-label")]) part.hidden = hidden;
  problem.hidden = true;
  byId("pair-hint").textContent = hidden
    ? "Give this device a name that you know it by, then ask to be let in."
    : "Type the code that Maestro shows on the computer.";
};

const ended = ({ title, message }) => {
  byId("pair-end-title").textContent = title;
  byId("pair-end-text").textContent = message;
  show("pair-end");
};

const over = (sentence) => new End("This pairing is over", sentence);

/** What this device is called as long as nobody says otherwise. */
const guess = () => {
  const agent = navigator.userAgent;
  const touchMac = /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
  if (/iPhone/.test(agent)) return "iPhone";
  if (/iPad/.test(agent) || touchMac) return "iPad";
  if (/Android/.test(agent)) return /Mobile/.test(agent) ? "Android phone" : "Android tablet";
  if (/Macintosh/.test(agent)) return "Mac";
  if (/Windows/.test(agent)) return "Windows computer";
  return /Linux|CrOS/.test(agent) ? "Linux computer" : "Browser";
};

let loading = null;
/** The module, loaded once and again after a failure. */
const computing = () => {
  const script = meta("maestro-pairing");
  const load = async () => {
    const module = await import(script);
    await module.default({ module_or_path: script.replace(/\.js$/, ".wasm") });
    return module;
  };
  loading ??= load().catch(() => {
    loading = null;
    throw new Mistake(null, "This page could not be loaded in full. Check the connection, then try again.");
  });
  return loading;
};

const post = (path, body) =>
  fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** Asks something; an error becomes what a person should hear. */
const answered = async (path, body) => {
  let answer;
  try {
    answer = await (await post(path, body)).json();
  } catch {
    throw new Mistake(null, "Maestro does not answer. Check the connection, then try again.");
  }
  if (answer.success) return answer.data;
  const { code: kind, field, message } = answer.error;
  if (kind === "unauthenticated" && field !== "code") throw over(message);
  throw new Mistake({ code: scanned ? null : code, name }[field] ?? null, message);
};

/** Proves that this device knows the code, or the secret; gives how to wait and what to compare. */
const prove = async (called) => {
  const module = await computing();
  const objection = module.objection(called);
  if (objection) throw new Mistake(name, objection);
  let device;
  let proven;
  if (scanned) {
    device = module.Device.scanned(scanned.secret, instance, called);
    const [nonce, proof] = [device.nonce(), device.proof()];
    proven = await answered("/api/pair", { id: scanned.id, nonce, name: called, proof });
  } else {
    if (!module.code(code.value)) throw new Mistake(code, "A code has eight letters and digits, such as ABCD-EFGH.");
    const exchange = module.Exchange.begin(code.value, instance);
    const [place, message] = [exchange.place(), exchange.message()];
    const started = await answered("/api/pair/start", { place, message });
    device = exchange.finish(started.message, called);
    const [nonce, proof] = [device.nonce(), device.proof()];
    proven = await answered("/api/pair/finish", { exchange: started.exchange, nonce, name: called, proof });
  }
  const fingerprint = device.fingerprint(proven.proof);
  device.free();
  if (!fingerprint) {
    throw new End("This is not your Maestro", "Whoever answers does not know the code. Do not go on; check the address.");
  }
  return { id: proven.id, ticket: proven.ticket, fingerprint };
};

/** Resolves when it makes sense to ask again after a lost connection. */
const later = () =>
  new Promise((resolve) => {
    const again = () => {
      clearTimeout(timer);
      removeEventListener("online", again);
      document.removeEventListener("visibilitychange", again);
      resolve();
    };
    const timer = setTimeout(again, 2_000);
    addEventListener("online", again);
    document.addEventListener("visibilitychange", again);
  });

/** Waits for the owner's word: one question that is held, and asked again when it comes back. */
const decided = async (id, ticket) => {
  const until = Date.now() + LONGEST_MS;
  while (Date.now() < until) {
    let response;
    let answer;
    try {
      response = await post("/api/pair/wait", { id, ticket });
      answer = await response.json();
    } catch {
      await later();
      continue;
    }
    if (response.status === 202) continue;
    if (answer.success) return answer.data;
    if (answer.error.code === "forbidden") throw new End("Not let in", answer.error.message);
    if (answer.error.code === "unauthenticated") throw over(answer.error.message);
    await later();
  }
  throw over("Nobody let this device in. Ask for a new code on the computer.");
};

const pair = async () => {
  button.disabled = true;
  button.textContent = "Connecting…";
  try {
    const { id, ticket, fingerprint } = await prove(name.value.trim());
    const groups = fingerprint.split(" ").map((group) => {
      const part = document.createElement("span");
      part.textContent = group;
      return part;
    });
    byId("pair-digits").replaceChildren(...groups.flatMap((group) => [group, " "]));
    show("pair-compare");
    const login = await decided(id, ticket);
    localStorage.setItem(`maestro-secret:${login.instance}`, login.secret);
    ended({ title: "You are in", message: "This device is paired. Maestro opens now." });
    byId("pair-again").hidden = true;
    location.replace("/");
  } catch (error) {
    if (error instanceof End) ended(error);
    else complain(error.field ?? null, error.message ?? String(error));
  } finally {
    button.disabled = false;
    button.textContent = "Ask to be let in";
  }
};

const plain = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");

// The dash comes by itself, and the caret stays where the person put it.
code.addEventListener("input", () => {
  const before = plain(code.value.slice(0, code.selectionStart)).length;
  const text = plain(code.value).slice(0, 8);
  code.value = text.length > 4 ? `${text.slice(0, 4)}-${text.slice(4)}` : text;
  const caret = Math.min(before > 4 ? before + 1 : before, code.value.length);
  code.setSelectionRange(caret, caret);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!button.disabled) pair();
});

byId("pair-again").addEventListener("click", () => {
  scanned = null;
  code.value = "";
  ask(false);
  show("pair-ask");
  code.focus();
});

const follow = () => {
  const fragment = location.hash;
  if (!fragment) return;
  history.replaceState(null, "", "/pair");
  const [, id, secret] = /^#s=([0-9a-f]{16})\.([0-9a-f]{32})$/.exec(fragment) ?? [];
  if (!id) return complain(code, "This link is incomplete. Scan the code again, or type it here.");
  scanned = { id, secret };
  ask(true);
  show("pair-ask");
  button.focus();
};

name.value = guess();
// A link that is opened in a tab that is here already changes nothing but the fragment.
addEventListener("hashchange", follow);
follow();
// It will be needed: a slow connection has the time until somebody has typed.
computing().catch(() => {});
