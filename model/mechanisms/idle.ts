/** Orderly end of a connection that carried no message, either way, for a while. */
import { duration, variant, type Canonical } from '../schema/words.ts';
import { granularity, lost, orderly } from './fields.ts';
import { coarseTimer, tickMs } from './granularity.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { orderlyEnd } from './orderly-end.ts';
import { LifeBit } from './region/life.ts';
import { decides } from './region/parts.ts';

const schema = variant('idle', 'Orderly close after a time without a message.', {
  timeoutMs: duration('Time without a message after which the connection is closed.'),
  granularity,
  verdict: orderly,
  lost,
});

/** Ends a connection after it carried no message for `timeoutMs`. */
export interface IdleMechanism extends Canonical<typeof schema> {}

export const idle: MechanismKind<typeof schema> = {
  schema,
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

function idleRegion(_idle: IdleMechanism, mechanism: number): RegionConfig {
  const isMessage = { type: 'isLife', params: { lifeMask: LifeBit.Message } } as const;
  return {
    initial: 'counting',
    states: {
      counting: {
        on: {
          RECEIVED: { guard: isMessage, target: 'counting', reenter: true },
          MESSAGE_SENT: { target: 'counting', reenter: true },
        },
        after: { [`idle.${mechanism}`]: decides('close', mechanism) },
      },
    },
  };
}
