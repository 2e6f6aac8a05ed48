// As much of RFC 6455 as the tests need, on plain sockets: a server, and a client for a Node that
// brings none. Newer ones test the server against their own.

import { createHash, randomBytes } from "node:crypto";
import { connect, createServer } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** The WebSocket of this Node, or ours where it has none. */
export const WebSocket = globalThis.WebSocket ?? PlainWebSocket;

/**
 * Listen on a free port of 127.0.0.1. `accept(peer)` is called for each page; `refuse` is an HTTP
 * status that is answered instead.
 */
export async function listen({ accept, refuse } = {}) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    readHead(socket, (head) => {
      if (refuse) {
        socket.end(`HTTP/1.1 ${refuse} \r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        return;
      }
      const key = /^sec-websocket-key: *(\S+)/im.exec(head)[1];
      const token = createHash("sha1").update(key + GUID).digest("base64");
      const upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\n${upgrade}Sec-WebSocket-Accept: ${token}\r\n\r\n`,
      );
      const peer = { hear() {}, take() {}, say: (message) => socket.write(frame(TEXT, message)), socket };
      readFrames(socket, (opcode, payload) => {
        if (opcode === TEXT) peer.hear(JSON.parse(payload.toString("utf-8")));
        if (opcode === BINARY) peer.take(payload);
        if (opcode === CLOSE) socket.end(frame(CLOSE, payload));
      });
      accept(peer);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser's WebSocket, as far as the page's client uses one. */
function PlainWebSocket(url) {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const key = randomBytes(16).toString("base64");
  const upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
  const head = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${upgrade}`;
  socket.write(`${head}Sec-WebSocket-Key: ${key}\r\n\r\n`);
  socket.on("error", () => this.onerror?.({}));
  socket.on("close", () => this.onclose?.({}));
  readHead(socket, (head) => {
    if (!head.startsWith("HTTP/1.1 101 ")) {
      socket.destroy();
      return;
    }
    readFrames(socket, (opcode, payload) => {
      if (opcode === TEXT) this.onmessage?.({ data: payload.toString("utf-8") });
    });
    this.onopen?.({});
  });
  this.send = (data) => {
    const isText = typeof data === "string";
    const content = isText ? data : Buffer.from(data);
    socket.write(frame(isText ? TEXT : BINARY, content, randomBytes(4)));
  };
  this.close = () => socket.end(frame(CLOSE, "", randomBytes(4)));
}

function readHead(socket, done) {
  let head = Buffer.alloc(0);
  socket.on("data", function collect(data) {
    head = Buffer.concat([head, data]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    socket.off("data", collect);
    done(head.toString("latin1", 0, end));
    if (head.length > end + 4) socket.emit("data", head.subarray(end + 4));
  });
}

function readFrames(socket, hear) {
  let buffer = Buffer.alloc(0);
  let message = Buffer.alloc(0);
  let kind;
  socket.on("data", (data) => {
    buffer = Buffer.concat([buffer, data]);
    for (let read = unframe(buffer); read; read = unframe(buffer)) {
      buffer = buffer.subarray(read.size);
      if (read.opcode >= CLOSE) hear(read.opcode, read.payload);
      else {
        kind = read.opcode || kind;
        message = Buffer.concat([message, read.payload]);
        if (read.isLast) hear(kind, message);
        if (read.isLast) message = Buffer.alloc(0);
      }
    }
  });
}

/** Section 5.2: one frame off the front, or `undefined` while it is incomplete. */
function unframe(buffer) {
  if (buffer.length < 2) return undefined;
  const isMasked = buffer[1] >= 0x80;
  let length = buffer[1] & 0x7f;
  let at = 2;
  if (length === 126) {
    if (buffer.length < 4) return undefined;
    length = buffer.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (buffer.length < 10) return undefined;
    length = Number(buffer.readBigUInt64BE(2));
    at = 10;
  }
  const mask = isMasked ? buffer.subarray(at, at + 4) : undefined;
  at += isMasked ? 4 : 0;
  if (buffer.length < at + length) return undefined;
  const payload = Buffer.from(buffer.subarray(at, at + length));
  if (mask) payload.forEach((octet, index) => (payload[index] = octet ^ mask[index % 4]));
  return { opcode: buffer[0] & 0x0f, isLast: buffer[0] >= 0x80, payload, size: at + length };
}

/** One whole frame; `mask` is what a client must use. */
function frame(opcode, content, mask) {
  const payload = Buffer.from(typeof content === "object" ? encode(content) : content);
  const length = Buffer.alloc(payload.length < 126 ? 1 : payload.length < 0x10000 ? 3 : 9);
  if (length.length === 1) length[0] = payload.length;
  else if (length.length === 3) length.writeUInt16BE(payload.length, 1);
  else length.writeBigUInt64BE(BigInt(payload.length), 1);
  if (length.length > 1) length[0] = length.length === 3 ? 126 : 127;
  if (mask) {
    length[0] |= 0x80;
    payload.forEach((octet, index) => (payload[index] = octet ^ mask[index % 4]));
  }
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, mask ?? Buffer.alloc(0), payload]);
}

function encode(content) {
  return Buffer.isBuffer(content) ? content : JSON.stringify(content);
}
