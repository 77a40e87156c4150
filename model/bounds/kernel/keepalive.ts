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
import type { KeepaliveMechanism } from '../../policy/types.ts';
import { fireJiffy, wheelGranularity } from '../../linux/wheel.ts';
import { ceilJiffies, type KernelRules } from './kernel-rules.ts';
import type { PhaseRange } from './episode.ts';
import { rememberRange } from './remember.ts';
import { limitedKeepaliveDeath, limitedKeepaliveProbing } from './keepalive-limits.ts';

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

/** The jiffies of a death's checks: those that sent a probe, and the last one, which ends it. */
interface Death {
  readonly probes: readonly number[];
  readonly end: number;
}

/** From a first unanswered probe at `probe` to the end, the last segment received at `heard`. */
function deathFrom(k: KeepaliveJiffies, probe: number, heard: number): Death {
  const probes: number[] = [];
  for (let at = probe; ;) {
    probes.push(at);
    at = fireJiffy(at, k.interval, true);
    const dead = k.userTimeout === null ? probes.length >= k.probes : at - heard >= k.userTimeout;
    if (dead) return { probes, end: at };
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
  if (rules.uneven) {
    const { minMs, maxMs } = limitedKeepaliveDeath(keepalive, userTimeoutMs, rules);
    return { minMs, maxMs: maxMs + rules.rttMaxMs };
  }
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
  if (rules.uneven) return limitedKeepaliveProbing(keepalive, userTimeoutMs, rules);
  const k = inJiffies(keepalive, userTimeoutMs, rules);
  return overCycles('probing', k, rules, (_answered, lost, death) => {
    const jiffies = (death.probes.at(-1) ?? lost) - lost;
    return [jiffies, jiffies];
  });
}
