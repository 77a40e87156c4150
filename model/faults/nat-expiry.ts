/** A middlebox forgets the idle flow; what it then does, `onExpiry` says. */
import { between, oneOf } from './choices.ts';
import type { FaultOf, FaultKind, Remains } from './kind.ts';
import { NOTHING } from './remains.ts';

/** What a box that has forgotten the flow leaves, by what it does. */
const BOX_SAYS: Readonly<Record<NonNullable<FaultOf<'nat-expiry'>['onExpiry']>, Remains>> = {
  drop: NOTHING,
  'reset-next': { ...NOTHING, resets: { by: 'box', fromMs: 0 } },
  'reset-server': { ...NOTHING, ends: { by: 'box', with: 'rst' } },
  'reset-client': NOTHING,
  'fin-both': { ...NOTHING, ends: { by: 'box', with: 'fin' } },
};

export const natExpiry: FaultKind<'nat-expiry'> = {
  instant: ({ idleMs, onExpiry = 'drop' }) => ({ by: 'box', idleMs, onExpiry }),
  acts: () => [{ act: 'forget-flow' }],
  remains: ({ onExpiry = 'drop' }) => BOX_SAYS[onExpiry],
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: (choices) => ({
    kind: 'nat-expiry',
    idleMs: between(choices, 10_000, 3_600_000),
    onExpiry: oneOf(choices, ['drop', 'reset-next', 'reset-server', 'reset-client', 'fin-both']),
  }),
};
