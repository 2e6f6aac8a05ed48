// The client over real sockets.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import test from "node:test";

import { Signet, SignetError } from "../../../protocol/js/signet.js";
import { AUDIT, GREETING } from "./page.mjs";
import { WebSocket, listen } from "./websocket.mjs";

const refusedWith = (code) => (error) => error instanceof SignetError && error.code === code;
const answer = (id, result) => ({ jsonrpc: "2.0", id, result, audit: AUDIT });
const refusal = (id, code) => ({
  jsonrpc: "2.0",
  id,
  error: { code: -32000, message: "refused", data: { code, retry: true } },
  audit: AUDIT,
});

/** An agent that greets; `perform` gets what follows. */
function greets(perform) {
  return (peer) => {
    peer.hear = (request) => {
      if (request.method === "hello") peer.say(answer(request.id, GREETING));
      else perform(request, peer);
    };
  };
}

async function connected(t, perform) {
  const server = await listen({ accept: greets(perform) });
  t.after(() => server.stop());
  const options = { WebSocket, ports: { ws: [server.port] }, schemes: ["ws"] };
  const client = await Signet.connect(options);
  t.after(() => client.close());
  return { client, server };
}

test("a document of 256 KiB goes out whole and its signature comes back", async (t) => {
  const { client } = await connected(t, ({ id, params }, peer) => {
    const octets = Buffer.from(params.document, "base64");
    const digest = createHash("sha256").update(octets).digest("hex");
    peer.say({ jsonrpc: "2.0", method: "progress", params: { call: id, state: "signing" } });
    const signature = octets.toString("base64");
    peer.say(answer(id, { signature, certificate: "MIIB", digest, format: params.format }));
  });
  const octets = new Uint8Array(262144).map((_, at) => at % 253);
  const heard = [];
  const signed = await client.sign(octets, {
    mediaType: "text/plain",
    format: "cades-b",
    onProgress: (state) => heard.push(state),
  });
  assert.deepEqual(Buffer.from(signed.signature, "base64"), Buffer.from(octets));
  assert.deepEqual(heard, ["signing"]);
});

test("a cancel reaches the agent while the call is under way", async (t) => {
  const stop = new AbortController();
  const { client } = await connected(t, ({ id, method, params }, peer) => {
    if (method === "login") stop.abort();
    if (method !== "cancel") return;
    peer.say(answer(id, { cancelled: true }));
    peer.say(refusal(params.call, "page.cancelled"));
  });
  const settled = client.login("bm9uY2U=", { signal: stop.signal });
  await assert.rejects(settled, refusedWith("page.cancelled"));
});

test("an agent that ends takes its calls with it", async (t) => {
  const { client } = await connected(t, (_, peer) => peer.socket.destroy());
  await assert.rejects(client.chooseCertificate(), refusedWith("client.connection_lost"));
  assert.ok(!client.connected);
});

test("hanging up is seen by the agent", async (t) => {
  let gone;
  const isGone = new Promise((resolve) => (gone = resolve));
  const { client } = await connected(t, (_, peer) => {
    peer.socket.on("close", gone);
    client.close();
  });
  await assert.rejects(client.chooseCertificate(), refusedWith("page.cancelled"));
  await isGone;
});

test("a gate that refuses the page looks like no agent", async (t) => {
  const server = await listen({ refuse: 403 });
  t.after(() => server.stop());
  const options = { WebSocket, ports: { ws: [server.port] }, schemes: ["ws"] };
  await assert.rejects(Signet.connect(options), refusedWith("client.unreachable"));
});

test("a port where nobody listens looks like no agent", async () => {
  const server = await listen();
  await server.stop();
  const options = { WebSocket, ports: { ws: [server.port] }, schemes: ["ws"] };
  await assert.rejects(Signet.connect(options), refusedWith("client.unreachable"));
});

test("a file goes out in binary frames, and its signature comes back", async (t) => {
  const octets = randomBytes(3_000_001);
  const upload = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
  const pieces = [];
  let received = 0;
  const { client } = await connected(t, ({ id, method }, peer) => {
    if (method === "upload") {
      peer.say(answer(id, { upload, received: 0, piece: 65536, window: 1048576 }));
      peer.take = (frame) => {
        assert.equal(frame.toString("hex", 0, 16), upload);
        assert.equal(frame.readBigUInt64BE(16), BigInt(received));
        pieces.push(frame.subarray(24));
        received += frame.length - 24;
        peer.say({ jsonrpc: "2.0", method: "received", params: { upload, octets: received } });
      };
    } else {
      const digest = createHash("sha256").update(Buffer.concat(pieces)).digest("hex");
      peer.say(answer(id, { signature: "MIIG", certificate: "MIIB", digest, format: "cades-b" }));
    }
  });
  const signed = await client.signFile(new Blob([octets]), { name: "施工图.zip" });
  assert.equal(signed.digest, createHash("sha256").update(octets).digest("hex"));
});
