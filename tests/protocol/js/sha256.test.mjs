// The digest that grows is the digest of the whole.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import test from "node:test";

import { toHex } from "../../../protocol/js/octets.js";
import { Sha256 } from "../../../protocol/js/sha256.js";

const whole = (octets) => createHash("sha256").update(octets).digest("hex");

test("every length around the padding's edges has the right digest", () => {
  for (let length = 0; length <= 200; length += 1) {
    const octets = randomBytes(length);
    const hash = new Sha256();
    hash.update(octets);
    assert.equal(toHex(hash.digest()), whole(octets), `${length} octets`);
  }
});

test("pieces of any size give the digest of the whole", () => {
  const octets = randomBytes(100_000);
  const hash = new Sha256();
  for (let at = 0, size = 1; at < octets.length; at += size, size = (size * 7) % 4099) {
    hash.update(octets.subarray(at, at + size));
  }
  assert.equal(toHex(hash.digest()), whole(octets));
});
