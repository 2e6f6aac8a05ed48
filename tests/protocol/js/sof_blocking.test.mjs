// Pages that block: one synchronous request for each use of the agent.

import assert from "node:assert/strict";
import test from "node:test";

import { BlockingAgent } from "../../../protocol/js/sof/parts/asking.js";
import { ERRORS } from "../../../protocol/js/errors.js";
import { FINGERPRINT, certificate, client, oldPage } from "./old_page.mjs";
import { AUDIT, storage } from "./page.mjs";

const LEAF = certificate();
const RESULTS = {
  choose: { certificate: LEAF, fingerprint: FINGERPRINT },
  sign: { signature: "c2lnbmVk", certificate: LEAF, digest: "00", format: "plain" },
  decrypt: { content: "56iO", certificate: LEAF },
};
const PORTS = [17300, 17301, 17302];

const answering = ({ method }) => ({ jsonrpc: "2.0", id: 1, result: RESULTS[method], audit: AUDIT });
const refusing = (code) => () => ({
  jsonrpc: "2.0",
  id: 1,
  error: { code: -32000, message: "no", data: { code, retry: true } },
  audit: AUDIT,
});

/** Return a page whose requests are answered by port; a port without an answer is closed. */
function blocking(places, options = {}) {
  const sent = [];
  class XMLHttpRequest {
    open(method, url, asynchronous) {
      this.port = new URL(url).port;
      sent.push({ method, url, asynchronous, fields: {} });
    }
    setRequestHeader(name, value) {
      sent.at(-1).fields[name] = value;
    }
    send(text) {
      sent.at(-1).body = JSON.parse(text);
      const place = places[this.port];
      if (!place) throw new Error("NetworkError");
      const reply = place(JSON.parse(text));
      this.responseText = typeof reply === "string" ? reply : JSON.stringify(reply);
    }
  }
  const kept = options.storage ?? storage();
  const location = { origin: "https://tax.example.test" };
  const browser = { XMLHttpRequest, localStorage: kept, location };
  browser.parent = options.parent ?? browser;
  const agent = new BlockingAgent(browser, PORTS, (code) => ERRORS[code]?.tell);
  const { page } = oldPage(client(options.answers), {
    dataset: { synchronous: "" },
    blocking: agent,
    ...options,
  });
  return { page, sent, kept };
}

test("a call without a callback returns its value", () => {
  const { page, sent } = blocking({ 17300: answering });
  assert.equal(page.XTXAPP.SOF_GetUserList(), `张三 样例||${FINGERPRINT}&&&`);
  assert.equal(page.SOF_Login(FINGERPRINT, "123456"), true);
  assert.equal(page.SOF_SignData(FINGERPRINT, "税"), "c2lnbmVk");
  assert.equal(page.SOF_DecryptData(FINGERPRINT, "MIIB"), "税");
  assert.deepEqual(
    sent.map(({ body }) => body),
    [
      { jsonrpc: "2.0", id: 1, method: "choose", params: {} },
      {
        jsonrpc: "2.0",
        id: 1,
        method: "sign",
        params: {
          document: "56iO",
          media_type: "text/plain",
          format: "plain",
          packaging: "detached",
          certificate: FINGERPRINT,
        },
      },
      {
        jsonrpc: "2.0",
        id: 1,
        method: "decrypt",
        params: { envelope: "MIIB", certificate: FINGERPRINT },
      },
    ],
  );
  assert.deepEqual(sent[0], {
    ...sent[0],
    method: "POST",
    url: "https://localhost:17300/v1",
    asynchronous: false,
    fields: { "Content-Type": "application/json", "X-Signet": "1" },
  });
});

test("a call with a callback waits instead", async () => {
  const answers = { choose: () => RESULTS.choose };
  const { page, sent } = blocking({ 17300: answering }, { answers });
  const { retVal } = await new Promise((resolve) => page.SOF_GetUserList(resolve));
  assert.equal(retVal, `张三 样例||${FINGERPRINT}&&&`);
  assert.equal(sent.length, 0);
});

test("controls of BJCA's class on the page get the functions", () => {
  const control = {};
  blocking({}, { controls: [control] });
  assert.equal(control.GetDeviceCount(), 1);
});

test("closed ports and other programs are passed over, and the agent's is remembered", () => {
  const { page, sent, kept } = blocking({ 17301: () => "<html>", 17302: answering });
  page.SOF_GetUserList();
  page.SOF_SignData(FINGERPRINT, "x");
  assert.deepEqual(
    sent.map(({ url }) => new URL(url).port),
    ["17300", "17301", "17302", "17302"],
  );
  assert.equal(kept.getItem("signet.sof.port"), "17302");
  const later = blocking({ 17302: answering }, { storage: kept });
  later.page.SOF_GetUserList();
  assert.equal(later.sent.length, 1);
});

test("a port that storage made up is not asked", () => {
  const { page, sent } = blocking({}, { storage: storage({ "signet.sof.port": "22" }) });
  assert.equal(page.SOF_GetUserList(), "");
  assert.deepEqual(
    sent.map(({ url }) => Number(new URL(url).port)),
    PORTS,
  );
});

test("storage that is switched off is done without", () => {
  const broken = () => {
    throw new Error("SecurityError");
  };
  const off = { getItem: broken, setItem: broken };
  const { page } = blocking({ 17300: answering }, { storage: off });
  assert.notEqual(page.SOF_GetUserList(), "");
});

test("nobody there is told by number and sentence", () => {
  const { page } = blocking({});
  assert.equal(page.SOF_SignData(FINGERPRINT, "x"), "");
  assert.equal(page.SOF_GetLastError(), 0x0b000011);
  assert.match(page.SOF_GetLastErrMsg(), /^没有连上签章助手/);
});

test("an agent that has gone is not asked elsewhere for a second window", () => {
  const places = { 17301: answering };
  const { page, sent } = blocking(places);
  page.SOF_GetUserList();
  places[17301] = undefined;
  places[17302] = answering;
  assert.equal(page.SOF_SignData(FINGERPRINT, "x"), "");
  assert.match(page.SOF_GetLastErrMsg(), /^和签章助手的连接断了/);
  assert.equal(sent.length, 3);
  assert.equal(page.SOF_SignData(FINGERPRINT, "x"), "c2lnbmVk");
});

test("the agent's refusal is told in its words", () => {
  const { page } = blocking({ 17300: refusing("user.refused") });
  assert.equal(page.SOF_SignData(FINGERPRINT, "x"), "");
  assert.equal(page.SOF_GetLastError(), 0x0b000447);
  assert.match(page.SOF_GetLastErrMsg(), /^您没有同意/);
});

test("a code that is not known yet still has a sentence", () => {
  const { page } = blocking({ 17300: refusing("agent.tired") });
  page.SOF_SignData(FINGERPRINT, "x");
  assert.equal(page.SOF_GetLastError(), 0x0b000001);
  assert.match(page.SOF_GetLastErrMsg(), /^没有得到结果/);
});

test("a code that is a word of the language is a code that is not known", () => {
  const { page } = blocking({ 17300: refusing("constructor") });
  page.SOF_SignData(FINGERPRINT, "x");
  assert.equal(page.SOF_GetLastError(), 0x0b000001);
});

test("half a result is not used", () => {
  const half = () => ({ jsonrpc: "2.0", id: 1, result: { certificate: LEAF }, audit: AUDIT });
  const { page } = blocking({ 17300: half });
  assert.equal(page.SOF_SignData(FINGERPRINT, "x"), "");
  assert.match(page.SOF_GetLastErrMsg(), /^签章助手的回答看不懂/);
});

test("refused functions answer at once with their failure", () => {
  const { page, sent } = blocking({ 17300: answering });
  assert.equal(page.XTXAPP.SOF_VerifySignedData("a", "b", "c"), false);
  assert.equal(page.XTXAPP.SOF_ValidateCert("a"), -6);
  assert.equal(page.XTXAPP.SOF_SignFile("a", "C:\\secret"), "");
  assert.equal(page.SOF_GetLastError(), 0x0b000003);
  assert.deepEqual(sent, []);
});

/** Return a frame whose parent is of this origin, or cannot be looked at. */
function around(origin) {
  const parent = {
    get location() {
      if (origin) return { origin };
      throw new Error("SecurityError");
    },
  };
  parent.parent = parent;
  return parent;
}

test("a frameset of one's own site is no obstacle", () => {
  const { page } = blocking({ 17300: answering }, { parent: around("https://tax.example.test") });
  assert.equal(page.SOF_SignData(FINGERPRINT, "x"), "c2lnbmVk");
});

for (const origin of ["https://evil.example.test", undefined]) {
  test(`inside another site (${origin}) nobody is asked`, () => {
    const { page, sent } = blocking({ 17300: answering }, { parent: around(origin) });
    assert.equal(page.SOF_SignData(FINGERPRINT, "x"), "");
    assert.match(page.SOF_GetLastErrMsg(), /^这个页面嵌在别的网页里/);
    assert.deepEqual(sent, []);
  });
}
