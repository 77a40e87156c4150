/**
 * The stories in which a preset is held against its system: a wire of 1 ms and five kinds of load, peers that
 * vanish and peers whose process stops.
 */
import { defineScenario } from '../../model/scenario/index.ts';
import type { ScenarioInput } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';

const path = { rttMs: 1 };
const vanish = { kind: 'vanish', direction: 'both' } as const;
const freeze = { kind: 'freeze' } as const;
/** So little that neither the send buffer nor the receive window is full before the kernel gives up. */
const trickle = { kind: 'periodic', bytes: 30, everyMs: '1s', direction: 'server' } as const;
/** The client talks: its last byte is at most so old at the fault. */
export const TALKS_EVERY_MS = 100;
const talk = {
  kind: 'periodic',
  bytes: 30,
  everyMs: TALKS_EVERY_MS,
  direction: 'client',
} as const;
const saturated = { kind: 'saturated', messageBytes: 65_536 } as const;
/** 2 MiB a second into a queue that is as long as memory. */
const flood = {
  kind: 'periodic',
  bytes: 1_048_576,
  everyMs: '500ms',
  direction: 'server',
} as const;

type FaultInput = Extract<ScenarioInput, { readonly kind: 'fault' }>;

function story(rest: Pick<FaultInput, 'fault'> & Partial<FaultInput>): Scenario {
  return defineScenario({
    kind: 'fault',
    name: 'survey',
    title: 'Survey',
    tags: [],
    path,
    ...rest,
  });
}

/** Key → what happens, and what it is called on the page. */
export const stories = {
  idle: { peer: 'vanishes', when: 'while nobody was sending', scenario: story({ fault: vanish }) },
  talking: {
    peer: 'vanishes',
    when: 'right after its last byte',
    scenario: story({ fault: vanish, load: talk }),
  },
  lowRate: {
    peer: 'vanishes',
    when: 'while the server sends a little',
    scenario: story({ fault: vanish, load: trickle }),
  },
  saturated: {
    peer: 'vanishes',
    when: 'while the send path is full',
    scenario: story({ fault: vanish, load: saturated }),
  },
  flooded: {
    peer: 'vanishes',
    when: 'while the server queues 2 MiB/s',
    scenario: story({
      fault: vanish,
      load: flood,
      server: { userQueueBytes: 1_073_741_824 },
    }),
  },
  frozen: { peer: 'stops', when: 'while nobody was sending', scenario: story({ fault: freeze }) },
  frozenTalking: {
    peer: 'stops',
    when: 'right after its last byte',
    scenario: story({ fault: freeze, load: talk }),
  },
  frozenLowRate: {
    peer: 'stops',
    when: 'while the server sends a little',
    scenario: story({ fault: freeze, load: trickle }),
  },
  frozenSaturated: {
    peer: 'stops',
    when: 'while the send path is full',
    scenario: story({ fault: freeze, load: saturated }),
  },
  sigterm: {
    peer: 'vanishes',
    when: '10 s before SIGTERM',
    scenario: story({
      fault: vanish,
      story: { kind: 'drain', ghosts: 1, sigtermAfterMs: '10s' },
    }),
  },
  unanswered: {
    peer: 'stops',
    when: 'as the server begins the closing handshake',
    scenario: story({ fault: { kind: 'close-unanswered' } }),
  },
} as const satisfies Readonly<Record<string, { peer: string; when: string; scenario: Scenario }>>;

export type StoryName = keyof typeof stories;
