/**
 * What a proof assumes of the server's machine: its kernel's tick, its rules, and those of its settings on which an instant of B or T hangs. Other
 * machines end connections at other times, so a certificate says them, and whoever runs its policy can look.
 */
import type { SysctlName } from '../linux/sysctls.ts';
import type { Assumed } from '../results/types.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';

/** Settings that retransmissions, orphans and half-open connections are timed by. Those of buffers are bounds of what a kernel chooses by its memory. */
const COUNTING = [
  'tcp_retries2',
  'tcp_orphan_retries',
  'tcp_fin_timeout',
  'tcp_synack_retries',
  'tcp_early_retrans',
  'tcp_sack',
  'tcp_timestamps',
  'tcp_rto_min_us',
  'tcp_rto_max_ms',
] as const satisfies readonly SysctlName[];

/** The server kernels of some scenarios, each once. tcp_keepalive_* is none of it: who uses keepalive sets its own on every socket. */
export function assumedOf(scenarios: readonly Scenario[]): Assumed[] {
  const found = new Map<string, Assumed>();
  for (const scenario of scenarios) {
    const { hz, profile } = scenario.kernel;
    const values = sysctlsOf(scenario, 'server');
    const sysctls = Object.fromEntries(COUNTING.map((name) => [`net.ipv4.${name}`, values[name]]));
    const assumed = { profile, hz, sysctls };
    found.set(JSON.stringify(assumed), assumed);
  }
  return [...found.values()];
}
