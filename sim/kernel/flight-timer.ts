/**
 * Which timer watches over what is in flight: a tail loss probe where one is allowed (RFC 8985 §7.2),
 * else the retransmission timeout (RFC 6298 §5).
 * Source: net/ipv4/tcp_input.c tcp_rearm_rto; tcp_output.c tcp_schedule_loss_probe.
 */
import { tailProbeDelayJ } from '../../model/linux/tail-probe-timer.ts';
import { Congestion, Pending, type Sock } from './tcp-sock.ts';
import { armWriteTimer, clearWriteTimer } from './timers.ts';

/** tcp_rearm_rto. */
export function rearmRetransmit(sk: Sock): void {
  if (sk.packetsOut === 0) {
    clearWriteTimer(sk);
    return;
  }
  let delayJ = sk.rtoJ;
  if (sk.pending === Pending.TailLossProbe || sk.pending === Pending.Reordering) {
    delayJ = sk.kernel.us(Math.max(untilRetransmitUs(sk), 1));
  }
  armWriteTimer(sk, Pending.Retransmit, delayJ);
}

/** tcp_rto_delta_us: from now to the timeout of the oldest segment; negative when it has passed. */
export function untilRetransmitUs(sk: Sock): number {
  return sk.rtx.sentUs(0) + sk.rtoJ * sk.kernel.phase.tickUs - sk.kernel.nowUs;
}

/**
 * Arms the probe where one is allowed; false where the plain timeout must do.
 *
 * @param ackAdvanced called for an ACK: then the timeout to stay below counts from now
 */
export function scheduleTailLossProbe(sk: Sock, ackAdvanced: boolean): boolean {
  const { kernel } = sk;
  const { tcp_early_retrans: mode, tcp_sack: sack } = kernel.sysctls;
  if (mode < 3 || sack === 0 || sk.packetsOut === 0 || sk.congestion !== Congestion.Open) {
    return false;
  }
  const leftUs = ackAdvanced ? sk.rtoJ * kernel.phase.tickUs : untilRetransmitUs(sk);
  const { hz } = kernel.phase;
  const delayJ = tailProbeDelayJ(sk.srtt8, sk.packetsOut, sk.rtoMinUs, leftUs, hz);
  armWriteTimer(sk, Pending.TailLossProbe, delayJ);
  return true;
}
