/**
 * T against silences on a path that works: the peer's application pauses, reads slowly, sends slowly
 * or is stopped, or the server itself does not run.
 *
 * The kernels go on acknowledging, so what decides is when a sign of life can come: behind what the
 * peer reads first, after what it is busy sending, or when the server looks again. Whoever takes for life
 * what the silence leaves alone never minds it.
 */
import { judges, userTimeoutOf } from '../../mechanisms/in-force.ts';
import { serverLoad } from '../../scenario/load.ts';
import { GSO_MAX_SEGMENTS, INITIAL_CWND, MAX_SKB_FRAGS, MSS } from '../../linux/constants.ts';
import type { Policy, SendStallMechanism } from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import { READ_SLICE_MS } from '../../scenario/reading.ts';
import type { Scenario, Silence } from '../../scenario/types.ts';
import { kernelRules } from '../kernel/kernel-rules.ts';
import { sysctlsOf } from '../../scenario/sysctls.ts';
import { limitTolerance, type Hindrance } from '../mechanisms/limit-tolerance.ts';
import { patiences, timelyAnswers, type Answer, type Patience } from '../../signs/patience.ts';
import { drainMs, queueAheadBytes } from '../kernel/queue.ts';
import { aliasedTolerance, aliases, stallPatience } from '../mechanisms/send-stall.ts';
import { asksApplication, type Source } from '../../signs/sources.ts';
import type { ToleranceForm } from '../types.ts';
import { closedWindowDeath } from '../kernel/zero-window.ts';

/** A silence on a working path; `frozen`: the client's process is stopped, its kernel is not. */
export type Stall =
  Exclude<Silence, { readonly kind: 'outage' | 'host-sleep' }> | { readonly kind: 'frozen' };

interface Setting {
  readonly policy: Policy;
  readonly scenario: Scenario;
  readonly stall: Stall;
  /** The longest round trip. */
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
    case 'process-pause':
      return 0;
    default:
      return null;
  }
}

/** Bytes that stand before a ping while the silence lasts. */
function aheadBytes({ scenario, stall }: Setting): number {
  if (stall.kind !== 'plateau') return queueAheadBytes(scenario);
  // Who keeps a queue standing fills the peer's buffer as well.
  const buffered = Math.max(receiveBufferBytes(scenario, stall), queueAheadBytes(scenario));
  return stall.queueBytes + buffered;
}

/** How long what has come to be next may still wait for the peer to read again. */
function sliceMs(stall: Stall, ahead: number): number {
  if (stall.kind === 'trickle') return stall.everyMs;
  return ahead > 0 ? READ_SLICE_MS : 0;
}

/**
 * The largest receive buffer of a peer that reads so much at once: more than it had room for in a round trip makes
 * it grow (tcp_rcv_space_adjust), in the beginning beyond ten segments.
 */
function receiveBufferBytes(
  scenario: Scenario,
  { bytesPerSecond }: { readonly bytesPerSecond: number },
): number {
  const { 'tcp_rmem.1': initial, 'tcp_rmem.2': largest } = sysctlsOf(scenario, 'client');
  const space = INITIAL_CWND * MSS;
  const copied = (bytesPerSecond * READ_SLICE_MS) / 1000;
  if (copied <= space) return initial;
  const window = (2 * copied + 16 * MSS) * (1 + (2 * (copied - space)) / space);
  // Half of the buffer is window (tcp_adv_win_scale).
  return Math.min(largest, Math.max(initial, 2 * window));
}

/** How soon an answer still comes while the silence lasts, ms; null = not before its end. */
function answerDuring(setting: Setting, { source, worstMs: gapMs }: Answer): number | null {
  const { stall, scenario, rttMs } = setting;
  switch (stall.kind) {
    case 'none':
      return gapMs;
    case 'frozen':
    case 'process-pause':
    case 'server-starved':
    case 'server-stall':
      return null;
    case 'slow-uploader':
      // What the server itself sends is not held up.
      return source.kind === 'accepted' ? gapMs : null;
    case 'application-pause':
      return isOfApplication(source) ? null : gapMs;
    case 'page-freeze':
      // A network service with data that the page does not take stops reading.
      return isOfApplication(source) || serverLoad(scenario).kind !== 'idle' ? null : gapMs;
    case 'timers-throttled':
      return isOfTimer(source) ? gapMs + stall.everyMs : gapMs;
    case 'trickle':
    case 'plateau':
    case 'slow-reader': {
      if (source.kind === 'heartbeat' || source.kind === 'message') return gapMs;
      if (source.kind !== 'pong') return null;
      const rate = readingRate(stall) ?? Number.POSITIVE_INFINITY;
      const ahead = aheadBytes(setting);
      return (ahead * 1000) / rate + sliceMs(stall, ahead) + Math.max(gapMs, rttMs);
    }
    default:
      // Nothing is known of it: nothing is counted on.
      return null;
  }
}

/** Whether the peer's application gives this sign, and not its library or the server itself. */
function isOfApplication(source: Source): boolean {
  switch (source.kind) {
    case 'pong':
      return asksApplication(source.pinger);
    case 'heartbeat':
      return source.sentBy === 'application';
    case 'message':
    case 'acknowledgement':
      return true;
    default:
      return false;
  }
}

/** Whether a timer of the peer's application gives it: what it is told, it answers at once. */
function isOfTimer(source: Source): boolean {
  return (
    source.kind === 'message' || (source.kind === 'heartbeat' && source.sentBy === 'application')
  );
}

/** Whether a sign of life comes in time however long the silence lasts. */
function alwaysAnswered(setting: Setting, patience: Patience): boolean {
  // Bytes of the one message that holds everything else up are life where bytes count.
  if (setting.stall.kind === 'slow-uploader' && patience.mechanism.life.includes('any-byte')) {
    return true;
  }
  return patience.answers.some((answer) => {
    const soonMs = answerDuring(setting, answer);
    return soonMs !== null && soonMs < patience.ms;
  });
}

function patienceTolerance(setting: Setting, patience: Patience): ToleranceForm | null {
  const { scenario, stall } = setting;
  const timely = timelyAnswers(patience);
  if (timely.length === 0) {
    return {
      maxMs: 0,
      by: patience.by,
      formula: '0',
      derivation: 'Nothing that a healthy peer sends counts as life in time.',
    };
  }
  if (alwaysAnswered(setting, patience)) return null;
  const soonestMs = Math.min(...timely.map((answer) => answer.gapMs));
  const queueMs = readingRate(stall) === null ? 0 : drainMs(scenario);
  const byPing = timely.some(
    ({ source, gapMs }) => source.kind === 'pong' && gapMs === setting.rttMs,
  );
  return {
    maxMs: Math.max(0, patience.ms - soonestMs - queueMs),
    by: patience.by,
    formula: `${patience.field} − ${byPing ? 'rttMs' : 'time between signs of life'}${queueMs > 0 ? ' − drain' : ''}`,
    derivation: byPing ? waitsFor(stall) : waitsForSign(stall, soonestMs),
  };
}

function waitsForSign(stall: Stall, gapMs: number): string {
  const held =
    stall.kind === 'server-starved' || stall.kind === 'server-stall'
      ? 'lies unread until the process runs again, whose due timers come first'
      : 'comes only when the silence is over';
  return `Signs of life come up to ${gapMs} ms apart. At worst the silence begins just before the next one, which ${held}.`;
}

/** Why the answer to a ping comes only when the silence is over. */
function waitsFor(stall: Stall): string {
  switch (stall.kind) {
    case 'server-starved':
    case 'server-stall':
      return 'The pong waits unread; when the process runs again its due timers come first, so the verdict falls unless the silence ends before the patience does.';
    case 'slow-uploader':
      return 'The pong cannot pass inside the message and follows it; a ping that arrived as it began waits for all of it.';
    case 'frozen':
    case 'process-pause':
      return 'The ping lies unread until the process runs again, and so does all that was sent before it.';
    case 'application-pause':
    case 'page-freeze':
    case 'timers-throttled':
      return 'What the mechanism takes for life is not sent during the pause.';
    default:
      return 'The ping stands behind all that was accepted before it, more than the peer reads within the patience: it is answered when the peer reads at full speed again.';
  }
}

/** Longest time between two application acknowledgements; null = as long as the silence. */
function acknowledgementGapMs({ scenario, stall }: Setting): number | null {
  const load = serverLoad(scenario);
  const rate = readingRate(stall);
  const { story } = scenario;
  const queryBytes = story.kind === 'pool' ? story.queryBytes : 0;
  const written =
    load.kind === 'saturated'
      ? load.messageBytes
      : load.kind === 'periodic'
        ? load.bytes
        : queryBytes;
  // Who tops a queue up may do it with one message.
  const bytes = stall.kind === 'plateau' ? Math.max(written, stall.queueBytes) : written;
  switch (stall.kind) {
    case 'application-pause':
    case 'page-freeze':
    case 'server-starved':
    case 'server-stall':
      return null;
    case 'slow-uploader':
      // The answer to a query cannot pass inside the message.
      return story.kind === 'pool' ? null : 0;
    default:
      return rate === null ? 0 : rate === 0 ? null : (2 * bytes * 1000) / rate;
  }
}

function stallTolerance(setting: Setting, stall: SendStallMechanism): ToleranceForm | null {
  const { scenario, rttMs } = setting;
  const load = serverLoad(scenario);
  if (aliases(stall, scenario)) return aliasedTolerance();
  const isAsked = scenario.story.kind === 'pool' && stall.progress === 'application-ack';
  if (load.kind === 'idle' && setting.stall.kind !== 'plateau' && !isAsked) return null;
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
  // A page that takes nothing fills its network service's buffer, and then the window.
  const rate = setting.stall.kind === 'page-freeze' ? 0 : readingRate(setting.stall);
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
const MERGED_ARRIVALS = MAX_SKB_FRAGS + 1;
/** Largest arrival: a whole super-segment. */
const LARGEST_ARRIVAL_BYTES = GSO_MAX_SEGMENTS * MSS;

/**
 * Longest time between two acknowledgements of a peer that reads slowly: memory comes back when a
 * whole merged buffer has been read, and a closed window opens when a sixteenth of the receive buffer is
 * free (__tcp_select_window), at the latest when everything has been read. The larger its buffer has grown, the longer
 * a slow reader says nothing.
 */
function windowStepMs(setting: Setting, rate: number): number {
  const { scenario, stall } = setting;
  const load = serverLoad(scenario);
  const arrival =
    load.kind === 'periodic' && stall.kind !== 'plateau'
      ? Math.min(load.bytes, LARGEST_ARRIVAL_BYTES)
      : LARGEST_ARRIVAL_BYTES;
  const ahead = aheadBytes(setting);
  const stepBytes = Math.min(ahead, ahead / 16 + MERGED_ARRIVALS * arrival);
  const everyMs = stall.kind === 'trickle' ? stall.everyMs : 0;
  return everyMs + (stepBytes * 1000) / rate;
}

/** TCP_USER_TIMEOUT against a window that closes: its clock can survive real progress. */
function closedWindowTolerance(setting: Setting): ToleranceForm | null {
  const { policy, scenario, stall } = setting;
  const userTimeoutMs = userTimeoutOf(policy);
  const rate = stall.kind === 'page-freeze' ? 0 : readingRate(stall);
  if (userTimeoutMs === null || rate === null) return null;
  if (serverLoad(scenario).kind === 'idle' && stall.kind !== 'plateau') return null;
  return {
    maxMs: closedWindowDeath(kernelRules(scenario), userTimeoutMs).minMs,
    by: 'TCP_USER_TIMEOUT',
    formula: 'first zero-window probe + timeoutMs',
    derivation:
      'The peer reads more slowly than the server writes, so the window closes; the first probe starts a clock which smaller openings than the next buffer do not stop (tcp_ack_probe).',
  };
}

/** Whether the peer takes less than it is sent. */
function blocksWriting({ stall, scenario }: Setting): boolean {
  const rate = stall.kind === 'page-freeze' ? 0 : readingRate(stall);
  const load = serverLoad(scenario);
  if (rate === null) return false;
  return load.kind !== 'periodic' || (load.bytes * 1000) / load.everyMs >= rate;
}

function hindranceOf(setting: Setting): Hindrance {
  const { stall, rttMs, scenario } = setting;
  const { kind } = stall;
  const unread = kind === 'server-starved' || kind === 'server-stall' || kind === 'slow-uploader';
  return {
    blocksWriting: blocksWriting(setting),
    holdsArrivals: unread || kind === 'frozen' || kind === 'process-pause',
    survived: (patienceMs) => Math.max(0, patienceMs - 2 * rttMs - drainMs(scenario)),
  };
}

/** What each mechanism of a policy, and the kernel, survives of a silence on a working path. */
export function silenceTolerances(
  policy: Policy,
  scenario: Scenario,
  stall: Stall,
): readonly ToleranceForm[] {
  const rttMs = longestRttMs(scenario.path);
  const setting: Setting = { policy, scenario, stall, rttMs };
  const stalls = policy.mechanisms.filter(
    (m): m is SendStallMechanism => m.kind === 'send-stall' && judges(m),
  );
  return [
    ...patiences(policy, scenario).map((patience) => patienceTolerance(setting, patience)),
    ...stalls.map((one) => stallTolerance(setting, one)),
    ...policy.mechanisms.map((one) => limitTolerance(one, policy, scenario, hindranceOf(setting))),
    closedWindowTolerance(setting),
  ].filter((tolerance) => tolerance !== null);
}
