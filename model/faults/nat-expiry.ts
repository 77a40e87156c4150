/** A middlebox forgets the idle flow; what it then does, `onExpiry` says. */
import { choice, duration, optional, variant, type Canonical } from '../schema/words.ts';
import { between, oneOf } from './choices.ts';
import type { FaultKind, Remains } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant('nat-expiry', 'A middlebox forgets the idle flow.', {
  idleMs: duration('Time without a packet after which it forgets.'),
  onExpiry: optional(
    choice(
      'Later packets vanish (when missing); whoever sends next is reset; one side is reset at once; both get a FIN.',
      ['drop', 'reset-next', 'reset-server', 'reset-client', 'fin-both'],
    ),
  ),
});

/** What a box that has forgotten the flow leaves, by what it does. */
const BOX_SAYS: Readonly<Record<NonNullable<Canonical<typeof schema>['onExpiry']>, Remains>> = {
  drop: NOTHING,
  'reset-next': { ...NOTHING, resets: { by: 'box', fromMs: 0 } },
  'reset-server': { ...NOTHING, ends: { by: 'box', with: 'rst' } },
  'reset-client': NOTHING,
  'fin-both': { ...NOTHING, ends: { by: 'box', with: 'fin' } },
};

export const natExpiry: FaultKind<typeof schema> = {
  schema,
  instant: ({ idleMs, onExpiry = 'drop' }) => ({ by: 'box', idleMs, onExpiry }),
  acts: () => [{ act: 'forget-flow' }],
  remains: ({ onExpiry = 'drop' }) => BOX_SAYS[onExpiry],
  asSilence: ({ onExpiry = 'drop' }) => {
    const { resets, ends } = BOX_SAYS[onExpiry];
    return resets === null && ends === null ? 'outage' : null;
  },
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: (choices) => ({
    kind: 'nat-expiry',
    idleMs: between(choices, 10_000, 3_600_000),
    onExpiry: oneOf(choices, ['drop', 'reset-next', 'reset-server', 'reset-client', 'fin-both']),
  }),
};
