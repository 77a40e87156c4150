/** Living clients behind bad paths: far away, uneven, lossy, gone for minutes. None may be reaped. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy, chatter } from './settings.ts';

const OUTAGE_SOURCE = 'RFC 6298 §5.5 (back off the timer); a train in a tunnel';
const LOSS_SOURCE = 'RFC 6298; RFC 8985 (RACK-TLP)';

export const livePathScenarios = [
  defineScenario({
    kind: 'live',
    name: 'live-outage-5m',
    title: 'Both directions cut for 5 minutes, then healed; nobody was sending',
    claim: 'TCP survives any outage.',
    truth: 'An idle one does, if nobody asks. Every heartbeat of less than minutes ends it.',
    source: OUTAGE_SOURCE,
    tags: ['live', 'idle', 'outage', 'path'],
    reaches: 'endured',
    silence: { kind: 'outage', lengthMs: '5m' },
    watchMs: '15m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-outage-5m-busy',
    title: 'Both directions cut for 5 minutes while the server sends 1 KiB every 500 ms',
    claim: 'What was sent meanwhile arrives when the path is back.',
    truth:
      'With the next retransmission, which by then may be two minutes away (TCP_RTO_MAX); until then the healed path carries nothing.',
    source: OUTAGE_SOURCE,
    tags: ['live', 'busy', 'outage', 'path'],
    reaches: 'retransmitting',
    load: busy,
    silence: { kind: 'outage', lengthMs: '5m' },
    watchMs: '15m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-far-away',
    title: 'A round trip of 2 s and up to 500 ms more each way; a message every 10 s for an hour',
    claim: 'Two seconds are no problem for a patience of tens of seconds.',
    truth: 'True; but a patience of 1 s, as some keepalives have, is shorter than the path.',
    source: 'A satellite, or a modem with a long queue (bufferbloat)',
    tags: ['live', 'busy', 'jitter', 'path'],
    reaches: 'endured',
    load: chatter,
    path: { rttMs: '2s', jitterMs: '500ms' },
    silence: { kind: 'none' },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-round-trip-rises',
    title:
      'The round trip rises from 50 ms to 800 ms for good; the server sends 100 bytes every 500 ms; later an outage of 2 s',
    claim: 'A user timeout of 20 s survives an outage of 2 s.',
    truth:
      'Not on a connection with a past. Two timeouts within the first long round trip leave a retransmission counted for ever, and Linux counts the next episode from the first one: TCP_USER_TIMEOUT and tcp_retries2 are over at once.',
    source:
      'Linux 6.12 and 6.18, tcp_try_undo_loss, tcp_mark_skb_lost, retransmits_timed_out; RFC 3522, RFC 6298 §5.5',
    tags: ['live', 'busy', 'outage', 'path'],
    reaches: 'retransmitting',
    load: { kind: 'periodic', bytes: 100, everyMs: '500ms', direction: 'server' },
    path: { rttMs: 50, risesToMs: '800ms' },
    silence: { kind: 'outage', lengthMs: '2s' },
    watchMs: '10m',
  }),
  ...[5, 30].map((percent) =>
    defineScenario({
      kind: 'live',
      name: `live-loss-${percent}`,
      title: `${percent} % of the packets are lost, each way; the server sends 1 KiB every 500 ms for ten minutes`,
      claim: 'A lossy path looks like a dead one to a heartbeat.',
      truth:
        percent < 10
          ? 'Hardly: a lost ping is sent again within a few hundred milliseconds.'
          : 'Sometimes: five losses in a row are as likely as 1 in 400, and each doubles the wait for the next try.',
      source: LOSS_SOURCE,
      tags: ['live', 'busy', 'loss', 'path'],
      reaches: 'packet-lost',
      load: busy,
      path: { rttMs: 50, lossPercent: percent },
      silence: { kind: 'none' },
      watchMs: '10m',
    }),
  ),
];
