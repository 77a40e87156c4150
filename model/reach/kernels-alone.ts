/**
 * T behind a send path that is always full, as far as the kernels end it: the longest silence that they surely survive is a sum of their clocks.
 *
 * A path that is cut: a kernel gives up at its first expiry past its limit, so what decides is whether the retransmission before that gets through, and is acknowledged in time
 * (RFC 9293 §3.8.3). A peer that does not read: each probe of its window is answered, and only a user timeout counts, from the first probe on (RFC 9293 §3.8.6.1).
 */
import { DELAYED_ACK_MAX_MS } from '../linux/constants.ts';
import { msToJiffies } from '../linux/jiffies.ts';
import { backedOffJ, givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Full } from './saturated.ts';
import { rtoOf, type KernelNumbers, type Setting } from './setting.ts';
import { shutWindowEndUs } from './shut-window.ts';
import type { Quiet } from './silence.ts';
import type { Leg, ProvedTolerance } from './types.ts';

const US_PER_MS = 1_000;

/** A timeout's wait, or what is left of the user timeout, in one word. */
const LAST_LOST = 'the last retransmission before its kernel gives up';

/** What both kernels survive, whatever the process does. */
export function kernelsAlone(
  setting: Setting,
  full: Full,
  scenario: Scenario,
  quiet: Quiet | null,
): ProvedTolerance {
  const { kernel } = setting;
  const survives: ProvedTolerance = proved(Infinity, 'nothing', 'nothing');
  if (quiet === null || quiet.server !== 'runs') return survives;
  if (!quiet.cut) {
    const end = shutWindowEndUs(kernel, setting);
    const reads = quiet.roomBytes === Infinity && quiet.readsWithinUs === 0;
    if (end === null || reads) return survives;
    // The window may have been shut, for all that the server knows, a round trip before; the peer that reads again is heard after one.
    const us = end.lo - 2 * (setting.rttUs + full.ackDelayUs);
    return proved(Math.max(0, us), 'TCP_USER_TIMEOUT', 'the user timeout behind a shut window');
  }
  const by = kernel.userTimeoutMs > 0 ? 'TCP_USER_TIMEOUT' : 'tcp_retries2';
  const own = proved(lastSavingUs(kernel, setting, full), by, LAST_LOST);
  // Whose host stands still gives nothing up; who sends nothing has nothing to give up.
  if (quiet.sleeps || !full.peerTalks) return own;
  const peers = lastSavingUs(peerKernelOf(setting, scenario), setting, full);
  return peers < own.ms * US_PER_MS ? proved(peers, 'the peer’s tcp_retries2', LAST_LOST) : own;
}

function proved(us: number, by: string, clock: string): ProvedTolerance {
  const path: Leg[] = us === Infinity ? [] : [{ clock, ms: us / US_PER_MS }];
  return { kind: 'proved', ms: us / US_PER_MS, by, path, work: 1, start: null };
}

function peerKernelOf({ kernel, rttUs }: Setting, scenario: Scenario): KernelNumbers {
  const values = sysctlsOf(scenario, 'client');
  const { hz } = kernel;
  const rtoMaxJ = msToJiffies(values.tcp_rto_max_ms, hz);
  const delayUs = DELAYED_ACK_MAX_MS * US_PER_MS + 2 * kernel.tickUs;
  return {
    ...kernel,
    rto: rtoOf(rttUs, delayUs, values.tcp_rto_min_us, rtoMaxJ, hz),
    rtoMaxJ,
    rtoMaxMs: values.tcp_rto_max_ms,
    retries2: values.tcp_retries2,
    userTimeoutMs: 0,
  };
}

/** How soon after the cut the last retransmission may leave that, if it arrives, keeps a kernel from giving up; over all timeouts that it can begin with. */
function lastSavingUs(kernel: KernelNumbers, { rttUs }: Setting, { ackDelayUs }: Full): number {
  const { rto, tickUs, rtoMaxJ, rtoMaxMs, retries2, userTimeoutMs, crowdedProbe } = kernel;
  const limitUs = US_PER_MS * givesUpAfterMs(userTimeoutMs, retries2, rtoMaxMs);
  const answerUs = rttUs + ackDelayUs;
  let least = Infinity;
  for (let firstJ = rto.lo; firstJ <= rto.hi; firstJ += 1) {
    // What is in flight may have been sent a round trip before; its probe, and then its timeout.
    const probeJ = Math.min(crowdedProbe.lo, firstJ);
    const probeUs = kernel.tailLossProbe ? wheelWindow(probeJ, firstJ, 0, tickUs).loUs : 0;
    let window = wheelWindow(firstJ, firstJ, 0, tickUs);
    const beginsUs = probeUs + window.loUs - answerUs;
    let sinceUs = { lo: 0, hi: 0 };
    let savingUs = 0;
    for (let waitJ = firstJ; sinceUs.lo < limitUs;) {
      waitJ = backedOffJ(waitJ, rtoMaxJ);
      window = wheelWindow(waitJ, waitJ, window.widthJ, tickUs);
      const leftUs = limitUs - sinceUs.hi;
      const isCut = userTimeoutMs > 0 && leftUs < window.loUs;
      if ((isCut ? leftUs : window.loUs) > answerUs) savingUs = Math.max(0, beginsUs + sinceUs.lo);
      if (sinceUs.hi + window.hiUs >= limitUs) least = Math.min(least, savingUs);
      sinceUs = { lo: sinceUs.lo + window.loUs, hi: sinceUs.hi + window.hiUs };
    }
  }
  return least;
}
