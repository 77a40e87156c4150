/**
 * Recordings that the simulated kernel does not follow, and the function of the real one that it lacks. One that agrees all
 * the same fails its test: it is to be taken off this list.
 */
export const unmodelled: Readonly<Record<string, string>> = {
  'chatty-400ms-5000-bytes-retries2-4': 'tcp_pacing_check',
  'k618-flap-4-times-ut8': '__run_timers',
  'k618-link-flap-server-in-flight-ut9': 'dst_dev_put',
  'k618-slow-100kBps-100000': 'tcp_write_xmit',
};
