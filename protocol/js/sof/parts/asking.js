/**
 * How the functions reach the agent: waiting for it with the page's client, or blocking the page.
 */

import { SofError } from "./faults.js";
import { fromBase64, toBase64 } from "./spelling.js";

/** Run a function's steps with an agent that answers later. */
export async function wait(steps, agent) {
  let step = steps.next();
  while (!step.done) step = steps.next(await agent.ask(step.value));
  return step.value;
}

/** Run a function's steps with an agent that answers at once, while the page stands still. */
export function block(steps, agent) {
  let step = steps.next();
  while (!step.done) step = steps.next(agent.ask(step.value));
  return step.value;
}

/** The page's client, connected at the first call and again when the connection was lost. */
export class WaitingAgent {
  #connect;
  #client;

  /** @param {() => Promise<object>} connect returns the connected client of signet.js */
  constructor(connect) {
    this.#connect = connect;
  }

  /** Return the agent's result. */
  async ask({ method, params }) {
    if (!this.#client?.connected) this.#client = await this.#connect();
    const client = this.#client;
    // The second is the name that the first clients gave it.
    const choose = client.chooseCertificate ?? client.choose;
    if (method === "choose") return choose.call(client, params);
    if (method === "sign") {
      const { document, ...options } = params;
      return client.sign(document, options);
    }
    const { envelope, ...options } = params;
    return client.decrypt(envelope, options);
  }
}

/** Whether every frame around a page is of its own site, as in the framesets of old portals. */
export function isWithinOwnSite(page) {
  try {
    for (let each = page; each !== each.parent; each = each.parent) {
      if (each.parent.location.origin !== page.location.origin) return false;
    }
    return true;
  } catch {
    return false; // Another site's location cannot be read.
  }
}

/** Where the blocking way keeps the port that answered last. */
const STORAGE_KEY = "signet.sof.port";

/**
 * One blocking POST for each call (PROTOCOL.md, section 8). The browser itself asks for leave
 * first. Nothing of the page moves until the person has answered in the agent's window.
 */
export class BlockingAgent {
  #page;
  #ports;
  #answered;
  #sentences;

  /**
   * @param {Window} page its XMLHttpRequest and storage are used
   * @param {number[]} ports where the agent may answer
   * @param {(code: string) => object | undefined} sentences the client's words for the person
   */
  constructor(page, ports, sentences) {
    this.#page = page;
    this.#ports = ports;
    this.#sentences = sentences;
  }

  /** Return the agent's result. */
  ask({ method, params }) {
    if (!isWithinOwnSite(this.#page)) this.#refuse("client.framed");
    const request = { jsonrpc: "2.0", id: 1, method, params: onTheWire(method, params) };
    const text = JSON.stringify(request);
    for (const port of this.#inOrder()) {
      const reply = this.#post(port, text);
      if (reply) {
        this.#remember(port);
        return this.#read(method, reply);
      }
      if (port === this.#answered) {
        // It may have asked the person; asking again elsewhere would be a second window.
        this.#answered = undefined;
        this.#refuse("client.connection_lost");
      }
    }
    return this.#refuse("client.unreachable");
  }

  #post(port, text) {
    const request = new this.#page.XMLHttpRequest();
    try {
      request.open("POST", `https://localhost:${port}/v1`, false);
      request.setRequestHeader("Content-Type", "application/json");
      request.setRequestHeader("X-Signet", "1");
      request.send(text);
      const reply = JSON.parse(request.responseText);
      const isOurs = reply?.jsonrpc === "2.0" && Number.isSafeInteger(reply.audit?.seq);
      return isOurs ? reply : undefined;
    } catch {
      return undefined; // Nobody, or another program: a page cannot tell them apart.
    }
  }

  #read(method, { result, error }) {
    if (typeof error?.data?.code === "string") this.#refuse(error.data.code, error.message);
    const isWhole = RESULTS[method].every((name) => typeof result?.[name] === "string");
    if (!isWhole) this.#refuse("client.malformed_reply");
    if (method !== "decrypt") return result;
    return { content: result.content === "" ? new Uint8Array() : fromBase64(result.content) };
  }

  #refuse(code, message) {
    throw new SofError(code, { message, tell: this.#sentences(code) });
  }

  #inOrder() {
    const last = this.#answered ?? Number(recall(this.#page));
    if (!this.#ports.includes(last)) return this.#ports;
    return [last, ...this.#ports.filter((port) => port !== last)];
  }

  #remember(port) {
    this.#answered = port;
    try {
      this.#page.localStorage.setItem(STORAGE_KEY, String(port));
    } catch {
      // Storage may be switched off; then every visit begins at the first port.
    }
  }
}

const RESULTS = {
  choose: ["certificate", "fingerprint"],
  sign: ["signature", "certificate"],
  decrypt: ["content", "certificate"],
};

function onTheWire(method, { document, mediaType, envelope, ...others }) {
  if (method === "sign") return { document: toBase64(document), media_type: mediaType, ...others };
  if (method === "decrypt") return { envelope: toBase64(envelope), ...others };
  return others;
}

function recall(page) {
  try {
    return page.localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
