/**
 * A whole policy: every mechanism contributes an end, and so do the kernel's rules, which nobody can
 * lose. B is the earliest of them.
 */
import { judges, keepaliveOf } from '../mechanisms/in-force.ts';
import type { Mechanism, PeerClosedMechanism } from '../policy/types.ts';
import { drainEnding } from './mechanisms/drain.ts';
import { earliest, mannerOf, never, type Ending, type Span } from './ends/ending.ts';
import { farewellEnding } from './ends/farewell.ts';
import { staysHalfClosed } from './ends/half-closed.ts';
import { handshakeEnding } from './mechanisms/handshake.ts';
import { inFlightEnding } from './kernel/in-flight.ts';
import { keepaliveEnding } from './kernel/keepalive.ts';
import { ageEnding, idleEnding } from './ends/orderly.ts';
import { pingEnding, pongTimerEnding } from './mechanisms/ping.ts';
import { receiveDeadlineEnding } from './mechanisms/receive-deadline.ts';
import { borrowCheckEnding, requestDeadlineEnding } from './mechanisms/requests.ts';
import { sendStallEnding } from './mechanisms/send-stall.ts';
import { type Situation } from './situation.ts';
import { sweepEnding } from './mechanisms/sweep.ts';
import { sendQueueLimitEnding, writeDeadlineEnding } from './mechanisms/write-limits.ts';

/** What one mechanism contributes; null where the kernel's rules speak for it. */
function mechanismEnding(situation: Situation, mechanism: Mechanism): Ending | null {
  switch (mechanism.kind) {
    case 'sweep':
      return sweepEnding(situation, mechanism);
    case 'ping':
      return pingEnding(situation, mechanism);
    case 'keepalive':
      // Set twice, the last one counts.
      return mechanism === keepaliveOf(situation.policy) || mechanism.lost !== undefined
        ? keepaliveEnding(situation, mechanism)
        : null;
    case 'send-stall':
      return sendStallEnding(situation, mechanism);
    case 'peer-closed':
      return peerClosedEnding(situation, mechanism);
    case 'pong-timer':
      return pongTimerEnding(situation, mechanism);
    case 'receive-deadline':
      return receiveDeadlineEnding(situation, mechanism);
    case 'write-deadline':
      return writeDeadlineEnding(situation, mechanism);
    case 'send-queue-limit':
      return sendQueueLimitEnding(situation, mechanism);
    case 'request-deadline':
      return requestDeadlineEnding(situation, mechanism);
    case 'borrow-check':
      return borrowCheckEnding(situation, mechanism);
    case 'ping-strikes':
      return never('ping strikes', 'A peer that is gone does not ping too often.');
    case 'idle':
      return idleEnding(situation, mechanism);
    case 'age':
      return ageEnding(situation, mechanism);
    case 'drain':
      return drainEnding(situation, mechanism);
    case 'handshake-deadline':
    case 'close-handshake':
    case 'user-timeout':
      return null;
    // Others may end it sooner: B is what the rest says.
    default:
      return null;
  }
}

/** When a look finds that the peer's side of the stream has ended. */
function peerClosedEnding(situation: Situation, closed: PeerClosedMechanism): Ending {
  const by = 'peer closed';
  if (!judges(closed)) return never(by, 'The watchdog is lost: nobody looks, or nobody acts.');
  const { scenario, rules, lateMs } = situation;
  if (!staysHalfClosed(scenario)) {
    return never(
      by,
      'The socket stays ESTABLISHED until the kernel gives up, and then the error comes first.',
    );
  }
  const boxed = scenario.fault.kind === 'nat-expiry';
  return {
    minMs: boxed ? rules.rttMs / 4 : rules.rttMs / 2,
    maxMs: rules.lossy ? null : lateMs + closed.everyMs,
    manner: mannerOf(closed),
    inFlight: false,
    by,
    formula: `rttMs / ${boxed ? 4 : 2} + everyMs`,
    derivation:
      "The peer's FIN takes the socket to CLOSE_WAIT, and nobody closes it; the next look finds it there.",
  };
}

/** Everything that can end the connection, the kernel's rules last. */
export function endingsOf(situation: Situation): readonly Ending[] {
  const handshake = handshakeEnding(situation);
  if (handshake !== null) return [handshake];
  const farewell = farewellEnding(situation);
  if (farewell !== null && farewell.manner === 'peer' && farewell.maxMs !== null) {
    return stalled(situation, [farewell]);
  }
  const own = situation.policy.mechanisms
    .map((mechanism) => mechanismEnding(situation, mechanism))
    .filter((ending) => ending !== null);
  const kernel = inFlightEnding(situation);
  const all = [...own, ...(farewell === null ? [] : [farewell]), ...chances(situation), kernel];
  return careful(situation, stalled(situation, all))
    .map((ending) => beforeWaking(situation, ending))
    .map(sinceFault);
}

/** What could have begun at any time before the fault may end the ghost right after it. */
function sinceFault(ending: Ending): Ending {
  return ending.minMs !== null && ending.minMs < 0 ? { ...ending, minMs: 0 } : ending;
}

/**
 * Ends that may come at any time: data sent into a stream whose reader is gone may be answered by a reset, and on a
 * lossy path all that a kernel sends may be lost in a row.
 */
function chances({ scenario, rules }: Situation): readonly Ending[] {
  const found: Ending[] = [];
  const chance = { manner: 'kernel', inFlight: false, minMs: 0 } as const;
  if (staysHalfClosed(scenario)) {
    const why = 'Whether, and when, what is sent is reset is not known.';
    found.push({ ...never('reset by the peer', why), ...chance });
  }
  if (scenario.server.broken?.kind === 'loop-stalled') {
    found.push({
      ...never('stall', 'What the stall keeps from being sent defers nothing.'),
      ...chance,
    });
  }
  if (rules.lossy) {
    found.push({ ...never('loss', 'Everything may be lost in a row, at any time.'), ...chance });
  }
  return found;
}

/** A loop that stands still from the fault on does everything later by as much at the most. */
function stalled(
  { scenario, kernelAnswers }: Situation,
  endings: readonly Ending[],
): readonly Ending[] {
  const { broken } = scenario.server;
  if (broken?.kind !== 'loop-stalled') return endings;
  const { lengthMs } = broken;
  return endings.map((ending) => {
    if (ending.maxMs === null) return ending;
    // The kernel goes on, but what is written waits, and so does the process that would hear of an error.
    const byKernel = ending.manner === 'kernel' && !kernelAnswers;
    return {
      ...ending,
      maxMs: byKernel ? Math.max(ending.maxMs, lengthMs) : ending.maxMs + lengthMs,
      formula: `${ending.formula} + stall`,
      derivation: `${ending.derivation} The stall of the event loop may put all of it off.`,
    };
  });
}

/** What is said of the least only holds on an even path and in a loop that runs: else it may come sooner. */
function careful({ scenario, rules }: Situation, endings: readonly Ending[]): readonly Ending[] {
  const stalls = scenario.server.broken?.kind === 'loop-stalled';
  if (!rules.lossy && !stalls && !staysHalfClosed(scenario)) return endings;
  return endings.map((ending) => (ending.minMs === null ? ending : { ...ending, minMs: 0 }));
}

/** A host that wakes takes the connection up again, if the server still holds it. */
function beforeWaking({ scenario }: Situation, ending: Ending): Ending {
  const { fault } = scenario;
  if (fault.kind !== 'host-sleep' || ending.maxMs === null || ending.maxMs < fault.lengthMs) {
    return ending;
  }
  return {
    ...ending,
    maxMs: null,
    formula: '∞',
    derivation: `${ending.derivation} But the host wakes after ${fault.lengthMs} ms, before that is over in every phase.`,
  };
}

/** The ending whose maximum is the least: the one that bounds the ghost. */
export function boundingEnding(endings: readonly Ending[]): Ending {
  const nothing = never('nothing', endings.map((ending) => ending.derivation).join(' '));
  return endings.reduce(
    (least, ending) =>
      (ending.maxMs ?? Number.POSITIVE_INFINITY) < (least.maxMs ?? Number.POSITIVE_INFINITY)
        ? ending
        : least,
    nothing,
  );
}

/** The endings that come first in some phase, each cut off where the bound has come. */
export function possibleEndings(endings: readonly Ending[]): readonly Ending[] {
  const bound = endings.reduce<Span>(earliest, { minMs: null, maxMs: null });
  return endings
    .filter(
      (ending) => ending.minMs !== null && (bound.maxMs === null || ending.minMs <= bound.maxMs),
    )
    .map((ending) => ({ ...ending, ...earliest({ minMs: null, maxMs: bound.maxMs }, ending) }));
}
