/**
 * Conformance: a recorded kernel trace against the simulated kernel.
 *
 * With the recorded jiffy phase the simulation must agree to two jiffies, packet by packet. Without it every phase of
 * the timer wheel that can matter is played, and one of them must give all that was recorded.
 */
import type { ConformanceRow } from '../../model/results/types.ts';
import { conformAtPhase } from './at-phase.ts';
import { conformOverPhases } from './over-phases.ts';
import type { KernelTrace } from './trace.ts';

export { parseKernelTrace } from './parse.ts';
export type { KernelTrace } from './trace.ts';

/**
 * Compares one recorded trace with the simulated kernel.
 *
 * @throws InputError where the recorded sysctls or options are none that Linux takes
 * @example
 * // Keepalive 2 s / 1 s / 1 probe, the peer last heard of at −0.975 s. Buckets are 8 jiffies of 4 ms wide: the
 * // probe leaves up to 32 ms late, on a bucket's edge; 1 s later, rounded up to the next edge, is 1.024 s.
 * // So the end lies between 2.049 s and 2.081 s.
 * const recording = {
 *   name: 'dead-peer',
 *   kernel: '6.18.44',
 *   hz: 250,
 *   config: { rtt_ms: 50, max_s: 5, server_sockopts: { keepalive: [2, 1, 1] } },
 *   log: [
 *     { t: 0, who: 'wire', ev: 'act', what: 'drop' },
 *     { t: 2.06, who: 'server', ev: 'error', error: 'ETIMEDOUT' },
 *   ],
 * };
 * const { value: trace } = parseKernelTrace(JSON.stringify(recording), 'dead-peer.json');
 * const row = conformTrace(trace);
 * row.outcome // => { kernel: 'ETIMEDOUT', sim: 'ETIMEDOUT' }
 * row.pass // => true
 */
export function conformTrace(trace: KernelTrace): ConformanceRow {
  if (trace.jiffiesAtT0 === null) return conformOverPhases(trace);
  return conformAtPhase(trace, trace.jiffiesAtT0);
}
