/**
 * What stands in front of a ping: bytes that user space, the kernel's send buffer and the peer's
 * receive buffer hold already. A ping has no express lane; its answer comes when the peer has read
 * all of them.
 */
import { DELAYED_ACK_MIN_MS, MSS } from '../../linux/constants.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';
import { sysctlsOf } from '../../scenario/sysctls.ts';
import { serverLoad } from '../situation.ts';
import { isHeavy } from './memory.ts';

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

/** User queue, send buffer and what is under way: so many windows stand before a ping at most. */
const QUEUED_WINDOWS = 3;

/** How long a ping may stand behind a full send path while the peer reads: a few windows. */
export function queueDelayMs(scenario: Scenario): number {
  const load = serverLoad(scenario);
  const full = load.kind === 'saturated' || (load.kind === 'periodic' && isHeavy(scenario, load));
  return full ? windowsMs(scenario) : 0;
}

/** The same for what the client itself sends: its kernel goes on delivering what the process has written. */
export function uploadDelayMs(scenario: Scenario): number {
  const { load } = scenario;
  const writes = load.kind === 'periodic' && load.direction !== 'server';
  return writes && isHeavy(scenario, load) ? windowsMs(scenario) : 0;
}

function windowsMs({ path, kernel }: Scenario): number {
  return QUEUED_WINDOWS * (longestRttMs(path) + DELAYED_ACK_MIN_MS + 1000 / kernel.hz);
}
