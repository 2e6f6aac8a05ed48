// An agent that takes uploads as the contract says, and keeps nothing but their digest.

import { createHash } from "node:crypto";

import { agent } from "./page.mjs";

export const PIECE = 65536;
export const WINDOW = 1048576;
const STEP = 4 * PIECE;

/** Storage that outlives connections; `accident(store, socket)` may stop a frame from being kept. */
export class Storage {
  upload = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
  hash = createHash("sha256");
  received = 0;
  told = 0;
  mostUnderWay = 0;
  frames = 0;
  requests = [];
  /** Another digest than that of the file. */
  signed = undefined;
  /** Whether the agent goes when it is asked to sign. */
  vanishes = false;

  constructor(accident = () => false) {
    this.accident = accident;
  }

  /** Return the agent, to be put on a port. */
  get place() {
    return agent((request, socket) => this.#hear(request, socket));
  }

  #hear({ id, method, params }, socket) {
    this.requests.push({ method, params });
    if (method === "upload") {
      this.size = params.size;
      this.under = 0;
      this.told = this.received;
      socket.onpiece = (frame) => this.#keep(frame, socket);
      const { upload, received } = this;
      socket.answer(id, { upload, received, piece: PIECE, window: WINDOW });
    } else if (this.vanishes) socket.fail();
    else {
      const digest = this.signed ?? this.hash.digest("hex");
      const signature = "MIIG";
      socket.answer(id, { signature, certificate: "MIIB", digest, format: "cades-b" });
    }
  }

  #keep(frame, socket) {
    this.frames += 1;
    this.under += frame.length - 24;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.under);
    // As on a wire: the agent gets to it after the page has gone on.
    setImmediate(() => {
      if (socket.readyState !== 1 || this.accident(this, socket)) return;
      const view = new DataView(frame.buffer, frame.byteOffset);
      const id = Buffer.from(frame.subarray(0, 16)).toString("hex");
      if (id !== this.upload || view.getBigUint64(16) !== BigInt(this.received)) {
        socket.fail();
        return;
      }
      const piece = frame.subarray(24);
      this.hash.update(piece);
      this.received += piece.length;
      const isLast = this.received === this.size;
      if (isLast || this.received - this.told >= STEP) {
        this.under -= this.received - this.told;
        this.told = this.received;
        this.tell(socket, this.received);
      }
    });
  }

  tell(socket, octets) {
    const params = { upload: this.upload, octets };
    socket.say({ jsonrpc: "2.0", method: "received", params });
  }
}
