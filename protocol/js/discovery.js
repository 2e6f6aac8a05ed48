/**
 * Where on this machine the agent answers: the last address that did, then the known ports.
 *
 * @module signet/discovery
 */

import { Conversation } from "./conversation.js";
import { SignetError } from "./errors.js";
import { malformed } from "./replies.js";
import { watchContentPolicy } from "./violations.js";

/** The ports the agent listens on, by scheme; your IT may have moved them. */
const PORTS = {
  ws: [17290, 17291, 17292, 17293, 17294, 17295, 17296, 17297],
  wss: [17300, 17301, 17302, 17303, 17304, 17305, 17306, 17307],
};

/** For `ws` the address itself: only the literal is exempt from the rules on mixed content. */
const HOSTS = { ws: "127.0.0.1", wss: "localhost" };

/** Where the browser keeps the address that answered last. */
const STORAGE_KEY = "signet.agent";

/** The next port is tried beside one that has not answered: Windows takes 2 s for a closed one. */
const STAGGER_MS = 300;

/** What opens a socket but does not answer `hello` within this time is another program. */
const HELLO_MS = 5_000;

/**
 * Try the addresses in order, the next one beside a slow one.
 *
 * @returns {Promise<{conversation?: Conversation, slowestMs: number}>} the greeted agent if there
 *   is one, and how long the slowest attempt took: a closed port is fast, a question is slow
 * @throws {SignetError} the agent was found and refused, the page's own policy forbids every
 *   address, or `signal` was aborted
 */
export async function findAgent(options) {
  const policy = watchContentPolicy();
  try {
    const found = await search(options);
    if (!found.conversation && (await policy.blocked(found.attempts))) {
      throw new SignetError("client.blocked_by_page");
    }
    return found;
  } finally {
    policy.stop();
  }
}

function search({ ports, schemes, WebSocket = globalThis.WebSocket, signal }) {
  const waiting = listAddresses(ports, schemes);
  const trying = new Map();
  const attempts = waiting.length;
  let slowestMs = 0;
  return new Promise((resolve, reject) => {
    let timer;
    const finish = (settle, value) => {
      clearTimeout(timer);
      waiting.length = 0;
      signal?.removeEventListener("abort", abort);
      for (const abandon of trying.values()) abandon();
      trying.clear();
      settle(value);
    };
    const abort = () => finish(reject, new SignetError("page.cancelled", { cause: signal.reason }));
    const tryNext = () => {
      clearTimeout(timer);
      const url = waiting.shift();
      if (url === undefined) {
        if (trying.size === 0) finish(resolve, { slowestMs, attempts });
        return;
      }
      const began = performance.now();
      const { outcome, abandon } = greetAt(url, WebSocket);
      trying.set(url, abandon);
      timer = setTimeout(tryNext, STAGGER_MS);
      outcome.then((found) => {
        // An attempt that was abandoned has nothing more to say.
        if (!trying.delete(url)) return;
        slowestMs = Math.max(slowestMs, performance.now() - began);
        if (found instanceof SignetError) finish(reject, found);
        else if (found) finish(resolve, { conversation: remember(url, found), slowestMs });
        else tryNext();
      });
    };
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    else tryNext();
  });
}

/**
 * Greet whoever answers at one address. The outcome is the conversation, the agent's own refusal,
 * or `undefined`: nobody, or another program.
 */
function greetAt(url, WebSocket) {
  let socket;
  try {
    socket = new WebSocket(url);
  } catch {
    // Mixed content throws at once, and in Firefox what the page's own policy forbids.
    return { outcome: Promise.resolve(undefined), abandon() {} };
  }
  const outcome = new Promise((resolve) => {
    socket.onerror = socket.onclose = () => resolve(undefined);
    socket.onopen = () => {
      const conversation = new Conversation(socket);
      const stranger = setTimeout(() => conversation.end(malformed("silence")), HELLO_MS);
      conversation
        .greet()
        .then(
          () => resolve(conversation),
          (error) => {
            conversation.end(error);
            resolve(error.code.startsWith("client.") ? undefined : error);
          },
        )
        .finally(() => clearTimeout(stranger));
    };
  });
  return { outcome, abandon: () => socket.close() };
}

/** Every address, the one that answered last in front; nothing else from storage is believed. */
function listAddresses(ports, schemes = ["ws", "wss"]) {
  const urls = schemes.flatMap((scheme) =>
    (ports?.[scheme] ?? PORTS[scheme]).map((port) => `${scheme}://${HOSTS[scheme]}:${port}/v1`),
  );
  const last = recall();
  return urls.includes(last) ? [last, ...urls.filter((url) => url !== last)] : urls;
}

function remember(url, conversation) {
  try {
    globalThis.localStorage.setItem(STORAGE_KEY, url);
  } catch {
    // Storage may be switched off; then every visit begins at the first port.
  }
  return conversation;
}

function recall() {
  try {
    return globalThis.localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
