/**
 * The functions themselves. Each is a generator: it yields what the agent shall do and is handed
 * the agent's result, so that the same lines serve pages that wait and pages that block.
 */

import { encrypts, nameOf, readByOid, readCertificate, readItem } from "./certificate.js";
import { SofError } from "./faults.js";
import { decodeText, encodeText, fromBase64, toBase64 } from "./spelling.js";

/** Stands in a list for the choice to come, so that old pages have something to select. */
export const TO_BE_CHOSEN = "signet:choose";

const TO_BE_CHOSEN_NAME = "在签章助手的窗口里选择证书";
const FINGERPRINT = /^[0-9a-f]{64}$/;

const SHA256_RSA = 0x00010004;

/** SM3 with SM2 has three numbers in the field. */
const SIGN_METHODS = [SHA256_RSA, 0x00020001, 0x00020101, 0x00020201];
const PACKAGINGS = new Map([
  ["0", "attached"],
  ["1", "detached"],
]);
const MAX_RANDOM_OCTETS = 1024;
const VERSION = "Signet SOF 0.1.0";

/** What a page can do; one for each page, with what was chosen in it. */
export class Functions {
  #chosen = new Map();
  #current;
  #method = SHA256_RSA;

  /**
   * @param {{charset: string, certInfo: string, loginSuccess: boolean | number}} settings
   * @param {{isActive: boolean, hasBeenActive: boolean}} activation the browser's own, of the page
   */
  constructor(settings, activation) {
    this.settings = settings;
    this.activation = activation;
  }

  *SOF_GetUserList() {
    if (!this.#current && !this.activation.isActive) {
      return `${TO_BE_CHOSEN_NAME}||${TO_BE_CHOSEN}&&&`;
    }
    const fingerprint = this.#current ?? (yield* this.#choose());
    // Both separators would end the entry early, whatever a certificate is called.
    const name = nameOf(this.#chosen.get(fingerprint).parsed).replace(/\|\||&&&/g, " ");
    return `${name}||${fingerprint}&&&`;
  }

  *SOF_ExportUserCert(certId) {
    return this.#chosen.get(yield* this.#resolve(certId)).certificate;
  }

  *SOF_ExportExChangeUserCert(certId) {
    const { certificate, parsed } = this.#chosen.get(yield* this.#resolve(certId));
    if (!encrypts(parsed)) throw new SofError("sof.certificate", { message: "it does not encrypt" });
    return certificate;
  }

  *SOF_Login(certId) {
    yield* this.#resolve(certId);
    return this.settings.loginSuccess;
  }

  *SOF_SignData(certId, data) {
    const document = encodeText(data, this.settings.charset);
    return yield* this.#sign(certId, document, this.#plain());
  }

  *SOF_SignByteData(certId, base64) {
    return yield* this.#sign(certId, fromBase64(base64), this.#plain());
  }

  *SOF_SignMessage(flag, certId, data) {
    const packaging = PACKAGINGS.get(String(flag));
    if (!packaging) throw new SofError("sof.argument", { message: "flag is 0 or 1" });
    const how = { mediaType: "text/plain", format: "cades-b", packaging };
    return yield* this.#sign(certId, encodeText(data, "utf-8"), how);
  }

  *SOF_SignDataByP7(certId, data) {
    return yield* this.SOF_SignMessage(0, certId, data);
  }

  *SOF_DecryptData(certId, envelope) {
    const params = { envelope: fromBase64(envelope), ...this.#named(certId) };
    const { content } = yield { method: "decrypt", params };
    return decodeText(content, this.settings.charset);
  }

  *SOF_Logout() {
    this.#chosen.clear();
    this.#current = undefined;
    return true;
  }

  *SOF_IsLogin(certId) {
    return this.#chosen.has(certId === TO_BE_CHOSEN ? this.#current : certId);
  }

  *SOF_GetCertInfo(certificate, type) {
    return readItem(readCertificate(certificate), type, this.settings.certInfo);
  }

  *SOF_GetCertInfoByOid(certificate, oid) {
    return readByOid(readCertificate(certificate), oid);
  }

  *SOF_GenRandom(length) {
    const count = Number(length);
    if (!Number.isInteger(count) || count < 1 || count > MAX_RANDOM_OCTETS) {
      throw new SofError("sof.argument", { message: `1 to ${MAX_RANDOM_OCTETS} octets` });
    }
    return toBase64(crypto.getRandomValues(new Uint8Array(count)));
  }

  *SOF_SetSignMethod(method) {
    if (!SIGN_METHODS.includes(Number(method))) throw new SofError("sof.method");
    this.#method = Number(method);
    return 0;
  }

  *SOF_GetSignMethod() {
    return this.#method;
  }

  *SOF_Base64Encode(text) {
    return toBase64(encodeText(text, this.settings.charset));
  }

  *SOF_Base64Decode(base64) {
    return decodeText(fromBase64(base64), this.settings.charset);
  }

  *SOF_GetVersion() {
    return VERSION;
  }

  *SOF_CheckSupport() {
    return 0;
  }

  *GetDeviceCount() {
    return 1;
  }

  *IsDeviceExist() {
    return true;
  }

  /** Return the fingerprint of a certificate that was chosen in this page, or is now. */
  *#resolve(certId) {
    if (this.#chosen.has(certId)) return certId;
    const isOpen = certId === TO_BE_CHOSEN;
    if (isOpen && this.#current) return this.#current;
    if (!isOpen && !isFingerprint(certId)) throw new SofError("sof.certificate");
    const fingerprint = yield* this.#choose();
    // The page remembered a certificate from an earlier visit, and the person chose another.
    if (!isOpen && fingerprint !== certId) throw new SofError("sof.certificate");
    return fingerprint;
  }

  *#choose() {
    if (!this.activation.hasBeenActive) throw new SofError("sof.click");
    const { certificate, fingerprint } = yield { method: "choose", params: {} };
    this.#chosen.set(fingerprint, { certificate, parsed: readCertificate(certificate) });
    this.#current = fingerprint;
    return fingerprint;
  }

  *#sign(certId, document, how) {
    if (document.length === 0) throw new SofError("sof.argument", { message: "nothing to sign" });
    const params = { document, ...how, ...this.#named(certId) };
    const { signature } = yield { method: "sign", params };
    return signature;
  }

  #plain() {
    const mediaType = this.settings.charset === "gbk" ? "text/plain;charset=gbk" : "text/plain";
    return { mediaType, format: "plain", packaging: "detached" };
  }

  /** Name the certificate, unless the person is still to choose it in the very window. */
  #named(certId) {
    if (!this.activation.hasBeenActive) throw new SofError("sof.click");
    if (certId === TO_BE_CHOSEN) return this.#current ? { certificate: this.#current } : {};
    if (!isFingerprint(certId)) throw new SofError("sof.certificate");
    return { certificate: certId };
  }
}

function isFingerprint(text) {
  return typeof text === "string" && FINGERPRINT.test(text);
}
