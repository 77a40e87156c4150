/**
 * How long each mechanism waits for life: from a question that it, or another, has asked, or from the last sign.
 * And what answers: every source that it takes for life, with the longest time from the question, or from
 * the last sign, until that source speaks while all is well.
 */
import type {
  Mechanism,
  PingMechanism,
  PongTimerMechanism,
  Policy,
  ReceiveDeadlineMechanism,
  SweepMechanism,
} from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';
import { roundedClock } from './granularity.ts';
import { queueDelayMs } from '../kernel/queue.ts';
import { gapMs, replyMs } from './rhythm.ts';
import { judges } from '../situation.ts';
import { asksApplication, heardSources, pingers, type Pinger, type Source } from './sources.ts';
import { missesOf } from '../mechanisms/sweep.ts';

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
export interface Patience {
  readonly mechanism: Waiting;
  readonly ms: number;
  readonly by: string;
  /** The policy's field. */
  readonly field: string;
  readonly answers: readonly Answer[];
}

/** The mechanisms of a policy that wait for life on a connection, and for how long. */
export function patiences(policy: Policy, scenario: Scenario): readonly Patience[] {
  return policy.mechanisms.flatMap((mechanism) => patienceOf(mechanism, policy, scenario) ?? []);
}

function patienceOf(mechanism: Mechanism, policy: Policy, scenario: Scenario): Patience | null {
  if (!judges(mechanism)) return null;
  switch (mechanism.kind) {
    case 'sweep': {
      const misses = missesOf(mechanism);
      const field = misses === 1 ? 'intervalMs' : 'misses · intervalMs';
      const ms = misses * mechanism.intervalMs;
      return { mechanism, ms, by: 'sweep', field, answers: answers(mechanism, policy, scenario) };
    }
    case 'ping': {
      if (mechanism.replyTimeoutMs === null) return null;
      const { minMs } = replyMs(mechanism);
      const by = 'ping reply timer';
      const heard = answers(mechanism, policy, scenario);
      return { mechanism, ms: minMs, by, field: 'replyTimeoutMs', answers: heard };
    }
    case 'pong-timer': {
      if (pingers(policy).length === 0) return null;
      const heard = answers(mechanism, policy, scenario);
      const ms = mechanism.timeoutMs;
      return { mechanism, ms, by: 'pong timer', field: 'timeoutMs', answers: heard };
    }
    case 'receive-deadline': {
      const { minMs } = roundedClock(mechanism.timeoutMs, mechanism.granularity);
      const heard = answers(mechanism, policy, scenario);
      return { mechanism, ms: minMs, by: 'receive deadline', field: 'timeoutMs', answers: heard };
    }
    default:
      return null;
  }
}

/** Whether every question of a mechanism that the source's pings are not is answered in the same way as they. */
function asks(mechanism: Waiting, { policy, pinger }: { policy: Policy; pinger: Pinger }): boolean {
  if (mechanism.kind === 'receive-deadline') return false;
  if (mechanism.kind !== 'pong-timer') return pinger === mechanism;
  return pingers(policy).every((other) => asksApplication(other) === asksApplication(pinger));
}

function answers(mechanism: Waiting, policy: Policy, scenario: Scenario): readonly Answer[] {
  const answerMs = longestRttMs(scenario.path);
  return heardSources(policy, scenario, mechanism.life).flatMap((source) => {
    if (source.kind === 'pong' && asks(mechanism, { policy, pinger: source.pinger })) {
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
