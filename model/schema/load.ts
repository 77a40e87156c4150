/** The load of a connection: what the sides send while nothing is wrong. */
import { bytes } from './names.ts';
import { choice, duration, union, variant, withDefault, type Canonical } from './words.ts';

export const loadSchema = union('What the server sends while nothing is wrong.', [
  variant('idle', 'Nothing.', {}),
  /** `bytes` every `everyMs` from the server; `both`: the client does the same, half a period apart. */
  variant('periodic', 'A message of `bytes` every `everyMs`.', {
    bytes: bytes('Length of a message'),
    everyMs: duration('Time between two messages.'),
    direction: withDefault(
      choice('Who sends: the server, the client, or both, half a period apart.', [
        'server',
        'client',
        'both',
      ]),
      'server',
    ),
  }),
  variant('saturated', 'As fast as the send path takes it.', {
    messageBytes: withDefault(bytes('Length of a message'), 65_536),
  }),
]);
/** What the sides send while nothing is wrong. */
export type Load = Canonical<typeof loadSchema>;
