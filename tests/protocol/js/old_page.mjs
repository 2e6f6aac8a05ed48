// An old page around the SOF_ functions: its globals, its fields, and an agent by script.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { WaitingAgent } from "../../../protocol/js/sof/parts/asking.js";
import { install, readSettings } from "../../../protocol/js/sof/parts/page.js";

export const FINGERPRINT = "4a".repeat(32);

/** Return a fresh certificate that OpenSSL made, DER in base64. */
export function certificate(subject = "/C=CN/O=样例企业/OU=财务/CN=张三 样例", ...extensions) {
  const folder = mkdtempSync(join(tmpdir(), "signet-sof-"));
  try {
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", join(folder, "key.pem")];
    const added = extensions.flatMap((each) => ["-addext", each]);
    const shape = ["-outform", "DER", "-out", join(folder, "leaf.der"), "-set_serial", "0x0abc"];
    const all = [...key, ...shape, ...added, "-utf8", "-subj", subject, "-days", "30"];
    execFileSync("openssl", ["req", "-x509", ...all], { stdio: "pipe" });
    return readFileSync(join(folder, "leaf.der")).toString("base64");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A client by script; `answers` has a function for each method. */
export function client(answers = {}) {
  const asked = [];
  const note = (method) => async (...given) => {
    asked.push([method, ...given]);
    return answers[method](...given);
  };
  const methods = { choose: note("choose"), sign: note("sign"), decrypt: note("decrypt") };
  return { asked, connected: true, ...methods };
}

/** A password field, and the notes that were put behind it. */
export function field(value) {
  const notes = [];
  return { value, disabled: false, notes, after: (note) => notes.push(note) };
}

/** Install the functions on a page; `isActive` says whether the person has just clicked. */
export function oldPage(agent, { dataset = {}, isActive = true, fields = [], ...more } = {}) {
  const document = {
    readyState: "complete",
    querySelectorAll: (selector) => (selector.startsWith("input") ? fields : (more.controls ?? [])),
    createElement: () => ({ setAttribute() {} }),
  };
  const userActivation = { isActive, hasBeenActive: isActive };
  const page = { navigator: { userActivation }, document, ...more.globals };
  const connects = [];
  const connect = async () => {
    connects.push(true);
    return agent;
  };
  install(page, readSettings(dataset), {
    waiting: new WaitingAgent(connect),
    blocking: more.blocking,
  });
  return { page, connects, userActivation };
}

/** Call a function in callback style and return what the callback got. */
export function called(act, ...given) {
  return new Promise((resolve) => {
    act(...given, resolve, "the context");
  });
}
