/**
 * The judge rejects what is false. Every way to falsify a recording is tried on recordings that agree; a falsified
 * story that makes the kernels do nothing else, because its replay is the same packet for packet, is none.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adoptionsOf } from '../../lab/conform/adoption.ts';
import { pollS } from '../../lab/conform/ends.ts';
import { conformTrace, parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';
import { simulatedMarks } from '../../lab/conform/marks.ts';
import { replay } from '../../lab/conform/replay.ts';
import { timingOf } from '../../lab/conform/timing.ts';
import { mix32 } from '../../sim/random.ts';
import { oneIn } from '../support/effort.ts';
import { mutations } from './mutations.ts';
import { unmodelled } from './unmodelled.ts';

const folder = join(import.meta.dirname, '..', 'kernel-traces');

/** Recordings of more packets say nothing more, and take longer. */
const MOST_PACKETS = 200;

/** Each way is tried on one recording in so many; or on all. */
const ONE_IN = oneIn(36);

function read(file: string): KernelTrace {
  const parsed = parseKernelTrace(readFileSync(join(folder, file), 'utf8'), file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

const traces = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && !Object.hasOwn(unmodelled, file.replace('.json', '')))
  .map(read)
  .filter(({ packets }) => packets.length <= MOST_PACKETS);

/** What the simulated kernels make of a story at its own phase. */
function lifeOf(trace: KernelTrace) {
  const timing = timingOf(trace);
  const { outcome, endS, packets } = replay(trace, {
    timing,
    adoptions: adoptionsOf(trace, timing),
    jiffiesAtT0: trace.jiffiesAtT0 ?? 0,
    lateness: null,
    congestionControl: 'bbr',
    sampleTimes: [],
  });
  const marks = simulatedMarks(trace, packets).filter(({ t }) => t <= (endS ?? Infinity));
  return { outcome, endS: endS ?? Infinity, marks };
}

const doneIn = ({ log }: KernelTrace): string =>
  JSON.stringify(log.filter(({ event }) => event === 'do' || event === 'act'));

/**
 * Whether the falsification is one of what was recorded, or makes the kernels do something else: another packet, or one by
 * more than the two jiffies that no recording of this kind tells apart, or another end.
 */
function hasEffect(trace: KernelTrace, falsified: KernelTrace): boolean {
  const isStory = doneIn(falsified) !== doneIn(trace) || falsified.log === trace.log;
  if (falsified.packets !== trace.packets || !isStory) return true;
  const [told, other] = [lifeOf(trace), lifeOf(falsified)];
  const isNear = (a: number, b: number, moreS: number): boolean =>
    a === b || Math.abs(a - b) <= 2 / trace.hz + moreS;
  const isSame =
    told.outcome === other.outcome &&
    isNear(told.endS, other.endS, pollS(trace)) &&
    told.marks.length === other.marks.length &&
    told.marks.every((mark, index) => {
      const twin = other.marks[index];
      return twin !== undefined && mark.says === twin.says && isNear(mark.t, twin.t, 0);
    });
  return !isSame;
}

const all = { tried: 0, accepted: 0 };

describe.each(Object.entries(mutations))('%s', (kind, mutate) => {
  it('is rejected', () => {
    const number = Object.keys(mutations).indexOf(kind);
    const accepted: string[] = [];
    let tried = 0;
    for (const [index, trace] of traces.entries()) {
      if ((index + number) % ONE_IN !== 0) continue;
      const draw = (below: number): number => mix32(1 + index * 1000 + number) % below;
      const falsified = mutate(trace, draw);
      if (falsified === null || !hasEffect(trace, falsified)) continue;
      tried += 1;
      if (conformTrace(falsified).pass) accepted.push(trace.name);
    }
    all.tried += tried;
    all.accepted += accepted.length;
    // One of a few is no twentieth: of so few, one may be.
    const most = ONE_IN > 1 && tried > 1 ? Math.max(1, tried / 20) : tried / 20;
    expect(accepted.length, accepted.join(', ')).toBeLessThanOrEqual(most);
  });
});

it('of all of them at most one in twenty is accepted', () => {
  expect(all.tried).toBeGreaterThan(2_000 / ONE_IN);
  expect(all.accepted).toBeLessThanOrEqual(all.tried / 20);
});

it('every way is tried on some recording', () => {
  const draw = (): number => 0;
  const unused = Object.entries(mutations).filter(([, mutate]) =>
    traces.every((trace) => mutate(trace, draw) === null),
  );
  expect(unused.map(([kind]) => kind)).toEqual([]);
});
