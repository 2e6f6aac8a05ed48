/**
 * Octets and their spellings.
 *
 * @module signet/octets
 */

import { SignetError } from "./errors.js";

const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** How many arguments one call may safely have. */
const PIECE = 0x8000;

/**
 * Return the octets of a document; text means UTF-8.
 *
 * @param {Uint8Array | ArrayBuffer | string} document
 * @returns {Uint8Array}
 * @throws {SignetError} the text has a lone surrogate, which UTF-8 cannot spell
 */
export function toOctets(document) {
  if (typeof document !== "string") return new Uint8Array(document);
  if (LONE_SURROGATE.test(document)) {
    throw new SignetError("page.document_unsuitable", { message: "a lone surrogate" });
  }
  return new TextEncoder().encode(document);
}

/** Return the SHA-256 digest. */
export async function sha256(octets) {
  return new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", octets));
}

/** Return lower-case hexadecimal digits. */
export function toHex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** Return padded base64 (RFC 4648, section 4). */
export function toBase64(octets) {
  let text = "";
  for (let at = 0; at < octets.length; at += PIECE) {
    text += String.fromCharCode(...octets.subarray(at, at + PIECE));
  }
  return btoa(text);
}

/** Return the octets of padded base64. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Return the octets of pairs of hexadecimal digits. */
export function fromHex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
}
