/**
 * A watchdog on the send path: something is queued and nothing moves for the grace.
 *
 * By bytes acknowledged or by the queue's length, the socket is looked at every `everyMs`: the first look that
 * finds a queue starts the grace, a look that finds progress starts it again, a look that finds nothing
 * queued ends it, and the first look at which the grace is over and still nothing has moved reaps.
 *
 * With `minBytes`, progress is that many bytes since the last progress, or all that waited then: a peer that takes a byte now and
 * then is no better than one that takes none, and one to whom little is sent need not take more than that.
 *
 * By application acknowledgement the clock starts when a message is handed over while none is outstanding, any
 * acknowledgement ends it, and the first look at which the grace is over reaps.
 */
import {
  choice,
  duration,
  optional,
  variant,
  withDefault,
  type Canonical,
} from '../schema/words.ts';
import { lost, queueBytes, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { everyMs } from './region/clocks.ts';
import { LifeBit } from './region/life.ts';
import { cadence, decides } from './region/parts.ts';

const schema = variant(
  'send-stall',
  'A positive send queue without progress for the grace is death.',
  {
    /** What counts as progress: `bytes-acked` (`tcpi_bytes_acked` moved), `queue` (SIOCOUTQ changed), or `application-ack` (the peer's application acknowledged a message). */
    progress: withDefault(
      choice(
        'What counts as progress: tcpi_bytes_acked moved, SIOCOUTQ changed, or the peer acknowledged a message itself.',
        ['bytes-acked', 'queue', 'application-ack'],
      ),
      'bytes-acked',
    ),
    graceMs: duration('How long a positive send queue may stand without progress.'),
    /** The least that is progress, by `bytes-acked`: so many bytes, or all that waited at the last progress; one byte when missing. */
    minBytes: optional(
      queueBytes(
        'The least that is progress, by bytes-acked: so many bytes, or all that waited at the last progress; one byte when missing.',
      ),
    ),
    everyMs: withDefault(duration('How often the socket is looked at.'), 1_000),
    verdict,
    lost,
  },
);

/** A watchdog on the send path: a positive send queue and no progress for the grace is death. */
export interface SendStallMechanism extends Canonical<typeof schema> {}

const PICTURED: SendStallMechanism = {
  kind: 'send-stall',
  progress: 'bytes-acked',
  graceMs: 30_000,
  everyMs: 1_000,
};

const PROGRESS_WORDS: Readonly<Record<SendStallMechanism['progress'], string>> = {
  'bytes-acked': "no byte was acknowledged by the peer's kernel",
  queue: 'the send queue stayed as long as it was',
  'application-ack': 'no message was acknowledged by the application',
};

export const sendStall: MechanismKind<typeof schema> = {
  schema,
  carrier: 'watchdog',
  ends: 'the-dead',
  judgesClosing: true,
  goesOnWithoutVerdict: true,
  // Acknowledgements of the application flow even if nobody looks at them any more.
  showsWhenLost: true,
  region: sendStallRegion,
  clocksMs: (one) => ({ ...everyMs(one), grace: one.graceMs }),
  samples: ({ progress }) => (progress === 'application-ack' ? undefined : progress),
  leastProgressBytes: ({ minBytes = 1 }) => minBytes,
  looksEveryMs: (one) => one.everyMs,
  countsAcknowledgements: ({ progress }) => progress === 'application-ack',
  lifeMask: ({ progress }) => (progress === 'application-ack' ? LifeBit.ApplicationAck : 0),
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: (one) => one.graceMs + one.everyMs,
  lastStrikeMs: (one) => sendStall.patienceMs(one),
  waitingFor: (one) => one,
  cycles: (one) => [{ everyMs: one.everyMs, clock: 'connection', what: one.kind, speaks: false }],
  brief: ({ progress }) => `send stall: no progress by ${progress}`,
  verdict: ({ progress, graceMs, minBytes }) =>
    minBytes !== undefined && progress === 'bytes-acked'
      ? `less than ${minBytes} bytes were acknowledged by the peer's kernel within ${graceMs} ms with more waiting`
      : `${PROGRESS_WORDS[progress]} for ${graceMs} ms with data waiting`,
  needs: ({ progress }) => [
    { what: progress === 'application-ack' ? 'acknowledgements' : 'socket-state' },
  ],
  linuxOnly: ({ progress }) =>
    progress === 'application-ack'
      ? undefined
      : 'SIOCOUTQ and tcpi_bytes_acked are numbers of Linux',
  pictures: [
    { title: 'Send stall, by bytes acked or by the queue', mechanism: PICTURED },
    {
      title: 'Send stall, by application acknowledgement',
      mechanism: { ...PICTURED, progress: 'application-ack' },
    },
  ],
};

/** Whether it judges by how much is acknowledged within its grace, and not only by whether anything is. */
export function demandsRate(mechanism: { readonly kind: string }): boolean {
  const { kind, minBytes = 1, lost: isLost } = mechanism as Partial<SendStallMechanism>;
  return kind === 'send-stall' && minBytes > 1 && isLost === undefined;
}

function sendStallRegion(stall: SendStallMechanism, mechanism: number): RegionConfig {
  const judge =
    stall.progress === 'application-ack'
      ? acknowledgements(stall, mechanism)
      : sendQueue(stall, mechanism);
  return {
    type: 'parallel',
    states: { cadence: cadence(mechanism), progress: judge },
  };
}

function sendQueue(stall: SendStallMechanism, mechanism: number): RegionConfig {
  const params = { mechanism };
  const empty = { guard: { type: 'queueEmpty', params }, target: 'clear' } as const;
  const moved = { guard: { type: 'moved', params }, target: 'stalled', reenter: true } as const;
  const stuck = { guard: { type: 'stuck', params }, ...decides('reap', mechanism) } as const;
  const looks = { actions: { type: 'sample', params } } as const;
  return {
    initial: 'clear',
    on: { [`tick.${mechanism}`]: looks },
    states: {
      clear: { on: { SAMPLED: { guard: { type: 'queued', params }, target: 'stalled' } } },
      stalled: {
        on: { SAMPLED: [empty, moved] },
        after: { [`grace.${mechanism}`]: 'overdue' },
      },
      overdue: {
        on: { SAMPLED: stall.lost === 'verdict' ? [empty, moved] : [empty, moved, stuck] },
      },
    },
  };
}

function acknowledgements(stall: SendStallMechanism, mechanism: number): RegionConfig {
  const acknowledged = {
    guard: { type: 'isLife', params: { lifeMask: LifeBit.ApplicationAck } },
    target: 'clear',
  } as const;
  const reaps =
    stall.lost === 'verdict' ? {} : { [`tick.${mechanism}`]: decides('reap', mechanism) };
  return {
    initial: 'clear',
    states: {
      clear: { on: { MESSAGE_SENT: 'stalled' } },
      stalled: {
        on: { RECEIVED: acknowledged },
        after: { [`grace.${mechanism}`]: 'overdue' },
      },
      overdue: { on: { RECEIVED: acknowledged, ...reaps } },
    },
  };
}
