// The SOF_ functions, as old pages call them.

import assert from "node:assert/strict";
import test from "node:test";

import { SofError } from "../../../protocol/js/sof/parts/faults.js";
import { TO_BE_CHOSEN } from "../../../protocol/js/sof/parts/functions.js";
import { readSettings } from "../../../protocol/js/sof/parts/page.js";
import { SENTENCE } from "../../../protocol/js/sof/parts/pin_fields.js";
import { TABLE } from "../../../protocol/js/sof/parts/table.js";
import { SignetError } from "../../../protocol/js/signet.js";
import { FINGERPRINT, called, certificate, client, field, oldPage } from "./old_page.mjs";
import "./page.mjs"; // Node 18 gets its crypto from there.

const LEAF = certificate();
const CHOICE = { certificate: LEAF, fingerprint: FINGERPRINT };
const SIGNED = { signature: "c2lnbmVk", certificate: LEAF };
const choosing = { choose: () => CHOICE, sign: () => SIGNED };

const failsAs = (code) => (error) => error instanceof SofError && error.code === code;

test("every name of the table is on the page", () => {
  const { page } = oldPage(client());
  for (const { name, aliases } of TABLE.functions) {
    for (const each of [name, ...aliases]) assert.equal(typeof page[each], "function", each);
  }
});

test("a name that the page has already stays the page's own", () => {
  const { page } = oldPage(client(), { globals: { ReadFile: "mine" } });
  assert.equal(page.ReadFile, "mine");
});

test("a name that nobody knows is not there", () => {
  const { page } = oldPage(client());
  assert.equal(page.SOF_FormatDisk, undefined);
});

test("before a click the list holds one entry for the choice to come, and nobody is asked", async () => {
  const { page, connects } = oldPage(client(), { isActive: false });
  const list = await page.SOF_GetUserList();
  assert.equal(list, `在签章助手的窗口里选择证书||${TO_BE_CHOSEN}&&&`);
  assert.equal(connects.length, 0);
});

test("after a click the list opens the chooser once", async () => {
  const agent = client(choosing);
  const { page } = oldPage(agent);
  assert.equal(await page.SOF_GetUserList(), `张三 样例||${FINGERPRINT}&&&`);
  assert.equal(await page.GetUserList(), `张三 样例||${FINGERPRINT}&&&`);
  assert.deepEqual(agent.asked, [["choose", {}]]);
});

test("a name that would end its entry early is written without the separators", async () => {
  const agent = client({
    choose: () => ({ ...CHOICE, certificate: certificate("/CN=A||evil&&&B") }),
  });
  const { page } = oldPage(agent);
  assert.equal(await page.SOF_GetUserList(), `A evil B||${FINGERPRINT}&&&`);
});

test("the stand-in leads to the chooser at the login, and signs with the choice", async () => {
  const agent = client(choosing);
  const { page, userActivation } = oldPage(agent, { isActive: false });
  await page.SOF_GetUserList();
  userActivation.hasBeenActive = true;
  assert.equal(await page.SOF_Login(TO_BE_CHOSEN, "123456"), true);
  assert.equal(await page.SOF_SignData(TO_BE_CHOSEN, "随机数"), SIGNED.signature);
  assert.equal(agent.asked[1][2].certificate, FINGERPRINT);
  assert.ok(!JSON.stringify(agent.asked).includes("123456"));
});

test("nothing opens a window before the person has clicked", async () => {
  const { page, connects } = oldPage(client(choosing), { isActive: false });
  for (const calling of [
    page.SOF_Login(TO_BE_CHOSEN, ""),
    page.SOF_ExportUserCert(FINGERPRINT),
    page.SOF_SignData(FINGERPRINT, "x"),
    page.SOF_SignMessage(0, FINGERPRINT, "x"),
    page.SOF_DecryptData(FINGERPRINT, "MIIB"),
  ]) {
    await assert.rejects(calling, failsAs("sof.click"));
  }
  assert.equal(connects.length, 0);
});

test("callbacks get the value and their context", async () => {
  const { page } = oldPage(client(choosing));
  const got = await called(page.VerifyUserPIN, FINGERPRINT, "123456");
  assert.deepEqual(got, { retVal: true, ctx: "the context" });
  const signed = await called(page.SignedData, FINGERPRINT, "abc");
  assert.deepEqual(signed, { retVal: SIGNED.signature, ctx: "the context" });
});

test("callbacks get the failure's value, its code and a sentence", async () => {
  const refusing = client({
    ...choosing,
    sign: () => {
      throw new SignetError("user.refused");
    },
  });
  const { page } = oldPage(refusing);
  const got = await called(page.SOF_SignData, FINGERPRINT, "abc");
  assert.equal(got.retVal, "");
  assert.equal(got.code, "user.refused");
  assert.match(got.message, /您没有同意/);
  assert.equal(got.ctx, "the context");
  assert.equal(await page.SOF_GetLastError(), 0x0b000447);
  assert.match(await page.SOF_GetLastErrMsg(), /您没有同意/);
  assert.equal((await called(page.SOF_GetLastError)).retVal, 0x0b000447);
  await page.SOF_GetVersion();
  assert.equal(await page.SOF_GetLastError(), 0);
  assert.equal(await page.SOF_GetLastErrMsg(), "");
});

test("a fault that has no code is named as the shim's", async () => {
  const broken = client({
    ...choosing,
    sign: () => {
      throw new TypeError("x");
    },
  });
  const { page } = oldPage(broken);
  await assert.rejects(page.SOF_SignData(FINGERPRINT, "abc"), failsAs("sof.fault"));
});

test("text is signed in the encoding that the page's author set", async () => {
  const agent = client(choosing);
  await oldPage(agent).page.SOF_SignData(FINGERPRINT, "税务");
  const gbk = oldPage(agent, { dataset: { charset: "gbk" } }).page;
  await gbk.SOF_SignData(FINGERPRINT, "税务a");
  await gbk.SOF_SignMessage("1", FINGERPRINT, "税");
  const [[, utf8, plain], [, two, plainGbk], [, message, cades]] = agent.asked;
  assert.equal(new TextDecoder().decode(utf8), "税务");
  assert.deepEqual([...two], [0xcb, 0xb0, 0xce, 0xf1, 0x61]);
  assert.equal(new TextDecoder().decode(message), "税");
  const usual = { packaging: "detached", certificate: FINGERPRINT };
  assert.deepEqual(plain, { mediaType: "text/plain", format: "plain", ...usual });
  assert.deepEqual(plainGbk, { mediaType: "text/plain;charset=gbk", format: "plain", ...usual });
  assert.deepEqual(cades, { mediaType: "text/plain", format: "cades-b", ...usual });
});

test("a message is attached with flag 0, and every other flag is refused", async () => {
  const agent = client(choosing);
  const { page } = oldPage(agent);
  await page.SOF_SignMessage(0, FINGERPRINT, "x");
  await page.SOF_SignDataByP7(FINGERPRINT, "x");
  assert.deepEqual(
    agent.asked.map(([, , { packaging }]) => packaging),
    ["attached", "attached"],
  );
  for (const flag of [2, "", undefined, "constructor", "__proto__", {}, [0, 1]]) {
    const calling = page.SOF_SignMessage(flag, FINGERPRINT, "x");
    await assert.rejects(calling, failsAs("sof.argument"));
  }
});

test("text that cannot be spelled is not signed", async () => {
  const agent = client(choosing);
  const { page } = oldPage(agent, { dataset: { charset: "gbk" } });
  for (const text of ["\ud800", "😀", "한국", "\ue000", "€"]) {
    await assert.rejects(page.SOF_SignData(FINGERPRINT, text), failsAs("sof.text"));
  }
  await assert.rejects(
    oldPage(agent).page.SOF_SignData(FINGERPRINT, "\udc00"),
    failsAs("sof.text"),
  );
  assert.deepEqual(agent.asked, []);
});

for (const data of [undefined, null, "", 7, {}, ["x"]]) {
  test(`${JSON.stringify(data)} is nothing to sign`, async () => {
    const agent = client(choosing);
    const { page } = oldPage(agent);
    await assert.rejects(page.SOF_SignData(FINGERPRINT, data), failsAs("sof.argument"));
    assert.deepEqual(agent.asked, []);
  });
}

for (const certId of [undefined, "", "CONTAINER-1", "../etc", "__proto__", FINGERPRINT.toUpperCase()]) {
  test(`${certId} names no certificate`, async () => {
    const agent = client(choosing);
    const { page } = oldPage(agent);
    await assert.rejects(page.SOF_SignData(certId, "x"), failsAs("sof.certificate"));
    await assert.rejects(page.SOF_ExportUserCert(certId), failsAs("sof.certificate"));
    await assert.rejects(page.SOF_Login(certId, "1"), failsAs("sof.certificate"));
    assert.deepEqual(agent.asked, []);
  });
}

test("a certificate of an earlier visit is taken when the person chooses it again", async () => {
  const { page } = oldPage(client(choosing));
  assert.equal(await page.SOF_ExportUserCert(FINGERPRINT), LEAF);
  assert.equal(await page.SOF_IsLogin(FINGERPRINT), true);
});

test("another certificate than the page's is not passed off as it", async () => {
  const { page } = oldPage(client(choosing));
  await assert.rejects(page.SOF_ExportUserCert("5b".repeat(32)), failsAs("sof.certificate"));
});

test("logging out forgets what was chosen", async () => {
  const agent = client(choosing);
  const { page } = oldPage(agent);
  await page.SOF_GetUserList();
  assert.equal(await page.Logout(FINGERPRINT), true);
  assert.equal(await page.SOF_IsLogin(FINGERPRINT), false);
  await page.SOF_GetUserList();
  assert.equal(agent.asked.length, 2);
});

test("calls that come together are asked one after the other", async () => {
  const waiting = [];
  const answer = () => new Promise((resolve) => waiting.push(() => resolve(SIGNED)));
  const agent = client({ sign: answer });
  const { page, connects } = oldPage(agent);
  const both = [page.SOF_SignData(FINGERPRINT, "1"), page.SOF_SignData(FINGERPRINT, "2")];
  await new Promise(setImmediate);
  assert.equal(agent.asked.length, 1);
  waiting.pop()();
  await both[0];
  await new Promise(setImmediate);
  assert.equal(agent.asked.length, 2);
  waiting.pop()();
  await both[1];
  assert.equal(connects.length, 1);
});

test("lists that are asked for together open one chooser", async () => {
  const agent = client(choosing);
  const { page } = oldPage(agent);
  const lists = await Promise.all([page.SOF_GetUserList(), page.SOF_GetUserList()]);
  assert.deepEqual(lists, Array(2).fill(`张三 样例||${FINGERPRINT}&&&`));
  assert.equal(agent.asked.length, 1);
});

test("a refused chooser is not followed by that of a call that waited", async () => {
  const agent = client({
    choose: () => {
      userActivation.isActive = false;
      throw new SignetError("user.refused");
    },
  });
  const { page, userActivation } = oldPage(agent);
  const lists = await Promise.allSettled([page.SOF_GetUserList(), page.SOF_GetUserList()]);
  assert.deepEqual(
    lists.map(({ status }) => status),
    ["rejected", "fulfilled"],
  );
  assert.equal(agent.asked.length, 1);
});

test("an agent that is gone is named, and looked for again at the next call", async () => {
  const agent = client({
    sign: () => {
      agent.connected = false;
      throw new SignetError("client.connection_lost");
    },
  });
  const { page, connects } = oldPage(agent);
  for (let time = 0; time < 2; time += 1) {
    const calling = page.SOF_SignData(FINGERPRINT, "x");
    await assert.rejects(calling, failsAs("client.connection_lost"));
  }
  assert.equal(connects.length, 2);
});

test("an envelope is opened and read in the page's encoding", async () => {
  const agent = client({ decrypt: () => ({ content: Uint8Array.of(0xcb, 0xb0) }) });
  const { page } = oldPage(agent, { dataset: { charset: "gbk" } });
  assert.equal(await page.DecodeP7Enveloped(FINGERPRINT, "MII\r\nB"), "税");
  assert.deepEqual(agent.asked[0].slice(2), [{ certificate: FINGERPRINT }]);
  await assert.rejects(page.SOF_DecryptData(FINGERPRINT, "M"), failsAs("sof.argument"));
  const other = client({ decrypt: () => ({ content: Uint8Array.of(0xff) }) });
  const utf8 = oldPage(other).page;
  await assert.rejects(utf8.SOF_DecryptData(FINGERPRINT, "MIIB"), failsAs("sof.text"));
});

for (const row of TABLE.functions.filter(({ where }) => where === "refused")) {
  test(`${row.name} is refused as ${row.error}, and nobody is asked`, async () => {
    const agent = client(choosing);
    const { page, connects } = oldPage(agent);
    const given = row.parameters.map(() => "123456");
    await assert.rejects(page[row.name](...given), failsAs(row.error));
    const { retVal, code } = await called(page[row.name], ...given);
    assert.equal(code, row.error);
    assert.equal(typeof retVal, row.result);
    assert.ok(!(retVal > 0) && retVal !== true);
    assert.deepEqual(agent.asked, []);
    assert.equal(connects.length, 0);
  });
}

test("the page's own PIN fields are switched off when their PIN is handed over", async () => {
  const fields = [field("123456"), field("another"), field("123456")];
  const { page } = oldPage(client(choosing), { fields });
  await page.SOF_Login(FINGERPRINT, "123456");
  assert.deepEqual(
    fields.map(({ value, disabled }) => [value, disabled]),
    [
      ["signet", true],
      ["another", false],
      ["signet", true],
    ],
  );
  assert.equal(fields[0].title, SENTENCE);
  await page.SOF_Login(FINGERPRINT, "signet");
  assert.deepEqual(
    fields.map(({ notes }) => notes.map(({ textContent }) => textContent)),
    [[SENTENCE], [], [SENTENCE]],
  );
});

test("old and new PIN of a refused change are switched off too", async () => {
  const fields = [field("111111"), field("222222")];
  const { page } = oldPage(client(), { fields });
  await assert.rejects(page.SOF_ChangePassWd(FINGERPRINT, "111111", "222222"), failsAs("sof.pin"));
  assert.ok(fields.every(({ disabled }) => disabled));
});

test("pages for which 0 means success get it", async () => {
  const { page } = oldPage(client(choosing), { dataset: { loginSuccess: "0" } });
  assert.equal(await page.SOF_Login(FINGERPRINT, "1"), 0);
  assert.equal((await called(page.SOF_Login, "nobody", "1")).retVal, -2);
});

test("a method is remembered, and those with SHA-1 are refused", async () => {
  const { page } = oldPage(client());
  assert.equal(await page.SOF_GetSignMethod(), 0x10004);
  assert.equal(await page.SOF_SetSignMethod(0x20201), 0);
  assert.equal(await page.SOF_GetSignMethod(), 0x20201);
  await assert.rejects(page.SOF_SetSignMethod(0x10002), failsAs("sof.method"));
  assert.equal((await called(page.SOF_SetSignMethod, "x")).retVal, -1);
});

test("random octets are as many as were asked for", async () => {
  const { page } = oldPage(client());
  const [one, two] = [await page.SOF_GenRandom(24), await page.GenerateRandom("24")];
  assert.equal(atob(one).length, 24);
  assert.notEqual(one, two);
  for (const length of [0, 1025, 1.5, "x", -1, undefined]) {
    await assert.rejects(page.SOF_GenRandom(length), failsAs("sof.argument"));
  }
});

test("base64 is written and read in the page's encoding", async () => {
  const gbk = oldPage(client(), { dataset: { charset: "gbk" } }).page;
  assert.equal(await gbk.SOF_Base64Encode("税"), "y7A=");
  assert.equal(await gbk.SOF_Base64Decode("y7A="), "税");
  assert.equal(await oldPage(client()).page.SOF_Base64Encode("税"), "56iO");
  await assert.rejects(gbk.SOF_Base64Decode("<script>"), failsAs("sof.argument"));
});

test("what tells nothing of this computer has one answer for everybody", async () => {
  const { page } = oldPage(client());
  assert.equal(await page.GetDeviceCount(), 1);
  assert.equal(await page.IsDeviceExist("SN1"), true);
  assert.equal(await page.SOF_CheckSupport(), 0);
  assert.match(await page.SOF_GetVersion(), /^Signet SOF /);
});

for (const [name, value] of [
  ["charset", "gb2312"],
  ["certInfo", "GM"],
  ["loginSuccess", "1"],
  ["ports", "17290,x"],
  ["tlsPorts", "70000"],
]) {
  test(`the attribute ${name} cannot be ${value}`, () => {
    assert.throws(() => readSettings({ [name]: value }), new RegExp(`${name} cannot be ${value}`));
  });
}
