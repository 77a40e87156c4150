/**
 * What the simulated kernel models, what it only stores, and what it refuses: the table of the docs,
 * and the warnings of a run that touches something without effect.
 */
import {
  socketOptionNames,
  socketOptionTable,
  type SocketOption,
} from '../../model/linux/socket-options.ts';
import { sysctlTable, type Support, type SysctlName } from '../../model/linux/sysctls.ts';

/** One setting or rule. */
export interface Capability {
  readonly name: string;
  readonly kind: 'sysctl' | 'socket option' | 'rule';
  readonly support: Support;
  /** What it does here, in one line. */
  readonly effect: string;
  /** Where the real kernel does it. */
  readonly kernelFunction: string;
  /** Of a setting: its values, the one it begins with, and who sets it. */
  readonly range?: string;
  readonly initial?: string;
  readonly setBy?: string;
}

function rule(name: string, effect: string, kernelFunction: string): Capability {
  return { name, kind: 'rule', support: 'modelled', effect, kernelFunction };
}

/** A range as people write it. */
function rangeOf({ min, max }: { readonly min: number; readonly max: number }): string {
  if (min === max) return String(min);
  return max >= 2 ** 30 - 1 ? `${min} …` : `${min} … ${max}`;
}

function initialOf({ initial }: SocketOption): string {
  return typeof initial === 'number' ? String(initial) : `net.ipv4.${initial}`;
}

const options: readonly Capability[] = socketOptionNames.map((name) => {
  const row: SocketOption = socketOptionTable[name];
  return {
    name,
    kind: 'socket option',
    support: row.support,
    effect: row.effect,
    kernelFunction: row.kernelFunction,
    range: rangeOf(row),
    initial: initialOf(row),
    setBy: row.setBy,
  };
});

const rules: readonly Capability[] = [
  rule(
    'timer wheel',
    'timers fire late by up to one bucket, at absolute jiffies',
    'calc_wheel_index',
  ),
  rule(
    'round trip and timeout',
    'variance floor of 200 ms, put back once per window',
    'tcp_rtt_estimator',
  ),
  rule('retransmission timeout', 'doubles; gives up by time, not by count', 'tcp_retransmit_timer'),
  rule(
    'spurious timeouts',
    'taken back, but for the stamp that limits count from',
    'tcp_try_undo_loss',
  ),
  rule('F-RTO', 'after a timeout new data first, if there is any', 'tcp_process_loss'),
  rule(
    'duplicates reported (D-SACK)',
    'what came twice is told, and takes back a response to a loss that was none',
    'tcp_check_dsack',
  ),
  rule('rate reduction', 'fast recovery sends as much as arrives', 'tcp_cwnd_reduction'),
  rule('collapsing', 'small segments are retransmitted together', 'tcp_retrans_try_collapse'),
  rule('tail loss probe', 'one probe before the timeout', 'tcp_schedule_loss_probe'),
  rule(
    'RACK',
    'a segment is lost when a later one has arrived for long enough',
    'tcp_rack_detect_loss',
  ),
  rule(
    'reordering',
    'once segments have overtaken each other, a quarter of the least round trip is waited for',
    'tcp_check_sack_reordering',
  ),
  rule(
    'duplicate acknowledgements',
    'without SACK the third is a loss, and each before lets a new segment out',
    'tcp_add_reno_sack',
  ),
  rule(
    'zero-window probes',
    'with the user timeout clock that survives small openings',
    'tcp_probe_timer',
  ),
  rule(
    'zero window with data in flight',
    'the head as a probe, retries do not count',
    'tcp_rtx_probe0_timed_out',
  ),
  rule(
    'delayed and quick ACKs',
    '40 ms and growing; 16 quick ones at first',
    'tcp_send_delayed_ack',
  ),
  rule('receive window', 'memory per buffer; never taken back', '__tcp_select_window'),
  rule(
    'answers to invalid segments',
    'zero-length ones at most every 500 ms',
    'tcp_oow_rate_limited',
  ),
  rule('orphans', 'FIN_WAIT1, FIN_WAIT2 in two regimes, LAST_ACK', '__tcp_close'),
  rule(
    'too many orphans',
    'reset at close and at each expiry of their timer',
    'tcp_out_of_resources',
  ),
  rule('TIME_WAIT', '60 s whatever the settings', 'tcp_time_wait'),
  rule('SYN and SYN-ACK schedules', 'linear timeouts, then doubling', 'tcp_write_timeout'),
  rule(
    'resets and challenge ACKs',
    'only an exact sequence number resets',
    'tcp_validate_incoming',
  ),
  rule(
    'local failure of new data',
    'no route, netfilter or a full queue: it stays queued and is probed',
    'tcp_check_probe_timer',
  ),
  rule(
    'local failure of what is repeated',
    'a full queue is tried again every 500 ms, anything else counts as sent',
    'tcp_retransmit_timer',
  ),
  rule('ICMP errors', 'remembered, never deadly; back-off reverted', 'tcp_v4_err'),
];

/** Everything, sysctls first. */
export const kernelCapabilities: readonly Capability[] = [
  ...(Object.keys(sysctlTable) as SysctlName[]).map((name) => ({
    name: `net.ipv4.${name}`,
    kind: 'sysctl' as const,
    support: sysctlTable[name].support,
    effect: sysctlTable[name].effect,
    kernelFunction: 'proc_dointvec_minmax',
    range: rangeOf(sysctlTable[name]),
    initial: String(sysctlTable[name].default),
    setBy: 'a scenario',
  })),
  ...options,
  ...rules,
];

/** What a reader might expect and will not find, or finds only roughly. */
export const notModelled: readonly string[] = [
  'Congestion control is slow start and additive increase (RFC 5681), with proportional rate reduction (RFC 6937). Of BBR only what decides timers is modelled (how many packets an idle sender may have out, no slow-start threshold, no restart after idleness); CUBIC curves and pacing are not.',
  'Duplicates that the peer reports do not widen the reordering window (tcp_rack_update_reo_wnd).',
  'Memory pressure (tcp_mem; tcp_out_of_memory, sk_stream_alloc_skb): it depends on every socket of the machine.',
  'A full accept queue.',
  'TCP Fast Open, SYN cookies, MD5 and AO, urgent data, MPTCP, ECN.',
  'Simultaneous open; a new connection that reuses the tuple of one in TIME_WAIT.',
  'Metrics of former connections to the same host (tcp_metrics).',
  'The smaller congestion window after a drop in the own queue (tcp_enter_cwr).',
];

/**
 * What of a configuration has no effect in the simulation.
 *
 * @param sysctls full names of the settings that are changed
 */
export function fidelityWarnings(sysctls: Readonly<Record<string, number>>): string[] {
  const changed = new Set(Object.keys(sysctls));
  return kernelCapabilities
    .filter((one) => one.support === 'stored' && changed.has(one.name))
    .map((one) => `${one.name} is stored without effect: ${one.effect}`);
}
