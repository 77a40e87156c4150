/**
 * Recordings that the simulated kernel does not follow, and the function of the real one that it lacks. One that agrees all
 * the same fails its test: it is to be taken off this list.
 */
export const unmodelled: Readonly<Record<string, string>> = {
  'k612hz1000-default-kernel-rtt-rises-17min-outage2s': 'tcp_try_undo_loss',
  'k612hz1000-frozen-low-rate-2048B-1000ms-rtt10-cut-ut6': 'tcp_send_delayed_ack',
  'k612hz1000-frozen-low-rate-2048B-cubic-mtu9000': 'tcp_sync_mss',
  'k612hz1000-gso-frozen-low-rate-2048B-cubic': 'tcp_try_coalesce',
  'k618-20k-heal-cut-ut7': 'tcp_process_loss',
  'k618-bulk-then-chatty-rtt600-cubic-ssai1-ut10': 'cubictcp_cong_avoid',
  'k618-bulk10M-cut-retries2-5': 'tcp_cwnd_reduction',
  'k618-gso-frozen-small-writes-ut8': 'tcp_try_coalesce',
  'k618-gso-slow-10kBps-5000': 'tcp_try_coalesce',
  'k618-lose-1-data-ut6': 'tcp_process_tlp_ack',
  'k618-mtu9000-frozen-ut8': 'tcp_sync_mss',
  'k618-nagle-both-sides-ut6': 'tcp_send_delayed_ack',
  'k618-reno-chatty-after-heal-cut-ut8': 'tcp_process_loss',
  'k618-rmem-8k-trickle-ut8': '__tcp_select_window',
  'k618-rtt-rises-outage2s-at-30-ut20': 'tcp_try_undo_loss',
  'k618-rtt50-to-800-chatty-ut8-cut': 'tcp_try_undo_loss',
  'k618-scenario-slow-reader-cubic': 'tcp_rcv_space_adjust',
  'k618-set-ka-on-late-dark': 'tcp_sock_set_keepidle_locked',
  'k618-spike-3s-delay-chatty-ut4': 'tcp_try_undo_loss',
  'k618-stale-rtt50-300-iv500-outage2-ut8': 'tcp_try_undo_loss',
  'k618-stale-rtt50-800-iv500-outage2-ut8': 'tcp_try_undo_loss',
  'k618-thinned-bulk10M-cut-ut9': 'tcp_cwnd_reduction',
  'k618-trickle-5k-500ms-ut9': '__tcp_select_window',
  'k618-v6-link-down-before-write-ut5': 'inet6_csk_xmit',
};
