/** Packets vanish for ever, and a router says so: ICMP host unreachable for what the server sends. */
import { variant } from '../schema/words.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant(
  'unreachable',
  'Packets vanish for ever, and a router answers with ICMP host unreachable.',
  {},
);

export const unreachable: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'cut', toClient: true, toServer: true }, { act: 'refuse' }],
  remains: () => ({ ...NOTHING, kernelIsTold: true }),
  asSilence: () => 'outage',
  lastsMs: () => 0,
  routerRefuses: true,
  passesNoAnswer: true,
  readsOn: false,
  draw: () => ({ kind: 'unreachable' }),
};
