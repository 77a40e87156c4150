/**
 * Faults of the opening and the closing handshake. They have timers of their own, and no mechanism of the policy
 * judges them: before the opening is finished there is nothing to judge, and once the closing has begun the
 * decision has been made.
 */
import { clockText } from './clock-text.ts';
import { roundedClock } from '../../mechanisms/granularity.ts';
import { judges } from '../../mechanisms/in-force.ts';
import { INITIAL_RTO_MS } from '../../linux/constants.ts';
import type { HandshakeDeadlineMechanism } from '../../policy/types.ts';
import { mannerOf, never, type Ending } from '../ends/ending.ts';
import { sysctlsOf } from '../../scenario/sysctls.ts';
import { type Situation } from '../situation.ts';
import { latestExpiryMs } from '../kernel/uneven.ts';

/** The end of a handshake that is never finished; null where the fault is another. */
export function handshakeEnding(situation: Situation): Ending | null {
  const { fault } = situation.scenario;
  if (fault.kind === 'close-unanswered') return closeBegun();
  if (fault.kind !== 'handshake-abandoned') return null;
  return fault.after === 'syn' ? requestDropped(situation) : openingTimedOut(situation);
}

/** The server itself begins: that is the decision, and what follows is how long the goodbye may take. */
function closeBegun(): Ending {
  return {
    minMs: 0,
    maxMs: 0,
    manner: 'orderly',
    inFlight: true,
    by: 'closing handshake',
    formula: '0',
    derivation: 'The server begins the closing handshake, and with that it has decided.',
  };
}

/** A SYN-ACK is repeated `tcp_synack_retries` times (reqsk_timer_handler), then the request is dropped. */
function requestDropped({ scenario, rules }: Situation): Ending {
  const retries = sysctlsOf(scenario, 'server').tcp_synack_retries;
  const waits = Array.from({ length: retries + 1 }, (_, k) =>
    Math.min(INITIAL_RTO_MS * 2 ** k, rules.rtoMaxMs),
  );
  return {
    minMs: rules.rttMs / 2 + sum(waits),
    maxMs: rules.rttMaxMs / 2 + sum(waits.map((waitMs) => latestExpiryMs(rules, waitMs))),
    manner: 'kernel',
    inFlight: false,
    by: 'tcp_synack_retries',
    formula: 'rttMs / 2 + 1 s · (2^(tcp_synack_retries + 1) − 1) + wheel',
    derivation:
      'The kernel answers the SYN and repeats that, with waits that double from one second; after the last one it drops the request, of which the process never heard.',
  };
}

function openingTimedOut({ policy, scenario }: Situation): Ending {
  const by = 'handshake deadline';
  const deadline = policy.mechanisms.find(
    (mechanism): mechanism is HandshakeDeadlineMechanism => mechanism.kind === 'handshake-deadline',
  );
  if (deadline === undefined) {
    return never(by, 'The policy sets no limit on the opening, and nothing else runs before it.');
  }
  if (!judges(deadline)) {
    return never(by, 'The deadline is lost: an opening that nobody finishes stays for ever.');
  }
  const { timeoutMs, granularity } = deadline;
  const { broken } = scenario.server;
  const clock = roundedClock(timeoutMs, granularity);
  // A loop that stands still finds its timer overdue when it runs again.
  const stallMs = broken?.kind === 'loop-stalled' ? broken.lengthMs : 0;
  return {
    minMs: Math.max(clock.minMs ?? 0, stallMs),
    maxMs: clock.maxMs === null ? null : Math.max(clock.maxMs, stallMs),
    manner: mannerOf(deadline),
    inFlight: false,
    by,
    formula: clockText('timeoutMs', granularity),
    derivation: "Counted from the end of TCP's handshake, when the process takes the connection.",
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
