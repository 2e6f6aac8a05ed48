/**
 * A file on its way to the agent: piece by piece, in constant memory, over as many connections as
 * it takes. What was not acknowledged is kept, so that a new connection gets the very same octets.
 *
 * @module signet/upload
 */

import { SignetError } from "./errors.js";
import { fromHex } from "./octets.js";
import { malformed, readUpload } from "./replies.js";
import { Sha256 } from "./sha256.js";

/** Octets of a frame before its piece: the upload's id and the offset. */
const HEAD = 24;

/** A connection that is lost again and again without an octet between is given up. */
const MOST_LOSSES = 5;

/** How long to wait before the next attempt: an agent that is restarted takes about so long. */
const PAUSE_MS = 1_000;

/** What a lost connection looks like, and what stands at its port while the agent restarts. */
const PASSING = new Set(["client.connection_lost", "client.unreachable"]);

/** One file, read once from its beginning to its end. */
export class Upload {
  #file;
  #open;
  #hash = new Sha256();
  #unacknowledged = [];
  #read = 0;
  #received = 0;

  /**
   * @param {Blob} file
   * @param {() => Promise<import("./conversation.js").Conversation>} open return an open
   *   conversation, a new one where the last was lost
   */
  constructor(file, open) {
    this.#file = file;
    this.#open = open;
  }

  /** Send everything; return the upload's id and the digest of the octets that were read. */
  async run({ signal, onUpload }) {
    let id;
    for (let losses = 0; ; losses += 1) {
      const before = this.#received;
      try {
        const conversation = await this.#open();
        const params = { size: this.#file.size, resume: id };
        const begun = await conversation.call("upload", params, { signal }, readUpload);
        id = begun.upload;
        await this.#sendOver(conversation, begun, { signal, onUpload });
        return { upload: id, digest: this.#hash.digest() };
      } catch (error) {
        if (this.#received > before) losses = 0;
        if (!PASSING.has(error.code) || losses === MOST_LOSSES) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  async #sendOver(conversation, { upload, received, piece, window }, { signal, onUpload }) {
    let ended;
    let wake = () => {};
    const hear = (news) => {
      ended ??= news instanceof SignetError ? news : this.#acknowledge(news);
      if (!ended && onUpload) queueMicrotask(() => onUpload(news, this.#file.size));
      wake();
    };
    const cancel = () => hear(new SignetError("page.cancelled", { cause: signal.reason }));
    const stop = conversation.watchUpload(upload, hear);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      // The signal may have come with the answer, before anybody listened here.
      if (signal?.aborted) cancel();
      else hear(received);
      if (ended) throw ended;
      for (const kept of this.#unacknowledged) conversation.sendPiece(frame(upload, kept));
      while (this.#received < this.#file.size) {
        const isAllowed = this.#read + piece - this.#received <= window;
        if (isAllowed && this.#read < this.#file.size) {
          const next = await this.#readPiece(piece);
          if (!ended) conversation.sendPiece(frame(upload, next));
        } else await new Promise((resolve) => (wake = resolve));
        if (ended) throw ended;
      }
    } finally {
      stop();
      signal?.removeEventListener("abort", cancel);
    }
  }

  /**
   * Let go what the agent has. It cannot have less than it said before, or more than it got: then
   * the error is returned.
   */
  #acknowledge(received) {
    if (received < this.#received || received > this.#read) {
      return malformed(`${received} octets received`);
    }
    this.#received = received;
    const isMissing = ({ offset, octets }) => offset + octets.length > received;
    this.#unacknowledged = this.#unacknowledged.filter(isMissing);
    const [first] = this.#unacknowledged;
    if (first && first.offset < received) {
      first.octets = first.octets.subarray(received - first.offset);
      first.offset = received;
    }
    return undefined;
  }

  /** Read on; a file that is shorter than it was, or that the browser calls changed, is refused. */
  async #readPiece(length) {
    const offset = this.#read;
    const end = Math.min(offset + length, this.#file.size);
    const octets = await readOctets(this.#file.slice(offset, end));
    if (octets.length !== end - offset) throw new SignetError("client.file_changed");
    this.#hash.update(octets);
    this.#read = end;
    const kept = { offset, octets };
    this.#unacknowledged.push(kept);
    return kept;
  }
}

async function readOctets(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new SignetError("client.file_changed", { cause });
  }
}

function frame(upload, { offset, octets }) {
  const made = new Uint8Array(HEAD + octets.length);
  made.set(fromHex(upload));
  new DataView(made.buffer).setBigUint64(16, BigInt(offset));
  made.set(octets, HEAD);
  return made;
}
