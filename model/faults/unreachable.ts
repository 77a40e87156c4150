/** Packets vanish for ever, and a router says so: ICMP host unreachable for what the server sends. */
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

export const unreachable: FaultKind<'unreachable'> = {
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'cut', toClient: true, toServer: true }, { act: 'refuse' }],
  remains: () => ({ ...NOTHING, kernelIsTold: true }),
  lastsMs: () => 0,
  routerRefuses: true,
  passesNoAnswer: true,
  readsOn: false,
  draw: () => ({ kind: 'unreachable' }),
};
