/** What several regions are made of. */
import type { LifeSign } from '../fields.ts';
import { raise, type RegionConfig } from './chart.ts';
import { lifeMask } from './life.ts';

/** A clock that ticks on a grid: the first tick, then one every interval. */
export function cadence(mechanism: number): RegionConfig {
  const tick = raise({ type: `tick.${mechanism}` });
  return {
    initial: 'first',
    states: {
      first: { after: { [`first.${mechanism}`]: { target: 'repeating', actions: tick } } },
      repeating: {
        after: {
          [`interval.${mechanism}`]: { target: 'repeating', reenter: true, actions: tick },
        },
      },
    },
  };
}

/** The same transition on every sign of life: what is read, and what the send path says where that counts. */
export function onLife<Transition extends object>(
  life: readonly LifeSign[],
  transition: Transition,
) {
  return {
    RECEIVED: {
      guard: { type: 'isLife', params: { lifeMask: lifeMask(life) } } as const,
      ...transition,
    },
    ...(life.includes('send-accepted') ? { SEND_ACCEPTED: transition } : {}),
    ...(life.includes('drained') ? { SEND_DRAINED: transition } : {}),
  };
}

/** A ping, and word of it to every mechanism that has patience with the pings of others. */
export function pingOut(mechanism: number) {
  return [{ type: 'ping', params: { mechanism } } as const, raise({ type: 'PING_SENT' })] as const;
}

/** The end: the whole reaper is over, whichever region decided. */
export function decides(effect: 'reap' | 'close', mechanism: number) {
  return { target: '#reaper.over', actions: { type: effect, params: { mechanism } } } as const;
}
