/**
 * The SOF_ functions of older pages over Signet. See docs/sof-migration.md for its use.
 * Put together from parts/ by assemble.mjs; change those.
 */
(() => {
"use strict";

/** What assemble.mjs took from signet_protocol/sof_migrate/functions.json. */
const TABLE = {
  errors: [
    {"code":"sof.argument","number":"0x0B000419","meaning":"A parameter is missing or of the wrong form.","tell":{"zh-Hans":"\u7f51\u9875\u6ca1\u6709\u628a\u8981\u7b7e\u7684\u5185\u5bb9\u8bf4\u6e05\u695a\uff0c\u8bc1\u4e66\u6ca1\u6709\u88ab\u4f7f\u7528\u3002\u8bf7\u544a\u8bc9\u7f51\u7ad9\u7684\u5ba2\u670d\u3002","en":"The page did not say clearly what it wants. Your certificate was not used. Please tell the site\u2019s support."}},
    {"code":"sof.certificate","number":"0x0B000310","meaning":"The certificate was not chosen, or does not fit what was asked.","tell":{"zh-Hans":"\u9009\u7684\u8bc1\u4e66\u4e0d\u662f\u7f51\u9875\u8981\u7528\u7684\u90a3\u4e00\u5f20\uff0c\u8bc1\u4e66\u6ca1\u6709\u88ab\u4f7f\u7528\u3002\u8bf7\u518d\u9009\u4e00\u6b21\u3002","en":"The chosen certificate is not the one this page asks for. It was not used. Please choose again."}},
    {"code":"sof.click","number":"0x0B000011","meaning":"The chooser opens after a click only; call this from a click\u2019s handler.","tell":{"zh-Hans":"\u8bf7\u5148\u70b9\u4e00\u4e0b\u9875\u9762\u4e0a\u7684\u6309\u94ae\uff0c\u518d\u9009\u62e9\u8bc1\u4e66\u3002","en":"Please press the page\u2019s button first, then choose your certificate."}},
    {"code":"sof.text","number":"0x0B000201","meaning":"The text has a character that the page\u2019s encoding cannot spell.","tell":{"zh-Hans":"\u8981\u7b7e\u7684\u6587\u5b57\u91cc\u6709\u8fd9\u4e2a\u7f51\u9875\u7684\u7f16\u7801\u5199\u4e0d\u51fa\u6765\u7684\u5b57\uff0c\u6240\u4ee5\u6ca1\u6709\u7b7e\u3002\u8bf7\u544a\u8bc9\u7f51\u7ad9\u7684\u5ba2\u670d\u3002","en":"The text has a character that this page cannot write. It was not signed. Please tell the site\u2019s support."}},
    {"code":"sof.method","number":"0x0B000007","meaning":"The algorithm is not offered.","tell":{"zh-Hans":"\u7f51\u9875\u8981\u7528\u7684\u7b97\u6cd5\u5df2\u7ecf\u4e0d\u518d\u5b89\u5168\uff0c\u7b7e\u7ae0\u52a9\u624b\u4e0d\u7528\u5b83\u3002\u8bf7\u544a\u8bc9\u7f51\u7ad9\u7684\u5ba2\u670d\u3002","en":"The page asks for an algorithm that is no longer used. Please tell the site\u2019s support."}},
    {"code":"sof.server","number":"0x0B000002","meaning":"This is the server\u2019s work.","tell":{"zh-Hans":"\u8fd9\u4ef6\u4e8b\u8981\u7531\u7f51\u7ad9\u7684\u670d\u52a1\u5668\u6765\u505a\u3002\u8bf7\u544a\u8bc9\u7f51\u7ad9\u7684\u5ba2\u670d\u3002","en":"This has to be done by the site\u2019s own server. Please tell the site\u2019s support."}},
    {"code":"sof.file","number":"0x0B000003","meaning":"A page names no file; let the person pick it in an input of type file.","tell":{"zh-Hans":"\u7f51\u9875\u4e0d\u80fd\u81ea\u5df1\u8bfb\u5199\u60a8\u7535\u8111\u4e0a\u7684\u6587\u4ef6\u3002\u8bf7\u544a\u8bc9\u7f51\u7ad9\u7684\u5ba2\u670d\u3002","en":"A page cannot read or write files on your computer. Please tell the site\u2019s support."}},
    {"code":"sof.pin","number":"0x0B000002","meaning":"A page neither counts, changes nor unlocks PINs.","tell":{"zh-Hans":"\u7f51\u9875\u4e0d\u80fd\u4fee\u6539 PIN \u7801\uff0c\u4e5f\u4e0d\u80fd\u770b\u8fd8\u53ef\u4ee5\u8f93\u51e0\u6b21\u3002\u8bf7\u5230\u8bc1\u4e66\u670d\u52a1\u70b9\uff0c\u6216\u8005\u7528\u8bc1\u4e66\u673a\u6784\u7684\u5de5\u5177\u3002","en":"A page cannot change a PIN or count its tries. Please use the certificate authority\u2019s tool or service point."}},
    {"code":"sof.device","number":"0x0B000002","meaning":"A page does not list tokens or what is on them.","tell":{"zh-Hans":"\u7f51\u9875\u4e0d\u80fd\u67e5\u770b\u60a8\u63d2\u4e86\u54ea\u4e9b USB Key \u6216\u5e02\u6c11\u5361\u3002\u9700\u8981\u8bc1\u4e66\u65f6\uff0c\u8bf7\u5728\u7b7e\u7ae0\u52a9\u624b\u7684\u7a97\u53e3\u91cc\u9009\u62e9\u3002","en":"A page cannot see which USB keys or cards you have. Choose your certificate in Signet\u2019s window when it is needed."}},
    {"code":"sof.administration","number":"0x0B000002","meaning":"A page does not manage tokens.","tell":{"zh-Hans":"\u7f51\u9875\u4e0d\u80fd\u66f4\u6539 USB Key \u6216\u5e02\u6c11\u5361\u91cc\u7684\u4e1c\u897f\u3002\u8bf7\u7528\u8bc1\u4e66\u673a\u6784\u7684\u5de5\u5177\u3002","en":"A page cannot change what is on a USB key or card. Please use the certificate authority\u2019s tool."}},
    {"code":"sof.setting","number":"0x0B000002","meaning":"A page does not configure the agent.","tell":{"zh-Hans":"\u7f51\u9875\u4e0d\u80fd\u66f4\u6539\u7b7e\u7ae0\u52a9\u624b\u7684\u8bbe\u7f6e\u3002","en":"A page cannot change Signet\u2019s settings."}},
    {"code":"sof.fault","number":"0x0B000001","meaning":"A fault of the script, or of the page that uses it.","tell":{"zh-Hans":"\u6ca1\u6709\u5f97\u5230\u7ed3\u679c\u3002\u8bf7\u518d\u8bd5\u4e00\u6b21\uff1b\u8fd8\u4e0d\u884c\uff0c\u8bf7\u544a\u8bc9\u7f51\u7ad9\u7684\u5ba2\u670d\u3002","en":"There is no result. Please try again; if that does not help, tell the site\u2019s support."}},
  ],
  functions: [
    {"name":"SOF_GetUserList","aliases":["GetUserList"],"parameters":[],"result":"string","where":"agent"},
    {"name":"SOF_ExportUserCert","aliases":["GetSignCert"],"parameters":["certId"],"result":"string","where":"agent"},
    {"name":"SOF_ExportExChangeUserCert","aliases":["SOF_ExportExchangeUserCert","GetExchCert"],"parameters":["certId"],"result":"string","where":"agent"},
    {"name":"SOF_Login","aliases":["SOF_LoginEx","VerifyUserPIN"],"parameters":["certId","pin"],"result":"boolean","where":"agent"},
    {"name":"SOF_SignData","aliases":["SignedData"],"parameters":["certId","data"],"result":"string","where":"agent"},
    {"name":"SOF_SignByteData","aliases":[],"parameters":["certId","base64"],"result":"string","where":"agent"},
    {"name":"SOF_SignMessage","aliases":[],"parameters":["flag","certId","data"],"result":"string","where":"agent"},
    {"name":"SOF_SignDataByP7","aliases":[],"parameters":["certId","data"],"result":"string","where":"agent"},
    {"name":"SOF_DecryptData","aliases":["DecodeP7Enveloped"],"parameters":["certId","envelope"],"result":"string","where":"agent"},
    {"name":"SOF_Logout","aliases":["SOF_LogOut","Logout"],"parameters":["certId"],"result":"boolean","where":"page"},
    {"name":"SOF_IsLogin","aliases":[],"parameters":["certId"],"result":"boolean","where":"page"},
    {"name":"SOF_GetCertInfo","aliases":["GetCertBasicinfo"],"parameters":["certificate","type"],"result":"string","where":"page"},
    {"name":"SOF_GetCertInfoByOid","aliases":["GetExtCertInfoByOID"],"parameters":["certificate","oid"],"result":"string","where":"page"},
    {"name":"SOF_GenRandom","aliases":["GenerateRandom"],"parameters":["length"],"result":"string","where":"page"},
    {"name":"SOF_SetSignMethod","aliases":["SetSignMethod"],"parameters":["method"],"result":"number","where":"page"},
    {"name":"SOF_GetSignMethod","aliases":[],"parameters":[],"result":"number","where":"page"},
    {"name":"SOF_Base64Encode","aliases":[],"parameters":["text"],"result":"string","where":"page"},
    {"name":"SOF_Base64Decode","aliases":[],"parameters":["base64"],"result":"string","where":"page"},
    {"name":"SOF_GetVersion","aliases":[],"parameters":[],"result":"string","where":"page"},
    {"name":"SOF_GetLastError","aliases":[],"parameters":[],"result":"number","where":"page"},
    {"name":"SOF_GetLastErrMsg","aliases":[],"parameters":[],"result":"string","where":"page"},
    {"name":"SOF_CheckSupport","aliases":[],"parameters":[],"result":"number","where":"page"},
    {"name":"GetDeviceCount","aliases":[],"parameters":[],"result":"number","where":"page"},
    {"name":"IsDeviceExist","aliases":[],"parameters":["serial"],"result":"boolean","where":"page"},
    {"name":"SOF_VerifySignedData","aliases":["VerifySignedData"],"parameters":["certificate","data","signature"],"result":"boolean","where":"refused","error":"sof.server"},
    {"name":"SOF_VerifySignedByteData","aliases":[],"parameters":["certificate","base64","signature"],"result":"boolean","where":"refused","error":"sof.server"},
    {"name":"SOF_VerifySignedMessage","aliases":["SOF_VerifySignedDataByP7","VerifyDatabyP7"],"parameters":["message","data"],"result":"boolean","where":"refused","error":"sof.server"},
    {"name":"SOF_VerifySignedDataXML","aliases":[],"parameters":["xml"],"result":"boolean","where":"refused","error":"sof.server"},
    {"name":"SOF_GetInfoFromSignedMessage","aliases":["SOF_GetP7SignDataInfo"],"parameters":["message","type"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_GetXMLSignatureInfo","aliases":[],"parameters":["xml","type"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_ValidateCert","aliases":["ValidateCert"],"parameters":["certificate"],"result":"number","where":"refused","error":"sof.server","failure":-6},
    {"name":"SOF_EncryptData","aliases":["EncodeP7Enveloped"],"parameters":["certificate","data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_EncryptDataEx","aliases":[],"parameters":["certificate","data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_PubKeyEncrypt","aliases":[],"parameters":["certificate","data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_PriKeyDecrypt","aliases":[],"parameters":["certId","data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_SignDataXML","aliases":[],"parameters":["certId","xml"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_SymEncryptData","aliases":["EncryptData"],"parameters":["key","data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_SymDecryptData","aliases":["DecryptData"],"parameters":["key","data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_HashData","aliases":[],"parameters":["method","data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_SecertSegment","aliases":[],"parameters":["data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_SecertRecovery","aliases":[],"parameters":["data"],"result":"string","where":"refused","error":"sof.server"},
    {"name":"SOF_SetEncryptMethod","aliases":[],"parameters":["method"],"result":"number","where":"refused","error":"sof.setting"},
    {"name":"SOF_GetEncryptMethod","aliases":[],"parameters":[],"result":"number","where":"refused","error":"sof.setting"},
    {"name":"SOF_SetUserID","aliases":[],"parameters":["value"],"result":"number","where":"refused","error":"sof.setting"},
    {"name":"SOF_SetDigestMethod","aliases":[],"parameters":["value"],"result":"number","where":"refused","error":"sof.setting"},
    {"name":"SetCertTrustList","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.setting"},
    {"name":"GetCertTrustList","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.setting"},
    {"name":"GetCertTrustListAltNames","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.setting"},
    {"name":"DelCertTrustList","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.setting"},
    {"name":"InitCertAppPolicy","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.setting"},
    {"name":"GetServerCertificate","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.setting"},
    {"name":"SOF_SignFile","aliases":[],"parameters":["certId","path"],"result":"string","where":"refused","error":"sof.file"},
    {"name":"SOF_VerifySignedFile","aliases":["VerifySignFile"],"parameters":["certificate","path","signature"],"result":"boolean","where":"refused","error":"sof.file"},
    {"name":"SOF_EncryptFile","aliases":[],"parameters":["key","from","to"],"result":"boolean","where":"refused","error":"sof.file"},
    {"name":"SOF_DecryptFile","aliases":[],"parameters":["key","from","to"],"result":"boolean","where":"refused","error":"sof.file"},
    {"name":"SOF_SymEncryptFile","aliases":[],"parameters":["key","from","to"],"result":"boolean","where":"refused","error":"sof.file"},
    {"name":"SOF_SymDecryptFile","aliases":[],"parameters":["key","from","to"],"result":"boolean","where":"refused","error":"sof.file"},
    {"name":"SOF_HashFile","aliases":[],"parameters":["method","path"],"result":"string","where":"refused","error":"sof.file"},
    {"name":"ReadFile","aliases":[],"parameters":["serial","name"],"result":"string","where":"refused","error":"sof.file"},
    {"name":"WriteFile","aliases":[],"parameters":["serial","name","data"],"result":"boolean","where":"refused","error":"sof.file"},
    {"name":"SOF_GetPinRetryCount","aliases":["SOF_GetRetryCount","GetUserPINRetryCount"],"parameters":["certId"],"result":"number","where":"refused","error":"sof.pin","failure":-1},
    {"name":"SOF_ChangePassWd","aliases":["SOF_ChangePIN","ChangeUserPassword"],"parameters":["certId","oldPin","newPin"],"result":"boolean","where":"refused","error":"sof.pin"},
    {"name":"ChangeAdminPass","aliases":[],"parameters":["serial","oldPin","newPin"],"result":"boolean","where":"refused","error":"sof.pin"},
    {"name":"UnlockUserPass","aliases":[],"parameters":["serial","adminPin","newPin"],"result":"boolean","where":"refused","error":"sof.pin"},
    {"name":"SOF_GenRemoteUnblockRequest","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.pin"},
    {"name":"SOF_RemoteUnblockPIN","aliases":[],"parameters":["pin"],"result":"boolean","where":"refused","error":"sof.pin"},
    {"name":"GetAllDeviceSN","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.device"},
    {"name":"GetDeviceSNByIndex","aliases":[],"parameters":["index"],"result":"string","where":"refused","error":"sof.device"},
    {"name":"SOF_GetDeviceInfo","aliases":["SOF_GetUserInfo","GetDeviceInfo"],"parameters":["certId","type"],"result":"string","where":"refused","error":"sof.device"},
    {"name":"GetContainerCount","aliases":[],"parameters":["serial"],"result":"number","where":"refused","error":"sof.device","failure":0},
    {"name":"SOF_GetAllContainerName","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.device"},
    {"name":"SOF_EnumDevice","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.device"},
    {"name":"SOF_EnumCertContiner","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.device"},
    {"name":"SOF_FindContainer","aliases":[],"parameters":[],"result":"string","where":"refused","error":"sof.device"},
    {"name":"GetPic","aliases":[],"parameters":["certId"],"result":"string","where":"refused","error":"sof.device"},
    {"name":"GenerateKeyPair","aliases":[],"parameters":["serial","container","type","sign"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"SOF_CreateKeyPair","aliases":[],"parameters":["serial","container","type","sign"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"ExportPubKey","aliases":[],"parameters":["serial","container","sign"],"result":"string","where":"refused","error":"sof.administration"},
    {"name":"ExportPKCS10","aliases":[],"parameters":["serial","container","subject"],"result":"string","where":"refused","error":"sof.administration"},
    {"name":"SOF_GenerateP10Request","aliases":[],"parameters":["serial","container","subject"],"result":"string","where":"refused","error":"sof.administration"},
    {"name":"ImportSignCert","aliases":[],"parameters":["serial","container","certificate"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"ImportEncCert","aliases":[],"parameters":["serial","container","certificate"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"SOF_ImportCert","aliases":[],"parameters":["serial","container","certificate"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"SOF_ImportCryptoCertAndKey","aliases":[],"parameters":["serial","container","certificate"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"DeleteContainer","aliases":[],"parameters":["serial","container"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"SOF_DeleteContainer","aliases":[],"parameters":["serial","container"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"InitDevice","aliases":[],"parameters":["serial","adminPin"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"GetENVSN","aliases":[],"parameters":["serial"],"result":"string","where":"refused","error":"sof.administration"},
    {"name":"SetENVSN","aliases":[],"parameters":["serial","value"],"result":"boolean","where":"refused","error":"sof.administration"},
    {"name":"EnableSoftDevice","aliases":[],"parameters":["enable","label"],"result":"boolean","where":"refused","error":"sof.administration"},
  ],
};

/**
 * What can go wrong, in the contract's words and in the numbers that old pages look at.
 */

const OWN = new Map(TABLE.errors.map((entry) => [entry.code, entry]));

/** Lends its number and its sentence to codes that are not known yet. */
const FAULT = OWN.get("sof.fault");

/** The SOR_ numbers of GM/T 0020 for the agent's codes; a few are GDCA's, whose pages know them. */
const NUMBERS = new Map(
  Object.entries({
    "page.too_large": 0x0b000200,
    "page.document_unsuitable": 0x0b000201,
    "page.envelope_unsuitable": 0x0b000416,
    "page.certificate_unknown": 0x0b000310,
    "page.cancelled": 0x0b000447,
    "user.refused": 0x0b000447,
    "user.timeout": 0x0b000101,
    "user.pin_incorrect": 0x0b000426,
    "token.absent": 0x0b000310,
    "token.removed": 0x0b000448,
    "token.pin_locked": 0x0b000442,
    "token.timeout": 0x0b000101,
    "token.certificate_expired": 0x0b000407,
    "token.certificate_unsuitable": 0x0b000009,
    "policy.operation_denied": 0x0b000312,
    "policy.format_denied": 0x0b000312,
    "policy.key_denied": 0x0b000312,
    "client.unreachable": 0x0b000011,
    "client.permission_denied": 0x0b000011,
    "client.permission_pending": 0x0b000011,
  }),
);

/** Why a call gave no result: `code` for programs, `number` for old ones, `tell` for the person. */
class SofError extends Error {
  constructor(code, { tell, message, cause } = {}) {
    const own = OWN.get(code) ?? FAULT;
    super(`${code}: ${message ?? own.meaning}`, { cause });
    this.name = "SofError";
    this.code = code;
    this.number = NUMBERS.get(code) ?? Number(own.number);
    this.tell = tell ?? own.tell;
  }
}

/** Return any error as ours; the agent's and the client's keep code and sentence. */
function asSofError(error) {
  if (error instanceof SofError) return error;
  const { code, tell, message } = error;
  if (typeof code === "string" && /^(page|user|token|policy|agent|client)\./.test(code)) {
    return new SofError(code, { tell, message, cause: error });
  }
  return new SofError("sof.fault", { message, cause: error });
}

/**
 * Text, octets and base64, in the encoding of the page's old middleware.
 */

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
function encodeText(text, charset) {
  if (typeof text !== "string") throw new SofError("sof.argument", { message: "not a text" });
  if (charset === "gbk") return encodeGbk(text);
  if (LONE_SURROGATE.test(text)) throw new SofError("sof.text");
  return new TextEncoder().encode(text);
}

/** Return the text that octets spell. */
function decodeText(octets, charset) {
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
function toBase64(octets) {
  let text = "";
  for (let at = 0; at < octets.length; at += PIECE) {
    text += String.fromCharCode(...octets.subarray(at, at + PIECE));
  }
  return btoa(text);
}

/** Return the octets of base64, in which old middleware breaks lines. */
function fromBase64(text) {
  const plain = typeof text === "string" ? text.replace(/[\r\n]/g, "") : "";
  if (plain === "" || !BASE64.test(plain)) {
    throw new SofError("sof.argument", { message: "not base64" });
  }
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

/**
 * DER (ITU-T X.690), as much as a certificate needs, and nothing that is not exactly DER.
 *
 * What it reads is shown on a page; trust is the server's business.
 */

/** Lengths of four octets would be gigabytes. */
const MAX_LENGTH_OCTETS = 3;

/** One element: its identifier octet, its content, and all of its octets. */
class Element {
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
function readDer(octets) {
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
function readOid({ tag, content }) {
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
function readText({ tag, content }) {
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
function readTime({ tag, content }) {
  const text = new TextDecoder().decode(content);
  if (tag === 0x18 && /^\d{14}Z$/.test(text)) return text.slice(0, 14);
  if (tag !== 0x17 || !/^\d{12}Z$/.test(text)) refuse("a time of another form");
  return `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text.slice(0, 12)}`;
}

/** The certificate cannot be read. */
function refuse(message) {
  throw new SofError("sof.argument", { message: `no certificate: ${message}` });
}

/**
 * What old pages ask a certificate (RFC 5280), by the numbers of GM/T 0006 or of BJCA's control.
 */

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
function readCertificate(text) {
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
function encrypts({ extensions }) {
  const usage = extensions.get(KEY_USAGE);
  return usage !== undefined && (readDer(usage).content[1] & ENCRYPTS) !== 0;
}

/** Return what a person is called by a certificate. */
function nameOf(certificate) {
  return part(certificate.subject, "CN") || part(certificate.subject, "O") || certificate.serial;
}

/** Return an item by its number. `numbering` is `gm` or `bjca`. */
function readItem(certificate, type, numbering) {
  const read = (numbering === "bjca" ? BJCA : GM)[Number(type)];
  if (!read) throw new SofError("sof.argument", { message: `no item ${type}` });
  return read(certificate);
}

/** Return an extension by its identifier, or else a part of the subject. */
function readByOid(certificate, oid) {
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

/**
 * The functions themselves. Each is a generator: it yields what the agent shall do and is handed
 * the agent's result, so that the same lines serve pages that wait and pages that block.
 */

/** Stands in a list for the choice to come, so that old pages have something to select. */
const TO_BE_CHOSEN = "signet:choose";

const TO_BE_CHOSEN_NAME = "\u5728\u7b7e\u7ae0\u52a9\u624b\u7684\u7a97\u53e3\u91cc\u9009\u62e9\u8bc1\u4e66";
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
class Functions {
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

/**
 * How the functions reach the agent: waiting for it with the page's client, or blocking the page.
 */

/** Run a function's steps with an agent that answers later. */
async function wait(steps, agent) {
  let step = steps.next();
  while (!step.done) step = steps.next(await agent.ask(step.value));
  return step.value;
}

/** Run a function's steps with an agent that answers at once, while the page stands still. */
function block(steps, agent) {
  let step = steps.next();
  while (!step.done) step = steps.next(agent.ask(step.value));
  return step.value;
}

/** The page's client, connected at the first call and again when the connection was lost. */
class WaitingAgent {
  #connect;
  #client;

  /** @param {() => Promise<object>} connect returns the connected client of signet.js */
  constructor(connect) {
    this.#connect = connect;
  }

  /** Return the agent's result. */
  async ask({ method, params }) {
    if (!this.#client?.connected) this.#client = await this.#connect();
    const client = this.#client;
    // The second is the name that the first clients gave it.
    const choose = client.chooseCertificate ?? client.choose;
    if (method === "choose") return choose.call(client, params);
    if (method === "sign") {
      const { document, ...options } = params;
      return client.sign(document, options);
    }
    const { envelope, ...options } = params;
    return client.decrypt(envelope, options);
  }
}

/** Whether every frame around a page is of its own site, as in the framesets of old portals. */
function isWithinOwnSite(page) {
  try {
    for (let each = page; each !== each.parent; each = each.parent) {
      if (each.parent.location.origin !== page.location.origin) return false;
    }
    return true;
  } catch {
    return false; // Another site's location cannot be read.
  }
}

/** Where the blocking way keeps the port that answered last. */
const STORAGE_KEY = "signet.sof.port";

/**
 * One blocking POST for each call (PROTOCOL.md, section 8). The browser itself asks for leave
 * first. Nothing of the page moves until the person has answered in the agent's window.
 */
class BlockingAgent {
  #page;
  #ports;
  #answered;
  #sentences;

  /**
   * @param {Window} page its XMLHttpRequest and storage are used
   * @param {number[]} ports where the agent may answer
   * @param {(code: string) => object | undefined} sentences the client's words for the person
   */
  constructor(page, ports, sentences) {
    this.#page = page;
    this.#ports = ports;
    this.#sentences = sentences;
  }

  /** Return the agent's result. */
  ask({ method, params }) {
    if (!isWithinOwnSite(this.#page)) this.#refuse("client.framed");
    const request = { jsonrpc: "2.0", id: 1, method, params: onTheWire(method, params) };
    const text = JSON.stringify(request);
    for (const port of this.#inOrder()) {
      const reply = this.#post(port, text);
      if (reply) {
        this.#remember(port);
        return this.#read(method, reply);
      }
      if (port === this.#answered) {
        // It may have asked the person; asking again elsewhere would be a second window.
        this.#answered = undefined;
        this.#refuse("client.connection_lost");
      }
    }
    return this.#refuse("client.unreachable");
  }

  #post(port, text) {
    const request = new this.#page.XMLHttpRequest();
    try {
      request.open("POST", `https://localhost:${port}/v1`, false);
      request.setRequestHeader("Content-Type", "application/json");
      request.setRequestHeader("X-Signet", "1");
      request.send(text);
      const reply = JSON.parse(request.responseText);
      const isOurs = reply?.jsonrpc === "2.0" && Number.isSafeInteger(reply.audit?.seq);
      return isOurs ? reply : undefined;
    } catch {
      return undefined; // Nobody, or another program: a page cannot tell them apart.
    }
  }

  #read(method, { result, error }) {
    if (typeof error?.data?.code === "string") this.#refuse(error.data.code, error.message);
    const isWhole = RESULTS[method].every((name) => typeof result?.[name] === "string");
    if (!isWhole) this.#refuse("client.malformed_reply");
    if (method !== "decrypt") return result;
    return { content: result.content === "" ? new Uint8Array() : fromBase64(result.content) };
  }

  #refuse(code, message) {
    throw new SofError(code, { message, tell: this.#sentences(code) });
  }

  #inOrder() {
    const last = this.#answered ?? Number(recall(this.#page));
    if (!this.#ports.includes(last)) return this.#ports;
    return [last, ...this.#ports.filter((port) => port !== last)];
  }

  #remember(port) {
    this.#answered = port;
    try {
      this.#page.localStorage.setItem(STORAGE_KEY, String(port));
    } catch {
      // Storage may be switched off; then every visit begins at the first port.
    }
  }
}

const RESULTS = {
  choose: ["certificate", "fingerprint"],
  sign: ["signature", "certificate"],
  decrypt: ["content", "certificate"],
};

function onTheWire(method, { document, mediaType, envelope, ...others }) {
  if (method === "sign") return { document: toBase64(document), media_type: mediaType, ...others };
  if (method === "decrypt") return { envelope: toBase64(envelope), ...others };
  return others;
}

function recall(page) {
  try {
    return page.localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

/**
 * The page's own PIN fields, which have no use any more.
 *
 * What a page hands over as a PIN is compared with its fields, and then forgotten.
 */

/** Shown beside each field. */
const SENTENCE = "PIN \u7801\u5728\u7b7e\u7ae0\u52a9\u624b\u7684\u7a97\u53e3\u91cc\u8f93\u5165\uff0c\u8fd9\u91cc\u4e0d\u7528\u586b\u3002";

/** What stands in the field: old pages refuse to go on with an empty or a short one. */
const FILLER = "signet";

/** Switches fields off; a disabled field is not sent with its form either. */
class PinFields {
  #document;

  /** @param {Document} document the page's own */
  constructor(document) {
    this.#document = document;
  }

  /** Switch off every field that holds this PIN. */
  retire(pin) {
    if (typeof pin !== "string" || pin === "" || pin === FILLER) return;
    for (const field of this.#document.querySelectorAll('input[type="password"]')) {
      if (field.value === pin) this.#retire(field);
    }
  }

  /** Switch off the fields that the page's author names. */
  retireNamed(selector) {
    for (const field of this.#document.querySelectorAll(selector)) this.#retire(field);
  }

  #retire(field) {
    field.value = FILLER;
    field.disabled = true;
    field.title = SENTENCE;
    const note = this.#document.createElement("small");
    note.className = "signet-pin";
    note.setAttribute("role", "note");
    note.textContent = SENTENCE;
    field.after(note);
  }
}

/**
 * The ways in which old pages call a function, and what they get for an answer.
 */

/** The parameters that hold a PIN. */
const PIN = /pin$/i;

const FAILURES = { string: "", boolean: false, number: -1 };

/** Where 0 means success, other numbers are tries left and -1 is a locked PIN; this is neither. */
const LOGIN_FAILURE = -2;

/** All calls of one page, and the error of the last one. */
class Calls {
  #functions;
  #pinFields;
  #agents;
  #lastError;
  #last = Promise.resolve();

  #lastErrors = {
    SOF_GetLastError: () => this.#lastError?.number ?? 0,
    SOF_GetLastErrMsg: () => this.#lastError?.tell["zh-Hans"] ?? "",
  };

  /**
   * @param {object} functions see `Functions`
   * @param {object} pinFields see `PinFields`
   * @param {{waiting: object, blocking?: object}} agents how to ask
   */
  constructor(functions, pinFields, agents) {
    this.#functions = functions;
    this.#pinFields = pinFields;
    this.#agents = agents;
  }

  /**
   * Call the function of one row of the table. With a callback among the values it is told, with
   * the value after it as `ctx`; else the answer is a promise, or on blocking pages the value.
   */
  call(row, values) {
    const at = values.findIndex((value) => typeof value === "function");
    const given = at === -1 ? values : values.slice(0, at);
    if (at === -1 && this.#agents.blocking) return this.#callNow(row, given);
    const outcome = this.#callLater(row, given);
    if (at === -1) return outcome;
    const [callback, ctx] = values.slice(at);
    // In a task of its own: what the page throws in there is the page's own error.
    const answer = (more) => setTimeout(() => callback({ ...more, ctx }), 0);
    outcome.then(
      (retVal) => answer({ retVal }),
      ({ code, tell }) => answer({ retVal: this.#failure(row), code, message: tell["zh-Hans"] }),
    );
    return undefined;
  }

  #callNow(row, given) {
    const read = this.#lastErrors[row.name];
    if (read) return read();
    try {
      return this.#succeed(block(this.#begin(row, given), this.#agents.blocking));
    } catch (error) {
      this.#fail(error);
      return this.#failure(row);
    }
  }

  async #callLater(row, given) {
    const read = this.#lastErrors[row.name];
    if (read) return read();
    try {
      const steps = this.#begin(row, given);
      const run = () => wait(steps, this.#agents.waiting);
      return this.#succeed(await (row.where === "agent" ? this.#inTurn(run) : run()));
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Old pages do not know that one window opens at a time, nor what the call before will choose. */
  #inTurn(run) {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => {}); // Who called is told; the next one may go on.
    return turn;
  }

  /** Return the function's steps, none of which is done yet; what is a PIN stays behind. */
  #begin(row, given) {
    const values = given.slice(0, row.parameters.length);
    row.parameters.forEach((parameter, at) => {
      if (PIN.test(parameter)) this.#pinFields.retire(values.splice(at, 1, undefined)[0]);
    });
    if (row.where === "refused") throw new SofError(row.error);
    return this.#functions[row.name](...values);
  }

  #succeed(value) {
    this.#lastError = undefined;
    return value;
  }

  #fail(error) {
    this.#lastError = asSofError(error);
    return this.#lastError;
  }

  #failure(row) {
    const isCounted = row.name === "SOF_Login" && this.#functions.settings.loginSuccess === 0;
    return isCounted ? LOGIN_FAILURE : (row.failure ?? FAILURES[row.result]);
  }
}

/**
 * The functions on a page: their names, and what the page's author set.
 */

/** BJCA's control, as old pages name it in `<object>`. */
const CONTROL = 'object[classid="clsid:3f367b74-92d9-4c5e-ab93-234f8a91d5e6" i]';

/**
 * Put every function and alias on a page; names that the page has already stay its own.
 *
 * @param {Window} page
 * @param {object} settings see `readSettings`
 * @param {{waiting: object, blocking?: object}} agents how to ask; without `blocking` no call blocks
 */
function install(page, settings, agents) {
  const functions = new Functions(settings, page.navigator.userActivation);
  const pinFields = new PinFields(page.document);
  const calls = new Calls(functions, pinFields, agents);
  const named = {};
  for (const row of TABLE.functions) {
    for (const name of [row.name, ...row.aliases]) {
      named[name] = (...values) => calls.call(row, values);
    }
  }
  for (const name of settings.objects) page[name] = { ...named };
  for (const [name, act] of Object.entries(named)) if (!(name in page)) page[name] = act;
  const finish = () => {
    if (settings.pinField) pinFields.retireNamed(settings.pinField);
    if (!agents.blocking) return;
    for (const control of page.document.querySelectorAll(CONTROL)) Object.assign(control, named);
  };
  if (page.document.readyState !== "loading") finish();
  else page.document.addEventListener("DOMContentLoaded", finish, { once: true });
}

const CHOICES = {
  charset: ["utf-8", "gbk"],
  certInfo: ["gm", "bjca"],
  loginSuccess: ["true", "0"],
};
const PORTS = [17290, 17291, 17292, 17293, 17294, 17295, 17296, 17297];
const TLS_PORTS = [17300, 17301, 17302, 17303, 17304, 17305, 17306, 17307];

/**
 * Return what the page's author set on the `<script>` element, in its `data-` attributes.
 *
 * @throws {Error} an attribute says something else than it can
 */
function readSettings(dataset) {
  const chosen = Object.entries(CHOICES).map(([name, [usual, ...others]]) => {
    const value = dataset[name] ?? usual;
    if (value !== usual && !others.includes(value)) refuseSetting(name, value);
    return [name, value];
  });
  const settings = Object.fromEntries(chosen);
  const synchronous = dataset.synchronous !== undefined;
  return {
    ...settings,
    loginSuccess: settings.loginSuccess === "0" ? 0 : true,
    synchronous,
    pinField: dataset.pinField,
    objects: dataset.objects?.split(" ").filter(Boolean) ?? (synchronous ? ["XTXAPP"] : []),
    ports: readPorts("ports", dataset.ports) ?? PORTS,
    tlsPorts: readPorts("tlsPorts", dataset.tlsPorts) ?? TLS_PORTS,
  };
}

function readPorts(name, text) {
  const ports = text?.split(",").map(Number);
  if (ports?.some((port) => !Number.isInteger(port) || port < 1 || port > 65535)) {
    refuseSetting(name, text);
  }
  return ports;
}

function refuseSetting(name, value) {
  throw new Error(`sof.js: ${name} cannot be ${value}`);
}

/**
 * What happens when the script is loaded.
 */

const script = document.currentScript;
const settings = readSettings(script.dataset);
const clientAt = new URL(script.dataset.client ?? "../signet.js", script.src).href;

/** The client's words, once it is loaded; a blocking call cannot wait for them. */
let words = {};

const loadClient = async () => {
  const client = await import(clientAt);
  words = client.ERRORS;
  return client;
};
const connect = async () => {
  const { Signet } = await loadClient();
  const ports = { ws: settings.ports, wss: settings.tlsPorts };
  return Signet.connect({ ports, allowFramed: isWithinOwnSite(window) });
};

const waiting = new WaitingAgent(connect);
if (settings.synchronous) {
  loadClient().catch(() => {}); // Only for its words; a blocking call does without.
  const sentences = (code) => words[code]?.tell;
  install(window, settings, {
    waiting,
    blocking: new BlockingAgent(window, settings.tlsPorts, sentences),
  });
} else {
  install(window, settings, { waiting });
}
})();
