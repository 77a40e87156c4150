/**
 * SO_KEEPALIVE on a quiet connection (tcp_keepalive_timer): after `idleMs` without a segment from
 * the peer a probe, then one every `intervalMs`; death at the check that finds `probes` of them
 * unanswered. TCP_USER_TIMEOUT replaces the count: death at the first check after the first probe
 * that finds at least the timeout elapsed since the last segment.
 *
 * The timer is never touched by traffic. It wakes, computes what has elapsed, and sleeps for the
 * rest, so its phase is that of its own past. The ends below come from following the timer through
 * many living cycles from every phase the wheel can give it, with a death after each of them.
 */
import type { KeepaliveMechanism, Policy } from '../policy/types.ts';
import { fireJiffy, wheelGranularity } from '../linux/wheel.ts';
import { never, type Ending } from './ending.ts';
import { ceilJiffies, type KernelRules } from './kernel-rules.ts';
import { rememberRange, type PhaseRange } from './retransmission.ts';
import { judges, pingers, pingPeriodMs, type Situation } from './situation.ts';

/** Living cycles followed from each phase: enough for the timer to settle into its rhythm. */
const CYCLES = 64;

interface KeepaliveJiffies {
  readonly idle: number;
  readonly interval: number;
  readonly probes: number;
  readonly userTimeout: number | null;
  /** Whole jiffies from a probe to its answer. */
  readonly answer: number;
}

/** The keepalive a policy puts on its sockets; the last one wins, as with setsockopt. */
export function keepaliveOf(policy: Policy): KeepaliveMechanism | null {
  let found: KeepaliveMechanism | null = null;
  for (const mechanism of policy.mechanisms) {
    if (mechanism.kind === 'keepalive' && judges(mechanism)) found = mechanism;
  }
  return found;
}

function inJiffies(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): KeepaliveJiffies {
  const { tickMs } = rules;
  return {
    idle: ceilJiffies(keepalive.idleMs, tickMs),
    interval: ceilJiffies(keepalive.intervalMs, tickMs),
    probes: keepalive.probes,
    userTimeout: userTimeoutMs === null ? null : ceilJiffies(userTimeoutMs, tickMs),
    answer: Math.floor(rules.rttMs / tickMs),
  };
}

/** The jiffies of a death's checks: those that send a probe, and the last one, which ends it. */
interface Death {
  readonly lastProbe: number;
  readonly end: number;
}

/** From a first unanswered probe at `probe` to the end, the last segment received at `heard`. */
function deathFrom(k: KeepaliveJiffies, probe: number, heard: number): Death {
  let at = probe;
  for (let out = 1; ; out += 1) {
    const next = fireJiffy(at, k.interval, true);
    const dead = k.userTimeout === null ? out >= k.probes : next - heard >= k.userTimeout;
    if (dead) return { lastProbe: at, end: next };
    at = next;
  }
}

/** The next probe after an answered one at `probe`: wakes after an interval, then sleeps for the rest. */
function nextProbe(k: KeepaliveJiffies, probe: number): number {
  const heard = probe + k.answer;
  let at = fireJiffy(probe, k.interval, true);
  while (at - heard < k.idle) at = fireJiffy(at, k.idle - (at - heard), true);
  return at;
}

/** Visits (answered probe, first lost probe, death) for every phase and many cycles. */
function forEachCycle(
  k: KeepaliveJiffies,
  visit: (answered: number, lost: number, death: Death) => void,
): void {
  const widest = Math.max(wheelGranularity(k.idle), wheelGranularity(k.interval));
  const step = wheelGranularity(k.idle);
  for (let phase = 0; phase < widest; phase += step) {
    let answered = widest * 8 + phase;
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      const lost = nextProbe(k, answered);
      visit(answered, lost, deathFrom(k, lost, answered + k.answer));
      answered = lost;
    }
  }
}

function overCycles(
  name: string,
  k: KeepaliveJiffies,
  rules: KernelRules,
  measure: (answered: number, lost: number, death: Death) => readonly [min: number, max: number],
): PhaseRange {
  return rememberRange(JSON.stringify(['keepalive', name, k, rules.tickMs]), () => {
    let min = Number.POSITIVE_INFINITY;
    let max = 0;
    forEachCycle(k, (answered, lost, death) => {
      const [least, most] = measure(answered, lost, death);
      min = Math.min(min, least);
      max = Math.max(max, most);
    });
    return { minMs: min * rules.tickMs, maxMs: max * rules.tickMs };
  });
}

/** From the probe that finds nobody (least) or the last one answered (most) to the death. */
export function keepaliveDeath(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): PhaseRange {
  const k = inJiffies(keepalive, userTimeoutMs, rules);
  return overCycles('death', k, rules, (answered, lost, death) => [
    death.end - lost,
    death.end - answered,
  ]);
}

/** From the first probe that finds nobody to the last one that could still have been answered. */
export function keepaliveProbing(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): PhaseRange {
  const k = inJiffies(keepalive, userTimeoutMs, rules);
  return overCycles('probing', k, rules, (_answered, lost, death) => {
    const jiffies = death.lastProbe - lost;
    return [jiffies, jiffies];
  });
}

/** When keepalive ends a ghost. */
export function keepaliveEnding(situation: Situation, keepalive: KeepaliveMechanism): Ending {
  const by = situation.userTimeoutMs === null ? 'keepalive' : 'keepalive with TCP_USER_TIMEOUT';
  if (!judges(keepalive)) return never(by, 'The option was never set on the socket.');
  if (situation.kernelAnswers) {
    return never(by, 'A kernel answers every probe, whether or not anybody is behind it.');
  }
  const { load } = situation.scenario;
  if (load.kind !== 'idle') {
    return never(by, 'Keepalive defers while data is unacknowledged (tcp_keepalive_timer).');
  }
  const death = keepaliveDeath(keepalive, situation.userTimeoutMs, situation.rules);
  const minMs = death.minMs - situation.edgeMs;
  const pings = pingers(situation.policy);
  if (pings.length > 0) {
    const period = Math.min(...pings.map((p) => pingPeriodMs(p, situation.rules.rttMs)));
    return {
      ...never(by, 'A ping that is not acknowledged makes keepalive defer (tcp_keepalive_timer).'),
      // Between two pings far enough apart it can still come first.
      minMs: period > death.minMs + keepalive.idleMs ? minMs : null,
    };
  }
  const withTimeout = situation.userTimeoutMs !== null;
  return {
    minMs,
    maxMs: death.maxMs - situation.edgeMs,
    manner: 'kernel',
    by,
    formula: withTimeout
      ? 'min over k ≥ 1 of (idleMs + k · intervalMs) ≥ timeoutMs, + rttMs / 2 + wheel'
      : 'idleMs + probes · intervalMs + rttMs / 2 + wheel',
    derivation: withTimeout
      ? 'Counted from the last segment received, half a round trip before the fault at worst: the first probe after idleMs, then a check every intervalMs; the first check that finds the user timeout elapsed ends it, and the number of probes does not matter.'
      : 'Counted from the last segment received, half a round trip before the fault at worst: the first probe after idleMs, the next ones every intervalMs, and one interval after the last of them the end.',
  };
}
