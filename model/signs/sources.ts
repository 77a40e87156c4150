/**
 * Where a server's signs of life come from on one connection, and which of them a mechanism takes for life.
 *
 * Beside what the peer sends there are two signs that only look like life: a message that the kernel took,
 * and user space that drained. They prove a buffer, and they go on until it is full.
 */
import { clientMessagePeriodMs, serverLoad } from '../scenario/load.ts';
import { ticks } from '../mechanisms/in-force.ts';
import { assertNever } from '../assert.ts';
import { kindOf } from '../mechanisms/index.ts';
import type {
  LifeSign,
  PeerHeartbeat,
  PingMechanism,
  Policy,
  SweepMechanism,
} from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

/** A mechanism that pings, and whose timer runs. */
export type Pinger = SweepMechanism | PingMechanism;

/** The mechanisms of a policy that put pings on the wire. */
export function pingers(policy: Policy): readonly Pinger[] {
  return policy.mechanisms.filter(
    (one): one is Pinger => ticks(one) && (kindOf(one).pings?.(one) ?? null) !== null,
  );
}

/** Whether code of the peer's application answers the ping. */
export function asksApplication(pinger: Pinger): boolean {
  return kindOf(pinger).asks(pinger)?.answeredBy === 'application';
}

/** Where signs of life come from. */
export type Source =
  /** Answers to one mechanism's pings. */
  | { readonly kind: 'pong'; readonly pinger: Pinger }
  /** The client's share of the load. */
  | { readonly kind: 'message'; readonly everyMs: number }
  /** What the client sends of its own: the policy's peer heartbeat, or pings of the scenario's client. */
  | ({ readonly kind: 'heartbeat' } & Omit<PeerHeartbeat, 'bytes'>)
  /** The client's application acknowledges each message of the server; null = no rhythm of its own. */
  | { readonly kind: 'acknowledgement'; readonly everyMs: number | null }
  /** The kernel takes a message at once; user space drains. */
  | { readonly kind: 'accepted' | 'drained'; readonly everyMs: number | null };

/** Everything that could be a sign of life on this connection. */
export function sourcesOf(policy: Policy, scenario: Scenario): readonly Source[] {
  const sources: Source[] = pingers(policy).map((pinger) => ({ kind: 'pong', pinger }));
  const messages = clientMessagePeriodMs(scenario);
  if (messages !== null) sources.push({ kind: 'message', everyMs: messages });
  const { peerHeartbeat } = policy;
  if (peerHeartbeat !== undefined) sources.push({ ...peerHeartbeat, kind: 'heartbeat' });
  const pingEveryMs = scenario.client?.pingEveryMs ?? null;
  if (pingEveryMs !== null) {
    sources.push({ kind: 'heartbeat', everyMs: pingEveryMs, sign: 'ping', sentBy: 'websocket' });
  }
  const load = serverLoad(scenario);
  if (load.kind === 'idle') return sources;
  const everyMs = load.kind === 'periodic' ? load.everyMs : null;
  const acknowledged = policy.mechanisms.some(
    (one) => kindOf(one).countsAcknowledgements?.(one) === true,
  );
  if (acknowledged) sources.push({ kind: 'acknowledgement', everyMs });
  return [...sources, { kind: 'accepted', everyMs }, { kind: 'drained', everyMs: null }];
}

/** The words of a policy's `life` that a source satisfies. */
function signsOf(source: Source): readonly LifeSign[] {
  switch (source.kind) {
    case 'pong':
      return ['any-byte', 'pong', 'matching-pong'];
    case 'message':
    case 'acknowledgement':
      return ['any-byte', 'message'];
    case 'heartbeat':
      return ['any-byte', source.sign];
    case 'accepted':
      return ['send-accepted'];
    case 'drained':
      return ['drained'];
    default:
      return assertNever(source, 'source');
  }
}

/** Whether a mechanism with this `life` takes what comes from the source for life. */
export function isLife(source: Source, life: readonly LifeSign[]): boolean {
  return signsOf(source).some((sign) => life.includes(sign));
}

/** The sources of what a mechanism takes for life; those of one pinger are left out where it is named. */
export function heardSources(
  policy: Policy,
  scenario: Scenario,
  life: readonly LifeSign[],
  except?: Pinger,
): readonly Source[] {
  return sourcesOf(policy, scenario).filter(
    (source) => isLife(source, life) && !(source.kind === 'pong' && source.pinger === except),
  );
}
