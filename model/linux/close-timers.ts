/**
 * The timers of a closed connection as steps on numbers: FIN_WAIT2 of an orphan, and TIME_WAIT (RFC 9293 §3.6.1, RFC 1122
 * §4.2.2.13). How long an orphan retransmits is the business of the retransmission timer (retransmit-timer.ts) and of
 * tcp_orphan_retries (orphan-retries.ts).
 *
 * `tcp_fin_timeout` up to 60 s is the life of a light FIN_WAIT2 sock. Above 60 s the full socket waits for the part beyond
 * 60 s, and the light one then takes only that same part again, so the total is 2·(F − 60), shorter than F. TIME_WAIT is
 * 60 s whatever that setting says.
 *
 * Source: include/net/tcp.h tcp_fin_time; net/ipv4/tcp_input.c tcp_rcv_state_process; net/ipv4/tcp_timer.c
 * tcp_keepalive_timer; net/ipv4/tcp_minisocks.c tcp_time_wait.
 */

/** What of a socket the rules read. */
export interface CloseTimer {
  /** TCP_LINGER2 in jiffies; 0 = `tcp_fin_timeout`, negative = no FIN_WAIT2 at all. */
  readonly linger2J: number;
  readonly rtoJ: number;
}

export const FinWait2Step = {
  /** The socket is reset and forgotten. */
  Reset: 0,
  /** The full socket waits. */
  Wait: 1,
  /** It becomes a light one. */
  Shrink: 2,
} as const;
export type FinWait2StepCode = (typeof FinWait2Step)[keyof typeof FinWait2Step];

/** Three and a half timeouts: the least that tcp_fin_time and tcp_time_wait give. */
function leastJ(rtoJ: number): number {
  return rtoJ * 4 - (rtoJ >> 1);
}

/** tcp_fin_time: TCP_LINGER2 or `tcp_fin_timeout`. */
export function finTimeJ(timer: CloseTimer, finTimeoutJ: number): number {
  const configuredJ = timer.linger2J > 0 ? timer.linger2J : finTimeoutJ;
  return Math.max(configuredJ, leastJ(timer.rtoJ));
}

/**
 * The FIN of an orphan is acknowledged: FIN_WAIT2 begins.
 *
 * @param withFin the peer's FIN came in the same segment
 */
export function finWait2Begins(
  timer: CloseTimer,
  withFin: boolean,
  finTimeoutJ: number,
  timeWaitJ: number,
): FinWait2StepCode {
  if (timer.linger2J < 0) return FinWait2Step.Reset;
  return withFin || finTimeJ(timer, finTimeoutJ) > timeWaitJ
    ? FinWait2Step.Wait
    : FinWait2Step.Shrink;
}

/** How long the full socket waits: the part beyond 60 s, or all of it where the light one never comes. */
export function finWait2WaitJ(timer: CloseTimer, finTimeoutJ: number, timeWaitJ: number): number {
  const finJ = finTimeJ(timer, finTimeoutJ);
  return finJ > timeWaitJ ? finJ - timeWaitJ : finJ;
}

/** How long the light socket gets after the full one has waited; 0 or less: the full one is reset instead. */
export function finWait2RestJ(timer: CloseTimer, finTimeoutJ: number, timeWaitJ: number): number {
  return finTimeJ(timer, finTimeoutJ) - timeWaitJ;
}

/** tcp_time_wait: how long a light socket lives, be it in FIN_WAIT2 or in TIME_WAIT. */
export function lightSockJ(timer: CloseTimer, durationJ: number): number {
  return Math.max(durationJ, leastJ(timer.rtoJ));
}
