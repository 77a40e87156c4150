/** Orderly end of a connection that carried no message, either way, for a while. */
import type { IdleMechanism } from '../policy/types.ts';
import { coarseTimer, tickMs } from './granularity.ts';
import type { MechanismKind } from './kind.ts';
import { orderlyEnd } from './orderly-end.ts';
import { LifeBit } from './region/life.ts';
import { verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';

export const idle: MechanismKind<'idle'> = {
  carrier: 'loop',
  ends: 'in-order',
  goesOnWithoutVerdict: false,
  showsWhenLost: false,
  region: idleRegion,
  clocksMs: ({ timeoutMs }) => ({ idle: timeoutMs }),
  // What makes the connection busy.
  lifeMask: () => LifeBit.Message,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => true,
  patienceMs: () => 0,
  lastStrikeMs: (one) => one.timeoutMs + tickMs(one),
  waitingFor: (one) => one,
  cycles: coarseTimer,
  brief: orderlyEnd,
  verdict: ({ timeoutMs }) => `no message for ${timeoutMs} ms`,
  needs: () => [],
  linuxOnly: () => undefined,
  pictures: [{ title: 'Idle', mechanism: { kind: 'idle', timeoutMs: 15_000 } }],
};

function idleRegion(reaper: ReaperSetup, _idle: IdleMechanism, mechanism: number) {
  const isMessage = { type: 'isLife', params: { lifeMask: LifeBit.Message } } as const;
  return reaper.createStateConfig({
    initial: 'counting',
    states: {
      counting: {
        on: {
          RECEIVED: { guard: isMessage, target: 'counting', reenter: true },
          MESSAGE_SENT: { target: 'counting', reenter: true },
        },
        after: { [`idle.${mechanism}`]: verdict('close', mechanism) },
      },
    },
  });
}
