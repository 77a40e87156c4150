/**
 * How long each mechanism waits for life: from a question that it, or another, has asked, or from the last sign.
 * And what answers: every source that it takes for life, with the longest time from the question, or from
 * the last sign, until that source speaks while all is well.
 */
import { queueDelayMs } from './queue.ts';
import { judges } from '../mechanisms/in-force.ts';
import type {
  Mechanism,
  PingMechanism,
  PongTimerMechanism,
  Policy,
  ReceiveDeadlineMechanism,
  SweepMechanism,
} from '../policy/types.ts';
import { longestRttMs, wholePathOf } from '../scenario/path.ts';
import type { Scenario } from '../scenario/types.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Wait } from '../mechanisms/kind.ts';
import { gapMs } from './rhythm.ts';
import { asksApplication, heardSources, pingers, type Pinger, type Source } from './sources.ts';

/** Mechanisms that wait for what the peer sends. */
type Waiting = SweepMechanism | PingMechanism | PongTimerMechanism | ReceiveDeadlineMechanism;

/** One source of life, and how soon it speaks while all is well. */
export interface Answer {
  readonly source: Source;
  readonly gapMs: number;
  /** The same where what the server sends stands before the question. */
  readonly worstMs: number;
}

/** How long a mechanism waits, and for whom. */
export interface Patience extends Wait {
  readonly mechanism: Waiting;
  readonly answers: readonly Answer[];
}

/** The mechanisms of a policy that wait for life on a connection, and for how long. */
export function patiences(policy: Policy, scenario: Scenario): readonly Patience[] {
  return policy.mechanisms.flatMap((mechanism) => patienceOf(mechanism, policy, scenario) ?? []);
}

function patienceOf(mechanism: Mechanism, policy: Policy, scenario: Scenario): Patience | null {
  const wait = judges(mechanism) ? (kindOf(mechanism).waits?.(mechanism) ?? null) : null;
  if (wait === null || (wait.asks === 'all-pings' && pingers(policy).length === 0)) return null;
  const waiting = mechanism as Waiting;
  return { mechanism: waiting, ...wait, answers: answers(waiting, wait, policy, scenario) };
}

/** Whether every question of a mechanism that the source's pings are not is answered in the same way as they. */
function isAnsweredAs(mechanism: Waiting, { asks }: Wait, policy: Policy, pinger: Pinger): boolean {
  if (asks === 'nobody') return false;
  if (asks === 'itself') return pinger === mechanism;
  return pingers(policy).every((other) => asksApplication(other) === asksApplication(pinger));
}

function answers(
  mechanism: Waiting,
  wait: Wait,
  policy: Policy,
  scenario: Scenario,
): readonly Answer[] {
  const answerMs = longestRttMs(wholePathOf(scenario));
  return heardSources(policy, scenario, mechanism.life).flatMap((source) => {
    if (source.kind === 'pong' && isAnsweredAs(mechanism, wait, policy, source.pinger)) {
      return [{ source, gapMs: answerMs, worstMs: answerMs + queueDelayMs(scenario) }];
    }
    const gap = gapMs(source, policy, scenario, mechanism.life);
    if (gap === null) return [];
    const queueMs = source.kind === 'pong' ? queueDelayMs(scenario) : 0;
    return [{ source, gapMs: gap, worstMs: gap + queueMs }];
  });
}

/** The answers that a healthy peer gives in time, silence or no silence. */
export function timelyAnswers({ answers: all, ms }: Patience): readonly Answer[] {
  return all.filter((answer) => answer.worstMs < ms);
}
