/**
 * Too many orphans: net.ipv4.tcp_max_orphans. Sockets that no process holds are counted over the whole machine, and the
 * count is taken ten times a second. The rule is in model/linux/orphan-limit.ts.
 *
 * Source: net/ipv4/tcp.c tcp_check_oom, __tcp_close; net/ipv4/tcp_timer.c tcp_out_of_resources.
 */
import { ORPHAN_SAMPLE_MS } from '../../model/linux/constants.ts';
import {
  countedOrphans,
  OrphanFate,
  orphanFate,
  tooManyOrphans,
} from '../../model/linux/orphan-limit.ts';
import { finish } from './done.ts';
import type { Sock } from './tcp-sock.ts';
import { sendReset } from './transmit.ts';
import { takes } from '../../model/rare-paths.ts';

function orphansOfMachine(sk: Sock): number {
  const { kernel } = sk;
  const periodJ = kernel.ms(ORPHAN_SAMPLE_MS) + 1;
  return countedOrphans(kernel.otherOrphans, sk.orphanSinceJ, kernel.jiffies(), periodJ);
}

/** close(2) has just made an orphan: is it one too many? Returns whether it is gone. */
export function resetBeyondLimit(sk: Sock): boolean {
  if (!tooManyOrphans(orphansOfMachine(sk), 0, sk.kernel.sysctls.tcp_max_orphans)) return false;
  takes('orphan-reset-at-close');
  sendReset(sk, 'reset');
  finish(sk, 'ORPHAN_LIMIT_REACHED');
  return true;
}

/**
 * tcp_out_of_resources: an orphan's write timer has expired. Returns whether that was its end.
 *
 * @param timeLeft whether its own time is not up yet
 */
export function outOfResources(sk: Sock, timeLeft: boolean): boolean {
  const { kernel } = sk;
  const { tcp_max_orphans: most } = kernel.sysctls;
  const counted = orphansOfMachine(sk);
  const nowJ = kernel.jiffies();
  const softError = sk.softError !== null;
  switch (orphanFate(sk, softError, timeLeft, counted, most, nowJ, kernel.timeWaitJ)) {
    case OrphanFate.Stays:
      return false;
    case OrphanFate.IsReset:
      takes('orphan-reset-at-expiry');
      sendReset(sk, 'reset');
      finish(sk, 'ORPHAN_LIMIT_REACHED');
      return true;
    case OrphanFate.IsDropped:
      takes('orphan-dropped');
      finish(sk, 'ORPHAN_DROPPED');
      return true;
  }
}
