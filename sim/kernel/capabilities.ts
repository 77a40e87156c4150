/**
 * What the simulated kernel models, what it only stores, and what it refuses: the table of the docs,
 * and the warnings of a run that touches something without effect.
 */
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
}

function option(
  name: string,
  support: Support,
  effect: string,
  kernelFunction: string,
): Capability {
  return { name, kind: 'socket option', support, effect, kernelFunction };
}

function rule(name: string, effect: string, kernelFunction: string): Capability {
  return { name, kind: 'rule', support: 'modelled', effect, kernelFunction };
}

const options: readonly Capability[] = [
  option('SO_KEEPALIVE', 'modelled', 'arms the keepalive timer', 'tcp_set_keepalive'),
  option(
    'TCP_KEEPIDLE',
    'modelled',
    'silence before the first probe',
    'tcp_sock_set_keepidle_locked',
  ),
  option('TCP_KEEPINTVL', 'modelled', 'time between probes', 'tcp_keepalive_timer'),
  option(
    'TCP_KEEPCNT',
    'modelled',
    'probes before the end, unless a user timeout is set',
    'tcp_keepalive_timer',
  ),
  option(
    'TCP_USER_TIMEOUT',
    'modelled',
    'replaces retry and probe counts by a time',
    'tcp_write_timeout',
  ),
  option('TCP_NODELAY', 'modelled', 'small segments do not wait (Nagle off)', 'tcp_nagle_test'),
  option('SO_SNDBUF', 'modelled', 'fixes the send buffer', 'sock_setsockopt'),
  option('SO_RCVBUF', 'modelled', 'fixes the receive buffer', 'sock_setsockopt'),
  option('SO_LINGER', 'modelled', '{1, 0} only: close resets', '__tcp_close'),
  option('TCP_SYNCNT', 'modelled', 'retransmissions of a SYN', 'tcp_write_timeout'),
  option(
    'TCP_DEFER_ACCEPT',
    'modelled',
    'a listener waits that long for data before it tells the process',
    'syn_ack_recalc',
  ),
  option('TCP_LINGER2', 'modelled', 'life of an orphan in FIN_WAIT2', 'tcp_fin_time'),
  option(
    'TCP_RTO_MAX_MS',
    'modelled',
    'largest retransmission timeout (6.15 and later)',
    'tcp_rto_max',
  ),
  option('TCP_RTO_MIN_US', 'modelled', 'floor of the variance term', 'tcp_rto_min'),
  option(
    'TCP_THIN_LINEAR_TIMEOUTS',
    'modelled',
    'six timeouts without doubling',
    'tcp_retransmit_timer',
  ),
];

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
  rule('collapsing', 'small segments are retransmitted together', 'tcp_retrans_try_collapse'),
  rule('tail loss probe', 'one probe before the timeout', 'tcp_schedule_loss_probe'),
  rule(
    'RACK',
    'a segment is lost when a later one has arrived for long enough',
    'tcp_rack_detect_loss',
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
  })),
  ...options,
  ...rules,
];

/** What a reader might expect and will not find, or finds only roughly. */
export const notModelled: readonly string[] = [
  'Congestion control is slow start and additive increase (RFC 5681). Of BBR only what decides timers is modelled (how many packets an idle sender may have out, no slow-start threshold, no restart after idleness); CUBIC curves and pacing are not.',
  'Undo of a congestion response, F-RTO and DSACK: they change how fast a healed connection sends, not when a dead one ends.',
  'Without selective acknowledgement there is no fast retransmit, only the timeout.',
  'With offload a burst is up to 64 KB; automatic burst sizes are modelled only without it.',
  'Receive autotuning takes its round trip from the sender side of the same socket.',
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
