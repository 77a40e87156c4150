/**
 * The kernel's own end of a connection with data in flight: TCP_USER_TIMEOUT where the policy sets
 * it, `tcp_retries2` where it does not. Nobody has to configure this one; any unanswered byte, a
 * ping among them, starts it.
 */
import { never, plus, type Ending } from './ending.ts';
import { firstRetransmission, retransmissionDeath } from './retransmission.ts';
import { timeoutModelMs } from '../linux/timeout-model.ts';
import type { Situation } from './situation.ts';

/** When retransmission gives a ghost up. */
export function inFlightEnding(situation: Situation): Ending {
  const { unacked, rules, userTimeoutMs } = situation;
  const by = userTimeoutMs === null ? 'tcp_retries2' : 'TCP_USER_TIMEOUT';
  if (situation.kernelAnswers) return never(by, 'What is sent is acknowledged.');
  if (unacked === null) return never(by, 'Nothing is in flight, so nothing times out.');
  const death = retransmissionDeath(rules, unacked.flight, userTimeoutMs);
  const first = firstRetransmission(rules, unacked.flight);
  const limitMs = userTimeoutMs ?? timeoutModelMs(rules.retries2, rules.rtoMaxMs);
  return {
    ...plus(unacked.since, death),
    manner: 'kernel',
    by,
    formula: `${unacked.what} + first retransmission + ${
      userTimeoutMs === null ? `model(tcp_retries2 = ${rules.retries2})` : 'timeoutMs'
    } + wheel`,
    derivation: `Counted from ${unacked.what}: the first retransmission by timeout is ${first.minMs} to ${first.maxMs} ms later and starts the clock; the limit of ${limitMs} ms is looked at only when a retransmission timer fires, which the timer wheel delays.`,
  };
}
