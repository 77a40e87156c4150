/**
 * Too many orphans: net.ipv4.tcp_max_orphans.
 *
 * Sockets that no process holds are counted over the whole machine, and the count is looked at ten times a
 * second. A close beyond the limit, and each expiry of an orphan's write timer beyond it, ends the orphan at once: the
 * longer it has been silent and the more dubious it is, the heavier it counts. Most are reset; one
 * that was about to be given up anyway, and sent nothing for a minute, goes without a word.
 * Source: net/ipv4/tcp.c tcp_orphan_update, tcp_too_many_orphans, tcp_check_oom, __tcp_close; net/ipv4/tcp_timer.c
 * tcp_out_of_resources.
 */
import { ORPHAN_SAMPLE_MS } from '../../model/linux/constants.ts';
import { finish } from './done.ts';
import type { Sock } from './tcp-sock.ts';
import { sendReset } from './transmit.ts';

/**
 * tcp_orphan_cache: the machine's other orphans, and this one if there has been a look since it became one. The looks
 * have a timer of their own, a tick later each time; at which jiffy it started is nowhere to be read, so
 * here they fall on multiples of their distance.
 */
function countedOrphans(sk: Sock): number {
  const { kernel } = sk;
  const periodJ = kernel.ms(ORPHAN_SAMPLE_MS) + 1;
  const looks = Math.floor(kernel.jiffies() / periodJ) - Math.floor(sk.orphanSinceJ / periodJ);
  return kernel.otherOrphans + (looks > 0 ? 1 : 0);
}

/** tcp_too_many_orphans: each orphan counts 2^`shift` times. */
function tooManyOrphans(sk: Sock, shift: number): boolean {
  return countedOrphans(sk) * 2 ** shift > sk.kernel.sysctls.tcp_max_orphans;
}

/** close(2) has just made an orphan: is it one too many? Returns whether it is gone. */
export function resetBeyondLimit(sk: Sock): boolean {
  if (!tooManyOrphans(sk, 0)) return false;
  sendReset(sk, 'reset');
  finish(sk, 'ORPHAN_LIMIT_REACHED');
  return true;
}

/**
 * tcp_out_of_resources: an orphan's write timer has expired. Returns whether that was its end.
 *
 * @param doReset whether its own time is not up yet
 */
export function outOfResources(sk: Sock, doReset: boolean): boolean {
  const { kernel } = sk;
  const silentJ = kernel.jiffies() - sk.lastSendJ;
  const penalty = silentJ > 2 * sk.rtoMaxJ || !doReset ? 1 : 0;
  const suspicion = sk.softError === null ? 0 : 1;
  if (!tooManyOrphans(sk, penalty + suspicion)) return false;
  const windowShut = sk.sndWnd === 0 && sk.packetsOut === 0;
  if (doReset || windowShut || silentJ <= kernel.timeWaitJ) {
    sendReset(sk, 'reset');
    finish(sk, 'ORPHAN_LIMIT_REACHED');
  } else {
    finish(sk, 'ORPHAN_DROPPED');
  }
  return true;
}
