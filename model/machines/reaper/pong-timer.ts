/**
 * Patience with the pings that other mechanisms of the policy send. It runs from the oldest ping that has no
 * answer; a sign of life answers all that are out.
 */
import type { PongTimerMechanism } from '../../policy/types.ts';
import { onLife, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function pongTimerRegion(reaper: ReaperSetup, timer: PongTimerMechanism, mechanism: number) {
  const answered = onLife(timer.life, { target: 'quiet' });
  const written = timer.replyClock === 'written';
  return reaper.createStateConfig({
    initial: 'quiet',
    states: {
      quiet: { on: { PING_SENT: written ? 'unwritten' : 'waiting' } },
      ...(written ? { unwritten: { on: { PING_WRITTEN: 'waiting', ...answered } } } : {}),
      waiting: {
        on: answered,
        after: { [`reply.${mechanism}`]: verdict('reap', mechanism) },
      },
    },
  });
}
