/** The texts for people: first and last lines, who won, what is folded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonText } from '../../cli/text/comparison.ts';
import { foldRoutine, foldWords } from '../../cli/text/timeline-folds.ts';
import { timelineText } from '../../cli/text/timeline.ts';
import { displayWidth } from '../../text/width.ts';
import type { Comparison, ComparisonRow, RunEvent, RunResult } from '../../model/results/types.ts';
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

describe('a comparison for people', () => {
  const text = (rows: readonly ComparisonRow[], columns: number, verbose = false): string[] =>
    comparisonText(
      {
        comparison: comparison(rows),
        scenarios: Object.values(scenarios).filter(({ name }) =>
          rows.some((row) => row.scenario === name),
        ),
        runs: undefined,
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
    const rows = lines
      .slice(
        0,
        lines.findIndex((line) => line.startsWith('Instead of')),
      )
      .filter((line) => /^ {2}\S/.test(line))
      .map((line) => line.trim());
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
      /45\.0 s +never +never +∞ .* ✗ found only 700 of 1,000/,
    );
    expect(lines.find((line) => line.includes('sweep-and-pong-timer  '))).toMatch(
      /– +– +– +≤ 40\.0 s +– .* ✓ kept it from happening/,
    );
  });

  it('sums up many cells, one line per policy', () => {
    const rows = Array.from({ length: 50 }, (_, i) => [
      faultRow({ policy: `policy-${i}`, boundMs: 10_000 + i }),
      faultRow({ policy: `policy-${i}`, scenario: 'vanish-busy' }),
      liveRow({ policy: `policy-${i}` }),
    ]).flat();
    const lines = text(rows, 100);
    expect(lines.filter((line) => line.startsWith('policy-'))).toHaveLength(50);
    expect(text(rows, 100, true).length).toBeGreaterThan(100);
  });

  it('gives one or two scenarios a table each, however many policies there are', () => {
    const rows = Array.from({ length: 50 }, (_, i) => faultRow({ policy: `policy-${i}` }));
    const lines = text(rows, 100);
    expect(lines.filter((line) => line.startsWith('  policy-'))).toHaveLength(50);
  });

  it('fits every usual width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 160 }), fc.boolean(), (columns, verbose) => {
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
    expect(lines.join('\n')).toMatch(/-1\.000 +wire +client → server +syn · S · seq 0/);
    expect(lines.join('\n')).toMatch(/\+60\.000 +■ +server-app +reaped +mechanism sweep/);
    expect(lines.join('\n')).toMatch(/application decides +\+60\.000 +≤ 60\.0 s/);
    expect(lines.join('\n')).toMatch(/kernel forgets the socket +\+162\.200 +≤ 170\.0 s/); // 163.2 − 1
    expect(lines.at(-3)).toBe(
      'outcome: reaped, fault 1.000 s into the run · sweep: flag still false',
    );
  });

  it('folds routine and nothing else', () => {
    const routine = (atMs: number): RunEvent => ({ atMs, where: 'peer-app', event: 'pong-sent' });
    const key = (atMs: number): RunEvent => ({ atMs, where: 'wire', event: 'cut' });
    const events = [key(0), ...Array.from({ length: 20 }, (_, i) => routine(i + 1)), key(30)];
    const lines = foldRoutine(events);
    expect(lines.map((line) => (line.shown === undefined ? line.folded.length : 1))).toEqual([
      1, 20, 1,
    ]);
    expect(foldRoutine(events.slice(0, 5))).toHaveLength(5);
  });

  const probe = (why: string, atMs: number, event = 'packet'): RunEvent => ({
    atMs,
    where: 'wire',
    event,
    why,
    from: why === 'duplicate-ack' ? 'client' : 'server',
    flags: '.',
    seq: 0,
    ack: 0,
    length: 0,
    window: 0,
  });

  it('says of probes that are answered what they were, how many and how far apart', () => {
    // Doubled from 0.3 s: 0.3, 0.6, 1.2 and 2.4 s between five probes.
    const atMs = [0, 300, 900, 2_100, 4_500];
    const events = atMs.flatMap((ms) => [
      probe('window-probe', ms),
      probe('duplicate-ack', ms + 50),
    ]);
    const [line, ...more] = foldRoutine(events);
    if (line === undefined || line.shown !== undefined) throw new Error('not folded');
    expect(more).toEqual([]);
    expect(foldWords(line.folded, line.about)).toBe(
      '5 zero-window probes, 300 ms → 2.4 s apart, answered',
    );
  });

  it('shows probes that are lost, and a ping that nobody answers', () => {
    const lost = Array.from({ length: 20 }, (_, i) => probe('keepalive-probe', i, 'packet-lost'));
    expect(foldRoutine(lost)).toHaveLength(20);
    const app = (event: string, atMs: number): RunEvent => ({ atMs, where: 'server-app', event });
    const answered = [0, 1, 2].flatMap((n) => [
      app('ping-queued', 10 * n),
      app('pong-read', 10 * n + 1),
    ]);
    const lines = foldRoutine([...answered, app('ping-queued', 50), app('reaped', 70)]);
    expect(
      lines.map((line) => (line.shown === undefined ? line.folded.length : line.shown.event)),
    ).toEqual([6, 'ping-queued', 'reaped']);
  });

  it('says what happened in plain words, last before the command', () => {
    const story = (changes: Partial<RunResult>): string | undefined =>
      timelineText(
        { run: { ...sampleRun(), ...changes }, version: '1', verbose: false, repeat: 'r' },
        captured().terminal,
      )
        .trimEnd()
        .split('\n')
        .at(-2);
    expect(story({})).toBe(
      'the peer was gone; 60.0 s later the server knew (sweep: flag still false); its kernel forgot the socket 102.2 s after that',
    );
    const endedAlive = {
      afterAcceptMs: 5_100,
      afterLastHeardMs: 5_100,
      by: 'idle',
      inOrder: false,
    };
    expect(story({ endedAlive, faultAtMs: null })).toBe(
      'a living client was ended 5.1 s after the application last heard it, 5.1 s after it had connected, by the idle limit',
    );
  });

  it('loses no event that is not routine', () => {
    const kinds = ['pong-sent', 'cut', 'reaped', 'message-read', 'state'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds)), (names) => {
        const events = names.map((event, atMs): RunEvent => ({ atMs, where: 'wire', event }));
        const lines = foldRoutine(events);
        const total = lines.reduce((sum, line) => sum + (line.shown ? 1 : line.folded.length), 0);
        expect(total).toBe(events.length);
        const shown = lines.flatMap((line) => (line.shown ? [line.shown] : []));
        const key = (event: RunEvent): boolean => ['cut', 'reaped', 'state'].includes(event.event);
        expect(shown.filter(key)).toEqual(events.filter(key));
      }),
      { seed: 20_260_104 },
    );
  });
});
