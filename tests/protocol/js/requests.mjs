// Prints one request of every kind that the page's client sends, a line each, for the tests that
// hold the client and the agent's reader together.

import { Signet } from "../../../protocol/js/signet.js";
import { agent, network, until } from "./page.mjs";

/** Take a file, so that its signature is asked for. */
function takeUpload({ id, method, params }, socket) {
  if (method !== "upload") return;
  const upload = "0f".repeat(16);
  socket.onpiece = () =>
    socket.say({ jsonrpc: "2.0", method: "received", params: { upload, octets: params.size } });
  socket.answer(id, { upload, received: 0, piece: 65536, window: 1048576 });
}

const { WebSocket, sockets } = network({ 17290: agent(takeUpload) });
const client = await Signet.connect({ WebSocket });
const stop = new AbortController();
const calls = [
  client.login("dGhlIG5vbmNlIG9mIGEgc2FtcGxlLCAzMiBvY3RldHM="),
  client.chooseCertificate(),
  client.chooseCertificate({ purpose: "login" }),
  client.sign("税", { mediaType: "text/plain" }),
  client.sign(new Uint8Array([0, 255]), {
    mediaType: "application/json",
    format: "cades-b",
    packaging: "attached",
    certificate: "4a".repeat(32),
    signal: stop.signal,
  }),
  client.signBatch([{ document: "税", mediaType: "text/plain", name: "2026 年 9 月" }]),
  client.decrypt(new Uint8Array([48, 0])),
  client.signFile(new Blob(["图"]), { name: "施工图.zip" }),
];
await until(() => sockets[0].sent.length === 10);
stop.abort();
for (const request of sockets[0].sent) console.log(JSON.stringify(request));
client.close();
await Promise.allSettled(calls);
