/**
 * The page's client of the agent: finds it, asks it, and says in plain words what went wrong.
 *
 * PROTOCOL.md is the authority for what goes over the wire, docs/page-developer.md shows the use,
 * signet.d.ts has the types. No dependencies: copy this folder next to your own scripts.
 *
 * @module signet
 */

import { SignetError } from "./errors.js";
import { sha256, toBase64, toHex, toOctets } from "./octets.js";
import { findThroughPermission } from "./permission.js";
import { readChoice, readLogin, readSignature } from "./replies.js";

export { ERRORS, SignetError } from "./errors.js";
export { VERSION } from "./replies.js";

/** An open conversation with the agent. */
export class Signet {
  #conversation;

  /** Pages call `Signet.connect` instead. */
  constructor(conversation) {
    this.#conversation = conversation;
  }

  /**
   * Find the agent and greet it. Call this from a click: the browser may ask the person first.
   *
   * @param {import("./signet.js").ConnectOptions} [options]
   * @returns {Promise<Signet>}
   * @throws {SignetError}
   */
  static async connect(options = {}) {
    refuseUnsuitablePage(options.allowFramed ?? false);
    return new Signet(await findThroughPermission(options));
  }

  /** What the agent said of itself when it was greeted. */
  get capabilities() {
    return this.#conversation.capabilities;
  }

  /** Whether calls can still be made. */
  get connected() {
    return this.#conversation.isOpen;
  }

  /**
   * Log the person in: the agent signs your origin and the nonce. Your server validates the token.
   *
   * @param {string} nonce base64 of at least 32 random octets from your server, for one use
   * @param {import("./signet.js").CallOptions} [options]
   * @returns {Promise<import("./signet.js").LoginResult>}
   * @throws {SignetError}
   */
  async login(nonce, options = {}) {
    return this.#conversation.call("login", { nonce }, options, readLogin);
  }

  /**
   * Let the person choose a certificate and show it to you; nothing is signed.
   *
   * @param {import("./signet.js").ChooseOptions} [options]
   * @returns {Promise<import("./signet.js").ChooseResult>}
   * @throws {SignetError}
   */
  async choose({ purpose, ...options } = {}) {
    return this.#conversation.call("choose", { purpose }, options, readChoice);
  }

  /**
   * Have one document signed, after the person has read it in the agent's window.
   *
   * @param {Uint8Array | ArrayBuffer | string} document text means UTF-8
   * @param {import("./signet.js").SignOptions} options
   * @returns {Promise<import("./signet.js").SignResult>}
   * @throws {SignetError}
   */
  async sign(document, { mediaType, format, packaging, certificate, ...options }) {
    const octets = toOctets(document);
    if (octets.length > this.capabilities.limits.document) {
      throw new SignetError("page.too_large", { message: `${octets.length} octets` });
    }
    const digest = toHex(await sha256(octets));
    const content = { document: toBase64(octets), media_type: mediaType };
    const params = { ...content, format, packaging, certificate };
    return this.#conversation.call("sign", params, options, (result) =>
      readSignature(result, digest),
    );
  }

  /** Hang up. Calls under way end as `page.cancelled`, and the agent closes its window. */
  close() {
    this.#conversation.end(new SignetError("page.cancelled"));
  }
}

/**
 * The code by which the person compares page and window: the first eight octets of the document's
 * SHA-256 as a number, its last sixteen digits, four by four.
 *
 * @param {Uint8Array | ArrayBuffer | string} document the octets to be signed; text means UTF-8
 * @returns {Promise<string>} such as "4718 0926 5530 8841"
 */
export async function comparisonCode(document) {
  const digest = await sha256(toOctets(document));
  const number = BigInt(`0x${toHex(digest.subarray(0, 8))}`) % 10n ** 16n;
  return String(number)
    .padStart(16, "0")
    .replace(/\d{4}(?=\d)/g, "$& ");
}

/** The agent serves https pages, and in a frame the person cannot see whose page it is. */
function refuseUnsuitablePage(allowFramed) {
  const page = globalThis;
  if (page.location && page.location.protocol !== "https:") {
    throw new SignetError("client.insecure_page");
  }
  if (!allowFramed && page.top !== page.self) throw new SignetError("client.framed");
}
