/**
 * Scheduling of the tail loss probe (RFC 8985 §7.2): it takes the place of the retransmission timer where one is allowed. What
 * is sent when it goes off: tail-loss-probe.ts.
 *
 * Source: net/ipv4/tcp_output.c tcp_schedule_loss_probe.
 */
import { tailProbeAllowed, tailProbeDelayJ } from '../../model/linux/tail-probe-timer.ts';
import { Timer } from '../../model/linux/timers.ts';
import { retransmitDueInUs } from './retransmit-timeout.ts';
import { Congestion, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';

/**
 * Arms the probe where one is allowed; false where the plain timeout must do.
 *
 * @param ackAdvanced called for an ACK: then the timeout to stay below counts from now
 */
export function scheduleTailLossProbe(sk: Sock, ackAdvanced: boolean): boolean {
  const { sysctls, phase } = sk.kernel;
  if (!tailProbeAllowed(sk.packetsOut, sk.congestion === Congestion.Open, sysctls)) return false;
  const leftUs = ackAdvanced ? sk.rtoJ * phase.tickUs : retransmitDueInUs(sk);
  const delayJ = tailProbeDelayJ(sk.srtt8, sk.packetsOut, sk.rtoMinUs, leftUs, phase.hz);
  armWriteTimer(sk, Timer.TailLossProbe, delayJ);
  return true;
}
