/**
 * What old pages ask a certificate (RFC 5280), by the numbers of GM/T 0006 or of BJCA's control.
 */

import { readDer, readOid, readText, readTime, refuse } from "./der.js";
import { SofError } from "./faults.js";
import { fromBase64, toBase64 } from "./spelling.js";

const SHORT = {
  "2.5.4.3": "CN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "S",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "1.2.840.113549.1.9.1": "E",
};
const PEM_LINES = /-----(BEGIN|END) CERTIFICATE-----/g;
const KEY_USAGE = "2.5.29.15";

/** Bits 2, 3 and 4 of keyUsage: keyEncipherment, dataEncipherment, keyAgreement. */
const ENCRYPTS = 0b00111000;

/** Return what a certificate says. `text` is base64 of DER, or PEM. */
export function readCertificate(text) {
  const bare = typeof text === "string" ? text.replace(PEM_LINES, "") : text;
  const parts = readDer(fromBase64(bare)).children();
  const fields = (parts[0] ?? refuse("empty")).children();
  const version = fields[0]?.tag === 0xa0 ? fields.shift().children()[0].content[0] + 1 : 1;
  if (fields.length < 6) refuse("fields are missing");
  const [serial, , issuer, validity, subject, key] = fields;
  const [notBefore, notAfter] = validity.children().map(readTime);
  if (notAfter === undefined) refuse("no end");
  const [algorithm] = (parts[1] ?? refuse("no algorithm")).children();
  return {
    version,
    serial: toHex(serial.content),
    algorithm: readOid(algorithm ?? refuse("no algorithm")),
    issuer: readName(issuer),
    subject: readName(subject),
    notBefore,
    notAfter,
    publicKey: key.octets,
    extensions: readExtensions(fields.find(({ tag }) => tag === 0xa3)),
  };
}

/** Whether data may be encrypted for this certificate. */
export function encrypts({ extensions }) {
  const usage = extensions.get(KEY_USAGE);
  return usage !== undefined && (readDer(usage).content[1] & ENCRYPTS) !== 0;
}

/** Return what a person is called by a certificate. */
export function nameOf(certificate) {
  return part(certificate.subject, "CN") || part(certificate.subject, "O") || certificate.serial;
}

/** Return an item by its number. `numbering` is `gm` or `bjca`. */
export function readItem(certificate, type, numbering) {
  const read = (numbering === "bjca" ? BJCA : GM)[Number(type)];
  if (!read) throw new SofError("sof.argument", { message: `no item ${type}` });
  return read(certificate);
}

/** Return an extension by its identifier, or else a part of the subject. */
export function readByOid(certificate, oid) {
  const value = certificate.extensions.get(oid);
  if (value === undefined) return certificate.subject.find((each) => each.oid === oid)?.text ?? "";
  const element = readOrNone(value);
  if (!element) return toBase64(value);
  // Some CAs tag the identity code's alternatives, from outside or in place.
  const [inner] = element.tag === 0xa0 || element.tag === 0xa1 ? element.children() : [element];
  if (inner?.tag === 0x80 || inner?.tag === 0x81) return new TextDecoder().decode(inner.content);
  return (inner && readText(inner)) ?? toBase64(value);
}

function readOrNone(octets) {
  try {
    return readDer(octets);
  } catch {
    return undefined; // An extension of a CA's own need not be DER inside.
  }
}

/** GM/T 0006: 0x35 and 0x36 are the ends of the validity there. */
const GM = {
  1: ({ version }) => String(version),
  2: ({ serial }) => serial,
  5: ({ issuer }) => spell(issuer),
  6: ({ notBefore, notAfter }) => `${notBefore}-${notAfter}`,
  7: ({ subject }) => spell(subject),
  8: ({ publicKey }) => toBase64(publicKey),
  0x11: extension("2.5.29.35"),
  0x12: extension("2.5.29.14"),
  0x13: extension(KEY_USAGE),
  0x14: extension("2.5.29.16"),
  0x15: extension("2.5.29.32"),
  0x16: extension("2.5.29.33"),
  0x17: extension("2.5.29.19"),
  0x18: extension("2.5.29.36"),
  0x19: extension("2.5.29.37"),
  0x1a: extension("2.5.29.31"),
  0x21: ({ issuer }) => part(issuer, "CN"),
  0x22: ({ issuer }) => part(issuer, "O"),
  0x23: ({ issuer }) => part(issuer, "OU"),
  0x31: ({ subject }) => part(subject, "CN"),
  0x32: ({ subject }) => part(subject, "O"),
  0x33: ({ subject }) => part(subject, "OU"),
  0x34: ({ subject }) => part(subject, "E"),
  0x35: ({ notBefore }) => notBefore,
  0x36: ({ notAfter }) => notAfter,
};

/** BJCA's control counts differently. */
const BJCA = {
  1: ({ version }) => `V${version}`,
  2: ({ serial }) => serial,
  3: ({ algorithm }) => algorithm,
  8: ({ issuer }) => part(issuer, "CN"),
  11: ({ notBefore }) => notBefore,
  12: ({ notAfter }) => notAfter,
  14: ({ subject }) => part(subject, "O"),
  15: ({ subject }) => part(subject, "OU"),
  17: ({ subject }) => part(subject, "CN"),
  20: ({ publicKey }) => toBase64(publicKey),
};

function extension(oid) {
  return ({ extensions }) => {
    const value = extensions.get(oid);
    return value ? toBase64(value) : "";
  };
}

function readName(name) {
  return name.children().flatMap((set) =>
    set.children().map((pair) => {
      const [type, value] = pair.children();
      if (value === undefined) refuse("half a name");
      return { oid: readOid(type), text: readText(value) ?? toBase64(value.octets) };
    }),
  );
}

function readExtensions(field) {
  const found = new Map();
  if (!field) return found;
  for (const each of field.children()[0]?.children() ?? []) {
    const members = each.children();
    const value = members.at(-1);
    if (members.length < 2 || value.tag !== 0x04) refuse("half an extension");
    found.set(readOid(members[0]), value.content);
  }
  return found;
}

function part(name, short) {
  return name.find(({ oid }) => SHORT[oid] === short)?.text ?? "";
}

function spell(name) {
  return name.map(({ oid, text }) => `${SHORT[oid] ?? oid}=${text}`).join(", ");
}

function toHex(octets) {
  const digits = Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
  return digits.toUpperCase();
}
