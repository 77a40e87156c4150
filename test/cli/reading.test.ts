/** The texts for people: first and last lines, who won, what is folded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonText } from '../../cli/text/comparison.ts';
import { closingSentence, standings } from '../../cli/text/standing.ts';
import { foldRoutine, timelineText } from '../../cli/text/timeline.ts';
import { displayWidth } from '../../text/width.ts';
import type { Comparison, ComparisonRow, RunEvent } from '../../model/results/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { captured, faultRow, liveRow, sampleRun } from './support.ts';

function comparison(rows: readonly ComparisonRow[]): Comparison {
  return { schemaVersion: 1, seed: '1', runs: 1000, warnings: [], rows };
}

const slow = faultRow();
const fast = faultRow({ policy: 'sweep-and-pong-timer', boundMs: 40_000 });
const blind = faultRow({
  policy: 'none',
  boundMs: null,
  ghostMs: { min: null, p50: null, p99: null, max: null, samples: 0, undetected: 1000 },
});

describe('the closing sentence', () => {
  it('says who won and by how much', () => {
    expect(closingSentence(comparison([slow, blind, fast]))).toBe(
      // 60 s / 40 s
      'sweep-and-pong-timer frees every ghost within 40.0 s, 1.50 times sooner than alive-flag-sweep.',
    );
  });

  it('puts the living before speed', () => {
    const killed = { count: 1000, samples: 1000 };
    const rows = [
      slow,
      liveRow({ policy: 'alive-flag-sweep' }),
      fast,
      liveRow({ policy: 'sweep-and-pong-timer', falseReaps: killed, toleranceMs: 5_000 }),
    ];
    expect(standings(comparison(rows)).map(({ policy }) => policy)).toEqual([
      'alive-flag-sweep',
      'sweep-and-pong-timer',
    ]);
    expect(closingSentence(comparison(rows))).toBe(
      'alive-flag-sweep frees every ghost within 60.0 s and kills no living peer; next is sweep-and-pong-timer, which frees every ghost within 40.0 s, but kills the living in 1 of 1 scenario.',
    );
  });

  it('counts missed ghosts and killed peers alike, the killed first among equals', () => {
    const killed = { count: 1000, samples: 1000 };
    const kills = [
      { ...slow, policy: 'killer' },
      liveRow({ policy: 'killer', falseReaps: killed, toleranceMs: 5_000 }),
    ];
    const misses = [{ ...blind, policy: 'misser' }, liveRow({ policy: 'misser' })];
    const worse = [
      { ...blind, policy: 'both' },
      liveRow({ policy: 'both', falseReaps: killed, toleranceMs: 5_000 }),
    ];
    const order = standings(comparison([...worse, ...kills, ...misses]));
    expect(order.map(({ policy }) => policy)).toEqual(['misser', 'killer', 'both']);
  });

  it('speaks of one policy alone, too', () => {
    expect(closingSentence(comparison([blind]))).toBe('none never notices a ghost.');
  });
});

describe('a comparison for people', () => {
  const text = (rows: readonly ComparisonRow[], columns: number, verbose = false): string[] =>
    comparisonText(
      {
        comparison: comparison(rows),
        scenarios: Object.values(scenarios).filter(({ name }) =>
          rows.some((row) => row.scenario === name),
        ),
        version: '1.2.3',
        verbose,
        next: [],
        repeat: 'ghostbound compare --runs 1000 --seed 1',
      },
      captured({ columns }).terminal,
    )
      .trimEnd()
      .split('\n');

  it('names the seed in its first and its last line', () => {
    const lines = text([slow, fast, liveRow()], 100);
    expect(lines[0]).toBe('ghostbound 1.2.3 · seed 1 · 2 policies × 2 scenarios × 1,000 runs');
    expect(lines.at(-1)).toBe('repeat: ghostbound compare --runs 1000 --seed 1');
  });

  it('shows a few cells in full, the fastest first', () => {
    const lines = text([slow, fast, blind], 120);
    const rows = lines.filter((line) => /^ {2}\S/.test(line)).map((line) => line.trim());
    expect(rows.map((row) => row.split(/ {2,}/)[0])).toEqual([
      'policy',
      'sweep-and-pong-timer',
      'alive-flag-sweep',
      'none',
    ]);
    expect(rows[2]).toMatch(
      /45\.0 s +59\.7 s +60\.0 s +≤ 60\.0 s +165\.0 s +240 +✓ frees every ghost/,
    );
    expect(rows[3]).toMatch(/never +never +never +∞/);
  });

  it('counts ghosts that were never decided on as the longest, and shows none where there was none', () => {
    const some = { ...slow.ghostMs, samples: 700, undetected: 300 };
    const nobody = { min: null, p50: null, p99: null, max: null, samples: 0, undetected: 0 };
    const lines = text(
      [
        { ...slow, boundMs: null, ghostMs: some },
        { ...fast, ghostMs: nobody, releasedMs: { ...nobody, unreleased: 0 }, prevented: 1000 },
      ],
      120,
    );
    // 300 of 1000 never: half ended, 99 of 100 did not.
    expect(lines.find((line) => line.includes('alive-flag-sweep  '))).toMatch(
      /45\.0 s +never +never +∞ .* ✗ missed 300 of 1,000/,
    );
    expect(lines.find((line) => line.includes('sweep-and-pong-timer  '))).toMatch(
      /– +– +– +≤ 40\.0 s +– .* ✓ kept it from happening/,
    );
  });

  it('sums up many cells, one line per policy', () => {
    const rows = Array.from({ length: 50 }, (_, i) => [
      faultRow({ policy: `policy-${i}`, boundMs: 10_000 + i }),
      liveRow({ policy: `policy-${i}` }),
    ]).flat();
    const lines = text(rows, 100);
    expect(lines.filter((line) => line.startsWith('policy-'))).toHaveLength(51); // 50 and the sentence
    expect(text(rows, 100, true).length).toBeGreaterThan(100);
  });

  it('fits every usual width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 80, max: 160 }), fc.boolean(), (columns, verbose) => {
        for (const line of text([slow, fast, blind, liveRow()], columns, verbose).slice(1, -1)) {
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        }
      }),
      { seed: 20_260_103 },
    );
  });
});

describe('a timeline for people', () => {
  it('counts from the fault and ends with the four instants, their bounds and the seed', () => {
    const lines = timelineText(
      {
        run: sampleRun(),
        version: '1.2.3',
        bounds: [60_000, 60_000, 60_000, 170_000].map((maxMs) => ({ maxMs, proved: true })),
        verbose: false,
        repeat: 'ghostbound run --policy alive-flag-sweep --scenario vanish-idle --seed 1',
      },
      captured().terminal,
    )
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe('ghostbound 1.2.3 · seed 1 · alive-flag-sweep on vanish-idle · 7 events');
    expect(lines.at(-1)).toMatch(/^repeat: .* --seed 1$/);
    expect(lines.join('\n')).toMatch(/-1\.000 +wire +client → server +S · seq 0/);
    expect(lines.join('\n')).toMatch(/\+60\.000 +server-app +reaped +mechanism sweep/);
    expect(lines.join('\n')).toMatch(/application decides +\+60\.000 +≤ 60\.0 s/);
    expect(lines.join('\n')).toMatch(/kernel forgets the socket +\+162\.200 +≤ 170\.0 s/); // 163.2 − 1
    expect(lines.at(-2)).toBe(
      'outcome: reaped, fault 1.000 s into the run · sweep: flag still false',
    );
  });

  it('folds routine and nothing else', () => {
    const routine = (atMs: number): RunEvent => ({ atMs, where: 'peer-app', event: 'pong-sent' });
    const key = (atMs: number): RunEvent => ({ atMs, where: 'wire', event: 'cut' });
    const events = [key(0), ...Array.from({ length: 20 }, (_, i) => routine(i + 1)), key(30)];
    const lines = foldRoutine(events);
    // Two key events, three routine ones at each end, and one line for the other 14.
    expect(lines).toHaveLength(9);
    expect(lines[4]).toEqual({ folded: 14, untilMs: 17 });
    expect(foldRoutine(events.slice(0, 8))).toHaveLength(8);
  });

  it('folds keepalive probes that arrive, and shows those that are lost', () => {
    const probe = (event: string): RunEvent => ({
      atMs: 0,
      where: 'wire',
      event,
      why: 'keepalive-probe',
    });
    expect(foldRoutine(Array.from({ length: 20 }, () => probe('packet')))).toHaveLength(7);
    expect(foldRoutine(Array.from({ length: 20 }, () => probe('packet-lost')))).toHaveLength(20);
  });

  it('loses no event that is not routine', () => {
    const kinds = ['pong-sent', 'cut', 'reaped', 'message-read', 'state'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds)), (names) => {
        const events = names.map((event, atMs): RunEvent => ({ atMs, where: 'wire', event }));
        const lines = foldRoutine(events);
        const total = lines.reduce((sum, line) => sum + (line.shown ? 1 : line.folded), 0);
        expect(total).toBe(events.length);
        const shown = lines.flatMap((line) => (line.shown ? [line.shown] : []));
        const key = (event: RunEvent): boolean => ['cut', 'reaped', 'state'].includes(event.event);
        expect(shown.filter(key)).toEqual(events.filter(key));
      }),
      { seed: 20_260_104 },
    );
  });
});
