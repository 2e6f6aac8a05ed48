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
import { readBatch, readChoice, readContent, readLogin, readSignature } from "./replies.js";
import { Upload } from "./upload.js";

export { ERRORS, SignetError } from "./errors.js";
export { VERSION } from "./replies.js";

/** What opens Signet's own diagnosis on the person's computer, for a link beside `tell`. */
export const DOCTOR_LINK = "signet:doctor";

/** The largest file that an agent takes. */
const MOST_FILE_OCTETS = 2 ** 32;

/** The agent, found: a conversation, and a new one for the next call where it was lost. */
export class Signet {
  #conversation;
  #options;
  #opening;
  #isClosed = false;

  /** Pages call `Signet.connect` instead. */
  constructor(conversation, options) {
    this.#conversation = conversation;
    this.#options = options;
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
    const { signal, ...lasting } = options;
    return new Signet(await findThroughPermission(options), lasting);
  }

  /** What the agent said of itself when it was greeted. */
  get capabilities() {
    return this.#conversation.capabilities;
  }

  /** Whether the connection stands; where it does not, the next call makes another. */
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
    return this.#call("login", { nonce }, options, readLogin);
  }

  /**
   * Let the person choose a certificate and show it to you; nothing is signed.
   *
   * @param {import("./signet.js").ChooseOptions} [options]
   * @returns {Promise<import("./signet.js").ChooseResult>}
   * @throws {SignetError}
   */
  async chooseCertificate({ purpose, ...options } = {}) {
    return this.#call("choose", { purpose }, options, readChoice);
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
    const [content, digest] = await this.#spell({ document, mediaType });
    const params = { ...content, format, packaging, certificate };
    return this.#call("sign", params, options, (result) => readSignature(result, digest));
  }

  /**
   * Have several documents signed: one window that lists them, one PIN, all or none.
   *
   * @param {readonly import("./signet.js").BatchDocument[]} documents
   * @param {import("./signet.js").BatchOptions} [options]
   * @returns {Promise<import("./signet.js").BatchResult>}
   * @throws {SignetError}
   */
  async signBatch(documents, { format, packaging, certificate, ...options } = {}) {
    const spelt = await Promise.all(documents.map((each) => this.#spell(each)));
    const listed = spelt.map(([content], at) => ({ ...content, name: documents[at].name }));
    const digests = spelt.map(([, digest]) => digest);
    const params = { documents: listed, format, packaging, certificate };
    return this.#call("sign_batch", params, options, (result) => readBatch(result, digests));
  }

  /**
   * Have a file of any size signed, in constant memory. A lost connection does not lose the part
   * that was sent; a file that changes on the way is `client.file_changed`.
   *
   * @param {File | Blob} file
   * @param {import("./signet.js").FileOptions} [options]
   * @returns {Promise<import("./signet.js").SignResult>}
   * @throws {SignetError}
   */
  async signFile(file, { name, mediaType, format, certificate, onUpload, onCode, ...options } = {}) {
    if (file.size > MOST_FILE_OCTETS) {
      throw new SignetError("page.too_large", { message: `${file.size} octets` });
    }
    const uploading = new Upload(file, () => this.#open());
    const { upload, digest } = await uploading.run({ ...options, onUpload });
    onCode?.(spellCode(digest));
    const params = { upload, name: name ?? file.name, media_type: mediaType, format, certificate };
    return this.#call("sign_file", params, options, (result) =>
      readSignature(result, toHex(digest)),
    );
  }

  /**
   * Have an envelope opened that was sealed for the person's encryption certificate.
   *
   * @param {Uint8Array | ArrayBuffer} envelope CMS EnvelopedData in DER
   * @param {import("./signet.js").DecryptOptions} [options]
   * @returns {Promise<import("./signet.js").DecryptResult>}
   * @throws {SignetError}
   */
  async decrypt(envelope, { certificate, ...options } = {}) {
    const params = { envelope: toBase64(this.#measure(new Uint8Array(envelope))), certificate };
    return this.#call("decrypt", params, options, readContent);
  }

  /** Hang up. Calls under way end as `page.cancelled`, and the agent closes its window. */
  close() {
    this.#isClosed = true;
    this.#conversation.end(new SignetError("page.cancelled"));
  }

  /** One call, once: whether one that was lost may be made again, the person and the page decide. */
  async #call(method, params, options, read) {
    const conversation = await this.#open();
    return conversation.call(method, params, options, read);
  }

  /** Return an open conversation. Calls that come together share the attempt to make one. */
  async #open() {
    if (this.#isClosed) throw new SignetError("page.cancelled");
    if (this.#conversation.isOpen) return this.#conversation;
    this.#opening ??= findThroughPermission(this.#options).finally(() => (this.#opening = undefined));
    this.#conversation = await this.#opening;
    if (!this.#isClosed) return this.#conversation;
    this.close();
    throw new SignetError("page.cancelled");
  }

  /** Return a document as the contract spells it, and its digest. */
  async #spell({ document, mediaType }) {
    const octets = this.#measure(toOctets(document));
    const digest = toHex(await sha256(octets));
    return [{ document: toBase64(octets), media_type: mediaType }, digest];
  }

  #measure(octets) {
    if (octets.length > this.capabilities.limits.document) {
      throw new SignetError("page.too_large", { message: `${octets.length} octets` });
    }
    return octets;
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
  return spellCode(await sha256(toOctets(document)));
}

function spellCode(digest) {
  const number = BigInt(`0x${toHex(digest.subarray(0, 8))}`) % 10n ** 16n;
  return String(number)
    .padStart(16, "0")
    .replace(/\d{4}(?=\d)/g, "$& ");
}

/**
 * The agent serves https pages; in a frame the person cannot see whose page it is; and a page that
 * was never clicked has no reason yet to raise the browser's question.
 */
function refuseUnsuitablePage(allowFramed) {
  const page = globalThis;
  if (page.location && page.location.protocol !== "https:") {
    throw new SignetError("client.insecure_page");
  }
  if (!allowFramed && page.top !== page.self) throw new SignetError("client.framed");
  if (page.navigator?.userActivation?.hasBeenActive === false) {
    throw new SignetError("client.click_required");
  }
}
