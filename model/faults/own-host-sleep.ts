/**
 * The host of whoever judges sleeps, and meanwhile its peer is gone. Its clock stood, as CLOCK_MONOTONIC and the kernel's timers do
 * on Linux and macOS, so nothing that waits is overdue: all patience counts from waking, and so do the times of a run, which are those of that clock.
 */
import { choice, duration, variant, withDefault } from '../schema/words.ts';
import type { Act } from './acts.ts';
import { between, oneOf } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant(
  'own-host-sleep',
  'The host of whoever judges sleeps, its clock stands, and meanwhile the peer is gone: time counts from waking.',
  {
    lengthMs: duration('How long it sleeps.'),
    /** `nothing`: a box has forgotten the flow, or the way is another one. `reset`: the peer has closed, and its kernel answers what comes with a reset. */
    finds: withDefault(
      choice('What is left at waking: nobody answers, or a kernel that resets what it gets.', [
        'nothing',
        'reset',
      ]),
      'nothing',
    ),
  },
);

export const ownHostSleep: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: ({ lengthMs, finds }): readonly Act[] => [
    { act: 'judge-slept', lengthMs },
    ...(finds === 'reset'
      ? ([{ act: 'power-off' }, { act: 'later', afterMs: 0, event: 'power-on' }] as const)
      : ([{ act: 'cut', toClient: true, toServer: true }] as const)),
  ],
  remains: ({ finds }) =>
    finds === 'reset' ? { ...NOTHING, resets: { by: 'host', fromMs: 0 } } : NOTHING,
  asSilence: ({ finds }) => (finds === 'reset' ? null : 'outage'),
  lastsMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({
    kind: 'own-host-sleep',
    lengthMs: between(choices, 60_000, 28_800_000),
    finds: oneOf(choices, ['nothing', 'reset']),
  }),
};
