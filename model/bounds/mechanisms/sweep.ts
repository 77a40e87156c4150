/**
 * The alive-flag sweep. At each tick a connection whose flag is false is reaped; else the flag
 * becomes false, a ping goes out, and whatever counts as life sets the flag again.
 *
 * So a ghost needs two ticks: the first after its last sign of life clears the flag, the second
 * finds it cleared. The last sign may come just before or just after a tick, hence one interval
 * at the least and two at the most.
 */
import { clientMessagePeriodMs } from '../../scenario/load.ts';
import { judges, ticks } from '../../mechanisms/in-force.ts';
import type { SweepMechanism } from '../../policy/types.ts';
import { hangsInPing } from '../life/blocked.ts';
import {
  latest,
  mannerOf,
  never,
  plus,
  seldom,
  shift,
  type Ending,
  type Span,
} from '../ends/ending.ts';

import { answeredUntil, lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';
import { isLife } from '../../signs/sources.ts';

const BY = 'sweep';

/** Whether the sweep's own ping brings it life. */
function hearsOwnPong(sweep: SweepMechanism): boolean {
  return sweep.ping && isLife({ kind: 'pong', pinger: sweep }, sweep.life);
}

/** From each thing that can put the verdict off to the verdict. */
function verdictSpans(situation: Situation, sweep: SweepMechanism): readonly Span[] {
  const { edgeMs, farEdgeMs } = situation;
  const { intervalMs } = sweep;
  const misses = sweep.misses ?? 1;
  const spans: Span[] = [];
  if (hearsOwnPong(sweep)) {
    spans.push({
      minMs: misses * intervalMs - farEdgeMs,
      maxMs: (misses + 1) * intervalMs - edgeMs,
    });
  }
  // Where somebody else answers for the application, the sweep's own pongs go on as well.
  const goesOn = answeredUntil(situation, sweep) !== null;
  const heard = lastHeard(situation, sweep.life, goesOn ? undefined : sweep);
  if (heard !== null) {
    const patience = { minMs: misses * intervalMs, maxMs: (misses + 1) * intervalMs };
    spans.push(plus(heard, patience));
  }
  if (sweep.ping && intervalMs <= situation.rules.rttMaxMs) {
    // Answers to earlier pings are still on their way when later ones go out.
    const own = lastHeard(situation, sweep.life);
    if (own !== null) spans.push(shift(own, (misses + 1) * intervalMs));
  }
  return spans;
}

/** The tick after a sign that makes it superfluous does nothing; those after it count. */
function afterSkipping(situation: Situation, sweep: SweepMechanism, span: Span): Span {
  const skips = lastHeard(situation, sweep.skipAfter ?? [], sweep);
  if (skips === null) return span;
  const most = ((sweep.misses ?? 1) + 2) * sweep.intervalMs;
  const maxMs = skips.maxMs === null ? null : skips.maxMs + most;
  return { minMs: span.minMs, maxMs: latest(span, { minMs: null, maxMs }).maxMs };
}

/** When the sweep reaps a ghost. */
export function sweepEnding(situation: Situation, sweep: SweepMechanism): Ending {
  const interval = sweep.intervalMs;
  if (!ticks(sweep)) return never(BY, 'The sweep no longer runs: it neither pings nor judges.');
  if (!judges(sweep)) return never(BY, 'The sweep runs but its verdict never takes effect.');
  const spans = verdictSpans(situation, sweep);
  if (spans.length === 0) {
    // The flag is up when the connection opens, and one as young as that may be the ghost.
    const deaf: Span = { minMs: 0, maxMs: ((sweep.misses ?? 1) + 1) * interval };
    return {
      ...afterSkipping(situation, sweep, deaf),
      manner: mannerOf(sweep),
      inFlight: sweep.ping,
      by: BY,
      formula: (sweep.misses ?? 1) === 1 ? '2 · intervalMs' : '(misses + 1) · intervalMs',
      derivation:
        (sweep.misses ?? 1) === 1
          ? 'Nothing on this connection counts as life, so every second tick reaps, ghost or not.'
          : 'Nothing on this connection counts as life: the ticks that are forgiven run out, ghost or not.',
    };
  }
  const judged = spans.reduce(latest);
  const span = afterSkipping(situation, sweep, judged);
  if (hangsInPing(situation, span.maxMs)) {
    const why =
      'The tick that pings waits for the lock which the blocked send holds: the tick after it never comes. ' +
      'Only a ping that went out just before the fault is still judged.';
    return seldom(BY, why, span.minMs, mannerOf(sweep), sweep.ping);
  }
  return {
    ...span,
    manner: mannerOf(sweep),
    inFlight: sweep.ping,
    by: BY,
    ...sayings(situation, sweep, span, judged),
  };
}

/** Formula and derivation of a sweep that hears something. */
function sayings(
  situation: Situation,
  sweep: SweepMechanism,
  span: Span,
  judged: Span,
): Pick<Ending, 'formula' | 'derivation'> {
  const { edgeMs, rules, scenario } = situation;
  const { intervalMs } = sweep;
  const misses = sweep.misses ?? 1;
  const factor = misses === 1 ? '2' : '(misses + 1)';
  if (span.maxMs === null) {
    return {
      formula: '∞',
      derivation: 'What counts as life, or makes a tick superfluous, goes on after the fault.',
    };
  }
  if (span.maxMs !== judged.maxMs) {
    return {
      formula: '(misses + 2) · intervalMs + rttMs / 2',
      derivation: `The tick after the last sign that makes it superfluous does nothing; then ${misses} ticks are forgiven and the next one reaps.`,
    };
  }
  const ownMaxMs = hearsOwnPong(sweep) ? (misses + 1) * intervalMs - edgeMs : null;
  if (ownMaxMs !== span.maxMs) {
    const lastMs = span.maxMs - (misses + 1) * intervalMs;
    const onTheWay = lastMs === rules.rttMs / 2;
    return {
      formula: `${factor} · intervalMs + ${onTheWay ? 'rttMs / 2' : 'last sign of life'}`,
      derivation: `${
        onTheWay
          ? "The peer's last message arrives up to half a round trip after the fault"
          : `The last sign of life comes ${lastMs} ms after the fault at the latest`
      }; ${
        misses === 1
          ? 'the next tick (up to intervalMs later) clears the flag, the one after it reaps.'
          : `the ${misses} ticks after it are forgiven, and the next one reaps.`
      }`,
    };
  }
  const before = `The last ping that is answered leaves up to ${intervalMs - edgeMs} ms before the fault${
    rules.rttMs > 0 ? ' (its pong needs half a round trip to be sent)' : ''
  }`;
  return {
    formula: `${factor} · intervalMs − rttMs / 2`,
    derivation:
      misses === 1
        ? `${before}; the next tick clears the flag, the one after it reaps: between intervalMs and 2 · intervalMs after the fault, less half a round trip${
            clientMessagePeriodMs(scenario) === null ? '' : ', unless a message came later'
          }.`
        : `${before}; the ${misses} pings after it are forgiven, and the tick after them reaps.`,
  };
}
