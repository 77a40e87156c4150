/**
 * The words that all regions of the reaper share: what the host tells it, what it asks of the host, and
 * how long its clocks run.
 */
import { LifeBit } from '../../reaper/types.ts';
import type { Granularity, LifeSign, Mechanism } from '../../policy/types.ts';

/** What the host tells the reaper. */
export type HostEvent =
  /** The process read something; `lifeBits` is a sum of LifeBit. */
  | { readonly type: 'RECEIVED'; readonly lifeBits: number }
  | { readonly type: 'PING_WRITTEN' }
  | { readonly type: 'MESSAGE_SENT' }
  /** The kernel took a message at once; user space begins to hold something; some or all of it moved on. */
  | { readonly type: 'SEND_ACCEPTED' }
  | { readonly type: 'SEND_BLOCKED' }
  | { readonly type: 'SEND_DRAINED'; readonly all: boolean }
  /** A request was handed over; an answer was read; somebody wants a pool's entry. */
  | { readonly type: 'REQUESTED' }
  | { readonly type: 'REPLIED' }
  | { readonly type: 'BORROWED' }
  /** A mechanism of the policy has sent a ping. */
  | { readonly type: 'PING_SENT' }
  /** The socket was looked at. */
  | ({ readonly type: 'SAMPLED' } & SampleReading)
  /** The connection is closing or gone. */
  | { readonly type: 'STOP' };

/**
 * A sample as a finite machine can take it: numbers compared, not kept. One for each mechanism that asked, in
 * their order: two verdicts on one event would contradict each other.
 */
export interface SampleReading {
  /** Who asked. */
  readonly mechanism: number;
  /** Nothing waits to be acknowledged or sent. */
  readonly queueEmpty: boolean;
  /** What the mechanism calls progress differs from its previous sample. */
  readonly moved: boolean;
  readonly established: boolean;
  /** User space holds more than the mechanism's soft limit; than its hard limit. */
  readonly overSoft: boolean;
  readonly overHard: boolean;
}

/** Within one mechanism: its clock ticked; it is to judge now; its ping was answered. */
export type InnerEvent =
  | { readonly type: `tick.${number}` }
  | { readonly type: `judge.${number}` }
  | { readonly type: `answered.${number}` };

/**
 * The clocks of mechanism i. `first` and `interval` of a mechanism with a rhythm stand on a grid and never drift. Three
 * wake nobody and are only looked at in passing, as a time stamp is: `grace` and `fresh` after what is
 * reported at that very instant, `strike` before it. All others run from the step that starts them.
 */
export type DelayKind =
  | 'first'
  | 'interval'
  | 'pause'
  | 'reply'
  | 'deadline'
  | 'grace'
  | 'strike'
  | 'fresh'
  | 'idle'
  | 'age';
export type DelayName = `${DelayKind}.${number}`;

/** Every bit: whatever arrives is made of bytes. */
const ANY_BYTE = Object.values(LifeBit).reduce((mask, bit) => mask | bit, 0);

/** What each sign is in RECEIVED; what the send path says is no part of it. */
const SIGN_BITS: Readonly<Record<LifeSign, number>> = {
  pong: LifeBit.Pong | LifeBit.UnsolicitedPong,
  'matching-pong': LifeBit.Pong,
  ping: LifeBit.Ping,
  message: LifeBit.Message,
  'any-byte': ANY_BYTE,
  'send-accepted': 0,
  drained: 0,
};

/** LifeBit mask of a mechanism's `life`. */
export function lifeMask(life: readonly LifeSign[]): number {
  return life.reduce((mask, sign) => mask | SIGN_BITS[sign], 0);
}

/**
 * What a mechanism takes for a sign of life in RECEIVED, as a LifeBit mask; 0 where it does not tell bytes apart. For
 * `idle` it is what makes the connection busy, for `ping-strikes` what is counted.
 */
export function lifeMaskOf(mechanism: Mechanism): number {
  switch (mechanism.kind) {
    case 'sweep':
    case 'ping':
    case 'pong-timer':
    case 'receive-deadline':
      return lifeMask(mechanism.life);
    case 'send-stall':
      return mechanism.progress === 'application-ack' ? LifeBit.ApplicationAck : 0;
    case 'idle':
      return LifeBit.Message;
    case 'ping-strikes':
      return LifeBit.Ping;
    default:
      return 0;
  }
}

/** What in RECEIVED makes a sweep skip its next tick, as a LifeBit mask. */
export function skipMaskOf(mechanism: Mechanism): number {
  return mechanism.kind === 'sweep' ? lifeMask(mechanism.skipAfter ?? []) : 0;
}

/** The coarser timer that the mechanism's clocks wait for, if they do. */
export function granularityOf(mechanism: Mechanism): Granularity | undefined {
  return 'granularity' in mechanism ? mechanism.granularity : undefined;
}

/**
 * Time from `now` to the next tick of a clock that ticks at `origin` + k · `interval`, k any integer; never 0.
 * All three in one unit; the result too.
 */
export function untilNextTick(now: number, origin: number, interval: number): number {
  return origin + (Math.floor((now - origin) / interval) + 1) * interval - now;
}
