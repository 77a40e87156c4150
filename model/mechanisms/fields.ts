/**
 * Fields that several kinds of mechanism have: what counts as life, how a verdict is carried out, coarse clocks, losses.
 * Said once, so that a field means the same in every mechanism.
 */
import {
  choice,
  duration,
  integer,
  list,
  object,
  optional,
  withDefault,
  type Canonical,
} from '../schema/words.ts';

const lifeSign = choice(
  'pong: a pong (RFC 6455 §5.5.3); matching-pong: one that answers a ping of ours; ping: a ping from the peer; message: a complete application message; any-byte: any byte read from the socket; send-accepted: a message of ours was taken without backpressure; drained: what waited in user space has moved on.',
  [
    /** A pong (RFC 6455 §5.5.3, or the application's own answer to its own ping), asked for or not. */
    'pong',
    /** A pong that answers a ping of ours; one that nobody asked for is none. */
    'matching-pong',
    /** A ping from the peer (RFC 6455 §5.5.2). */
    'ping',
    /** A complete message of the application. */
    'message',
    /** Any byte the process read from the socket. */
    'any-byte',
    /** A message of ours was taken without backpressure. It proves a buffer, not a peer; some servers count it. */
    'send-accepted',
    /** What had to wait in user space has moved into the kernel. */
    'drained',
  ],
);
/** What a mechanism accepts as proof that the peer lives. */
export type LifeSign = Canonical<typeof lifeSign>;

export const life = (description: string) =>
  list(description, lifeSign, { minItems: 1, maxItems: lifeSign.options.length, unique: true });

const loss = choice(
  'This mechanism is broken and nobody notices: `timer`, it neither probes nor judges; `verdict`, it probes but never acts.',
  [
    /** Its timer has stopped: it neither probes nor judges. */
    'timer',
    /** It still probes, but its verdict never takes effect (a skipped connection, a swallowed error). */
    'verdict',
  ],
);
/** What remains of a mechanism that is broken in production: nobody notices, so a policy can say it. */
export type Loss = Canonical<typeof loss>;
export const lost = optional(loss);

const manner = choice(
  'How the verdict is carried out: `destroy` (when missing), `reset` (SO_LINGER 0), `close` (the closing handshake first), `flush` (user space is written out first).',
  [
    /** close(2): a FIN, or a reset where data was left unread; what user space holds is dropped. */
    'destroy',
    /** SO_LINGER 0 and close(2): a reset, and the kernel forgets everything at once. */
    'reset',
    /** The closing handshake (RFC 6455 §7.1.2), for as long as `close-handshake` allows, then close(2). */
    'close',
    /** close(2) once user space has nothing left to write, however long that takes. */
    'flush',
  ],
);
/** How a verdict is carried out. */
export type VerdictManner = Canonical<typeof manner>;
export const verdict = optional(manner);

/** However it is carried out, it is no verdict about the peer. */
export const orderly = optional(
  choice('How it is ended: `close` (when missing), `destroy`, `reset` or `flush`.', [
    'close',
    'destroy',
    'reset',
    'flush',
  ]),
);

export const granularitySchema = object('A clock that is only looked at by a coarser timer.', {
  everyMs: duration('The clock runs out on a multiple of this.'),
  direction: withDefault(
    choice('At the first tick after the time has passed, or at the last one before.', [
      'up',
      'down',
    ]),
    'up',
  ),
  grid: withDefault(
    choice("The ticks of one timer of the process, or of the connection's own.", [
      'process',
      'connection',
    ]),
    'process',
  ),
});
/** A clock that is only looked at by a coarser timer: it runs out on a multiple of `everyMs`. */
export interface Granularity extends Canonical<typeof granularitySchema> {}
/** Missing = the clock has a timer of its own. */
export const granularity = optional(granularitySchema);

export const replyClock = withDefault(
  choice('When patience starts: when the ping is queued, or when the send path has taken it.', [
    'enqueued',
    'written',
  ]),
  'enqueued',
);

/** Four GiB: no server holds more for one connection. */
const MAX_QUEUE_BYTES = 2 ** 32;

/** Bytes of a queue towards one peer. */
export const queueBytes = (description: string) => integer(description, 1, MAX_QUEUE_BYTES);
