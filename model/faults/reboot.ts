/** The client's host loses power and comes back, knowing nothing: it resets what it gets. */
import { between } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

export const reboot: FaultKind<'reboot'> = {
  instant: () => ({ by: 'chance' }),
  acts: ({ downMs }) => [
    { act: 'power-off' },
    { act: 'later', afterMs: downMs, event: 'power-on' },
  ],
  remains: ({ downMs }) => ({ ...NOTHING, resets: { by: 'host', fromMs: downMs } }),
  lastsMs: ({ downMs }) => downMs,
  passesNoAnswer: false,
  readsOn: false,
  draw: (choices) => ({ kind: 'reboot', downMs: between(choices, 1_000, 300_000) }),
};
