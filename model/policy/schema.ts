/**
 * The policy object: everything a server does to find connections whose peer is gone, as plain,
 * versioned, closed JSON. A policy is a set of mechanisms; each works alone and can be lost alone.
 *
 * All durations are whole milliseconds in canonical form, from 1 ms to 365 days where no other range is given; files
 * and the command line may also write `30s`, `1.5m`.
 */
import { mechanismSchema, onlyOnce } from '../mechanisms/index.ts';
import { fileVersion, lintSettings, policyName } from '../schema/names.ts';
import {
  choice,
  duration,
  integer,
  list,
  object,
  optional,
  text,
  titled,
  withDefault,
  type Canonical,
  type Written,
} from '../schema/words.ts';

/** More mechanisms than any server has; the reaper's arrays are sized by it. */
const MAX_MECHANISMS = 16;

export const peerHeartbeatSchema = object('What the other side does of its own while it lives.', {
  everyMs: duration('Time between two heartbeats.'),
  /** A ping or an unsolicited pong of the WebSocket, or a message of the application. */
  sign: withDefault(choice('What it sends.', ['ping', 'pong', 'message']), 'message'),
  bytes: withDefault(integer('Length of the frame, bytes.', 1, 65_536), 8),
  /** Each message that it receives starts the interval anew: while the server talks it says nothing. */
  putOffBy: optional(choice('What starts its interval anew: each message received.', ['received'])),
  sentBy: withDefault(
    choice('The library or network service, or a timer of the application.', [
      'websocket',
      'application',
    ]),
    'application',
  ),
});
/** What the other side of the protocol does of its own while it lives: the policy counts on it. */
export interface PeerHeartbeat extends Canonical<typeof peerHeartbeatSchema> {}

export const policySchema = titled(
  object(
    'A reaper policy: everything a server does to find connections whose peer is gone.',
    {
      schemaVersion: fileVersion,
      /** Unique among the built-in ones. Where options of a built-in policy were set, they follow: `socket.io(pingInterval=10s)`. */
      name: policyName(),
      title: optional(text('One line for lists; the name when missing.', 200)),
      claim: optional(text('What people believe it does.')),
      truth: optional(text('What it does.')),
      source: optional(text('Where it is from: a repository at a version, a man page, a story.')),
      /** None = kernel defaults. */
      mechanisms: list(
        'What the server does; each works alone, and can be lost alone.',
        mechanismSchema,
        {
          maxItems: MAX_MECHANISMS,
          atMostOne: onlyOnce,
        },
      ),
      /** Missing = the other side only answers. */
      peerHeartbeat: optional(peerHeartbeatSchema),
      /** `harmless`: nobody loses anything by an orderly end (idle or age limit), as in a pool that opens another connection when it needs one. Missing: it is up to the scenario. */
      orderlyEnd: optional(
        choice(
          'Says that nobody loses anything by an orderly end of its connections (idle or age limit), as in a pool that opens another when it needs one. Without it, that is up to the scenario.',
          ['harmless'],
        ),
      ),
      /** Rules of the linter that do not matter here. It changes nothing of what the policy does. */
      lint: optional(lintSettings),
    },
    { ignored: ['$schema'] },
  ),
);

/** One reaper policy. Made by `definePolicy` or `parsePolicy`; never by hand. */
export interface Policy extends Canonical<typeof policySchema> {}
/** A policy as `definePolicy` takes it. */
export interface PolicyInput extends Written<typeof policySchema> {}
/** One mechanism as `definePolicy` takes it. */
export type MechanismInput = Written<typeof mechanismSchema>;
