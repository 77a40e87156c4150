/**
 * A watchdog on the send path: something is queued and nothing moves for the grace.
 *
 * By bytes acknowledged or by the queue's length, the socket is looked at every `everyMs`: the first look that
 * finds a queue starts the grace, a look that finds progress starts it again, a look that finds nothing
 * queued ends it, and the first look at which the grace is over and still nothing has moved reaps.
 *
 * By application acknowledgement the clock starts when a message is handed over while none is outstanding, any
 * acknowledgement ends it, and the first look at which the grace is over reaps.
 */
import { LifeBit } from '../../reaper/types.ts';
import type { SendStallMechanism } from '../../policy/types.ts';
import { cadence, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function sendStallRegion(reaper: ReaperSetup, stall: SendStallMechanism, mechanism: number) {
  const judge =
    stall.progress === 'application-ack'
      ? acknowledgements(reaper, stall, mechanism)
      : sendQueue(reaper, stall, mechanism);
  return reaper.createStateConfig({
    type: 'parallel',
    states: { cadence: cadence(reaper, mechanism), progress: judge },
  });
}

function sendQueue(reaper: ReaperSetup, stall: SendStallMechanism, mechanism: number) {
  const params = { mechanism };
  const empty = { guard: { type: 'queueEmpty', params }, target: 'clear' } as const;
  const moved = { guard: { type: 'moved', params }, target: 'stalled', reenter: true } as const;
  const stuck = { guard: { type: 'stuck', params }, ...verdict('reap', mechanism) } as const;
  const looks = { actions: { type: 'sample', params } } as const;
  return reaper.createStateConfig({
    initial: 'clear',
    on: { [`tick.${mechanism}`]: looks },
    states: {
      clear: { on: { SAMPLED: { guard: { type: 'queued', params }, target: 'stalled' } } },
      stalled: {
        on: { SAMPLED: [empty, moved] },
        after: { [`grace.${mechanism}`]: 'overdue' },
      },
      overdue: {
        on: { SAMPLED: stall.lost === 'verdict' ? [empty, moved] : [empty, moved, stuck] },
      },
    },
  });
}

function acknowledgements(reaper: ReaperSetup, stall: SendStallMechanism, mechanism: number) {
  const acknowledged = {
    guard: { type: 'isLife', params: { lifeMask: LifeBit.ApplicationAck } },
    target: 'clear',
  } as const;
  const reaps =
    stall.lost === 'verdict' ? {} : { [`tick.${mechanism}`]: verdict('reap', mechanism) };
  return reaper.createStateConfig({
    initial: 'clear',
    states: {
      clear: { on: { MESSAGE_SENT: 'stalled' } },
      stalled: {
        on: { RECEIVED: acknowledged },
        after: { [`grace.${mechanism}`]: 'overdue' },
      },
      overdue: { on: { RECEIVED: acknowledged, ...reaps } },
    },
  });
}
