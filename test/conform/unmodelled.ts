/**
 * Recordings that the simulated kernel does not follow, and the function of the real one that it lacks. One that agrees all
 * the same fails its test: it is to be taken off this list.
 */
export const unmodelled: Readonly<Record<string, string>> = {
  'chatty-400ms-5000-bytes-retries2-4': 'tcp_grow_window',
  'k618-bulk-then-chatty-rtt600-cubic-ssai1-ut10': 'cubictcp_cong_avoid',
  'k618-bulk10M-cut-retries2-5': 'tcp_cwnd_reduction',
  'k618-gso-slow-10kBps-5000': 'tcp_try_coalesce',
  'k618-link-flap-server-in-flight-ut9': 'tcp_sync_mss',
  'k618-rmem-8k-trickle-ut8': '__tcp_select_window',
  'k618-scenario-slow-reader-cubic': 'tcp_rcv_space_adjust',
  'k618-slow-100kBps-100000': 'tcp_rcv_space_adjust',
  'k618-thinned-bulk10M-cut-ut9': 'tcp_cwnd_reduction',
  'k618-trickle-5k-500ms-ut9': '__tcp_select_window',
  'k618-flap-4-times-ut8': 'tcp_schedule_loss_probe',
};
