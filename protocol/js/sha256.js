/**
 * SHA-256 (FIPS 180-4) piece by piece. The browser's own digest takes a document only whole, and a
 * file of 2 GB has no place in a page's memory.
 *
 * @module signet/sha256
 */

const BLOCK = 64;

/** Section 4.2.2 and 5.3.3: the first 32 bits of the fractional parts of roots of primes. */
const PRIMES = listPrimes(64);
const ROUNDS = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/** A digest that grows. */
export class Sha256 {
  #state = Uint32Array.from(START);
  #words = new Uint32Array(64);
  #rest = new Uint8Array(BLOCK);
  #length = 0;

  /** Take more octets. */
  update(octets) {
    let at = 0;
    while (at < octets.length) {
      const filled = this.#length % BLOCK;
      const part = octets.subarray(at, at + BLOCK - filled);
      this.#rest.set(part, filled);
      this.#length += part.length;
      at += part.length;
      if (filled + part.length === BLOCK) this.#compress();
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
    this.#state.forEach((word, at) => digest.setUint32(at * 4, word));
    return new Uint8Array(digest.buffer);
  }

  /** Section 6.2.2, for the block that is full. */
  #compress() {
    const w = this.#words;
    const block = new DataView(this.#rest.buffer);
    for (let t = 0; t < 16; t += 1) w[t] = block.getUint32(t * 4);
    for (let t = 16; t < 64; t += 1) {
      const x = w[t - 15];
      const y = w[t - 2];
      const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      w[t] = w[t - 16] + small0 + w[t - 7] + small1;
    }
    let [a, b, c, d, e, f, g, h] = this.#state;
    for (let t = 0; t < 64; t += 1) {
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const one = (h + big1 + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0;
      const two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => (this.#state[at] += word));
  }
}

function rotate(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(root) {
  return ((root - Math.floor(root)) * 2 ** 32) >>> 0;
}

function listPrimes(count) {
  const primes = [];
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  }
  return primes;
}
