/** What is measured of reapers: every metric once, for whichever library exports it. */
import type { Handle } from '../reaper/handle.ts';
import type { ReapEvent } from '../reaper/options.ts';
import type { TimeListener } from '../reaper/times.ts';

/** A handle of `attachReaper`, of `ghostbound/ws` or `ghostbound/node`. */
export interface MeasuredReaper extends Pick<
  Handle<unknown>,
  'policy' | 'status' | 'bound' | 'connections' | 'closeWait' | 'queueBytes'
> {
  observe(
    listener: (event: Pick<ReapEvent<unknown>, 'mechanism' | 'silentMs'>) => void,
  ): () => void;
  observeTimes(listener: TimeListener): () => void;
  /** Of `ghostbound/ws` only. */
  readonly closeCodes?: ReadonlyMap<number, number>;
}

/** A server's name in the label `server`, and its reaper. */
export type Named = readonly [server: string, reaper: MeasuredReaper];

export type Labels = Readonly<Record<string, string | number>>;

/** One figure with its labels. */
export interface Figure {
  readonly labels: Labels;
  readonly value: number;
}

/** Something that is read when it is asked for. */
export interface Pulled {
  readonly kind: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  /** How the figures of several processes become one; a sum, when missing. */
  readonly aggregator?: 'min' | 'max';
  read(reaper: MeasuredReaper): readonly Figure[];
}

/** Something of which the distribution matters, told as it happens. */
export interface Observed {
  readonly name: string;
  readonly help: string;
  /** Upper bounds of the buckets, s. */
  readonly boundsS: readonly number[];
  listen(reaper: MeasuredReaper, observe: (labels: Labels, seconds: number) => void): () => void;
}

/** A peer may close with any of thousands of codes: so many different ones are told apart, the rest is `other`. */
const CLOSE_CODES_LIMIT = 64;

function one(value: number | undefined): Figure[] {
  return value === undefined ? [] : [{ labels: {}, value }];
}

function byMechanism({ status }: MeasuredReaper, what: 'reaped' | 'refused'): Figure[] {
  const sums = new Map<string, number>();
  for (const mechanism of status.mechanisms) {
    sums.set(mechanism.kind, (sums.get(mechanism.kind) ?? 0) + mechanism[what]);
  }
  return [...sums].map(([mechanism, value]) => ({ labels: { mechanism }, value }));
}

function closeCodes({ closeCodes: counts }: MeasuredReaper): Figure[] {
  const all = [...(counts ?? [])];
  const told = all
    .slice(0, CLOSE_CODES_LIMIT)
    .map(([code, value]) => ({ labels: { code }, value }));
  const others = all.slice(CLOSE_CODES_LIMIT).reduce((sum, [, value]) => sum + value, 0);
  return others === 0 ? told : [...told, { labels: { code: 'other' }, value: others }];
}

/** No limit is one that is infinitely far away. */
function inSeconds(ms: number | null): number {
  return ms === null ? Infinity : ms / 1000;
}

export const PULLED: readonly Pulled[] = [
  {
    kind: 'gauge',
    name: 'ghostbound_connections',
    help: 'Connections under watch',
    read: ({ connections }) => one(connections),
  },
  {
    kind: 'gauge',
    name: 'ghostbound_unwatched',
    help: 'Clients that the server has and the reaper was never told of',
    read: ({ status }) => one(status.unwatched),
  },
  {
    kind: 'gauge',
    name: 'ghostbound_bound_seconds',
    help: 'B: so long a peer can be silent, a send path stuck, a closing under way, before it is over; over every traffic',
    aggregator: 'max',
    read: ({ bound: { silence, stuck, closingMs } }) => [
      { labels: { of: 'silence' }, value: inSeconds(silence.maxMs) },
      { labels: { of: 'stuck' }, value: inSeconds(stuck.maxMs) },
      { labels: { of: 'closing' }, value: inSeconds(closingMs) },
    ],
  },
  {
    kind: 'gauge',
    name: 'ghostbound_tolerance_seconds',
    help: 'T: a shorter silence, or standstill of the send path, ends nobody',
    aggregator: 'min',
    read: ({ bound: { silence, stuck } }) => [
      { labels: { of: 'silence' }, value: inSeconds(silence.toleranceMs) },
      { labels: { of: 'stuck' }, value: inSeconds(stuck.toleranceMs) },
    ],
  },
  {
    kind: 'counter',
    name: 'ghostbound_reaped_total',
    help: 'Connections ended by the policy',
    read: (reaper) => byMechanism(reaper, 'reaped'),
  },
  {
    kind: 'counter',
    name: 'ghostbound_kernel_timeouts_total',
    help: 'Connections that the kernel gave up: keepalive, user timeout or retransmissions',
    read: ({ status }) => one(status.kernelTimeouts),
  },
  {
    kind: 'gauge',
    name: 'ghostbound_mechanism_on',
    help: 'Whether a mechanism of the policy works here',
    aggregator: 'min',
    read: ({ status }) =>
      status.mechanisms.map(({ kind, index, state }) => ({
        labels: { mechanism: kind, position: index },
        value: state === 'on' ? 1 : 0,
      })),
  },
  {
    kind: 'counter',
    name: 'ghostbound_refused_total',
    help: 'Sockets on which the kernel refused a mechanism',
    read: (reaper) => byMechanism(reaper, 'refused'),
  },
  {
    kind: 'counter',
    name: 'ghostbound_pings_total',
    help: 'Pings sent',
    read: ({ status }) => one(status.pings),
  },
  {
    kind: 'counter',
    name: 'ghostbound_errors_total',
    help: 'Errors contained, of callbacks and of the reaper',
    read: ({ status }) => one(status.errors),
  },
  {
    kind: 'gauge',
    name: 'ghostbound_queue_bytes',
    help: 'Bytes that user space holds for the kernel to take, of all connections',
    read: (reaper) => one(reaper.queueBytes()),
  },
  {
    kind: 'gauge',
    name: 'ghostbound_attached',
    help: 'Whether the reaper is at work: 0 after detach',
    aggregator: 'min',
    read: ({ status }) => one(status.attached ? 1 : 0),
  },
  {
    kind: 'gauge',
    name: 'ghostbound_draining',
    help: 'Whether the server is being drained',
    aggregator: 'max',
    read: ({ status }) => one(status.draining ? 1 : 0),
  },
  {
    kind: 'gauge',
    name: 'ghostbound_close_wait',
    help: 'Connections whose peer has closed and which this process has not closed',
    read: (reaper) => one(reaper.closeWait()),
  },
  {
    kind: 'counter',
    name: 'ghostbound_close_codes_total',
    help: 'WebSocket connections by close code',
    read: closeCodes,
  },
];

/** From a ping's patience to the quarter of an hour of `tcp_retries2` and the two hours of keepalive's default, s. */
const SILENCE_BUCKETS_S = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 1000, 7900];
/** From one machine to a satellite, and on to what no patience waits for, s. */
const ROUND_TRIP_BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From a turn of the loop to a stall that breaks every patience, s. */
const LAG_BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const OBSERVED: readonly Observed[] = [
  {
    name: 'ghostbound_reap_silence_seconds',
    help: 'How long a reaped peer had been silent, by the mechanism that decided: the age of a ghost',
    boundsS: SILENCE_BUCKETS_S,
    listen: (reaper, observe) =>
      reaper.observe(({ mechanism, silentMs }) => {
        observe({ mechanism }, silentMs / 1000);
      }),
  },
  {
    name: 'ghostbound_ping_round_trip_seconds',
    help: 'From a ping to its pong',
    boundsS: ROUND_TRIP_BUCKETS_S,
    listen: (reaper, observe) => listenTo(reaper, 'ping-round-trip', observe),
  },
  {
    name: 'ghostbound_loop_lag_seconds',
    help: 'How late the timer of the reaper was, or how long a poll phase was blocked',
    boundsS: LAG_BUCKETS_S,
    listen: (reaper, observe) => listenTo(reaper, 'loop-lag', observe),
  },
  {
    name: 'ghostbound_state_sync_seconds',
    help: 'From a message told by messageSent to its acknowledgement by the application',
    boundsS: ROUND_TRIP_BUCKETS_S,
    listen: (reaper, observe) => listenTo(reaper, 'state-sync', observe),
  },
];

function listenTo(
  reaper: MeasuredReaper,
  wanted: Parameters<TimeListener>[0],
  observe: (labels: Labels, seconds: number) => void,
): () => void {
  return reaper.observeTimes((what, ms) => {
    if (what === wanted) observe({}, ms / 1000);
  });
}
