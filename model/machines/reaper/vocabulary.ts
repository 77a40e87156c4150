/**
 * The words that all regions of the reaper share: what the host tells it, what it asks of the host, and
 * how long its clocks run.
 */
import { LifeBit } from '../../reaper/types.ts';
import type { LifeSign, Mechanism } from '../../policy/types.ts';

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
}

/** Between the parts of one mechanism: its clock ticked; its ping was answered. */
export type InnerEvent =
  { readonly type: `tick.${number}` } | { readonly type: `answered.${number}` };

/**
 * The clocks of mechanism i. `first` and `interval` stand on a grid and never drift; `grace` is only looked
 * at when its mechanism looks; the others run from the step that starts them.
 */
export type DelayKind = 'first' | 'interval' | 'pause' | 'reply' | 'grace' | 'idle' | 'age';
export type DelayName = `${DelayKind}.${number}`;

/** LifeBit mask of a mechanism's `life`. Whatever arrives is made of bytes, so `any-byte` takes every bit. */
export function lifeMask(life: readonly LifeSign[]): number {
  let mask = 0;
  for (const sign of life) {
    if (sign === 'pong') mask |= LifeBit.Pong;
    else if (sign === 'message') mask |= LifeBit.Message;
    else mask |= LifeBit.AnyByte | LifeBit.Message | LifeBit.Pong | LifeBit.ApplicationAck;
  }
  return mask;
}

/**
 * What a mechanism takes for a sign of life in RECEIVED, as a LifeBit mask; 0 where it does not listen. For `idle`
 * it is what makes the connection busy.
 */
export function lifeMaskOf(mechanism: Mechanism): number {
  switch (mechanism.kind) {
    case 'sweep':
    case 'ping':
      return lifeMask(mechanism.life);
    case 'send-stall':
      return mechanism.progress === 'application-ack' ? LifeBit.ApplicationAck : 0;
    case 'idle':
      return LifeBit.Message;
    default:
      return 0;
  }
}

/**
 * Time from `now` to the next tick of a clock that ticks at `origin` + k · `interval`, k any integer; never 0.
 * All three in one unit; the result too.
 */
export function untilNextTick(now: number, origin: number, interval: number): number {
  return origin + (Math.floor((now - origin) / interval) + 1) * interval - now;
}
