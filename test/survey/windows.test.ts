/**
 * Every built-in system against what its own source says of it: lives drawn from the seed lie in the window, and some come
 * close to both of its ends. GHOSTBOUND_SURVEY_LIVES=10000 plays as many and asks for 1 % (or one tick of the clock that
 * judges) instead of 5 %.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, selectPolicies } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer, type RunRecord } from '../../sim/world/run.ts';
import { root } from '../house/sources.ts';
import { SURVEY_LIVES as LIVES } from '../support/effort.ts';
import { share } from '../support/share.ts';
import { PAGE_PATH, surveyPage } from './page.ts';
import { stories, TALKS_EVERY_MS, type StoryName } from './stories.ts';
import type { Instant, SurveyRow, WindowS } from './row.ts';
import { leftToTheKernel, surveyRows } from './windows.ts';

/** Lives that only the kernel ends, or nobody, are long and much alike. */
const ENDLESS_LIVES = LIVES < 10_000 ? 1 : 20;
/** After so many lives it is looked whether some have come close to both ends: then more would show the same again. */
const LOOKED_AT_EVERY = LIVES < 10_000 ? 50 : LIVES;
const ENDS_SHARE = LIVES < 10_000 ? 0.05 : 0.01;
const TIME_LIMIT_MS = 600_000;
const SEED = 4;
/** The wire's round trip: how far a sign of life may be on its way at the fault. */
const ROUND_TRIP_S = 0.001;
/** What a full path still takes after the fault: a receive window of some megabytes, filled round trip by round trip. */
const FULL_PATH_S = 0.06;
/** What ends a connection where no mechanism of the policy does. */
const kernelReasons: ReadonlySet<string> = new Set(['nothing noticed', 'ETIMEDOUT']);

function lengthUs(record: RunRecord, instant: Instant): number {
  if (instant === 'forgotten') return record.releasedAtUs - record.closedAtUs;
  return (instant === 'closed' ? record.closedAtUs : record.decidedAtUs) - record.faultAtUs;
}

interface Lives {
  readonly lengthsS: readonly number[];
  readonly reasons: ReadonlySet<string>;
}

function play(
  policy: Policy,
  name: StoryName,
  instant: Instant,
  lives: number,
  isEnough: (lives: Lives) => boolean = () => false,
): Lives {
  const { scenario } = stories[name];
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  const { record } = player;
  const lengthsS: number[] = [];
  const limitedS: number[] = [];
  const reasons = new Set<string>();
  const seen = (): Lives => ({ lengthsS: lengthsS.length > 0 ? lengthsS : limitedS, reasons });
  for (let run = 0; run < lives; run += 1) {
    player.play(seedWords(BigInt(SEED)), run);
    expect(record.falseReap, `reaped alive, run ${run}`).toBe(false);
    expect(record.prevented, `no fault, run ${run}`).toBe(false);
    reasons.add(record.reason);
    // A limit on idleness or age may end a ghost before it is found: that is no detection, unless nothing else is.
    const isLimited = /^(?:idle|age):/.test(record.reason);
    (isLimited ? limitedS : lengthsS).push(lengthUs(record, instant) / 1e6);
    if ((run + 1) % LOOKED_AT_EVERY === 0 && isEnough(seen())) break;
  }
  return seen();
}

function policyNamed(name: string, settings = ''): Policy {
  const found = selectPolicies(settings === '' ? name : `${name}(${settings})`);
  const policy = found.ok ? found.value[0] : undefined;
  if (policy === undefined) throw new Error(`no policy ${name}(${settings})`);
  return policy;
}

/** What of the lives does not fit the window: outside it, or far from both of its ends. */
function misses({ lengthsS }: Lives, { row, name }: Cell, [fromS, toS]: Exclude<WindowS, null>) {
  const early = name === 'talking' || name === 'frozenTalking' ? TALKS_EVERY_MS / 1_000 : 0;
  const slack = name.toLowerCase().includes('saturated') ? FULL_PATH_S : 2 * ROUND_TRIP_S;
  const least = Math.min(...lengthsS);
  const most = Math.max(...lengthsS);
  const near = Math.max(row.tickS ?? 0, ENDS_SHARE * (toS - fromS), slack) + early;
  const found: string[] = [];
  if (least < fromS - early - slack) found.push(`${least} s is too early`);
  if (most > (row.rarelyS ?? toS) + slack) found.push(`${most} s is too late`);
  if (least - fromS > near) found.push(`none comes before ${least} s`);
  if (toS - most > near) found.push(`none comes after ${most} s`);
  return found;
}

interface Cell {
  readonly row: SurveyRow;
  readonly name: StoryName;
  readonly window: WindowS;
}

const cells: readonly Cell[] = surveyRows.flatMap((row) => {
  const window = row.shown === undefined ? (row.stated ?? null) : row.shown;
  return row.stories.map((name) => ({ row, name, window }));
});

const labelled = (cell: Cell): [string, Cell] => {
  const { preset, settings = '', instant = 'decided' } = cell.row;
  return [
    `${preset} ${settings}, ${cell.name}, ${instant}: ${cell.window?.join(' s … ') ?? 'for ever'} s`,
    cell,
  ];
};

describe('a ghost is found when the system says', () => {
  const found = cells.filter(({ window }) => window !== null).map(labelled);
  it.each(share(found, 5))('%s', { timeout: TIME_LIMIT_MS }, (_, cell) => {
    const { row, name, window } = cell;
    const missed = (lives: Lives): readonly string[] =>
      misses(lives, cell, window as Exclude<WindowS, null>);
    const lives = play(
      policyNamed(row.preset, row.settings),
      name,
      row.instant ?? 'decided',
      LIVES,
      (so) => missed(so).length === 0,
    );
    expect(missed(lives)).toEqual([]);
  });
});

describe('a ghost that the system does not find is left to the kernel', () => {
  const missed = cells.filter(({ window }) => window === null).map(labelled);
  it.each(share(missed, 5))('%s', { timeout: TIME_LIMIT_MS }, (_, { row, name }) => {
    const { reasons } = play(policyNamed(row.preset, row.settings), name, 'decided', ENDLESS_LIVES);
    expect([...reasons].filter((reason) => !kernelReasons.has(reason))).toEqual([]);
  });
});

describe('a busy ghost is left to tcp_retries2', () => {
  // tcp_model_timeout: 924.6 s, and the retransmission after it, at most 120 s later.
  it.each(leftToTheKernel)('%s', { timeout: TIME_LIMIT_MS }, (name) => {
    const lives = play(policyNamed(name), 'lowRate', 'decided', ENDLESS_LIVES);
    expect([...lives.reasons]).toEqual(['ETIMEDOUT']);
    expect(Math.min(...lives.lengthsS)).toBeGreaterThanOrEqual(924.6);
    expect(Math.max(...lives.lengthsS)).toBeLessThanOrEqual(1_044.6);
  });
});

describe('the survey', () => {
  it('leaves out no built-in system', () => {
    const told = new Set([...surveyRows.map(({ preset }) => preset), ...leftToTheKernel]);
    const systems = catalogue.filter(({ tags }) => !tags.includes('founding'));
    expect(systems.map(({ policy }) => policy.name).filter((name) => !told.has(name))).toEqual([]);
  });

  it('says who is right wherever two windows differ', () => {
    for (const row of surveyRows)
      expect(row.why !== undefined, row.preset).toBe(row.shown !== undefined);
  });

  it(`is what ${PAGE_PATH} says (GHOSTBOUND_UPDATE_DOCS=1 writes it)`, () => {
    const path = join(root, PAGE_PATH);
    if (process.env['GHOSTBOUND_UPDATE_DOCS'] === '1') writeFileSync(path, surveyPage());
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(surveyPage());
  });
});
