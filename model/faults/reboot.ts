/** The client's host loses power and comes back, knowing nothing: it resets what it gets. */
import { duration, variant } from '../schema/words.ts';
import { between } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant(
  'reboot',
  "The client's host comes back and knows nothing: resets what it gets.",
  { downMs: duration('How long the host is down.', { minMs: 0 }) },
);

export const reboot: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: ({ downMs }) => [
    { act: 'power-off' },
    { act: 'later', afterMs: downMs, event: 'power-on' },
  ],
  remains: ({ downMs }) => ({ ...NOTHING, resets: { by: 'host', fromMs: downMs } }),
  asSilence: () => null,
  lastsMs: ({ downMs }) => downMs,
  passesNoAnswer: false,
  readsOn: false,
  draw: (choices) => ({ kind: 'reboot', downMs: between(choices, 1_000, 300_000) }),
};
