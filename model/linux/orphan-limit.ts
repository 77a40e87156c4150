/**
 * `net.ipv4.tcp_max_orphans`: which sockets that no process holds are ended because there are too many. A close beyond the
 * limit, and each expiry of an orphan's write timer beyond it, ends the orphan at once: the longer it has been silent and
 * the more dubious it is, the heavier it counts.
 *
 * Source: net/ipv4/tcp.c tcp_orphan_update, tcp_too_many_orphans, tcp_check_oom; net/ipv4/tcp_timer.c
 * tcp_out_of_resources.
 */

/**
 * tcp_orphan_cache: the machine's other orphans, and this one if they have been counted since it became one. The count
 * has a timer of its own, a tick later each time; at which jiffy it started is nowhere to be read, so here it falls on
 * multiples of its period.
 */
export function countedOrphans(
  otherOrphans: number,
  orphanSinceJ: number,
  nowJ: number,
  periodJ: number,
): number {
  const counts = Math.floor(nowJ / periodJ) - Math.floor(orphanSinceJ / periodJ);
  return otherOrphans + (counts > 0 ? 1 : 0);
}

/** tcp_too_many_orphans: each orphan counts 2^`shift` times. */
export function tooManyOrphans(counted: number, shift: number, maxOrphans: number): boolean {
  return counted * 2 ** shift > maxOrphans;
}

export const OrphanFate = { Stays: 0, IsReset: 1, IsDropped: 2 } as const;
export type OrphanFateCode = (typeof OrphanFate)[keyof typeof OrphanFate];

/** An orphan whose write timer has expired. */
export interface ExpiredOrphan {
  readonly lastSendJ: number;
  readonly rtoMaxJ: number;
  readonly sndWnd: number;
  readonly packetsOut: number;
}

/**
 * tcp_out_of_resources: most are reset; one that was about to be given up anyway, and has sent nothing for a minute, goes
 * without a word.
 *
 * @param timeLeft whether its own time is not up yet
 */
export function orphanFate(
  orphan: ExpiredOrphan,
  softError: boolean,
  timeLeft: boolean,
  counted: number,
  maxOrphans: number,
  nowJ: number,
  timeWaitJ: number,
): OrphanFateCode {
  const silentJ = nowJ - orphan.lastSendJ;
  const penalty = silentJ > 2 * orphan.rtoMaxJ || !timeLeft ? 1 : 0;
  if (!tooManyOrphans(counted, penalty + (softError ? 1 : 0), maxOrphans)) return OrphanFate.Stays;
  const windowShut = orphan.sndWnd === 0 && orphan.packetsOut === 0;
  return timeLeft || windowShut || silentJ <= timeWaitJ ? OrphanFate.IsReset : OrphanFate.IsDropped;
}
