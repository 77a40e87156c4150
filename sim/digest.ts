/**
 * A digest of all that happened: 64 bits in two 32-bit lanes, fed one number at a time, no
 * allocation. It proves that two runs were the same; it is not a defence against an adversary.
 */
import { mix32 } from './random.ts';

const WORD = 0x1_0000_0000;

/** Hash of an ordered series of numbers. */
export class Digest {
  /** The two lanes, unsigned 32 bits each once read through `>>> 0`. */
  a = 0;
  b = 0;

  reset(): void {
    this.a = 0x6a09e667;
    this.b = 0x3c6ef372;
  }

  /** Adds one whole number, |value| < 2^53. */
  add(value: number): void {
    const low = value | 0;
    this.#fold(low);
    // Most numbers are small; the high word of the others counts as a number of its own.
    if (low !== value) this.#fold(Math.floor(value / WORD) | 0);
  }

  #fold(word: number): void {
    const a = Math.imul((this.a << 13) ^ (this.a >>> 19) ^ word, 0x9e3779b1);
    this.a = a;
    this.b = (Math.imul(this.b ^ (a >>> 15), 0x85ebca6b) + word) | 0;
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return hexWord(mix32(this.a ^ this.b)) + hexWord(mix32(this.b));
  }
}

/**
 * Digest of a set of numbered digests. Adding is commutative (a sum modulo 2^32 per lane of hashes
 * that contain the number), so any split of the runs over cores or machines gives the same value.
 */
export class DigestSum {
  a = 0;
  b = 0;

  addNumbered(index: number, digest: Digest): void {
    const first = mix32(mix32(digest.a ^ mix32(index)) ^ digest.b);
    this.a = (this.a + first) | 0;
    this.b = (this.b + mix32(first ^ digest.b ^ Math.imul(index + 1, 0x27d4eb2f))) | 0;
  }

  addSum(other: { readonly a: number; readonly b: number }): void {
    this.a = (this.a + other.a) | 0;
    this.b = (this.b + other.b) | 0;
  }

  hex(): string {
    return hexWord(this.a) + hexWord(this.b);
  }
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
