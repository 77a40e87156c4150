/**
 * The kernel's own ends of a connection that nobody has to configure: data in flight that is not
 * acknowledged (TCP_USER_TIMEOUT where the policy sets it, `tcp_retries2` where it does not), and data
 * stuck behind a closed window (TCP_USER_TIMEOUT, else for ever).
 *
 * Any unanswered byte starts the first one, a ping among them.
 */
import { timeoutModelMs } from '../../linux/timeout-model.ts';
import { never, plus, type Ending } from '../ends/ending.ts';
import { firstRetransmission, retransmissionDeath } from './retransmission.ts';
import type { Situation } from '../situation.ts';
import { rulesBehindWindow, windowCloses } from './window.ts';
import { closedWindowDeath } from './zero-window.ts';

/** When the kernel gives a ghost up. */
export function inFlightEnding(situation: Situation): Ending {
  const { unacked, rules, userTimeoutMs } = situation;
  const by = userTimeoutMs === null ? 'tcp_retries2' : 'TCP_USER_TIMEOUT';
  if (situation.kernelAnswers) return closedWindowEnding(situation);
  if (unacked === null) return never(by, 'Nothing is in flight, so nothing times out.');
  const death = retransmissionDeath(rules, unacked.flight, userTimeoutMs);
  const first = firstRetransmission(rules, unacked.flight);
  const seldom = unacked.sometimes === true;
  const limitMs = userTimeoutMs ?? timeoutModelMs(rules.retries2, rules.rtoMaxMs);
  return {
    ...plus(unacked.since, death),
    ...(seldom ? { maxMs: null } : {}),
    manner: 'kernel',
    inFlight: true,
    by,
    formula: `${unacked.what} + first retransmission + ${
      userTimeoutMs === null ? `model(tcp_retries2 = ${rules.retries2})` : 'timeoutMs'
    } + wheel`,
    derivation: `Counted from ${unacked.what}: the first retransmission by timeout is ${first.minMs} to ${first.maxMs} ms later and starts the clock; the limit of ${limitMs} ms is looked at only when a retransmission timer fires, which the timer wheel delays.`,
  };
}

function closedWindowEnding(situation: Situation): Ending {
  const { userTimeoutMs } = situation;
  const window = windowCloses(situation);
  if (window === null) {
    return never('the kernel', 'All that is sent is acknowledged, so the kernel has no complaint.');
  }
  if (userTimeoutMs === null) {
    const forEver = never(
      'zero-window probes',
      'The window closes, but every probe is answered: without TCP_USER_TIMEOUT that goes on for ever.',
    );
    if (situation.scenario.load.kind !== 'periodic') return forEver;
    // Small writes can use up the receiver's memory before its window: then they are dropped unanswered.
    const { rules } = situation;
    const dropped = retransmissionDeath(rules, { start: 'lone', everyMs: null }, null);
    return { ...forEver, manner: 'kernel', minMs: plus(window.stuck, dropped).minMs };
  }
  return {
    ...plus(window.closed, closedWindowDeath(rulesBehindWindow(situation), userTimeoutMs)),
    manner: 'kernel',
    inFlight: true,
    by: 'TCP_USER_TIMEOUT',
    formula: 'window closed + first probe + timeoutMs + wheel',
    derivation: `The window closes ${window.closed.minMs} to ${window.closed.maxMs} ms after the fault; the first zero-window probe starts the clock, and answers to probes do not stop it.`,
  };
}
