/**
 * What packetdrill's public scripts set before they begin: they run a common script, `defaults.sh`, of which the settings that the
 * simulated kernel has are these. A script's own settings come after it.
 */
export const commonDefaults: Readonly<Record<string, number>> = {
  'net.ipv4.tcp_rmem.1': 540_000,
  'net.ipv4.tcp_rmem.2': 15_728_640,
  'net.ipv4.tcp_wmem.1': 262_144,
  'net.ipv4.tcp_wmem.2': 4_194_304,
  'net.ipv4.tcp_syn_retries': 5,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_slow_start_after_idle': 0,
  'net.ipv4.tcp_early_retrans': 4,
};
