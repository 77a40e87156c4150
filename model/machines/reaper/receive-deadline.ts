/** A deadline that stands from the opening on, and that every sign of life puts off. */
import type { ReceiveDeadlineMechanism } from '../../policy/types.ts';
import { onLife, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function receiveDeadlineRegion(
  reaper: ReaperSetup,
  deadline: ReceiveDeadlineMechanism,
  mechanism: number,
) {
  return reaper.createStateConfig({
    initial: 'counting',
    states: {
      counting: {
        on: onLife(deadline.life, { target: 'counting', reenter: true }),
        after: { [`deadline.${mechanism}`]: verdict('reap', mechanism) },
      },
    },
  });
}
