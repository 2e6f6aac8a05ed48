/**
 * What the agent may answer. Each reader returns what the page gets, or `false` when the answer
 * is not whole. Fields that are not named here are left out: newer agents may send more.
 *
 * @module signet/replies
 */

import { SignetError } from "./errors.js";
import { fromBase64 } from "./octets.js";

/** The version of the contract that this client speaks. */
export const VERSION = 1;

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const UPLOAD_ID = /^[0-9a-f]{32}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** Return the outcome of a reply: a frozen result, or the error it is. */
export function readReply(message, read) {
  if ("result" in message === "error" in message) return malformed("neither result nor error");
  if ("error" in message) return readError(message);
  const { result, audit } = message;
  if (!isAuditMark(audit)) return malformed("no audit mark");
  const value = isRecord(result) && read(result);
  if (!value) return malformed("not the result that was asked for");
  return Object.freeze({ ...value, audit: { seq: audit.seq, head: audit.head } });
}

/** Return the error a reply holds. */
export function readError({ error, audit }) {
  const { code, retry } = (isRecord(error) && isRecord(error.data) && error.data) || {};
  if (!isText(code) || typeof retry !== "boolean" || !isAuditMark(audit)) {
    return malformed("not an error of the contract");
  }
  const message = isText(error.message) ? error.message : undefined;
  return new SignetError(code, { message, retry, audit: { seq: audit.seq, head: audit.head } });
}

export function readHello({ version, agent, methods, formats, media_types: mediaTypes, limits }) {
  const isWhole =
    version === VERSION &&
    isText(agent) &&
    [methods, formats, mediaTypes].every((list) => Array.isArray(list) && list.every(isText)) &&
    isRecord(limits) &&
    [limits.message, limits.document, limits.calls].every(Number.isSafeInteger);
  return isWhole && { version, agent, methods, formats, mediaTypes, limits };
}

export function readLogin({ token }) {
  const isWhole =
    isRecord(token) &&
    isBase64(token.unverifiedCertificate) &&
    isText(token.algorithm) &&
    isBase64(token.signature) &&
    isText(token.appVersion) &&
    isText(token.format);
  return isWhole && { token };
}

export function readChoice({ certificate, fingerprint }) {
  return isBase64(certificate) && isSha256Hex(fingerprint) && { certificate, fingerprint };
}

/** A signature over other octets than those that were sent is no answer. */
export function readSignature({ signature, certificate, digest, format }, expectedDigest) {
  const isWhole =
    isBase64(signature) && isBase64(certificate) && digest === expectedDigest && isText(format);
  return isWhole && { signature, certificate, digest, format };
}

/** One signature for each digest, in its order. */
export function readBatch({ items, certificate, format }, digests) {
  const isWhole =
    Array.isArray(items) &&
    items.length === digests.length &&
    items.every((item, at) => isRecord(item) && readItem(item, digests[at])) &&
    isBase64(certificate) &&
    isText(format);
  return isWhole && { items: items.map((item, at) => readItem(item, digests[at])), certificate, format };
}

function readItem({ signature, digest }, expectedDigest) {
  return isBase64(signature) && digest === expectedDigest && Object.freeze({ signature, digest });
}

export function readUpload({ upload, received, piece, window }) {
  const isWhole =
    isText(upload) &&
    UPLOAD_ID.test(upload) &&
    [received, piece, window].every(Number.isSafeInteger) &&
    received >= 0 &&
    piece > 0 &&
    window >= piece;
  return isWhole && { upload, received, piece, window };
}

export function readContent({ content, certificate }) {
  return isBase64(content) && isBase64(certificate) && { content: fromBase64(content), certificate };
}

/** Return the error for what does not keep to the contract. */
export function malformed(message) {
  return new SignetError("client.malformed_reply", { message });
}

export function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

function isBase64(value) {
  return isText(value) && value.length % 4 === 0 && BASE64.test(value);
}

function isSha256Hex(value) {
  return isText(value) && SHA256_HEX.test(value);
}

function isAuditMark(value) {
  return isRecord(value) && Number.isSafeInteger(value.seq) && isSha256Hex(value.head);
}
