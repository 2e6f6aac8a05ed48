// Files: pieces, window, lost connections, and files that change under the page's hands.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import test from "node:test";

import { Signet, SignetError, comparisonCode } from "../../../protocol/js/signet.js";
import { hurry, network } from "./page.mjs";
import { PIECE, Storage, WINDOW } from "./storing.mjs";

const refusedWith = (code) => (error) => error instanceof SignetError && error.code === code;
const sha256 = (octets) => createHash("sha256").update(octets).digest("hex");

async function connected(storage) {
  const { WebSocket, sockets } = network({ 17290: storage.place });
  return { client: await Signet.connect({ WebSocket }), sockets };
}

/** Break the connection once, before the frame of this number is kept. */
function loseAt(number) {
  let isDone = false;
  return (storage, socket) => {
    if (isDone || storage.frames < number) return false;
    isDone = true;
    socket.fail();
    return true;
  };
}

for (const size of [1, PIECE - 1, PIECE, PIECE + 1, WINDOW, 5 * WINDOW + 17]) {
  test(`a file of ${size} octets arrives whole, within the window`, async () => {
    const octets = randomBytes(size);
    const storage = new Storage();
    const { client } = await connected(storage);
    const signed = await client.signFile(new Blob([octets]), { name: "施工图.zip" });
    assert.equal(signed.digest, sha256(octets));
    assert.ok(storage.mostUnderWay <= WINDOW, storage.mostUnderWay);
    const [upload, sign] = storage.requests;
    assert.deepEqual(upload.params, { size });
    assert.deepEqual(sign.params, { upload: storage.upload, name: "施工图.zip" });
  });
}

test("the page hears how far the file is, and its comparison code before the window", async () => {
  const octets = randomBytes(2 * WINDOW);
  const storage = new Storage();
  const { client } = await connected(storage);
  const heard = [];
  const codes = [];
  await client.signFile(new File([octets], "a.zip"), {
    onUpload: (received, size) => heard.push([received, size]),
    onCode: (code) => codes.push([code, storage.requests.length]),
  });
  assert.deepEqual(heard.at(0), [0, octets.length]);
  assert.deepEqual(heard.at(-1), [octets.length, octets.length]);
  assert.ok(heard.every(([received], at) => at === 0 || received >= heard[at - 1][0]));
  assert.deepEqual(codes, [[await comparisonCode(octets), 1]]);
  assert.equal(storage.requests.at(-1).params.name, "a.zip");
});

for (const number of [1, 3, 16, 40]) {
  test(`a connection lost at frame ${number} is made again, and the file goes on`, async (t) => {
    hurry(t);
    const octets = randomBytes(4 * WINDOW);
    const storage = new Storage(loseAt(number));
    const { client, sockets } = await connected(storage);
    const signed = await client.signFile(new Blob([octets]), { name: "a" });
    assert.equal(signed.digest, sha256(octets));
    assert.equal(sockets.length, 2);
    assert.deepEqual(storage.requests[1].params, { size: octets.length, resume: storage.upload });
    assert.equal(storage.requests.filter(({ method }) => method === "sign_file").length, 1);
  });
}

test("an agent that keeps vanishing is given up", async (t) => {
  hurry(t);
  const storage = new Storage((_, socket) => {
    socket.fail();
    return true;
  });
  const { client, sockets } = await connected(storage);
  const signing = client.signFile(new Blob([randomBytes(WINDOW)]), { name: "a" });
  await assert.rejects(signing, refusedWith("client.connection_lost"));
  assert.equal(sockets.length, 6);
});

test("a signature whose connection is lost is not asked for again", async () => {
  const storage = new Storage();
  storage.vanishes = true;
  const { client, sockets } = await connected(storage);
  const signing = client.signFile(new Blob(["a"]), { name: "a" });
  await assert.rejects(signing, refusedWith("client.connection_lost"));
  assert.equal(sockets.length, 1);
});

for (const [why, slice] of [
  ["the browser calls changed", () => ({ arrayBuffer: () => Promise.reject(new Error("changed")) })],
  ["became shorter", () => new Blob(["a"])],
]) {
  test(`a file that ${why} while it is read is not signed`, async () => {
    const file = new Blob([randomBytes(3 * PIECE)]);
    const whole = file.slice.bind(file);
    file.slice = (start, end) => (start < PIECE ? whole(start, end) : slice());
    const storage = new Storage();
    const { client } = await connected(storage);
    const signing = client.signFile(file, { name: "a" });
    await assert.rejects(signing, refusedWith("client.file_changed"));
    assert.ok(storage.requests.every(({ method }) => method === "upload"));
  });
}

test("a signature over other octets than those that were read is no answer", async () => {
  const storage = new Storage();
  storage.signed = "00".repeat(32);
  const { client } = await connected(storage);
  const signing = client.signFile(new Blob(["a"]), { name: "a" });
  await assert.rejects(signing, refusedWith("client.malformed_reply"));
});

for (const octets of [-1, 1e9]) {
  test(`an agent that has received ${octets} octets is not believed`, async () => {
    const storage = new Storage((store, socket) => {
      store.tell(socket, octets);
      return true;
    });
    const { client } = await connected(storage);
    const signing = client.signFile(new Blob([randomBytes(WINDOW)]), { name: "a" });
    await assert.rejects(signing, refusedWith("client.malformed_reply"));
  });
}

test("aborting stops the upload, and nothing is asked to be signed", async () => {
  const stop = new AbortController();
  const storage = new Storage((store) => {
    if (store.frames === 20) stop.abort();
    return false;
  });
  const { client } = await connected(storage);
  const signing = client.signFile(new Blob([randomBytes(8 * WINDOW)]), {
    name: "a",
    signal: stop.signal,
  });
  await assert.rejects(signing, refusedWith("page.cancelled"));
  assert.ok(storage.requests.every(({ method }) => method === "upload"));
  assert.ok(storage.frames < 60);
});

test("a file beyond 4 GiB is not begun", async () => {
  const storage = new Storage();
  const { client } = await connected(storage);
  const signing = client.signFile({ size: 2 ** 32 + 1 }, { name: "a" });
  await assert.rejects(signing, refusedWith("page.too_large"));
  assert.deepEqual(storage.requests, []);
});

test("a file is read no further ahead than the window, however large it is", async () => {
  const size = 64 * WINDOW + 1;
  const storage = new Storage();
  let most = 0;
  const slice = (start, end) => {
    most = Math.max(most, end - storage.told);
    return new Blob([new Uint8Array(end - start)]);
  };
  const { client } = await connected(storage);
  await client.signFile({ size, slice }, { name: "a" });
  assert.equal(storage.received, size);
  assert.ok(most <= WINDOW, most);
});
