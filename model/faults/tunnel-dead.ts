/** A proxy in between keeps its side up and swallows what its buffer holds; nobody is behind it. */
import { oneOf } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

export const tunnelDead: FaultKind<'tunnel-dead'> = {
  instant: () => ({ by: 'chance' }),
  acts: ({ proxyBufferBytes }) => [{ act: 'leave-proxy', bufferBytes: proxyBufferBytes }],
  remains: () => KERNEL,
  lastsMs: () => 0,
  swallowsBytes: ({ proxyBufferBytes }) => proxyBufferBytes,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({
    kind: 'tunnel-dead',
    proxyBufferBytes: oneOf(choices, [0, 4_096, 65_536, 1_048_576]),
  }),
};
