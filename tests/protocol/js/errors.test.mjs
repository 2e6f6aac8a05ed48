// The list of errors in the client is the list of the contract.

import assert from "node:assert/strict";
import test from "node:test";

import { ERRORS, SignetError, VERSION } from "../../../protocol/js/signet.js";
import { contract } from "./page.mjs";

const { errors, version } = contract("schema/errors.json");

test("the client knows every error, in the same words", () => {
  const listed = errors.map(({ code, fault, retry, tell }) => [code, { fault, retry, tell }]);
  assert.deepEqual(ERRORS, Object.fromEntries(listed));
  assert.equal(VERSION, version);
});

test("an error says what the list says of its code", () => {
  for (const { code, fault, retry, tell } of errors) {
    const error = new SignetError(code);
    assert.deepEqual(
      { code: error.code, fault: error.fault, retry: error.retry, tell: error.tell },
      { code, fault, retry, tell },
    );
    assert.equal(error.message, code);
    assert.equal(error.name, "SignetError");
    assert.ok(error instanceof Error);
  }
});

test("an error of a newer agent has a fault by its first part, and words for the person", () => {
  const error = new SignetError("token.asleep", { message: "zzz", retry: true });
  assert.equal(error.fault, "token");
  assert.equal(error.retry, true);
  assert.equal(error.message, "token.asleep: zzz");
  assert.equal(error.tell, ERRORS["agent.fault"].tell);
});

test("a code that is a property of every object is no known code", () => {
  assert.equal(new SignetError("constructor").tell, ERRORS["agent.fault"].tell);
});

test("the list cannot be changed by a script of the page", () => {
  assert.ok(Object.isFrozen(ERRORS));
  assert.ok(Object.values(ERRORS).every((entry) => Object.isFrozen(entry.tell)));
});
