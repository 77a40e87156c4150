/** The shape of a policy file: field names, ranges, defaults and what each field means. */
import type { PeerHeartbeat, Policy } from '../policy/types.ts';
import { mechanismShape } from './mechanisms.ts';
import { choice, integer, object, optional, required, text, withDefault } from './shape.ts';
import { duration, lintSettingsShape, policyNameShape } from './words.ts';

/** More mechanisms than any server has; the reaper's arrays are sized by it. */
const MAX_MECHANISMS = 16;

const peerHeartbeatShape = object<PeerHeartbeat>(
  'What the other side does of its own while it lives.',
  {
    everyMs: required(duration('Time between two heartbeats.')),
    sign: withDefault(
      choice<PeerHeartbeat['sign']>('What it sends.', ['ping', 'pong', 'message']),
      'message',
    ),
    bytes: withDefault(integer('Length of the frame, bytes.', 1, 65_536), 8),
    sentBy: withDefault(
      choice<PeerHeartbeat['sentBy']>(
        'The library or network service, or a timer of the application.',
        ['websocket', 'application'],
      ),
      'application',
    ),
  },
);

export const policyShape = {
  ...object<Policy>('A reaper policy: everything a server does to find connections whose peer is gone.', {
    schemaVersion: withDefault(choice('Version of this format.', [1]), 1),
    name: required({
      ...policyNameShape,
      description: `Name of the policy. ${policyNameShape.description}`,
    }),
    title: optional(text('One line for lists; the name when missing.', 200)),
    claim: optional(text('What people believe it does.')),
    truth: optional(text('What it does.')),
    source: optional(text('Where it is from: a repository at a version, a man page, a story.')),
    mechanisms: required({
      type: 'list',
      description: 'What the server does; each works alone, and can be lost alone.',
      item: mechanismShape,
      minItems: 0,
      maxItems: MAX_MECHANISMS,
      unique: false,
      atMostOne: ['keepalive', 'user-timeout', 'close-handshake', 'drain'],
    }),
    peerHeartbeat: optional({ ...peerHeartbeatShape, name: 'peerHeartbeat' }),
    lint: optional(lintSettingsShape),
  }),
  ignored: ['$schema'],
};
