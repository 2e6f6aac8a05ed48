// Page and window must show the same digits.

import assert from "node:assert/strict";
import test from "node:test";

import { SignetError, comparisonCode } from "../../../protocol/js/signet.js";
import { contract } from "./page.mjs";

for (const { why, document, code } of contract("vectors/comparison.json").vectors) {
  test(`comparison code: ${why}`, async () => {
    assert.equal(await comparisonCode(new Uint8Array(Buffer.from(document, "base64"))), code);
  });
}

test("text is read as UTF-8", async () => {
  const octets = new TextEncoder().encode("增值税纳税申报表");
  assert.equal(await comparisonCode("增值税纳税申报表"), await comparisonCode(octets));
});

test("text that UTF-8 cannot spell has no code", async () => {
  await assert.rejects(comparisonCode("\udc00"), (error) => error instanceof SignetError);
});
