// Finding the agent: ports, other programs, and the browser's own question.

import assert from "node:assert/strict";
import test from "node:test";

import { Signet, SignetError } from "../../../protocol/js/signet.js";
import {
  GREETING,
  agent,
  browser,
  closed,
  held,
  hurry,
  network,
  page,
  silent,
  storage,
  until,
} from "./page.mjs";

const refusedWith = (code) => (error) => error instanceof SignetError && error.code === code;
const notRunning = refusedWith("client.unreachable");

test("every port is tried in order, plain ones first", async () => {
  const { WebSocket, urls } = network({});
  await assert.rejects(Signet.connect({ WebSocket }), notRunning);
  const plain = [0, 1, 2, 3, 4, 5, 6, 7].map((more) => `ws://127.0.0.1:${17290 + more}/v1`);
  const secure = [0, 1, 2, 3, 4, 5, 6, 7].map((more) => `wss://localhost:${17300 + more}/v1`);
  assert.deepEqual(urls(), [...plain, ...secure]);
});

test("the first agent that greets is taken", async () => {
  const { WebSocket, urls } = network({ 17291: agent() });
  const found = await Signet.connect({ WebSocket });
  assert.deepEqual(urls(), ["ws://127.0.0.1:17290/v1", "ws://127.0.0.1:17291/v1"]);
  assert.ok(found.connected);
  assert.equal(found.capabilities.agent, GREETING.agent);
  assert.deepEqual(found.capabilities.mediaTypes, GREETING.media_types);
});

test("ports and schemes of the site's own are used instead", async () => {
  const { WebSocket, urls } = network({});
  const options = { WebSocket, ports: { ws: [4000, 4001] }, schemes: ["wss", "ws"] };
  await assert.rejects(Signet.connect(options), notRunning);
  assert.equal(urls()[0], "wss://localhost:17300/v1");
  assert.deepEqual(urls().slice(8), ["ws://127.0.0.1:4000/v1", "ws://127.0.0.1:4001/v1"]);
});

test("the address that answered last comes first, and is kept", async (t) => {
  const localStorage = storage({ "signet.agent": "ws://127.0.0.1:17295/v1" });
  page(t, { localStorage });
  const { WebSocket, urls } = network({ 17290: agent() });
  await Signet.connect({ WebSocket });
  assert.deepEqual(urls(), ["ws://127.0.0.1:17295/v1", "ws://127.0.0.1:17290/v1"]);
  assert.equal(localStorage.kept.get("signet.agent"), "ws://127.0.0.1:17290/v1");
});

test("a stored address that is none of the known ones is not believed", async (t) => {
  page(t, { localStorage: storage({ "signet.agent": "wss://evil.example/v1" }) });
  const { WebSocket, urls } = network({ 17290: agent() });
  await Signet.connect({ WebSocket });
  assert.deepEqual(urls(), ["ws://127.0.0.1:17290/v1"]);
});

test("a storage that is switched off does not matter", async (t) => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  page(t, { localStorage: { getItem: refuse, setItem: refuse } });
  const { WebSocket } = network({ 17290: agent() });
  assert.ok((await Signet.connect({ WebSocket })).connected);
});

test("an address that the browser calls mixed content is passed over", async () => {
  const { WebSocket } = network({ 17290: "mixed content", 17300: agent() });
  assert.ok((await Signet.connect({ WebSocket })).connected);
});

test("another program that speaks first is passed over", async () => {
  const chatter = (socket) => {
    socket.open();
    socket.say("220 ready");
  };
  const { WebSocket, sockets } = network({ 17290: chatter, 17291: agent() });
  assert.ok((await Signet.connect({ WebSocket })).connected);
  assert.ok(sockets[0].isClosed);
});

test("another program that answers something else is passed over", async () => {
  const other = (socket) => {
    socket.onrequest = ({ id }) => socket.answer(id, { version: "2.1" });
    socket.open();
  };
  const { WebSocket } = network({ 17290: other, 17291: agent() });
  assert.ok((await Signet.connect({ WebSocket })).connected);
});

test("another program that says nothing is given up", async (t) => {
  hurry(t);
  const { WebSocket, sockets } = network({ 17290: silent });
  await assert.rejects(Signet.connect({ WebSocket }), notRunning);
  assert.ok(sockets[0].isClosed);
});

test("a port that hangs up before hello is answered is passed over", async () => {
  const rude = (socket) => {
    socket.onrequest = () => socket.fail();
    socket.open();
  };
  const { WebSocket } = network({ 17290: rude, 17291: agent() });
  assert.ok((await Signet.connect({ WebSocket })).connected);
});

test("the next port is tried beside a slow one, which is let go", async () => {
  const { WebSocket, sockets } = network({ 17290: held, 17291: agent() });
  assert.ok((await Signet.connect({ WebSocket })).connected);
  assert.ok(sockets[0].isClosed);
  assert.ok(!sockets[1].isClosed);
});

test("an agent's own refusal ends the search", async () => {
  const old = (socket) => {
    socket.onrequest = ({ id }) => socket.refuse(id, "page.version_unsupported");
    socket.open();
  };
  const { WebSocket, urls } = network({ 17290: old, 17291: agent() });
  await assert.rejects(Signet.connect({ WebSocket }), refusedWith("page.version_unsupported"));
  assert.equal(urls().length, 1);
});

test("a framed page is refused unless it says that it means it", async (t) => {
  page(t, { self: {}, top: {} });
  const { WebSocket, urls } = network({ 17290: agent() });
  await assert.rejects(Signet.connect({ WebSocket }), refusedWith("client.framed"));
  assert.deepEqual(urls(), []);
  assert.ok((await Signet.connect({ WebSocket, allowFramed: true })).connected);
});

test("a page that is not https is refused before anything is tried", async (t) => {
  page(t, { location: { protocol: "http:", hostname: "tax.example" } });
  const { WebSocket, urls } = network({ 17290: agent() });
  await assert.rejects(Signet.connect({ WebSocket }), refusedWith("client.insecure_page"));
  assert.deepEqual(urls(), []);
});

test("a page that was never clicked is refused before anything is tried", async (t) => {
  const userActivation = { hasBeenActive: false, isActive: false };
  page(t, { navigator: { ...browser("granted").navigator, userActivation } });
  const { WebSocket, urls } = network({ 17290: agent() });
  await assert.rejects(Signet.connect({ WebSocket }), refusedWith("client.click_required"));
  assert.deepEqual(urls(), []);
  userActivation.hasBeenActive = true;
  assert.ok((await Signet.connect({ WebSocket })).connected);
});

/** A page whose policy forbids some of the addresses; the browser tells of it when it likes. */
function forbidding(t, isForbidden, { disposition = "enforce", lateMs = 0 } = {}) {
  const document = new EventTarget();
  page(t, { document });
  const tell = (blockedURI) =>
    document.dispatchEvent(
      Object.assign(new Event("securitypolicyviolation"), { blockedURI, disposition }),
    );
  return (socket) => {
    if (isForbidden(socket.url)) setTimeout(tell, lateMs, socket.url);
    socket.fail();
  };
}

for (const lateMs of [0, 15]) {
  test(`a policy of the page that forbids every address is named, ${lateMs} ms late`, async (t) => {
    const places = network({}, forbidding(t, () => true, { lateMs }));
    await assert.rejects(Signet.connect(places), refusedWith("client.blocked_by_page"));
  });
}

test("a policy that forbids only one way does not explain that nobody listens", async (t) => {
  const places = network({}, forbidding(t, (url) => url.startsWith("wss")));
  await assert.rejects(Signet.connect(places), notRunning);
});

test("a policy that only reports forbids nothing", async (t) => {
  const places = network({}, forbidding(t, () => true, { disposition: "report" }));
  await assert.rejects(Signet.connect(places), notRunning);
});

for (const [state, code] of [
  ["granted", "client.unreachable"],
  ["denied", "client.permission_denied"],
]) {
  test(`a closed port under the permission ${state} means ${code}`, async (t) => {
    page(t, { navigator: browser(state).navigator });
    await assert.rejects(Signet.connect(network({})), refusedWith(code));
  });
}

test("a browser that does not know the permission has no gate", async (t) => {
  const query = async () => {
    throw new TypeError("loopback-network");
  };
  page(t, { navigator: { permissions: { query } } });
  await assert.rejects(Signet.connect(network({})), notRunning);
});

test("a closed port is tried once more when the person allows", async (t) => {
  const chromium = browser("prompt");
  page(t, { navigator: chromium.navigator });
  const places = {};
  const { WebSocket, urls } = network(places);
  const heard = [];
  const connecting = Signet.connect({ WebSocket, onPermission: (state) => heard.push(state) });
  await until(() => heard.includes("prompt"));
  assert.equal(urls().length, 16);
  places[17290] = agent();
  chromium.answer("granted");
  assert.ok((await connecting).connected);
  assert.equal(urls().length, 17);
  assert.deepEqual(heard, ["prompt", "granted"]);
});

for (const [answer, code] of [
  ["granted", "client.unreachable"],
  ["denied", "client.permission_denied"],
]) {
  test(`nobody listens and the person's answer is ${answer}: ${code}`, async (t) => {
    const chromium = browser("prompt");
    page(t, { navigator: chromium.navigator });
    const { WebSocket, urls } = network({});
    const connecting = Signet.connect({ WebSocket });
    const settled = assert.rejects(connecting, refusedWith(code));
    await until(() => urls().length === 16);
    setTimeout(() => chromium.answer(answer), 20);
    await settled;
    assert.equal(urls().length, answer === "granted" ? 32 : 16);
  });
}

test("a question that nobody answers is said to be open", async (t) => {
  page(t, { navigator: browser("prompt").navigator });
  const options = { ...network({}), permissionWaitMs: 20 };
  await assert.rejects(Signet.connect(options), refusedWith("client.permission_pending"));
});

test("a browser that asks for no closed port is not waited for", async (t) => {
  page(t, { navigator: browser("prompt", "Firefox").navigator });
  await assert.rejects(Signet.connect(network({})), notRunning);
});

for (const hostname of ["localhost", "guoshui.localhost", "127.0.0.1", "[::1]"]) {
  test(`a page on ${hostname} is not behind the gate, so nobody waits`, async (t) => {
    const location = { protocol: "https:", hostname };
    page(t, { navigator: browser("prompt").navigator, location });
    await assert.rejects(Signet.connect(network({})), notRunning);
  });
}

test("a held socket opens when the person allows", async (t) => {
  const chromium = browser("prompt");
  page(t, { navigator: chromium.navigator });
  const { WebSocket, sockets } = network({ 17290: held });
  const heard = [];
  const connecting = Signet.connect({ WebSocket, onPermission: (state) => heard.push(state) });
  await until(() => heard.length > 0);
  chromium.answer("granted");
  agent()(sockets[0]);
  assert.ok((await connecting).connected);
  await until(() => heard.length > 1);
  assert.deepEqual(heard, ["prompt", "granted"]);
});

test("a held socket that fails late means a question without answer", async (t) => {
  hurry(t);
  page(t, { navigator: browser("prompt").navigator });
  const { WebSocket, sockets } = network({ 17290: held });
  const settled = assert.rejects(
    Signet.connect({ WebSocket }),
    refusedWith("client.permission_pending"),
  );
  setTimeout(() => closed(sockets[0]), 6_000);
  await settled;
});

test("a fast agent is found without a word about permission", async (t) => {
  page(t, { navigator: browser("prompt").navigator });
  const heard = [];
  const { WebSocket } = network({ 17290: agent() });
  await Signet.connect({ WebSocket, onPermission: (state) => heard.push(state) });
  await new Promise((resolve) => setTimeout(resolve, 450));
  assert.deepEqual(heard, []);
});

test("giving up before the search tries nothing", async () => {
  const { WebSocket, urls } = network({});
  const options = { WebSocket, signal: AbortSignal.abort() };
  await assert.rejects(Signet.connect(options), refusedWith("page.cancelled"));
  assert.deepEqual(urls(), []);
});

test("giving up during the search lets every socket go", async () => {
  const { WebSocket, sockets } = network({}, held);
  const stop = new AbortController();
  const settled = assert.rejects(
    Signet.connect({ WebSocket, signal: stop.signal }),
    refusedWith("page.cancelled"),
  );
  await until(() => sockets.length === 2);
  stop.abort();
  await settled;
  assert.ok(sockets.every(({ isClosed }) => isClosed));
  await new Promise((resolve) => setTimeout(resolve, 350));
  assert.equal(sockets.length, 2);
});

test("giving up while the browser asks ends the wait", async (t) => {
  const chromium = browser("prompt");
  page(t, { navigator: chromium.navigator });
  const stop = new AbortController();
  const options = { ...network({}), signal: stop.signal };
  const settled = assert.rejects(Signet.connect(options), refusedWith("page.cancelled"));
  setTimeout(() => stop.abort(), 20);
  await settled;
});
