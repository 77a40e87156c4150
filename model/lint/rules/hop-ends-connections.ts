/** A hop that ends every connection by age, schedule or reload, with traffic or without. */
import type { Scenario } from '../../scenario/types.ts';
import { endsOf, isPlayed, type Placed, type Stack } from '../../stack/index.ts';
import { at, called } from '../link.ts';
import { living, LONGEST_WATCH_MS } from '../story.ts';
import type { StackSubject } from '../subject.ts';
import { note } from '../trials.ts';
import type { Problem, Proposal, StackRule } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'hop-ends-connections';

/** How old a connection grows at most, and how it is said; null = as old as it likes. */
function limitOf({ hop }: Placed): { ms: number; because: string; together: boolean } | null {
  const { ageMs, reloadEveryMs, reloadGraceMs = 0 } = hop;
  const byAge = ageMs ?? Infinity;
  const byReload =
    reloadEveryMs === undefined || reloadGraceMs === null
      ? Infinity
      : reloadEveryMs + reloadGraceMs;
  if (Math.min(byAge, byReload) === Infinity) return null;
  if (byAge <= byReload) {
    return { ms: byAge, because: 'ends each connection at that age', together: false };
  }
  const graceMs = reloadGraceMs ?? 0;
  const grace =
    graceMs === 0 ? 'ends all of them at once' : `ends what is left ${inWords(graceMs)} later`;
  const every = inWords(reloadEveryMs ?? 0);
  return { ms: byReload, because: `is reloaded every ${every} and ${grace}`, together: true };
}

function played(stack: Stack, told: Scenario) {
  const [end] = endsOf(stack);
  const cell = end?.cellOf(told);
  return end === undefined || cell === undefined || !isPlayed(cell)
    ? null
    : { policy: end.policy, scenario: cell };
}

function proposal(subject: StackSubject, box: Placed): readonly Proposal[] {
  const limit = limitOf(box);
  if (limit === null) return [];
  const { ms, because, together } = limit;
  const who = called(box);
  const comeBack = together
    ? 'all at once: let them wait a drawn time before they come back (full jitter)'
    : 'and their clients come back';
  const problem: Problem = {
    path: at(box, (facts) => (together ? facts.reloadEveryMs : facts.ageMs)),
    message: `No connection gets older than ${inWords(ms)}, whatever it carries: ${who} ${because}.`,
    remedy: `Heartbeats do not help. Let the server say goodbye sooner than ${who} (an age limit of its own, drawn per connection), or reload more seldom; else connections end ${comeBack}.`,
  };
  const watchMs = ms + 10_000;
  const told = living(subject, NAME, { kind: 'none' }, subject.load, { watchMs });
  const life = watchMs > LONGEST_WATCH_MS ? null : played(subject.stack, told);
  if (life === null) return [note(problem)];
  const expect = { kind: 'ended-alive' } as const;
  return [{ trials: [{ ...life, expect, lives: 4, tell: () => problem }] }];
}

export const hopEndsConnections: StackRule = {
  name: NAME,
  severity: 'warning',
  summary:
    'A hop ends every connection by age, by the clock or at a reload, with traffic or without.',
  source:
    'uilibs/uiprotect#1070: every 20 minutes on the clock; caddyserver/caddy#7222; nginx/nginx-gateway-fabric#5524: 136 reloads in 10 minutes',
  yieldsTo: ['awaited-sign-never-comes', 'limit-not-above-interval'],
  check: (subject) =>
    subject.served.isForRequests ? [] : subject.boxes.flatMap((box) => proposal(subject, box)),
};
