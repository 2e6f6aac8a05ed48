/**
 * SHA-256 (FIPS 180-4) piece by piece. The browser's own digest takes a document only whole, and a
 * file of 2 GB has no place in a page's memory.
 *
 * @module signet/sha256
 */

const BLOCK = 64;

/** Section 4.2.2 and 5.3.3: the first 32 bits of the fractional parts of roots of primes. */
const PRIMES = listPrimes(64);
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/** A digest that grows. Words are signed: engines keep those as plain machine integers. */
export class Sha256 {
  #state = Int32Array.from(START);
  #words = new Int32Array(64);
  #rest = new Uint8Array(BLOCK);
  #length = 0;

  /** Take more octets. */
  update(octets) {
    const source = new DataView(octets.buffer, octets.byteOffset, octets.length);
    let at = 0;
    while (at < octets.length) {
      const filled = this.#length % BLOCK;
      const taken = Math.min(BLOCK - filled, octets.length - at);
      if (taken === BLOCK) this.#compress(source, at);
      else {
        this.#rest.set(octets.subarray(at, at + taken), filled);
        if (filled + taken === BLOCK) this.#compress(new DataView(this.#rest.buffer), 0);
      }
      this.#length += taken;
      at += taken;
    }
  }

  /** Return the digest of everything; the end of this object's use. */
  digest() {
    const bits = BigInt(this.#length) * 8n;
    const filled = (this.#length + 9) % BLOCK;
    const padding = new Uint8Array(9 + (filled === 0 ? 0 : BLOCK - filled));
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    this.update(padding);
    const digest = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, at) => digest.setInt32(at * 4, word));
    return new Uint8Array(digest.buffer);
  }

  /** Section 6.2.2, for one block; word by word, because lists of words take longer. */
  #compress(source, at) {
    const w = this.#words;
    const state = this.#state;
    for (let t = 0; t < 16; t += 1) w[t] = source.getInt32(at + t * 4);
    for (let t = 16; t < 64; t += 1) {
      const x = w[t - 15];
      const y = w[t - 2];
      const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      w[t] = (w[t - 16] + small0 + w[t - 7] + small1) | 0;
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let t = 0; t < 64; t += 1) {
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const one = (h + big1 + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0;
      const two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

function rotate(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(root) {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

function listPrimes(count) {
  const primes = [];
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  }
  return primes;
}
