/**
 * T of mechanisms that judge by how a full send path stands: while the peer reads, user space is empty at least so often, something is acknowledged, and the next
 * message is handed over. What such a mechanism waits for comes that long before a silence at the earliest, and once all that has piled up has gone on
 * at the latest. Nothing else puts it off, or brings it on, so its T is a difference.
 */
import { roundedClock } from '../mechanisms/granularity.ts';
import type { Mechanism } from '../policy/types.ts';
import { NotModelled } from './not-modelled.ts';
import { resendingOf } from './resending.ts';
import type { Behind } from './saturated.ts';
import { numbersOf } from './server-kernel.ts';
import type { Part, Setting } from './setting.ts';
import type { Quiet } from './silence.ts';
import type { ProvedTolerance } from './types.ts';

const US_PER_MS = 1_000;

/** By then the load of any connection has begun, on an ordinary path. */
const SETTLED_US = 4_000_000;

/** How long such a mechanism surely waits for the send path to move on, ms; null = it judges by something else. */
function waitsMs(mechanism: Mechanism): number | null {
  switch (mechanism.kind) {
    case 'write-deadline':
    case 'idle':
      return roundedClock(mechanism.timeoutMs, mechanism.granularity).minMs;
    case 'send-stall':
      return mechanism.progress === 'bytes-acked' ? mechanism.graceMs : null;
    default:
      return null;
  }
}

/** Whether how the send path stands is all that it takes to leave the connection alone. */
export function judgesSendPath({ mechanism, thread }: Part): boolean {
  return thread !== 'beyond' && waitsMs(mechanism) !== null;
}

/**
 * @param setting the cell without its load
 * @throws NotModelled where a healthy connection may be ended
 */
export function blockedSends(
  setting: Setting,
  { emptiesUs, drainsUs }: Behind,
  { mechanism }: Part,
  quiet: Quiet | null,
): ProvedTolerance {
  const waitsUs = US_PER_MS * (waitsMs(mechanism) ?? 0);
  // Others wait from the opening on, for a load that begins when that has settled.
  const leastUs = mechanism.kind === 'write-deadline' ? 0 : Math.max(SETTLED_US, 4 * setting.rttUs);
  if (waitsUs <= emptiesUs + leastUs) {
    throw new NotModelled('a send path that is blocked for as long as a mechanism waits');
  }
  // A story of a silence ends with it, and its load: what is queued then drains, and that is all.
  if (quiet !== null && mechanism.kind === 'idle') {
    throw new NotModelled('messages that end with the silence');
  }
  const left = waitsUs - emptiesUs;
  if (quiet === null || readsOn(quiet)) return proved(Infinity, mechanism);
  if (quiet.cut) return proved(lastInTimeUs(setting, left), mechanism);
  return proved(Math.max(0, left - drainsUs), mechanism);
}

/** Whether the send path goes on as ever. */
export function readsOn({ cut, server, roomBytes, readsWithinUs }: Quiet): boolean {
  return !cut && server === 'runs' && roomBytes === Infinity && readsWithinUs === 0;
}

/** How soon after a cut the last retransmission may leave with which all has gone on so long after its beginning; over all timeouts that it can begin with. */
export function lastInTimeUs(setting: Setting, withinUs: number): number {
  const { behind, toServerUs, kernel } = setting;
  if (behind === null) return 0;
  const numbers = numbersOf(setting);
  let least = Infinity;
  for (let j = kernel.rto.lo; j <= kernel.rto.hi; j += 1) {
    const { fromSegment } = resendingOf({ ...numbers, rto: { lo: j, hi: j } }, 1);
    let last = 0;
    for (const { lo, hi, givesUp } of fromSegment) {
      if (givesUp || hi + toServerUs + behind.recoversUs > withinUs) continue;
      last = Math.max(last, lo - behind.unacknowledgedUs);
    }
    least = Math.min(least, last);
  }
  return least;
}

function proved(us: number, { kind }: Mechanism): ProvedTolerance {
  const ms = us / US_PER_MS;
  const path = us === Infinity ? [] : [{ clock: `${kind}, less what stands before it`, ms }];
  const by = us === Infinity ? 'nothing' : kind;
  return { kind: 'proved', ms, by, path, work: 1, start: null };
}
