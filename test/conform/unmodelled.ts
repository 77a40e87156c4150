/**
 * Recordings that the simulated kernel does not follow, and the function of the real one that it lacks. One that agrees all
 * the same fails its test: it is to be taken off this list.
 */
export const unmodelled: Readonly<Record<string, string>> = {
  'k612hz1000-frozen-low-rate-2048B-cubic-mtu9000': 'tcp_sync_mss',
  'k612hz1000-gso-frozen-low-rate-2048B-cubic': 'tcp_try_coalesce',
  'k618-bulk-then-chatty-rtt600-cubic-ssai1-ut10': 'cubictcp_cong_avoid',
  'k618-bulk10M-cut-retries2-5': 'tcp_cwnd_reduction',
  'k618-gso-frozen-small-writes-ut8': 'tcp_try_coalesce',
  'k618-gso-slow-10kBps-5000': 'tcp_try_coalesce',
  'k618-mtu9000-frozen-ut8': 'tcp_sync_mss',
  'k618-nagle-both-sides-ut6': 'tcp_send_delayed_ack',
  'k618-scenario-slow-reader-cubic': 'tcp_rcv_space_adjust',
  'k618-thinned-bulk10M-cut-ut9': 'tcp_cwnd_reduction',
  'k618-trickle-5k-500ms-ut9': '__tcp_select_window',
};
