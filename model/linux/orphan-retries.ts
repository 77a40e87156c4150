/**
 * `net.ipv4.tcp_orphan_retries`: how often the kernel goes on with a socket that no process holds (an orphan). RFC 1122
 * §4.2.2.13 lets close end both directions at once; how long the kernel then tries to deliver what is left is its choice.
 *
 * Source: net/ipv4/tcp_timer.c tcp_orphan_retries.
 */

/** What 0 means while the peer may be there. */
const DEFAULT_ORPHAN_RETRIES = 8;

/**
 * @param configured the sysctl
 * @param alive whether the timeout still grows; once it has stopped, 0 means none at all
 * @param softError an ICMP error has come in: with a timeout that has stopped growing, the peer counts as gone
 */
export function orphanRetries(configured: number, alive: boolean, softError: boolean): number {
  const retries = softError && !alive ? 0 : configured;
  return retries === 0 && alive ? DEFAULT_ORPHAN_RETRIES : retries;
}
