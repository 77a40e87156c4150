/** The client sends one message at a low rate; no pong can pass inside it. */
import { bytes, bytesPerSecond } from '../schema/names.ts';
import { variant } from '../schema/words.ts';
import type { SilenceKind } from './kind.ts';
import { IDLE } from './loads.ts';

const schema = variant(
  'slow-uploader',
  'The client sends one message at a low rate; no pong can pass inside it.',
  {
    messageBytes: bytes('Length of the message'),
    bytesPerSecond: bytesPerSecond('Rate'),
  },
);

/** The longest message that a scenario may have, bytes. */
const MOST_BYTES = 2 ** 30;

/** A slow uplink of a phone. */
const PHONE_BYTES_PER_SECOND = 20_000;

export const slowUploader: SilenceKind<typeof schema> = {
  schema,
  begins: ({ messageBytes, bytesPerSecond }) => [
    { act: 'upload', bytes: messageBytes, bytesPerSecond },
  ],
  ends: () => [],
  lengthMs: ({ messageBytes, bytesPerSecond }) =>
    Math.ceil((messageBytes * 1_000) / bytesPerSecond),
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: (_choices, { lengthMs, bytesPerSecond }) => ({
    kind: 'slow-uploader',
    messageBytes: Math.min(MOST_BYTES, Math.ceil((bytesPerSecond * lengthMs) / 1_000)),
    bytesPerSecond,
  }),
  ofLength: (lengthMs) => ({
    silence: {
      kind: 'slow-uploader',
      messageBytes: Math.ceil((lengthMs * PHONE_BYTES_PER_SECOND) / 1_000),
      bytesPerSecond: PHONE_BYTES_PER_SECOND,
    },
    loads: [IDLE],
  }),
};
