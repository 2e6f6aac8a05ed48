// What old pages read from a certificate, and certificates that are none.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import test from "node:test";

import { SofError } from "../../../protocol/js/sof/parts/faults.js";
import { FINGERPRINT, certificate, client, oldPage } from "./old_page.mjs";

const ID = "1.2.156.10260.4.1.1";
const LEAF = certificate(
  "/C=CN/O=样例企业/OU=财务/CN=张三 样例/emailAddress=zs@example.test",
  "keyUsage=digitalSignature,keyEncipherment",
  `${ID}=ASN1:PRINTABLESTRING:110101199003070011`,
  "1.2.156.10260.4.1.2=ASN1:EXPLICIT:0,PRINTABLESTRING:A1",
  "1.2.156.10260.4.1.3=ASN1:IMPLICIT:1,PRINTABLESTRING:B2",
  "1.2.156.10260.4.1.4=DER:00",
  "1.2.156.10260.4.1.5=ASN1:INT:7",
);
const KNOWN = new X509Certificate(Buffer.from(LEAF, "base64"));

const { page: gm } = oldPage(client());
const { page: bjca } = oldPage(client(), { dataset: { certInfo: "bjca" } });

const digits = (date) => new Date(date).toISOString().replace(/\D/g, "").slice(0, 14);
const NOT_BEFORE = digits(KNOWN.validFrom);
const NOT_AFTER = digits(KNOWN.validTo);
const KEY = KNOWN.publicKey.export({ type: "spki", format: "der" }).toString("base64");
const NAME = "C=CN, O=样例企业, OU=财务, CN=张三 样例, E=zs@example.test";

for (const [type, value] of [
  [1, "3"],
  [2, KNOWN.serialNumber.padStart(4, "0")],
  [5, NAME],
  [6, `${NOT_BEFORE}-${NOT_AFTER}`],
  [7, NAME],
  [8, KEY],
  ["0x13", "AwIFoA=="],
  [0x14, ""],
  [0x21, "张三 样例"],
  [0x22, "样例企业"],
  [0x23, "财务"],
  [0x31, "张三 样例"],
  [0x32, "样例企业"],
  [0x33, "财务"],
  [0x34, "zs@example.test"],
  [0x35, NOT_BEFORE],
  [0x36, NOT_AFTER],
]) {
  test(`item ${type} in the standard's numbering`, async () => {
    assert.equal(await gm.SOF_GetCertInfo(LEAF, type), value);
  });
}

for (const [type, value] of [
  [1, "V3"],
  [2, KNOWN.serialNumber.padStart(4, "0")],
  [3, "1.2.840.113549.1.1.11"],
  [8, "张三 样例"],
  [11, NOT_BEFORE],
  [12, NOT_AFTER],
  [14, "样例企业"],
  [15, "财务"],
  [17, "张三 样例"],
  [20, KEY],
]) {
  test(`item ${type} in BJCA's numbering`, async () => {
    assert.equal(await bjca.GetCertBasicinfo(LEAF, type), value);
  });
}

for (const [oid, value] of [
  [ID, "110101199003070011"],
  ["1.2.156.10260.4.1.2", "A1"],
  ["1.2.156.10260.4.1.3", "B2"],
  ["1.2.156.10260.4.1.4", "AA=="],
  ["1.2.156.10260.4.1.5", "AgEH"],
  ["2.5.4.10", "样例企业"],
  ["1.2.3.4", ""],
  ["constructor", ""],
]) {
  test(`${oid} in the certificate`, async () => {
    assert.equal(await gm.GetExtCertInfoByOID(LEAF, oid), value);
  });
}

test("a PEM certificate with broken lines is read as well", async () => {
  assert.equal(await gm.SOF_GetCertInfo(KNOWN.toString(), 0x32), "样例企业");
});

test("an encryption certificate is shown only where the chosen one may encrypt", async () => {
  const choice = (leaf) => ({ choose: () => ({ certificate: leaf, fingerprint: FINGERPRINT }) });
  const single = oldPage(client(choice(LEAF))).page;
  assert.equal(await single.SOF_ExportExChangeUserCert(FINGERPRINT), LEAF);
  for (const extensions of [["keyUsage=digitalSignature"], []]) {
    const other = oldPage(client(choice(certificate("/CN=A", ...extensions)))).page;
    const calling = other.GetExchCert(FINGERPRINT);
    await assert.rejects(calling, ({ code }) => code === "sof.certificate");
  }
});

test("an item without a number in the list is refused", async () => {
  for (const type of [0, 999, "x", undefined, "constructor"]) {
    await assert.rejects(gm.SOF_GetCertInfo(LEAF, type), ({ code }) => code === "sof.argument");
  }
});

for (const text of [undefined, {}, "", "AAAA", "MIIB", "MIAA", "MIAAAA==", "MAA=", "MAIwAA==", "!"]) {
  test(`${JSON.stringify(text)} is no certificate`, async () => {
    await assert.rejects(gm.SOF_GetCertInfo(text, 1), ({ code }) => code === "sof.argument");
  });
}

test("a certificate that was cut or changed anywhere is read or refused, never more", async () => {
  const whole = Buffer.from(LEAF, "base64");
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] ^= 0xff;
    for (const octets of [changed, whole.subarray(0, at)]) {
      try {
        await gm.SOF_GetCertInfo(octets.toString("base64"), 7);
      } catch (error) {
        assert.ok(error instanceof SofError);
        assert.ok(["sof.argument"].includes(error.code), `${at}: ${error.message}`);
      }
    }
  }
});
