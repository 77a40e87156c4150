/**
 * Socket options and sysctls of a scenario, as far as the exploration goes: most are numbers that it reads anyway (model/scenario/sysctls.ts). What changes
 * a rule that it does not follow, it refuses.
 */
import { INITIAL_CWND, SEND_MEMORY_PER_SEGMENT_BYTES } from '../linux/constants.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';

const SIDES = ['server', 'client'] as const;

/** @throws NotModelled with the reason */
export function refuseOptions(scenario: Scenario): void {
  const { kernel, load } = scenario;
  for (const side of SIDES) {
    const { TCP_NODELAY, SO_SNDBUF, SO_RCVBUF } = kernel[`${side}SocketOptions`] ?? {};
    if (TCP_NODELAY === 0) throw new NotModelled('small segments that wait for others (Nagle)');
    if (SO_RCVBUF !== undefined) throw new NotModelled('a receive buffer of a fixed size');
    if (SO_SNDBUF !== undefined && load.kind === 'saturated') {
      throw new NotModelled('a send buffer of a fixed size under a load without limit');
    }
    const values = sysctlsOf(scenario, side);
    if (values.tcp_thin_linear_timeouts === 1) {
      throw new NotModelled('timeouts that do not double on a thin stream');
    }
    // Below room for the first congestion window a healthy send path may block.
    const room = 2 * INITIAL_CWND * SEND_MEMORY_PER_SEGMENT_BYTES;
    if (Math.max(values['tcp_wmem.1'], values['tcp_wmem.2']) < room) {
      throw new NotModelled('a send buffer below two first congestion windows');
    }
  }
}
