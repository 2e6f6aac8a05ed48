// Prints one request of every kind that the page's client sends, a line each, for the tests that
// hold the client and the agent's reader together.

import { Signet } from "../../../protocol/js/signet.js";
import { agent, network, until } from "./page.mjs";

const { WebSocket, sockets } = network({ 17290: agent() });
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
];
await until(() => sockets[0].sent.length === 6);
stop.abort();
for (const request of sockets[0].sent) console.log(JSON.stringify(request));
client.close();
await Promise.allSettled(calls);
