/**
 * What stands in front of a ping: bytes that user space, the kernel's send buffer and the peer's
 * receive buffer hold already. A ping has no express lane; its answer comes when the peer has read
 * all of them.
 */
import { serverLoad } from '../../scenario/load.ts';
import { isHeavy } from '../../signs/queue.ts';
import { MSS } from '../../linux/constants.ts';
import type { Scenario } from '../../scenario/types.ts';
import { sysctlsOf } from '../../scenario/sysctls.ts';

/** The most bytes that can stand before a ping, server and peer together. */
export function queueAheadBytes(scenario: Scenario): number {
  const { server } = scenario;
  const load = serverLoad(scenario);
  if (load.kind === 'idle') return 0;
  const client = sysctlsOf(scenario, 'client');
  if (load.kind === 'periodic') {
    return client[isHeavy(scenario, load) ? 'tcp_rmem.2' : 'tcp_rmem.1'] + load.bytes;
  }
  const sent = sysctlsOf(scenario, 'server')['tcp_wmem.2'];
  return client['tcp_rmem.2'] + sent + server.userQueueBytes + load.messageBytes;
}

/**
 * Time for the queue to drain to a peer that reads at full speed again: the congestion window starts
 * from one segment and doubles every round trip, twice over for what was lost and what waited.
 */
export function drainMs(scenario: Scenario): number {
  const plateau =
    scenario.kind === 'live' && scenario.silence.kind === 'plateau'
      ? scenario.silence.queueBytes
      : 0;
  const segments = Math.max(2, (queueAheadBytes(scenario) + plateau) / MSS);
  return 2 * Math.ceil(Math.log2(segments)) * scenario.path.rttMs;
}
