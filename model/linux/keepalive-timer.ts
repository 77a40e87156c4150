/**
 * The keepalive timer's rule as a step on numbers. Traffic never touches the timer: when it fires it looks back. Each of its
 * answers is a threshold on the time since the peer was heard, so a rule that knows the silence only within limits can ask too.
 *
 * Source: net/ipv4/tcp_timer.c tcp_keepalive_timer.
 */

/**
 * Jiffies of silence from which an expiry ends the connection; Infinity while it probes on whatever the silence. With
 * TCP_USER_TIMEOUT the number of probes does not count any more, only the time since the peer was heard, and one probe.
 *
 * @param probesOut probes that nobody has answered
 * @param probes TCP_KEEPCNT
 * @param userTimeoutJ TCP_USER_TIMEOUT in jiffies; 0 = not set
 */
export function deadSilenceJ(probesOut: number, probes: number, userTimeoutJ: number): number {
  if (userTimeoutJ > 0) return probesOut > 0 ? userTimeoutJ : Infinity;
  return probesOut >= probes ? 0 : Infinity;
}
