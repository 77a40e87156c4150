/** The reconnecting client as an xstate machine: for the pages, and for the tests that hold what runs against it. */
import type { AnyStateMachine } from 'xstate';
import { machineOf } from '../../statechart/xstate.ts';
import { backoffMs, type ReconnectPolicy } from './backoff.ts';
import { reconnectChart, reconnectMeaning } from './chart.ts';

/** @param chance a uniform draw from [0, 1) for the wait before retry n; the same n gives the same draw */
export function reconnectMachine(
  policy: ReconnectPolicy,
  chance: (attempt: number) => number = () => 0,
): AnyStateMachine {
  return machineOf(reconnectChart, reconnectMeaning(policy), {
    backoff: ({ attempt }) => backoffMs(policy, attempt, chance(attempt)),
    connectTimeout: policy.connectTimeoutMs,
    stableTime: policy.stableMs,
  });
}
