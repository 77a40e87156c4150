/**
 * The keepalive timer's rule as a step on numbers (RFC 9293 §3.8.4, RFC 1122 §4.2.3.6). Traffic never touches the timer:
 * when it goes off it looks back at when the peer was last heard. Data in flight or queued defers it altogether.
 *
 * Each of its answers is a threshold on the silence, so a rule that knows the silence only within limits can ask too.
 * Source: net/ipv4/tcp_timer.c tcp_keepalive_timer; include/net/tcp.h keepalive_time_elapsed.
 */

/** What of a socket the rule reads. */
export interface KeepaliveTimer {
  readonly packetsOut: number;
  /** TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT. */
  readonly keepIdleJ: number;
  readonly keepIntervalJ: number;
  readonly keepProbes: number;
  /** Probes that nobody has answered. */
  readonly probesOut: number;
  readonly lastDataRecvJ: number;
  readonly lastAckRecvJ: number;
}

export const KeepaliveStep = { Wait: 0, Probe: 1, GiveUp: 2 } as const;
export type KeepaliveStepCode = (typeof KeepaliveStep)[keyof typeof KeepaliveStep];

/** keepalive_time_elapsed: since the last payload or acceptable ACK. */
export function silentJ(timer: KeepaliveTimer, nowJ: number): number {
  return Math.min(nowJ - timer.lastDataRecvJ, nowJ - timer.lastAckRecvJ);
}

/**
 * The timer has gone off.
 *
 * @param dataWaits data in flight or queued: retransmission watches over the peer then
 * @param userTimeoutJ TCP_USER_TIMEOUT in jiffies; 0 = not set
 */
export function keepaliveExpired(
  timer: KeepaliveTimer,
  dataWaits: boolean,
  userTimeoutJ: number,
  nowJ: number,
): KeepaliveStepCode {
  if (keepaliveWaitJ(timer, dataWaits, nowJ) > 0) return KeepaliveStep.Wait;
  const deadJ = deadSilenceJ(timer.probesOut, timer.keepProbes, userTimeoutJ);
  return silentJ(timer, nowJ) >= deadJ ? KeepaliveStep.GiveUp : KeepaliveStep.Probe;
}

/** How long it waits before it looks again; 0 or less: the peer has been silent for TCP_KEEPIDLE. */
export function keepaliveWaitJ(timer: KeepaliveTimer, dataWaits: boolean, nowJ: number): number {
  return dataWaits ? timer.keepIdleJ : timer.keepIdleJ - silentJ(timer, nowJ);
}

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
