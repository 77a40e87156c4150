/**
 * The last words of a comparison: a partial order, no winner, no number that the table does not show. Rows come from the
 * simulator, so that what is said is what was played.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePolicy, selectPolicies, type Policy } from '../../model/policy/index.ts';
import { choiceOf } from '../../model/results/choice.ts';
import { disqualified, standings } from '../../model/results/standing.ts';
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { compare } from '../../scenarios/compare/index.ts';
import type { Shown } from '../../text/differences.ts';
import { closingParagraphs, closingWords } from '../../text/standing.ts';
import { faultRow, liveRow } from '../cli/support.ts';
import { cases } from '../support/property.ts';
import { story } from '../support/named.ts';

function named(name: string): Policy {
  const found = selectPolicies(name);
  if (!found.ok || found.value[0] === undefined) throw new Error(`no policy ${name}`);
  return found.value[0];
}

const stories = ['vanish-idle', 'vanish-busy', 'live-idle', 'live-outage-9s'].map(story);

function play(policies: readonly Policy[], on: readonly Scenario[] = stories): Comparison {
  return compare({ policies, scenarios: on, runs: 12, seed: '1' });
}

/** The same policy, with one more mechanism that hangs up on everybody after a second. */
function hangingUp(policy: Policy, kind: 'idle' | 'age'): Policy {
  const more =
    kind === 'idle'
      ? ({ kind, timeoutMs: '1s' } as const)
      : ({ kind, maxMs: '1s', jitterPercent: 0 } as const);
  return definePolicy({
    name: `${policy.name}+${kind}`,
    mechanisms: [...policy.mechanisms, more] as never,
    ...(policy.peerHeartbeat !== undefined && { peerHeartbeat: policy.peerHeartbeat }),
  });
}

const run = ['alive-flag-sweep', 'sweep-and-pong-timer', 'none', 'socket.io', 'uws'].map(named);

describe('standing', () => {
  it('is never better for hanging up on everybody', () => {
    for (const kind of ['idle', 'age'] as const) {
      for (const policy of run) {
        const spoilt = hangingUp(policy, kind);
        for (const on of [stories, [story('vanish-idle')], [story('live-idle')]]) {
          const { rows } = play([policy, spoilt], on);
          const [, after] = standings(rows);
          const ended = [...(after?.endedHealthy ?? []), ...(after?.endedBefore ?? [])];
          expect(ended.length, spoilt.name).toBeGreaterThan(0);
          // Messages put an idle limit off, so it may be of use behind a load; nothing puts off an age.
          const always = kind === 'age' || on.length === 1;
          const behind = always ? after?.dominatedBy : [policy.name];
          expect(behind, spoilt.name).toContain(policy.name);
          const saved = always ? [after?.found, after?.costs] : [[], []];
          expect(saved, spoilt.name).toEqual([[], []]);
          const choice = choiceOf(rows, policy.name);
          expect(choice?.replacements).toEqual([]);
          expect(choice?.noChoices.map((one) => [one.policy, one.why])).toEqual([
            [spoilt.name, 'ends-healthy'],
          ]);
          const before = standings(rows)[0];
          expect(before?.dominatedBy, `${spoilt.name} dominates`).toEqual([]);
        }
      }
    }
  });

  it('is the same in whatever order the policies come', () => {
    const { rows } = play(run);
    const sorted = (all: readonly { readonly policy: string }[]) =>
      all.toSorted((a, b) => (a.policy < b.policy ? -1 : 1));
    const of = (some: readonly ComparisonRow[]) => {
      const choice = choiceOf(some, 'uws');
      if (choice === undefined) throw new Error('nothing was compared');
      const dominated = choice.dominated.map(({ policy, by }) => ({ policy, by: by.toSorted() }));
      return [
        choice.baseline.policy,
        sorted(choice.replacements),
        sorted(choice.noChoices),
        sorted(dominated),
      ];
    };
    const expected = of(rows);
    fc.assert(
      fc.property(fc.shuffledSubarray(run, { minLength: run.length }), (order) => {
        const shuffled = order.flatMap(({ name }) => rows.filter(({ policy }) => policy === name));
        expect(of(shuffled)).toEqual(expected);
      }),
      cases(20),
    );
  });

  it('is a partial order: nobody is outdone by itself, in a circle, or by somebody worse in something', () => {
    const row = fc.record({
      boundMs: fc.constantFrom(null, 10_000, 20_000, 30_000),
      proved: fc.boolean(),
      ended: fc.constantFrom(0, 10, 1000),
      toleranceMs: fc.constantFrom(null, 1_000, 5_000),
      packetsPerHour: fc.constantFrom(0, 100, 200),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 6 }), (cells) => {
        const rows = cells.flatMap(({ boundMs, proved, ended, toleranceMs, packetsPerHour }, i) => {
          const policy = `p${i}`;
          const cost = { packetsPerHour, bytesPerHour: 0, wakeupsPerHour: 0 };
          const endedAlive =
            ended === 0
              ? { count: 0, samples: 1000, earliestMs: null, by: null }
              : { count: ended, samples: 1000, earliestMs: 5_000, by: 'idle' };
          const ghostMs = {
            min: 1,
            p50: 5_000,
            p99: 9_000,
            max: 9_500,
            samples: 1000,
            undetected: 0,
          };
          return [
            faultRow({
              policy,
              cost,
              boundMs: proved ? boundMs : null,
              proved,
              ghostMs,
              releaseBoundMs: null,
            }),
            liveRow({ policy, cost, endedAlive, toleranceMs }),
          ];
        });
        const all = standings(rows);
        const outdone = new Map(all.map(({ policy, dominatedBy }) => [policy, dominatedBy]));
        for (const [policy, by] of outdone) {
          for (const other of by) {
            expect(outdone.get(other)).not.toContain(policy);
            for (const third of outdone.get(other) ?? []) expect(by).toContain(third);
            const share = (name: string) =>
              rows.find((one) => one.policy === name && one.kind === 'live')?.endedAlive.count ?? 0;
            expect(share(other)).toBeLessThanOrEqual(share(policy));
          }
        }
      }),
      cases(300),
    );
  });

  it('lets nobody who hangs up before the fault claim to have noticed it', () => {
    const spoilt = hangingUp(named('none'), 'age');
    const { rows } = play([spoilt, named('alive-flag-sweep'), named('none')]);
    const choice = choiceOf(rows, spoilt.name);
    expect(choice?.against?.why).toBe('ends-healthy');
    expect(choice?.noChoices).toEqual([]);
    expect(choice?.replacements.map(({ policy }) => policy)).toEqual(['alive-flag-sweep', 'none']);
  });

  it('takes no number for a bound that is not proved, and none that its own runs refute', () => {
    const unproved = faultRow({ policy: 'unproved', proved: false, boundMs: null });
    const refuted = faultRow({ policy: 'refuted', boundMs: 1_000 });
    const all = standings([unproved, refuted, faultRow({ policy: 'sound' })]);
    expect(all.map(({ found }) => found.length)).toEqual([0, 0, 1]);
    expect(all.map(({ dominatedBy }) => dominatedBy)).toEqual([
      ['sound'],
      ['unproved', 'sound'],
      [],
    ]);
  });
});

const ALL_SHOWN: Shown = { shows: () => true, costs: 'each' };

function wordsOf(comparison: Comparison, runs: string | undefined): string {
  const choice = choiceOf(comparison.rows, runs);
  if (choice === undefined) throw new Error('nothing was compared');
  const policies = new Set(comparison.rows.map(({ policy }) => policy)).size;
  return closingParagraphs(closingWords(choice, policies, ALL_SHOWN)).join('\n');
}

describe('the closing words', () => {
  it('speak of differences against what is run', () => {
    const comparison = play(
      [named('alive-flag-sweep'), named('sweep-and-pong-timer')],
      [story('vanish-idle')],
    );
    // Two sweeps of 30 s, or one and 10 s; both send the same pings.
    expect(wordsOf(comparison, 'alive-flag-sweep')).toBe(
      'Instead of alive-flag-sweep:\n' +
        '  sweep-and-pong-timer finds vanish-idle within 40.0 s, not 60.0 s; loses nothing compared here.\n' +
        'Dominated, as another is no worse in anything compared and better in something: behind sweep-and-pong-timer: alive-flag-sweep.',
    );
  });

  it('say nothing comparative of a single policy, and name what it fails', () => {
    const words = wordsOf(play([named('none')]), 'none');
    // tcp_retries2 = 15: 924.6 s of the table, and what the first timeout is above 200 ms.
    expect(words).toBe(
      "'none' never notices vanish-idle; finds every other fault within 16.4 min; ended no living peer.",
    );
    expect(words).not.toMatch(/best|fewest|closest|instead|than|outdone|winner/i);
  });

  it('never stand above their own refutation', () => {
    const broken = faultRow({ boundMs: 59_000 });
    const comparison: Comparison = {
      schemaVersion: 1,
      seed: '1',
      runs: 1000,
      warnings: [],
      rows: [broken],
    };
    expect(wordsOf(comparison, undefined)).toBe(
      'alive-flag-sweep outlives its bound in vanish-idle.',
    );
  });

  it('crown nobody who hangs up on quiet clients, never notices, or needs hours', () => {
    const servers = selectPolicies('@server');
    if (!servers.ok) throw new Error('there are servers');
    const hours = named('keepalive-linux-default');
    const comparison = play([...servers.value, hours], [story('vanish-idle'), story('live-idle')]);
    const choice = choiceOf(comparison.rows);
    const sound = standings(comparison.rows)
      .filter((one) => disqualified(one) === undefined && one.missed.length === 0)
      .map(({ policy }) => policy);
    expect(sound).toContain(choice?.baseline.policy);
    for (const { policy } of choice?.replacements ?? []) expect(sound).toContain(policy);
    const why = new Map(choice?.noChoices.map((one) => [one.policy, one.why]));
    expect(why.get('node-http')).toBe('ends-healthy');
    expect(why.get(hours.name)).toBe('takes-hours'); // 7200 s + 9 × 75 s
  });
});

describe('stories', () => {
  const words = (policies: readonly Policy[], on: string): string => {
    const { rows } = play(policies, [story(on)]);
    const choice = choiceOf(rows, policies[0]?.name);
    if (choice === undefined) throw new Error('nothing was compared');
    return closingParagraphs(closingWords(choice, policies.length, ALL_SHOWN)).join('\n');
  };
  const stops = ['drain-15s', 'drain-unbounded'].map(named);

  it('of a stop that never ends are no gain: whoever ends nobody never stops', () => {
    const told = words(stops, 'drain-with-living-clients');
    expect(told).toContain('drain-unbounded ends nobody in drain-with-living-clients');
    expect(told).toContain('but in drain-with-living-clients drain takes never, not 15.0 s');
    // Who stops ends his clients: that is not hanging up on them.
    expect(words(stops.toReversed(), 'drain-with-living-clients')).toContain(
      'drain-15s in drain-with-living-clients drain takes 15.0 s, not never',
    );
  });

  it('of a call are told in the seconds that callers report', () => {
    const deadline = definePolicy({
      name: 'deadline-30s',
      mechanisms: [{ kind: 'request-deadline', timeoutMs: '30s' }],
    });
    expect(words([named('none'), deadline], 'pool-database-vanishes')).toMatch(
      /in pool-database-vanishes call hangs 30\.0 s, not 9\d\d\.\d s/,
    );
  });
});
