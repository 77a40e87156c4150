/**
 * Counter-based randomness: a draw is a hash of (seed, run, connection, named stream, index), never
 * the next value of a generator. So a draw added in one place shifts no other, runs may be played in
 * any order, on any core, and a stretch of time may be skipped without changing what follows.
 *
 * The hash mixes 32-bit words with multiply-xorshift steps (the finalizer of MurmurHash3, public
 * domain, Austin Appleby) in two lanes; 53 bits of the result make one draw.
 *
 * Phases are spread more evenly than chance would: from run to run each of them steps on by an irrational share of
 * its circle (a Kronecker sequence, Weyl 1916), from a start that is hashed like any other draw. Every stretch
 * of runs then covers the circle, each single draw is uniform over the seeds, and run k is the same in any split.
 */
import { assert } from '../model/assert.ts';
import type { Result } from '../model/issue.ts';

/** Every purpose a number is drawn for. The values are part of what a seed means: never renumber. */
export const Stream = {
  FaultPhase: 1,
  ServerJiffies: 2,
  ClientJiffies: 3,
  SweepPhase: 4,
  LoadPhase: 5,
  GhostArrival: 6,
  GhostLife: 7,
  ReaperJitter: 8,
  PeerHeartbeatPhase: 9,
  JitterToClient: 10,
  JitterToServer: 11,
  LossToClient: 12,
  LossToServer: 13,
  ReconnectDelay: 14,
  Swarm: 15,
  Balancing: 16,
  /** How many whole rhythms old the connection is at its fault. */
  Age: 17,
  /** Where the fault comes in a life that is over before the instant drawn first. */
  FaultInShortLife: 18,
  /** Timers of the kernels of proxies, two by two: towards the client and towards the server. */
  ProxyJiffies: 19,
  /** How long before the next reload of a proxy a connection opens. */
  ProxyReload: 20,
  /** Of the links behind proxies, packet by packet and link by link. */
  FarJitterToClient: 21,
  FarJitterToServer: 22,
  FarLossToClient: 23,
  FarLossToServer: 24,
} as const;
export type StreamCode = (typeof Stream)[keyof typeof Stream];

/** A share of [0, 1) as a whole number of 2^-32. */
function turn(share: number): number {
  // Odd, so that 2^32 runs pass before a phase comes again.
  return (Math.floor((share % 1) * 2 ** 32) | 1) >>> 0;
}

/**
 * By what a phase steps on from run to run, per stream; 0 = it is drawn by chance. Square roots of different primes and
 * the golden ratio have no linear relation over the rationals, so any two phases meet in every way as evenly.
 */
const STEPS = new Uint32Array(Math.max(...Object.values(Stream)) + 1);
STEPS[Stream.FaultPhase] = turn((1 + Math.sqrt(5)) / 2);
STEPS[Stream.LoadPhase] = turn(Math.sqrt(2));
STEPS[Stream.SweepPhase] = turn(Math.sqrt(3));
STEPS[Stream.Age] = turn(Math.sqrt(7));
STEPS[Stream.PeerHeartbeatPhase] = turn(Math.sqrt(13));
STEPS[Stream.ServerJiffies] = turn(Math.sqrt(11));
STEPS[Stream.ClientJiffies] = turn(Math.sqrt(17));
STEPS[Stream.ReaperJitter] = turn(Math.sqrt(19));
STEPS[Stream.FaultInShortLife] = turn(Math.sqrt(23));
STEPS[Stream.ProxyReload] = turn(Math.sqrt(29));

const SEED_LIMIT = 1n << 64n;

/**
 * Reads a 64-bit seed written in decimal or as `0x` hexadecimal.
 *
 * @param input `0` … `18446744073709551615`, or `0x0` … `0xffffffffffffffff`, or the number itself
 * @param path what the user called it, for the message
 * @returns the seed, or a `bad-seed` issue
 * @example
 * parseSeed('0x2a') // => { ok: true, value: 42n }
 * parseSeed('forty-two').issues[0].code // => 'bad-seed'
 */
export function parseSeed(input: string | bigint, path = '--seed'): Result<bigint> {
  const text = typeof input === 'bigint' ? input.toString() : input;
  const wellFormed = /^(?:\d{1,20}|0[xX][0-9a-fA-F]{1,16})$/.test(text);
  const value = wellFormed ? BigInt(text) : SEED_LIMIT;
  if (value < SEED_LIMIT) return { ok: true, value };
  return {
    ok: false,
    issues: [
      {
        code: 'bad-seed',
        path,
        expected: 'a whole number below 2^64, decimal or 0x hexadecimal',
        received: JSON.stringify(text),
      },
    ],
  };
}

/** The one way a seed is written in results: decimal. */
export function formatSeed(seed: bigint): string {
  assert(seed >= 0n && seed < SEED_LIMIT, 'a seed has 64 bits');
  return seed.toString();
}

/** MurmurHash3 fmix32: every input bit reaches every output bit. */
export function mix32(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** A seed as the two 32-bit words that the hash takes: BigInt stays out of the loops. */
export interface SeedWords {
  readonly high: number;
  readonly low: number;
}

/** Splits a 64-bit seed once, before the first draw. */
export function seedWords(seed: bigint): SeedWords {
  assert(seed >= 0n && seed < SEED_LIMIT, 'a seed has 64 bits');
  return { high: Number(seed >> 32n), low: Number(seed & 0xffff_ffffn) };
}

/** The draws of one connection in one run. Made once, pointed at the next life by `reset`. */
export class Draws {
  #high = 0;
  #low = 0;
  #run = 0;
  /** The same without the run: where the steps of a phase begin. */
  #startHigh = 0;
  #startLow = 0;
  /** Shares that are given and not drawn, by stream; NaN = drawn. null while all are. */
  #pinned: Float64Array | null = null;

  reset(seed: SeedWords, run: number, connection: number): void {
    const a = mix32(seed.low ^ 0x9e3779b9);
    const b = mix32(seed.high ^ a);
    const c = mix32(run ^ b);
    this.#run = run;
    this.#high = mix32(connection ^ c);
    this.#low = mix32(this.#high ^ a);
    this.#startHigh = mix32(connection ^ b);
    this.#startLow = mix32(this.#startHigh ^ a);
  }

  /** From now on the first draw of a stream is this share of its range, in [0, 1); null = drawn again. */
  pin(stream: StreamCode, share: number | null): void {
    this.#pinned ??= new Float64Array(STEPS.length).fill(NaN);
    this.#pinned[stream] = share ?? NaN;
  }

  /** A whole number drawn evenly from 0 … `bound` − 1; `bound` from 1 to 2^53. */
  below(stream: StreamCode, index: number, bound: number): number {
    assert(bound >= 1 && bound <= Number.MAX_SAFE_INTEGER + 1, 'a draw needs a bound of 1 … 2^53');
    return Math.floor(this.share(stream, index) * bound);
  }

  /** A number drawn evenly from [0, 1), of 53 bits. */
  share(stream: StreamCode, index: number): number {
    if (this.#pinned !== null && index === 0) {
      const pinned = this.#pinned[stream] as number;
      if (!Number.isNaN(pinned)) return pinned;
    }
    // Only the first phase of a kind steps: two that step alike would keep their distance for ever.
    const step = index === 0 ? (STEPS[stream] as number) : 0;
    return step === 0
      ? this.#hashed(this.#high, this.#low, stream, index, 0)
      : this.#hashed(this.#startHigh, this.#startLow, stream, index, Math.imul(this.#run, step));
  }

  /** @param turned how far the hash is turned on, in 2^-32 of the circle */
  #hashed(high: number, low: number, stream: number, index: number, turned: number): number {
    const first = mix32(mix32(high ^ Math.imul(stream, 0x27d4eb2f)) ^ index);
    const second = mix32(low ^ first ^ Math.imul(index + 1, 0x165667b1));
    const upper = (first + turned) >>> 0;
    return (upper * 0x20_0000 + (second >>> 11)) / 2 ** 53;
  }
}
