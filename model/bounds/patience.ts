/** How long each mechanism waits for something that a living peer sends, and what ends the wait. */
import type { Mechanism, PingMechanism, Policy, SweepMechanism } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import { judges } from './situation.ts';

/** A mechanism that asks by ping and judges by the answer. */
export interface Patience {
  readonly mechanism: SweepMechanism | PingMechanism;
  readonly ms: number;
  readonly by: string;
  /** The policy's field. */
  readonly field: string;
}

/** The mechanisms that wait for an answer to a ping, and for how long. */
export function patiences(policy: Policy): readonly Patience[] {
  return policy.mechanisms.flatMap((mechanism) => patienceOf(mechanism) ?? []);
}

function patienceOf(mechanism: Mechanism): Patience | null {
  if (!judges(mechanism)) return null;
  if (mechanism.kind === 'sweep') {
    return { mechanism, ms: mechanism.intervalMs, by: 'sweep', field: 'intervalMs' };
  }
  if (mechanism.kind === 'ping' && mechanism.replyTimeoutMs !== null) {
    const ms = mechanism.replyTimeoutMs;
    return { mechanism, ms, by: 'ping reply timer', field: 'replyTimeoutMs' };
  }
  return null;
}

/** Whether the mechanism takes a pong for life. */
export function hearsPong({ mechanism }: Patience): boolean {
  return mechanism.life.includes('pong') || mechanism.life.includes('any-byte');
}

/** Whether a healthy peer's ordinary traffic satisfies the mechanism, silence or no silence. */
export function hearsHealthyPeer(patience: Patience, policy: Policy, scenario: Scenario): boolean {
  const { mechanism, ms } = patience;
  const asked =
    mechanism.kind === 'ping' ||
    mechanism.ping ||
    policy.mechanisms.some((other) => other.kind === 'ping' && other.lost !== 'timer');
  if (asked && hearsPong(patience)) return scenario.path.rttMs < ms;
  const { load } = scenario;
  const messages = load.kind === 'periodic' && load.direction === 'both';
  const hears = mechanism.life.includes('message') || mechanism.life.includes('any-byte');
  return messages && hears && load.everyMs < ms;
}
