/** The stories that rules tell: scenarios of one fault or silence on the subject's own path. */
import { defineScenario, type Scenario, type ScenarioInput } from '../scenario/index.ts';
import type {
  Fault,
  FaultScenario,
  Load,
  LiveScenario,
  Silence,
  Story,
  WithheldSign,
} from '../scenario/types.ts';
import type { PolicySubject } from './subject.ts';

/** Circumstances that differ from the subject's own. */
export interface Circumstances {
  readonly watchMs?: number;
  readonly jitterMs?: number;
  readonly lossPercent?: number;
  readonly clientPingMs?: number;
  readonly neverSends?: readonly WithheldSign[];
  readonly story?: Story;
  readonly orderlyEnd?: 'harmless';
}

/** The path and the kernels of a subject. */
type OwnHosts = Pick<PolicySubject, 'rttMs' | 'kernel'>;

function settings({ rttMs, kernel }: OwnHosts, around: Circumstances): object {
  const { watchMs, jitterMs, lossPercent, clientPingMs, neverSends, story, orderlyEnd } = around;
  const path = {
    rttMs,
    ...(jitterMs === undefined ? {} : { jitterMs }),
    ...(lossPercent === undefined ? {} : { lossPercent }),
  };
  return {
    path,
    ...(kernel === undefined ? {} : { kernel }),
    ...(watchMs === undefined ? {} : { watchMs: Math.min(Math.ceil(watchMs), LONGEST_WATCH_MS) }),
    ...(clientPingMs === undefined && neverSends === undefined
      ? {}
      : {
          client: {
            ...(clientPingMs === undefined ? {} : { pingEveryMs: clientPingMs }),
            ...(neverSends === undefined ? {} : { neverSends }),
          },
        }),
    ...(story === undefined ? {} : { story }),
    ...(orderlyEnd === undefined ? {} : { orderlyEnd }),
  };
}

/** A day: whoever has noticed nothing by then is not going to. */
export const LONGEST_WATCH_MS = 86_400_000;

/** A peer that goes. */
export function gone(
  subject: OwnHosts,
  name: string,
  fault: Fault,
  load: Load,
  around: Circumstances = {},
): FaultScenario {
  const input = { kind: 'fault', name, fault, load, ...settings(subject, around) };
  return defineScenario(input as ScenarioInput) as FaultScenario;
}

/** A peer that lives. */
export function living(
  subject: OwnHosts,
  name: string,
  silence: Silence,
  load: Load,
  around: Circumstances = {},
): LiveScenario {
  const input = { kind: 'live', name, silence, load, ...settings(subject, around) };
  return defineScenario(input as ScenarioInput) as LiveScenario;
}

/** A peer with which nothing is wrong and that has nothing to say. */
export function healthyPeer(subject: OwnHosts): Scenario {
  return living(subject, 'healthy', { kind: 'none' }, { kind: 'idle' });
}

export const VANISH = { kind: 'vanish', direction: 'both' } as const;
export const FREEZE = { kind: 'freeze' } as const;

export const IDLE: Load = { kind: 'idle' };
export const BUSY: Load = { kind: 'periodic', bytes: 1_024, everyMs: 500, direction: 'server' };
export const SATURATED: Load = { kind: 'saturated', messageBytes: 65_536 };
