/**
 * DER (ITU-T X.690), as much as a certificate needs, and nothing that is not exactly DER.
 *
 * What it reads is shown on a page; trust is the server's business.
 */

import { SofError } from "./faults.js";

/** Lengths of four octets would be gigabytes. */
const MAX_LENGTH_OCTETS = 3;

/** One element: its identifier octet, its content, and all of its octets. */
export class Element {
  constructor(tag, content, octets) {
    this.tag = tag;
    this.content = content;
    this.octets = octets;
  }

  /** The elements within. */
  children() {
    if ((this.tag & 0x20) === 0) refuse("not constructed");
    const found = [];
    for (let at = 0; at < this.content.length; at += found.at(-1).octets.length) {
      found.push(readAt(this.content, at));
    }
    return found;
  }
}

/** Return the one element that these octets are. */
export function readDer(octets) {
  const element = readAt(octets, 0);
  if (element.octets.length !== octets.length) refuse("octets after the end");
  return element;
}

function readAt(octets, at) {
  const tag = octets[at];
  const first = octets[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) refuse("no element");
  const { length, begin } = first < 0x80 ? { length: first, begin: at + 2 } : readLong(octets, at);
  const end = begin + length;
  if (end > octets.length) refuse("an element beyond the end");
  return new Element(tag, octets.subarray(begin, end), octets.subarray(at, end));
}

function readLong(octets, at) {
  const count = octets[at + 1] & 0x7f;
  if (count === 0 || count > MAX_LENGTH_OCTETS) refuse("a length of another form");
  const begin = at + 2 + count;
  let length = 0;
  for (const octet of octets.subarray(at + 2, begin)) length = length * 256 + octet;
  if (length < 0x80 || length < 256 ** (count - 1)) refuse("a length that is not the shortest");
  return { length, begin };
}

/** Return an object identifier in dotted form. */
export function readOid({ tag, content }) {
  if (tag !== 0x06 || content.length === 0 || content.at(-1) & 0x80) refuse("no identifier");
  const arcs = [];
  let arc = 0n;
  for (const octet of content) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet & 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const top = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [top, arcs[0] - top * 40n, ...arcs.slice(1)].join(".");
}

const CHARSETS = { 0x0c: "utf-8", 0x13: "utf-8", 0x16: "utf-8", 0x1a: "utf-8", 0x1e: "utf-16be" };

/** Return the text of a string, or `undefined` where the element is none. */
export function readText({ tag, content }) {
  // Old CAs wrote Chinese into T61String as GBK.
  const charset = tag === 0x14 ? "gbk" : CHARSETS[tag];
  if (charset === undefined) return undefined;
  try {
    return new TextDecoder(charset, { fatal: true }).decode(content);
  } catch {
    return refuse("a string that is none");
  }
}

/** Return a time as fourteen digits, in UTC (RFC 5280, section 4.1.2.5). */
export function readTime({ tag, content }) {
  const text = new TextDecoder().decode(content);
  if (tag === 0x18 && /^\d{14}Z$/.test(text)) return text.slice(0, 14);
  if (tag !== 0x17 || !/^\d{12}Z$/.test(text)) refuse("a time of another form");
  return `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text.slice(0, 12)}`;
}

/** The certificate cannot be read. */
export function refuse(message) {
  throw new SofError("sof.argument", { message: `no certificate: ${message}` });
}
