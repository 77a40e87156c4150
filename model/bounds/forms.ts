/**
 * B and T as closed forms: sums of the policy's own fields, the path's round trip, and the kernel's arithmetic
 * (ticks, timer wheel, retransmission schedule). Nothing is simulated.
 *
 * A form is an answer for every policy and scenario, and a theorem only for some: `proved.ts` says for which, and
 * `bounds` states no other. What only needs an estimate, such as how long to watch a ghost, may ask here.
 */
import { lazily } from '../lazily.ts';
import type { Policy } from '../policy/types.ts';
import type { FaultScenario, Scenario } from '../scenario/types.ts';
import { boundingEnding, endingsOf, possibleEndings } from './compose.ts';
import { earliest, latest, type Ending, type Span } from './ends/ending.ts';
import { closedAfter } from './ends/closing.ts';
import { closeHandshakeOf } from '../reaper/close-handshake.ts';
import { releasedAfter } from './ends/release.ts';
import { situationOf } from './situate.ts';
import type { Situation } from './situation.ts';
import { toleranceOf } from './tolerance.ts';
import type { Form, Forms } from './types.ts';

const NO_FAULT: Form = {
  minMs: null,
  maxMs: null,
  by: 'nothing',
  formula: '∞',
  derivation: 'The peer lives: there is no ghost whose life could be bounded.',
};

/** The span from the earliest to the latest of several possible ones. */
function hull(spans: readonly Span[]): Span {
  if (spans.length === 0) return { minMs: null, maxMs: null };
  const { minMs } = spans.reduce(earliest);
  const ends = spans.map((span) => span.maxMs);
  const maxMs = ends.some((end) => end === null) ? null : Math.max(...ends.map((end) => end ?? 0));
  return { minMs, maxMs };
}

function closedForm(situation: Situation, decided: Form, first: Ending, closed: Span): Form {
  if (first.manner === 'flush' && closed.maxMs !== decided.maxMs) {
    return {
      ...closed,
      by: 'writing out',
      formula: 'decided, or the end of what blocks the send path',
      derivation: `${decided.derivation} But the descriptor is closed only once user space is written out, and the path takes nothing until the kernel gives up.`,
    };
  }
  if (first.manner !== 'orderly') return { ...decided, ...closed };
  const { timeoutMs } = closeHandshakeOf(situation.policy);
  return {
    ...closed,
    by: 'close timeout',
    formula: `${decided.formula} + ${timeoutMs === null ? '∞' : `${timeoutMs / 1000} s`}`,
    derivation: `${decided.derivation} A Close frame goes out, and a ghost does not answer it.`,
  };
}

/** A reset that surely comes ends whatever state the connection is in, a goodbye among them; Infinity = none does. */
function afterReset({ rules }: Situation, { by, maxMs }: Ending): number {
  return by.startsWith('reset') && maxMs !== null
    ? maxMs + rules.rttMaxMs
    : Number.POSITIVE_INFINITY;
}

function capped({ minMs, maxMs }: Span, mostMs: number): Span {
  return {
    minMs,
    maxMs: mostMs === Number.POSITIVE_INFINITY ? maxMs : Math.min(maxMs ?? mostMs, mostMs),
  };
}

function faultForms(policy: Policy, scenario: FaultScenario): Forms {
  const situation: Situation = situationOf(policy, scenario);
  const endings = endingsOf(situation);
  const first = boundingEnding(endings);
  const span = endings.reduce<Span>(earliest, { minMs: null, maxMs: null });
  const { by, formula, derivation } = first;
  const decided: Form = { ...span, by, formula, derivation };
  const possible = possibleEndings(endings).map((ending) => ({
    ending,
    closed: closedAfter(situation, ending),
  }));
  const unbounded = decided.maxMs === null;
  const open = (s: Span): Span => (unbounded ? { minMs: s.minMs, maxMs: null } : s);
  const reset = afterReset(situation, first);
  const sooner = (spans: readonly Span[]): Span => capped(open(hull(spans)), reset);
  const closed = closedForm(situation, decided, first, sooner(possible.map((p) => p.closed)));
  const released = (): Form => {
    const gone = possible.map((p) => ({
      by: p.ending.by,
      form: releasedAfter(situation, p.ending, p.closed),
    }));
    const last = gone.find((one) => one.by === first.by)?.form ?? gone[0]?.form ?? decided;
    const forgotten = sooner(gone.map((one) => one.form));
    return {
      ...forgotten,
      // Each ending may be released early where it comes early; none is before the first of them.
      minMs: latest(forgotten, closed).minMs,
      by: last.by,
      formula: last.formula,
      derivation: last.derivation,
    };
  };
  return lazily<Forms>({
    decided: () => decided,
    closed: () => closed,
    kernelClosed: () => closed,
    released,
    tolerance: () => toleranceOf(policy, scenario),
  });
}

/** The closed forms of B (four instants) and T, whether they are theorems for this policy and scenario or not. */
export function closedForms(policy: Policy, scenario: Scenario): Forms {
  if (scenario.kind === 'fault') return faultForms(policy, scenario);
  return lazily<Forms>({
    decided: () => NO_FAULT,
    closed: () => NO_FAULT,
    kernelClosed: () => NO_FAULT,
    released: () => NO_FAULT,
    tolerance: () => toleranceOf(policy, scenario),
  });
}
