/**
 * Keepalive between limits, where its rhythm is not known to the jiffy: on an uneven path, or while the peer talks
 * of its own and every segment puts the probes off. Each wait is at least as long as it says and at most one
 * bucket of the wheel longer.
 */
import type { KeepaliveMechanism } from '../../policy/types.ts';
import type { KernelRules } from './kernel-rules.ts';
import type { PhaseRange } from './episode.ts';
import { latestExpiryMs } from './uneven.ts';

/** Checks from the first unanswered probe to the one that ends it, at the most and at the least. */
function checks(
  { idleMs, intervalMs, probes }: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): { readonly least: number; readonly most: number } {
  if (userTimeoutMs === null) return { least: probes, most: probes };
  const until = (firstProbeMs: number): number =>
    Math.max(1, Math.ceil((userTimeoutMs - firstProbeMs) / intervalMs));
  const lastProbeMs = latestExpiryMs(rules, idleMs) + rules.rttMaxMs;
  return { least: until(lastProbeMs), most: until(idleMs) };
}

/** From the last segment received to the probe that finds nobody. */
function firstProbeMaxMs({ idleMs, intervalMs }: KeepaliveMechanism, rules: KernelRules): number {
  // It may have woken just before, and then sleeps for the rest.
  return Math.max(latestExpiryMs(rules, idleMs), latestExpiryMs(rules, intervalMs));
}

/** From the probe that finds nobody (least) or the last segment received (most) to the death. */
export function limitedKeepaliveDeath(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): PhaseRange {
  const { least, most } = checks(keepalive, userTimeoutMs, rules);
  return {
    minMs: rules.lossy ? 0 : least * keepalive.intervalMs,
    maxMs: firstProbeMaxMs(keepalive, rules) + most * latestExpiryMs(rules, keepalive.intervalMs),
  };
}

/** From the first probe that finds nobody to the last one that could still have been answered. */
export function limitedKeepaliveProbing(
  keepalive: KeepaliveMechanism,
  userTimeoutMs: number | null,
  rules: KernelRules,
): PhaseRange {
  const { least, most } = checks(keepalive, userTimeoutMs, rules);
  const intervalMs = latestExpiryMs(rules, keepalive.intervalMs);
  return {
    minMs: rules.lossy ? 0 : (least - 1) * keepalive.intervalMs,
    maxMs: (most - 1) * intervalMs,
  };
}
