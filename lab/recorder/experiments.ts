/**
 * Experiments by name: what `lab record` plays, each as the `config` of a recording (schema/kernel-trace.json). Any recording is one, too: what
 * was set and done stands in it, and it can be recorded again on another kernel or with another tick.
 */
import type { ExperimentConfig } from './order.ts';

const cut = [0, 'wire', 'drop'] as const;
const frozen = [0, 'client', 'freeze'] as const;
/** More than every buffer on the way takes. */
const endless = [0.2, 'server', 'write', 40_000_000] as const;
const one = [0.5, 'server', 'write', 100] as const;
const keepalive = [10, 5, 3] as const;

/** The names are those of test/kernel-traces, where there is a recording of the same. */
export const experiments: Readonly<Record<string, ExperimentConfig>> = {
  // A dead peer.
  'idle-keepalive-10-5-3': {
    rtt_ms: 50,
    max_s: 60,
    server_sockopts: { keepalive },
    actions: [cut],
  },
  'idle-keepalive-10-5-3-usertimeout-20': {
    rtt_ms: 50,
    max_s: 60,
    server_sockopts: { keepalive, user_timeout_ms: 20_000 },
    actions: [cut],
  },
  'busy-usertimeout-20': {
    rtt_ms: 50,
    max_s: 60,
    server_sockopts: { user_timeout_ms: 20_000 },
    actions: [cut, one],
  },
  'busy-retries2-8': {
    rtt_ms: 50,
    max_s: 300,
    server_sysctls: { 'net.ipv4.tcp_retries2': 8 },
    actions: [cut, one],
  },
  'busy-retries2-default-15': {
    rtt_ms: 50,
    max_s: 1100,
    sample_s: 5,
    actions: [cut, one],
  },
  'syn-retries-2-linear-0': {
    rtt_ms: 50,
    max_s: 60,
    watch: 'client',
    start_dropped: true,
    client_sysctls: { 'net.ipv4.tcp_syn_retries': 2, 'net.ipv4.tcp_syn_linear_timeouts': 0 },
  },
  // A peer that does not read.
  'frozen-peer-usertimeout-10': {
    rtt_ms: 50,
    max_s: 60,
    server_sockopts: { user_timeout_ms: 10_000 },
    actions: [frozen, endless],
  },
  'frozen-then-blackhole-retries2-5': {
    rtt_ms: 50,
    max_s: 180,
    server_sysctls: { 'net.ipv4.tcp_retries2': 5 },
    actions: [frozen, endless, [8, 'wire', 'drop']],
  },
  'frozen-low-rate-2048B-1000ms-rtt10-cut-ut6': {
    rtt_ms: 10,
    max_s: 50,
    server_sockopts: { user_timeout_ms: 6_000 },
    actions: [frozen, [0.2, 'server', 'pattern', 1, 2048], [25.07, 'wire', 'drop']],
  },
  'trickle-1000-usertimeout-10': {
    rtt_ms: 50,
    max_s: 30,
    server_sockopts: { user_timeout_ms: 10_000 },
    actions: [[0, 'client', 'trickle', 1000, 1], endless],
  },
  // Losses, and a path that changes.
  'lose-1-data-ut6': {
    rtt_ms: 50,
    max_s: 40,
    server_sockopts: { user_timeout_ms: 6_000 },
    actions: [
      [0.2, 'wire', 'lose', 1, 'server'],
      one,
      [4, 'wire', 'drop'],
      [4.5, 'server', 'write', 100],
    ],
  },
  'rtt-rises-outage2s-at-30-ut20': {
    rtt_ms: 50,
    max_s: 60,
    server_sockopts: { user_timeout_ms: 20_000 },
    actions: [
      [0, 'server', 'pattern', 0.5, 100],
      [3, 'wire', 'delay', 400],
      [30, 'wire', 'drop'],
      [32, 'wire', 'pass'],
    ],
  },
  'flap-4-times-ut8': {
    rtt_ms: 50,
    max_s: 50,
    server_sockopts: { user_timeout_ms: 8_000 },
    actions: [
      [0, 'server', 'pattern', 0.5, 100],
      [3, 'wire', 'drop'],
      [4.2, 'wire', 'pass'],
      [6, 'wire', 'drop'],
      [6.3, 'wire', 'pass'],
      [8, 'wire', 'drop'],
      [10, 'wire', 'pass'],
      [14, 'wire', 'drop'],
    ],
  },
  'icmp-host-unreach-retries2-5': {
    rtt_ms: 50,
    max_s: 60,
    server_sysctls: { 'net.ipv4.tcp_retries2': 5 },
    actions: [[0, 'wire', 'icmp', 'host-unreachable', 'server'], one],
  },
  // After close(2).
  'fin-wait1-orphan-retries-3': {
    rtt_ms: 50,
    max_s: 60,
    sample_s: 0.05,
    watch_ss: true,
    server_sysctls: { 'net.ipv4.tcp_orphan_retries': 3 },
    actions: [cut, [0.5, 'server', 'close']],
  },
  'orphan-with-data-usertimeout-3500ms': {
    rtt_ms: 75,
    max_s: 60,
    sample_s: 0.05,
    watch_ss: true,
    server_sockopts: { user_timeout_ms: 3_500 },
    actions: [cut, [0.5, 'server', 'write', 500], [0.9, 'server', 'close']],
  },
  'fin-wait2-timeout-10': {
    rtt_ms: 50,
    max_s: 60,
    sample_s: 0.05,
    watch_ss: true,
    client_close_on_eof: false,
    server_sysctls: { 'net.ipv4.tcp_fin_timeout': 10 },
    actions: [[0.5, 'server', 'close']],
  },
  'reboot-rst-on-write': {
    rtt_ms: 50,
    max_s: 30,
    actions: [cut, [0.5, 'client', 'abort'], [3, 'wire', 'pass'], [5, 'server', 'write', 100]],
  },
};
