/** A proxy in between keeps its side up and swallows what its buffer holds; nobody is behind it. */
import { bytes } from '../schema/names.ts';
import { variant } from '../schema/words.ts';
import { oneOf } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

const schema = variant(
  'tunnel-dead',
  'A proxy in between keeps its side up; nobody is behind it.',
  { proxyBufferBytes: bytes('What the proxy swallows', 0) },
);

export const tunnelDead: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: ({ proxyBufferBytes }) => [{ act: 'leave-proxy', bufferBytes: proxyBufferBytes }],
  remains: () => KERNEL,
  asSilence: () => 'process-pause',
  lastsMs: () => 0,
  swallowsBytes: ({ proxyBufferBytes }) => proxyBufferBytes,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({
    kind: 'tunnel-dead',
    proxyBufferBytes: oneOf(choices, [0, 4_096, 65_536, 1_048_576]),
  }),
};
