// A browser page around the client: its globals, and sockets that a test scripts.

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node 18 has it, but not as a global.

export const AUDIT = { seq: 41, head: "9f".repeat(32) };
export const GREETING = {
  version: 1,
  agent: "0.1.0",
  methods: ["login", "choose", "sign"],
  formats: ["cades-b"],
  media_types: ["text/plain", "application/json"],
  limits: { message: 524288, document: 262144, calls: 8 },
};

/** Read a JSON file of the contract. */
export function contract(path) {
  return JSON.parse(readFileSync(new URL(`../../../protocol/${path}`, import.meta.url), "utf-8"));
}

/** A socket with a browser's interface; `place` decides what happens to it. */
class ScriptedSocket {
  readyState = 0;
  sent = [];
  isClosed = false;

  constructor(url, place) {
    this.url = url;
    queueMicrotask(() => place(this));
  }

  send(data) {
    if (typeof data !== "string") {
      this.onpiece?.(data);
      return;
    }
    const request = JSON.parse(data);
    this.sent.push(request);
    queueMicrotask(() => this.onrequest?.(request));
  }

  close() {
    this.isClosed = true;
    queueMicrotask(() => this.fail());
  }

  open() {
    this.readyState = 1;
    this.onopen?.({});
  }

  /** What a page sees of every failure. */
  fail() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onerror?.({});
    this.onclose?.({ code: 1006 });
  }

  say(message) {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    if (this.readyState === 1) this.onmessage?.({ data });
  }

  answer(id, result) {
    this.say({ jsonrpc: "2.0", id, result, audit: AUDIT });
  }

  refuse(id, code, retry = false) {
    const error = { code: -32000, message: "refused", data: { code, retry } };
    this.say({ jsonrpc: "2.0", id, error, audit: AUDIT });
  }
}

/** Nobody listens. */
export const closed = (socket) => socket.fail();

/** The browser asks its person first, or the system drops packets. */
export const held = () => {};

/** Another program: it takes the socket and says nothing. */
export const silent = (socket) => socket.open();

/** An agent that greets; `onrequest` gets what follows. */
export function agent(onrequest = () => {}) {
  return (socket) => {
    socket.onrequest = (request) => {
      if (request.method === "hello") socket.answer(request.id, GREETING);
      else onrequest(request, socket);
    };
    socket.open();
  };
}

/** Return a WebSocket constructor over places by port, and the sockets it made. */
export function network(places, otherwise = closed) {
  const sockets = [];
  class WebSocket {
    constructor(url) {
      const place = places[new URL(url).port] ?? otherwise;
      if (place === "mixed content") throw new Error("SecurityError");
      const socket = new ScriptedSocket(url, place);
      sockets.push(socket);
      return socket;
    }
  }
  return { WebSocket, sockets, urls: () => sockets.map(({ url }) => url) };
}

/** Put globals of a page in place until the test ends. */
export function page(test, globals) {
  for (const [name, value] of Object.entries(globals)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    test.after(() => {
      if (before) Object.defineProperty(globalThis, name, before);
      else delete globalThis[name];
    });
  }
}

/** A browser with the Local Network Access permission in some state. */
export function browser(state, brand = "Chromium") {
  const permission = { state, onchange: null };
  const query = async ({ name }) => {
    if (name !== "loopback-network") throw new TypeError(name);
    return permission;
  };
  const userAgentData = brand === "Chromium" ? { brands: [{ brand: "Chromium" }] } : undefined;
  const answer = (next) => {
    permission.state = next;
    permission.onchange?.();
  };
  return { navigator: { permissions: { query }, userAgentData }, answer };
}

/** A page's storage with something in it. */
export function storage(entries = {}) {
  const kept = new Map(Object.entries(entries));
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
  };
}

/** Let time pass a hundred times as fast. */
export function hurry(test) {
  const { setTimeout: wait, performance: clock } = globalThis;
  page(test, {
    setTimeout: (act, ms, ...more) => wait(act, ms / 100, ...more),
    performance: { now: () => clock.now() * 100 },
  });
}

/** Wait until something holds; the test runner's own limit ends it otherwise. */
export async function until(holds) {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
