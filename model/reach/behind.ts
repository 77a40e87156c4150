/**
 * A connection behind a send path that is always full, as one on which nothing is written: the load only makes what is sent stand behind it, and
 * something is in flight at any time. How long that takes is an interval of time, from bytes.
 *
 * Acknowledgements of a flight come at once: at most its last segment waits, and what the others let go brings that on (RFC 9293 §3.8.6.3). So a flight takes a
 * round trip. A sender that has lost all of its window begins with one segment, whose acknowledgement may be delayed (RFC 5681 §3.1).
 */
import { INITIAL_CWND, MSS } from '../linux/constants.ts';
import { sysctlTable } from '../linux/sysctls.ts';
import { Column } from '../reaper/program.ts';
import { LifeBit } from '../reaper/types.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { sendsPings } from './acting.ts';
import { judgesSendPath } from './blocked-sends.ts';
import { NotModelled } from './not-modelled.ts';
import { spareBytes } from './queue-limit.ts';
import { FLIGHTS_IN_BUFFER, sampledDelayUs, type Behind, type Full } from './saturated.ts';
import { rtoOf, type Part, type Setting, type Span } from './setting.ts';
import { FIRST_FLIGHT_BYTES, roundTrips } from './slow-start.ts';

/** What says how the send path stands. */
const OF_SEND_PATH: readonly number[] = [
  Column.MessageSent,
  Column.SendAccepted,
  Column.SendBlocked,
  Column.SendDrainedSome,
  Column.SendDrainedAll,
  Column.PingWritten,
];

/** The memory of a send buffer is twice that of a flight, and three times its payload (tcp_sndbuf_expand). */
const FLIGHTS_OF_MEMORY = 7;

/** A kernel's buffer is filled beyond its limit by a segment of offload. */
const BEYOND_BYTES = 65_536;

/** Control frames may wait for so much of a limit on the queue: more of them would take longer to go on than is reckoned, bytes. */
const CONTROL_BYTES = 16_384;

/** @throws NotModelled where a buffer does not grow with the flow */
function behindOf(setting: Setting, full: Full, scenario: Scenario): Behind {
  const { rttUs, kernel } = setting;
  const { load, server } = scenario;
  const messageBytes = load.kind === 'saturated' ? load.messageBytes : 0;
  const client = sysctlsOf(scenario, 'client');
  const values = sysctlsOf(scenario, 'server');
  for (const name of ['tcp_rmem.1', 'tcp_rmem.2'] as const) {
    if (client[name] < sysctlTable[name].default) {
      throw new NotModelled('a full send path to a receive buffer that stays small');
    }
  }
  const { limitsQueue, policy } = setting;
  const controlBytes = limitsQueue ? Math.min(CONTROL_BYTES, spareBytes(policy, scenario)) : 0;
  const userBytes = server.userQueueBytes + messageBytes + Math.max(0, controlBytes);
  const most = values['tcp_wmem.2'];
  const queued = userBytes + values['tcp_wmem.1'];
  const total = userBytes + most;
  // Flights double, the one under way among them, or are as large as the buffer lets them be: half of that may be heads, and it has just grown.
  const takes = 2 + roundTrips(queued + FLIGHTS_IN_BUFFER * FIRST_FLIGHT_BYTES);
  // A window that was shut may begin small, but no smaller than the first.
  const drains = 2 + roundTrips(total);
  const even = Math.floor(queued / (most / 4));
  // With several segments in flight the probe comes sooner than the timeout.
  const soonerJ = kernel.tailLossProbe ? kernel.rto.hi - kernel.crowdedProbe.lo + 2 : 0;
  return {
    takesUs: (takes + even) * rttUs,
    // Woken with a third of its buffer free, it hands over all that waits once the buffer is some times as large: until then flights double.
    emptiesUs: most < 8 * userBytes ? Infinity : (2 + roundTrips(8 * userBytes)) * rttUs,
    drainsUs: (drains + even) * rttUs,
    recoversUs: recoveries(userBytes, most) * rttUs + full.ackDelayUs,
    unacknowledgedUs: rttUs + oddSegmentUs(setting, full) + Math.max(0, soonerJ) * kernel.tickUs,
    holdsBytes: total + client['tcp_rmem.2'] + 2 * BEYOND_BYTES,
    controlBytes,
  };
}

/**
 * Round trips until all that a send path held has gone on, from the first retransmission that gets through: slow start from one segment to half of what was in
 * flight (RFC 5681 §3.1), and from there a segment more in two round trips at least; over all flights that may have been lost.
 */
function recoveries(userBytes: number, mostBytes: number): number {
  let longest = 0;
  const most = Math.ceil(mostBytes / MSS);
  for (let flight = INITIAL_CWND; flight <= 2 * most; flight = Math.ceil(flight * 1.2)) {
    const half = Math.max(2, Math.floor(flight / 2));
    let left = Math.min(FLIGHTS_OF_MEMORY * flight, most) + Math.ceil(userBytes / MSS);
    let rounds = 2;
    for (let window = 1; left > 0; rounds += 1) {
      left -= Math.floor(window);
      window = window < half ? Math.min(2 * window, half) : window + 1 / 2;
    }
    longest = Math.max(longest, rounds);
  }
  return longest;
}

/** The last segment of a flight, if it is an odd one, is acknowledged with the next flight, a round trip later. */
function oddSegmentUs({ rttUs, kernel }: Setting, { ackDelayUs }: Full): number {
  return Math.min(ackDelayUs, rttUs + 2 * kernel.tickUs);
}

/** The timeout behind it: not where the server answers pings, of which the acknowledgements before the load may have been delayed. */
function timeoutBehind(setting: Setting, full: Full): Span {
  const { rttUs, kernel, beats } = setting;
  if (beats.some(({ bits }) => (bits & LifeBit.Ping) !== 0)) return kernel.rto;
  const delayUs = sampledDelayUs(oddSegmentUs(setting, full));
  const varianceUs = Math.max(2 * rttUs, 4 * delayUs);
  return rtoOf(rttUs, delayUs, kernel.rtoMinUs, kernel.rtoMaxJ, kernel.hz, varianceUs);
}

/**
 * The cell without its load, and without those who judge by how the send path stands.
 *
 * @throws NotModelled where somebody else hears of that
 */
export function withoutLoad(stated: Setting, full: Full, scenario: Scenario): Setting {
  const parts = stated.parts.filter((part) => !hearsLoad(part));
  if (
    !stated.parts.every((part) => !hearsLoad(part) || judgesSendPath(part)) ||
    stated.answersMessages
  ) {
    throw new NotModelled('what becomes of a full send path, of which a mechanism hears');
  }
  const sends =
    parts.some(({ region }) => sendsPings(region)) ||
    stated.beats.some(({ bits }) => (bits & LifeBit.Ping) !== 0);
  if (full.locked && sends)
    throw new NotModelled('a ping that waits for the lock of a full send path');
  // Something is in flight at any time: keepalive has nothing to say.
  const kernel = { ...stated.kernel, keepalive: null, rto: timeoutBehind(stated, full) };
  const setting = { ...stated, parts, full: null, kernel };
  return { ...setting, behind: behindOf(setting, full, scenario) };
}

/** Whether a mechanism hears how the send path stands. */
export function hearsLoad({ region }: Part): boolean {
  return (
    region.samples === 'queue' ||
    region.samples === 'bytes-acked' ||
    OF_SEND_PATH.some((column) => region.program.hears[column] === 1)
  );
}
