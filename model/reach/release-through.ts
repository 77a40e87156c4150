/**
 * The end of the server's socket where the other end of its link is a proxy's: a kernel that answers, and a process that closes when it is told of an end, or hands that on and
 * stays until it has a reason of its own.
 */
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS } from '../linux/constants.ts';
import type { FaultScenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { finWait2Us, timeWaitUs } from './orphan-waits.ts';
import type { Setting, Through } from './setting.ts';
import type { State } from './state.ts';

const US_PER_MS = 1_000;

/** From close(2) to the end of the socket, µs at most. @throws NotModelled */
export function forgottenThroughUs(
  { manner }: State,
  { writes, rttUs }: Setting,
  { server, serverRttUs, beyondUs, closesBoth }: Through,
  { fault }: FaultScenario,
): number {
  if (manner === 'gone' || manner === 'reset') return 0;
  const acknowledgedUs = serverRttUs + DELAYED_ACK_MAX_MS * US_PER_MS + 2 * server.tickUs;
  if (manner === 'told') {
    const drainsUs = writes === null ? 0 : acknowledgedUs;
    const delayUs = DELAYED_ACK_MIN_MS * US_PER_MS + server.tickUs;
    // Who has sent its Close frame first waits for the FIN of the server, and sends its own.
    const lastsUs = fault.kind === 'close' ? rttUs + timeWaitUs(server) : 0;
    return drainsUs + serverRttUs + delayUs + lastsUs;
  }
  if (writes !== null) throw new NotModelled('an orphan behind a window that may be closed');
  // Whose FIN comes back at the end of FIN_WAIT2 has TIME_WAIT before it.
  const answersUs = closesBoth ? 2 * beyondUs : finWait2Us(server);
  return acknowledgedUs + answersUs + timeWaitUs(server);
}
