/** The server's own interface goes down: its kernel cannot send (net/ipv4/ip_output.c, ENETDOWN or ENETUNREACH). */
import { variant } from '../schema/words.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant('link-down', "The server's own interface goes down.", {});

export const linkDown: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'server-link-down' }],
  remains: () => ({ ...NOTHING, kernelIsTold: true }),
  asSilence: () => 'outage',
  lastsMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: () => ({ kind: 'link-down' }),
};
