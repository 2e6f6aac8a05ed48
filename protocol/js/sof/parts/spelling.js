/**
 * Text, octets and base64, in the encoding of the page's old middleware.
 */

import { SofError } from "./faults.js";

const LONE_SURROGATE = /[\ud800-\udfff]/u;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** How many arguments one call may safely have. */
const PIECE = 0x8000;

/**
 * What browsers read in the two-octet space of GBK beyond GBK itself: private use, and what
 * GB 18030 added later. Who reads it as GBK would not see what the person saw.
 */
const BEYOND_GBK =
  /[\u01f9\u1e3f\u20ac\u2e80-\u2eff\u2ff0-\u2fff\u303e\u3400-\u4dbf\u9fa6-\u9fff\ue000-\uf8ff\ufe10-\ufe19]/;

/** Character to two octets; browsers read GBK but do not write it, so it is read once backwards. */
let gbkCodes;

/** Return the octets of a text. `charset` is `utf-8` or `gbk`. */
export function encodeText(text, charset) {
  if (typeof text !== "string") throw new SofError("sof.argument", { message: "not a text" });
  if (charset === "gbk") return encodeGbk(text);
  if (LONE_SURROGATE.test(text)) throw new SofError("sof.text");
  return new TextEncoder().encode(text);
}

/** Return the text that octets spell. */
export function decodeText(octets, charset) {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (cause) {
    throw new SofError("sof.text", { cause });
  }
}

function encodeGbk(text) {
  gbkCodes ??= readGbk();
  const octets = [];
  for (const character of text) {
    const code = character < "\x80" ? character.charCodeAt(0) : gbkCodes.get(character);
    if (code === undefined) throw new SofError("sof.text");
    if (code > 0xff) octets.push(code >> 8);
    octets.push(code & 0xff);
  }
  return Uint8Array.from(octets);
}

function readGbk() {
  const decoder = new TextDecoder("gbk", { fatal: true });
  const codes = new Map();
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const character = readPair(decoder, lead, trail);
      if (character && !codes.has(character)) codes.set(character, (lead << 8) | trail);
    }
  }
  return codes;
}

function readPair(decoder, lead, trail) {
  try {
    const character = decoder.decode(Uint8Array.of(lead, trail));
    return character.length === 1 && !BEYOND_GBK.test(character) ? character : undefined;
  } catch {
    return undefined; // Two octets that spell nothing.
  }
}

/** Return padded base64 (RFC 4648, section 4). */
export function toBase64(octets) {
  let text = "";
  for (let at = 0; at < octets.length; at += PIECE) {
    text += String.fromCharCode(...octets.subarray(at, at + PIECE));
  }
  return btoa(text);
}

/** Return the octets of base64, in which old middleware breaks lines. */
export function fromBase64(text) {
  const plain = typeof text === "string" ? text.replace(/[\r\n]/g, "") : "";
  if (plain === "" || !BASE64.test(plain)) {
    throw new SofError("sof.argument", { message: "not base64" });
  }
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}
