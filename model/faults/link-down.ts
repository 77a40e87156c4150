/** The server's own interface goes down: its kernel cannot send (net/ipv4/ip_output.c, ENETDOWN or ENETUNREACH). */
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

export const linkDown: FaultKind<'link-down'> = {
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'server-link-down' }],
  remains: () => ({ ...NOTHING, kernelIsTold: true }),
  lastsMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: () => ({ kind: 'link-down' }),
};
