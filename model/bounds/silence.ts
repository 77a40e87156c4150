/**
 * T against silences on a path that works: the peer's application pauses, reads slowly, sends slowly
 * or is stopped, or the server itself does not run.
 *
 * The kernels go on acknowledging, so what decides is when a ping's answer can come: behind what the
 * peer reads first, after what it is busy sending, or when the server looks again.
 */
import type { Policy, SendStallMechanism } from '../policy/types.ts';
import type { Scenario, Silence } from '../scenario/types.ts';
import { kernelRules } from './kernel-rules.ts';
import { hearsHealthyPeer, hearsPong, patiences, type Patience } from './patience.ts';
import { drainMs, queueAheadBytes } from './queue.ts';
import { aliasedTolerance, aliases, stallPatience } from './send-stall.ts';
import { judges, userTimeoutOf } from './situation.ts';
import type { Tolerance } from './types.ts';
import { SEGMENT_BYTES } from './window.ts';
import { closedWindowDeath } from './zero-window.ts';

/** A silence on a working path; `frozen`: the client's process is stopped, its kernel is not. */
export type Stall = Exclude<Silence, { readonly kind: 'outage' }> | { readonly kind: 'frozen' };

interface Setting {
  readonly policy: Policy;
  readonly scenario: Scenario;
  readonly stall: Stall;
  readonly rttMs: number;
}

/** How fast the peer reads meanwhile, bytes per second; 0 = not at all, null = as fast as it can. */
function readingRate(stall: Stall): number | null {
  switch (stall.kind) {
    case 'trickle':
      return (stall.bytes * 1000) / stall.everyMs;
    case 'plateau':
    case 'slow-reader':
      return stall.bytesPerSecond;
    case 'frozen':
      return 0;
    default:
      return null;
  }
}

/** Bytes that stand before a ping while the silence lasts. */
function aheadBytes({ scenario, stall }: Setting): number {
  return stall.kind === 'plateau'
    ? stall.queueBytes + queueAheadBytes(scenario)
    : queueAheadBytes(scenario);
}

/** Whether a ping is answered in time however long the silence lasts. */
function alwaysAnswered(setting: Setting, patience: Patience): boolean {
  const { stall, rttMs } = setting;
  const { life } = patience.mechanism;
  switch (stall.kind) {
    case 'none':
      return true;
    case 'application-pause':
      // The library answers pings; only messages stop.
      return hearsPong(patience);
    case 'slow-uploader':
      return life.includes('any-byte');
    case 'server-starved':
      return false;
    default: {
      const rate = readingRate(stall) ?? Number.POSITIVE_INFINITY;
      return (aheadBytes(setting) * 1000) / rate + rttMs < patience.ms;
    }
  }
}

function pingTolerance(setting: Setting, patience: Patience): Tolerance | null {
  const { policy, scenario, stall, rttMs } = setting;
  if (!hearsHealthyPeer(patience, policy, scenario)) {
    return {
      maxMs: 0,
      by: patience.by,
      formula: '0',
      derivation: 'Nothing that a healthy peer sends counts as life in time.',
    };
  }
  if (alwaysAnswered(setting, patience)) return null;
  const queueMs = readingRate(stall) === null ? 0 : drainMs(scenario);
  return {
    maxMs: Math.max(0, patience.ms - rttMs - queueMs),
    by: patience.by,
    formula: `${patience.field} − rttMs${queueMs > 0 ? ' − drain' : ''}`,
    derivation: waitsFor(stall),
  };
}

/** Why the answer to a ping comes only when the silence is over. */
function waitsFor(stall: Stall): string {
  switch (stall.kind) {
    case 'server-starved':
      return 'The pong waits unread; when the process runs again its due timers come first, so the verdict falls unless the silence ends before the patience does.';
    case 'slow-uploader':
      return 'The pong cannot pass inside the message and follows it; a ping that arrived as it began waits for all of it.';
    case 'frozen':
      return 'The ping lies unread until the process runs again, and so does all that was sent before it.';
    case 'application-pause':
      return 'What the mechanism takes for life is not sent during the pause.';
    default:
      return 'The ping stands behind all that was accepted before it, more than the peer reads within the patience: it is answered when the peer reads at full speed again.';
  }
}

/** Longest time between two application acknowledgements; null = as long as the silence. */
function acknowledgementGapMs({ scenario, stall }: Setting): number | null {
  const { load } = scenario;
  const rate = readingRate(stall);
  const bytes =
    load.kind === 'saturated' ? load.messageBytes : load.kind === 'periodic' ? load.bytes : 0;
  if (stall.kind === 'application-pause' || stall.kind === 'server-starved' || rate === 0)
    return null;
  return rate === null ? 0 : (2 * bytes * 1000) / rate;
}

function stallTolerance(setting: Setting, stall: SendStallMechanism): Tolerance | null {
  const { scenario, rttMs } = setting;
  if (aliases(stall, scenario.load)) return aliasedTolerance();
  if (scenario.load.kind === 'idle' && setting.stall.kind !== 'plateau') return null;
  const grace = stallPatience(stall).minMs;
  const by = 'send stall';
  if (stall.progress === 'application-ack') {
    const gapMs = acknowledgementGapMs(setting);
    if (gapMs !== null && gapMs + rttMs < grace) return null;
    return {
      maxMs: Math.max(0, grace - rttMs),
      by,
      formula: 'graceMs − rttMs',
      derivation:
        'The oldest message without an acknowledgement was sent up to a round trip before; its acknowledgement is read when the silence is over.',
    };
  }
  const rate = readingRate(setting.stall);
  if (rate === null) return null;
  if (stall.progress === 'bytes-acked' && rate > 0 && windowStepMs(setting, rate) < grace)
    return null;
  return {
    maxMs: Math.max(0, grace - 3 * rttMs),
    by,
    formula: 'graceMs − 3 · rttMs',
    derivation:
      stall.progress === 'queue'
        ? 'A writer that replaces what was acknowledged keeps the queue at one length, and that counts as no progress.'
        : 'No byte is acknowledged until the peer reads again; the window update and the next acknowledgement take another round trip and a half.',
  };
}

/** A received buffer takes up to MAX_SKB_FRAGS arrivals more (tcp_try_coalesce). */
const MERGED_ARRIVALS = 18;
/** Largest arrival: a super-segment of 45 full ones. */
const LARGEST_ARRIVAL_BYTES = 45 * SEGMENT_BYTES;

/**
 * Longest time between two acknowledgements of a peer that reads slowly: memory comes back when a
 * whole merged buffer has been read, and a closed window opens when a sixteenth of the receive buffer is
 * free (__tcp_select_window). The larger its buffer has grown, the longer a slow reader says nothing.
 */
function windowStepMs({ scenario, stall }: Setting, rate: number): number {
  const { load } = scenario;
  const arrival =
    load.kind === 'periodic' ? Math.min(load.bytes, LARGEST_ARRIVAL_BYTES) : LARGEST_ARRIVAL_BYTES;
  const stepBytes = queueAheadBytes(scenario) / 16 + MERGED_ARRIVALS * arrival;
  const everyMs = stall.kind === 'trickle' ? stall.everyMs : 0;
  return everyMs + (stepBytes * 1000) / rate;
}

/** TCP_USER_TIMEOUT against a window that closes: its clock can survive real progress. */
function closedWindowTolerance(setting: Setting): Tolerance | null {
  const { policy, scenario, stall } = setting;
  const userTimeoutMs = userTimeoutOf(policy);
  const rate = readingRate(stall);
  if (userTimeoutMs === null || rate === null) return null;
  if (scenario.load.kind === 'idle' && stall.kind !== 'plateau') return null;
  return {
    maxMs: closedWindowDeath(kernelRules(scenario), userTimeoutMs).minMs,
    by: 'TCP_USER_TIMEOUT',
    formula: 'first zero-window probe + timeoutMs',
    derivation:
      'The peer reads more slowly than the server writes, so the window closes; the first probe starts a clock which smaller openings than the next buffer do not stop (tcp_ack_probe).',
  };
}

/** What each mechanism of a policy, and the kernel, survives of a silence on a working path. */
export function silenceTolerances(
  policy: Policy,
  scenario: Scenario,
  stall: Stall,
): readonly Tolerance[] {
  const setting: Setting = { policy, scenario, stall, rttMs: scenario.path.rttMs };
  const stalls = policy.mechanisms.filter(
    (m): m is SendStallMechanism => m.kind === 'send-stall' && judges(m),
  );
  return [
    ...patiences(policy).map((patience) => pingTolerance(setting, patience)),
    ...stalls.map((one) => stallTolerance(setting, one)),
    closedWindowTolerance(setting),
  ].filter((tolerance) => tolerance !== null);
}
