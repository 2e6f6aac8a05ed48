/**
 * One socket to the agent: requests out, each answer to its call.
 *
 * @module signet/conversation
 */

import { SignetError } from "./errors.js";
import { VERSION, isRecord, malformed, readError, readHello, readReply } from "./replies.js";

const CLIENT_NAME = "signet.js/0.1.0";

/** Octets of a message around its parameters, at most. */
const ENVELOPE = 128;

/** Requests and answers over one open WebSocket. */
export class Conversation {
  #socket;
  #calls = new Map();
  #uploads = new Map();
  #lastId = 0;
  #ended = false;

  /** @param {WebSocket} socket an open one; from now on its events belong to the conversation */
  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.end(new SignetError("client.connection_lost"));
    socket.onerror = () => {}; // close follows, and says as much
  }

  /** Whether calls can still be made. */
  get isOpen() {
    return !this.#ended;
  }

  /** Say which version this client speaks; what the agent answers is `capabilities`. */
  async greet() {
    const params = { version: VERSION, client: CLIENT_NAME };
    this.capabilities = await this.call("hello", params, {}, readHello);
  }

  /**
   * Send a request and return its result as `read` takes it.
   *
   * When `signal` aborts, the agent is asked to cancel. Its answer stays the truth: a call that
   * was signed before the wish came still gives its result.
   */
  call(method, params, { signal, onProgress }, read) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw new SignetError("page.cancelled", { cause: signal.reason });
      if (this.#ended) throw new SignetError("client.connection_lost");
      this.#refuseTooLarge(params);
      const id = this.#send(method, params);
      const cancel = () => this.#send("cancel", { call: id });
      signal?.addEventListener("abort", cancel, { once: true });
      const settle = (outcome) => {
        this.#calls.delete(id);
        signal?.removeEventListener("abort", cancel);
        if (outcome instanceof SignetError) reject(outcome);
        else resolve(outcome);
      };
      this.#calls.set(id, { settle, read, onProgress });
    });
  }

  /** Send one binary frame: a piece of an upload. */
  sendPiece(frame) {
    if (this.#ended) throw new SignetError("client.connection_lost");
    this.#socket.send(frame);
  }

  /** Have `heard` told what the agent received, or the error that ended it; return how to stop. */
  watchUpload(upload, heard) {
    this.#uploads.set(upload, heard);
    return () => this.#uploads.delete(upload);
  }

  /** Hang up; every call under way ends with this error. */
  end(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.close();
    for (const { settle } of [...this.#calls.values()]) settle(error);
    for (const heard of this.#uploads.values()) heard(error);
  }

  /** The agent would hang up on a larger message, and take every other call with it. */
  #refuseTooLarge(params) {
    const most = this.capabilities?.limits.message;
    if (most && new TextEncoder().encode(JSON.stringify(params)).length + ENVELOPE > most) {
      throw new SignetError("page.too_large", { message: `more than ${most} octets` });
    }
  }

  #send(method, params) {
    this.#lastId += 1;
    this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id: this.#lastId, method, params }));
    return this.#lastId;
  }

  #receive(data) {
    const message = parse(data);
    if (!isRecord(message) || message.jsonrpc !== "2.0") {
      this.end(malformed("not a message of the contract"));
    } else if (typeof message.method === "string") {
      this.#note(message);
    } else if ((message.id ?? null) === null) {
      // The agent could not tell which call it refused, so no call can count on an answer.
      this.end(readError(message));
    } else {
      // Nobody waits for the answer to a cancel.
      const call = this.#calls.get(message.id);
      call?.settle(readReply(message, call.read));
    }
  }

  /** Pass on what is known; other notifications come from newer agents and mean nothing here. */
  #note({ method, params }) {
    if (!isRecord(params)) return;
    if (method === "received" && Number.isSafeInteger(params.octets)) {
      this.#uploads.get(params.upload)?.(params.octets);
    }
    if (method !== "progress" || typeof params.state !== "string") return;
    const onProgress = this.#calls.get(params.call)?.onProgress;
    // In a task of its own: what the page throws in there must not end the conversation.
    if (onProgress) queueMicrotask(() => onProgress(params.state));
  }
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
