// Requests and answers once the agent is found.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";

import { Signet, SignetError } from "../../../protocol/js/signet.js";
import { AUDIT, agent, contract, network, page, until } from "./page.mjs";

const FORM = '{"form":"gs1/1"}';
const FORM_DIGEST = "960452afa8842e41bf2e34bf85b42ef860866294258d965f919e108416b0b28a";
const CHOICE = { certificate: "MIIBCgKCAQEA", fingerprint: "4a".repeat(32) };
const SIGNED = {
  signature: "MIIGAgYJKoZI",
  certificate: "MIIBCgKCAQEA",
  digest: FORM_DIGEST,
  format: "cades-b",
};
const FORM_TYPE = { mediaType: "application/json" };

const refusedWith = (code) => (error) => error instanceof SignetError && error.code === code;

/** Return a greeted client and the socket beneath it. */
async function connected(onrequest) {
  const { WebSocket, sockets } = network({ 17290: agent(onrequest) });
  const client = await Signet.connect({ WebSocket });
  return { client, socket: sockets[0] };
}

const ask = {
  hello: (client) => client.capabilities,
  login: (client, options) => client.login("bm9uY2U=", options),
  choose: (client, options) => client.chooseCertificate(options),
  sign: (client, options) => client.sign(FORM, { ...FORM_TYPE, ...options }),
};

for (const { why, method, outcome, ...reply } of contract("vectors/replies.json").vectors) {
  test(`reply to ${method}: ${why}`, async () => {
    const answering = (_, socket) => socket.say(reply.text ?? reply.json);
    const greeting = (socket) => {
      socket.onrequest = (request) => answering(request, socket);
      socket.open();
    };
    const place = method === "hello" ? greeting : agent(answering);
    const { WebSocket } = network({ 17290: place });
    const calling = Signet.connect({ WebSocket }).then((client) => ask[method](client));
    if (outcome === "result") {
      const result = await calling;
      assert.deepEqual(result.audit, reply.json.audit);
      assert.ok(Object.isFrozen(result));
      assert.equal(result.more, undefined);
    } else {
      // What does not greet is another program; the search goes on, and ends with nobody.
      const isStranger = method === "hello" && outcome.startsWith("client.");
      const code = isStranger ? "client.unreachable" : outcome;
      await assert.rejects(calling, refusedWith(code));
    }
  });
}

test("an agent's error keeps its words, its mark and its judgement of retrying", async () => {
  const { client } = await connected(({ id }, socket) => socket.refuse(id, "user.refused", false));
  const error = await client.login("bm9uY2U=").catch((caught) => caught);
  assert.equal(error.message, "user.refused: refused");
  assert.equal(error.retry, false);
  assert.equal(error.fault, "user");
  assert.deepEqual(error.audit, AUDIT);
});

test("sign sends the octets in base64 and leaves out what was not said", async () => {
  const { client, socket } = await connected(({ id }, from) => from.answer(id, SIGNED));
  assert.equal((await client.sign(FORM, FORM_TYPE)).signature, SIGNED.signature);
  assert.deepEqual(socket.sent[1], {
    jsonrpc: "2.0",
    id: 2,
    method: "sign",
    params: { document: "eyJmb3JtIjoiZ3MxLzEifQ==", media_type: "application/json" },
  });
});

test("sign sends everything that was said", async () => {
  const { client, socket } = await connected(({ id }, from) => from.answer(id, SIGNED));
  const { fingerprint: certificate } = CHOICE;
  const octets = new TextEncoder().encode(FORM);
  const more = { format: "cades-b", packaging: "attached", certificate };
  await client.sign(octets, { ...FORM_TYPE, ...more });
  assert.deepEqual(socket.sent[1].params, {
    document: "eyJmb3JtIjoiZ3MxLzEifQ==",
    media_type: "application/json",
    format: "cades-b",
    packaging: "attached",
    certificate,
  });
});

test("an ArrayBuffer and a view of a part are signed as the octets they are", async () => {
  const { client, socket } = await connected(({ id }, from) => from.answer(id, SIGNED));
  const buffer = new TextEncoder().encode(`xx${FORM}yy`).buffer;
  await client.sign(new Uint8Array(buffer, 2, FORM.length), FORM_TYPE);
  await client.sign(buffer.slice(2, 2 + FORM.length), FORM_TYPE);
  assert.deepEqual(socket.sent[1].params, socket.sent[2].params);
  assert.equal(atob(socket.sent[1].params.document), FORM);
});

test("the largest document is sent whole", async () => {
  const { client, socket } = await connected(({ id }, from) => from.refuse(id, "user.refused"));
  const octets = new Uint8Array(262144).map((_, at) => at % 251);
  await assert.rejects(client.sign(octets, FORM_TYPE), refusedWith("user.refused"));
  assert.deepEqual(Buffer.from(socket.sent[1].params.document, "base64"), Buffer.from(octets));
});

test("a document beyond the agent's limit is not sent", async () => {
  const { client, socket } = await connected();
  const settled = client.sign(new Uint8Array(262145), FORM_TYPE);
  await assert.rejects(settled, refusedWith("page.too_large"));
  assert.equal(socket.sent.length, 1);
});

test("text with a lone surrogate is not signed as something else", async () => {
  const { client, socket } = await connected();
  const settled = client.sign("\ud800", FORM_TYPE);
  await assert.rejects(settled, refusedWith("page.document_unsuitable"));
  assert.equal(socket.sent.length, 1);
});

test("progress reaches the call it belongs to", async () => {
  const note = (params, method = "progress") => ({ jsonrpc: "2.0", method, params });
  const { client } = await connected(({ id: call }, socket) => {
    socket.say(note({ call, state: "preparing" }));
    socket.say(note({ call: 99, state: "signing" }));
    socket.say(note([]));
    socket.say(note({ call }));
    socket.say(note({ call, state: "rain" }, "weather"));
    socket.say(note({ call, state: "waiting_for_person" }));
    socket.answer(call, CHOICE);
  });
  const heard = [];
  await client.chooseCertificate({ onProgress: (state) => heard.push(state) });
  assert.deepEqual(heard, ["preparing", "waiting_for_person"]);
});

test("what the page throws on progress does not end the call", async (t) => {
  const thrown = [];
  page(t, {
    queueMicrotask: (act) =>
      Promise.resolve()
        .then(act)
        .catch((error) => thrown.push(error.message)),
  });
  const { client } = await connected(({ id }, socket) => {
    socket.say({ jsonrpc: "2.0", method: "progress", params: { call: id, state: "preparing" } });
    socket.answer(id, CHOICE);
  });
  const onProgress = () => {
    throw new Error("a fault of the page");
  };
  assert.equal((await client.chooseCertificate({ onProgress })).fingerprint, CHOICE.fingerprint);
  assert.deepEqual(thrown, ["a fault of the page"]);
});

test("calls that run side by side get their own answers", async () => {
  const { client, socket } = await connected();
  const first = client.chooseCertificate({ purpose: "login" });
  const second = client.chooseCertificate();
  await until(() => socket.sent.length === 3);
  assert.deepEqual(socket.sent[1].params, { purpose: "login" });
  assert.deepEqual(socket.sent[2].params, {});
  socket.refuse(3, "agent.busy");
  socket.answer(77, {});
  socket.answer(2, CHOICE);
  await assert.rejects(second, refusedWith("agent.busy"));
  assert.equal((await first).certificate, CHOICE.certificate);
});

test("aborting asks the agent to cancel, and its answer ends the call", async () => {
  const { client, socket } = await connected();
  const stop = new AbortController();
  const calling = client.chooseCertificate({ signal: stop.signal });
  const settled = assert.rejects(calling, refusedWith("page.cancelled"));
  await until(() => socket.sent.length === 2);
  stop.abort();
  const cancel = { jsonrpc: "2.0", id: 3, method: "cancel", params: { call: 2 } };
  assert.deepEqual(socket.sent[2], cancel);
  socket.answer(3, { cancelled: true });
  socket.refuse(2, "page.cancelled");
  await settled;
  assert.ok(client.connected);
});

test("aborting too late still gives the result", async () => {
  const { client, socket } = await connected();
  const stop = new AbortController();
  const calling = client.chooseCertificate({ signal: stop.signal });
  await until(() => socket.sent.length === 2);
  stop.abort();
  socket.answer(2, CHOICE);
  assert.equal((await calling).fingerprint, CHOICE.fingerprint);
});

test("aborting before the call sends nothing", async () => {
  const { client, socket } = await connected();
  const settled = client.chooseCertificate({ signal: AbortSignal.abort() });
  await assert.rejects(settled, refusedWith("page.cancelled"));
  assert.equal(socket.sent.length, 1);
});

test("aborting after the answer sends nothing", async () => {
  const { client, socket } = await connected(({ id }, from) => from.answer(id, CHOICE));
  const stop = new AbortController();
  await client.chooseCertificate({ signal: stop.signal });
  stop.abort();
  assert.equal(socket.sent.length, 2);
});

test("a lost connection ends every call under way", async () => {
  const { client, socket } = await connected();
  const first = assert.rejects(client.chooseCertificate(), refusedWith("client.connection_lost"));
  const second = assert.rejects(client.chooseCertificate(), refusedWith("client.connection_lost"));
  await until(() => socket.sent.length === 3);
  socket.fail();
  await Promise.all([first, second]);
  assert.ok(!client.connected);
});

test("hanging up cancels what is under way", async () => {
  const { client, socket } = await connected();
  const settled = assert.rejects(client.chooseCertificate(), refusedWith("page.cancelled"));
  await until(() => socket.sent.length === 2);
  client.close();
  client.close();
  await settled;
  assert.ok(socket.isClosed);
  await assert.rejects(client.chooseCertificate(), refusedWith("page.cancelled"));
});

test("what is no message of the contract ends the conversation", async () => {
  const { client, socket } = await connected();
  const settled = assert.rejects(client.chooseCertificate(), refusedWith("client.malformed_reply"));
  await until(() => socket.sent.length === 2);
  socket.say("]");
  await settled;
  assert.ok(socket.isClosed);
});

test("the next call after a lost connection makes another, and no call is repeated", async () => {
  const places = { 17290: agent(() => {}) };
  const { WebSocket, sockets } = network(places);
  const client = await Signet.connect({ WebSocket });
  const lost = assert.rejects(client.login("bm9uY2U="), refusedWith("client.connection_lost"));
  await until(() => sockets[0].sent.length === 2);
  sockets[0].fail();
  await lost;
  assert.equal(sockets.length, 1);
  places[17290] = agent(({ id }, socket) => socket.answer(id, CHOICE));
  const both = [client.chooseCertificate(), client.chooseCertificate({ purpose: "login" })];
  await Promise.all(both);
  assert.ok(client.connected);
  assert.equal(sockets.length, 2);
  assert.deepEqual(
    sockets[1].sent.map(({ method }) => method),
    ["hello", "choose", "choose"],
  );
});

test("an agent that does not come back is said to be unreachable, until it does", async () => {
  const places = { 17290: agent() };
  const { WebSocket, sockets } = network(places);
  const client = await Signet.connect({ WebSocket });
  sockets[0].fail();
  delete places[17290];
  await assert.rejects(client.chooseCertificate(), refusedWith("client.unreachable"));
  places[17293] = agent(({ id }, socket) => socket.answer(id, CHOICE));
  assert.equal((await client.chooseCertificate()).fingerprint, CHOICE.fingerprint);
});

test("hanging up while a new connection is made lets that one go too", async () => {
  const { WebSocket, sockets } = network({ 17290: agent() });
  const client = await Signet.connect({ WebSocket });
  sockets[0].fail();
  const settled = assert.rejects(client.chooseCertificate(), refusedWith("page.cancelled"));
  client.close();
  await settled;
  assert.ok(sockets.every(({ isClosed, readyState }) => isClosed || readyState === 3));
});

test("ten thousand calls, answered last first, each get their own answer", async () => {
  const { client, socket } = await connected();
  const many = 10_000;
  const calls = Array.from({ length: many }, () => client.chooseCertificate());
  await until(() => socket.sent.length === many + 1);
  for (const { id } of socket.sent.slice(1).reverse()) {
    if (id % 2) socket.refuse(id, "page.too_many_calls", true);
    else socket.answer(id, { ...CHOICE, fingerprint: id.toString(16).padStart(64, "0") });
  }
  const outcomes = await Promise.allSettled(calls);
  outcomes.forEach(({ value, reason }, at) => {
    const id = at + 2;
    if (id % 2) assert.equal(reason.code, "page.too_many_calls");
    else assert.equal(Number.parseInt(value.fingerprint, 16), id);
  });
  assert.ok(client.connected);
});

const PAGES = [
  { document: FORM, mediaType: "application/json", name: "2026 年 9 月" },
  { document: "税", mediaType: "text/plain", name: "说明" },
];
const TEXT_DIGEST = createHash("sha256").update("税").digest("hex");
const BATCH = {
  items: [
    { signature: "MIIG", digest: FORM_DIGEST },
    { signature: "MIIH", digest: TEXT_DIGEST },
  ],
  certificate: "MIIB",
  format: "cades-b",
};

test("a batch goes out as one call and comes back in its order", async () => {
  const { client, socket } = await connected(({ id }, from) => from.answer(id, BATCH));
  const signed = await client.signBatch(PAGES, { certificate: CHOICE.fingerprint });
  assert.deepEqual(signed.items, BATCH.items);
  const [{ params }] = socket.sent.slice(1);
  assert.deepEqual(params.documents, [
    { document: btoa(FORM), media_type: "application/json", name: "2026 年 9 月" },
    { document: "56iO", media_type: "text/plain", name: "说明" },
  ]);
  assert.equal(params.certificate, CHOICE.fingerprint);
});

for (const [why, items] of [
  ["is in another order", BATCH.items.toReversed()],
  ["leaves one out", BATCH.items.slice(1)],
  ["has one too many", [...BATCH.items, BATCH.items[0]]],
  ["is no list", "MIIG"],
  ["has an empty signature", [BATCH.items[0], { signature: "", digest: TEXT_DIGEST }]],
  ["has an item of null", [BATCH.items[0], null]],
]) {
  test(`a batch whose answer ${why} is not taken`, async () => {
    const { client } = await connected(({ id }, from) => from.answer(id, { ...BATCH, items }));
    await assert.rejects(client.signBatch(PAGES), refusedWith("client.malformed_reply"));
  });
}

test("a batch beyond one message is not sent, and the conversation goes on", async () => {
  const { client, socket } = await connected();
  const large = { document: "x".repeat(200_000), mediaType: "text/plain", name: "x" };
  const signing = client.signBatch([large, large]);
  await assert.rejects(signing, refusedWith("page.too_large"));
  assert.equal(socket.sent.length, 1);
  assert.ok(client.connected);
});

test("an opened envelope is its octets", async () => {
  const answer = { content: "5bel6LWE5Y2V", certificate: "MIIB" };
  const { client, socket } = await connected(({ id }, from) => from.answer(id, answer));
  const { content } = await client.decrypt(new Uint8Array([48, 0]), {
    certificate: CHOICE.fingerprint,
  });
  assert.equal(new TextDecoder().decode(content), "工资单");
  assert.deepEqual(socket.sent[1].params, {
    envelope: "MAA=",
    certificate: CHOICE.fingerprint,
  });
});

test("an envelope whose content is not base64 is not taken", async () => {
  const answer = { content: "工资单", certificate: "MIIB" };
  const { client } = await connected(({ id }, from) => from.answer(id, answer));
  const opening = client.decrypt(new Uint8Array([48, 0]));
  await assert.rejects(opening, refusedWith("client.malformed_reply"));
});
