/**
 * Every built-in system against what its own source says of it: lives drawn from the seed lie in the window, and some come
 * close to both of its ends. GHOSTBOUND_SURVEY_LIVES=10000 plays as many and asks for 1 % (or one tick of the clock that
 * judges) instead of 5 %.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { root } from '../house/sources.ts';
import { PAGE_PATH, surveyPage } from './page.ts';
import { stories, TALKS_EVERY_MS, type StoryName } from './stories.ts';
import { leftToTheKernel, surveyRows, type SurveyRow, type WindowS } from './windows.ts';

const LIVES = Number(process.env['GHOSTBOUND_SURVEY_LIVES'] ?? 150);
/** Lives that only the kernel ends, or nobody, are long and much alike. */
const ENDLESS_LIVES = Math.min(LIVES, 20);
const ENDS_SHARE = LIVES < 10_000 ? 0.05 : 0.01;
const TIME_LIMIT_MS = 600_000;
const SEED = 4;
/** The wire's round trip and what a handshake or a full window may add. */
const ROUND_TRIP_S = 0.001;
const SLACK_S = 0.06;

interface Lives {
  readonly decidedS: readonly number[];
  readonly reasons: ReadonlySet<string>;
}

function play(
  policy: Policy,
  name: StoryName,
  instant: 'decided' | 'closed',
  lives: number,
): Lives {
  const { scenario } = stories[name];
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  const { record } = player;
  const decidedS: number[] = [];
  const reasons = new Set<string>();
  for (let run = 0; run < lives; run += 1) {
    player.play(seedWords(BigInt(SEED)), run);
    expect(record.falseReap, `reaped alive, run ${run}`).toBe(false);
    expect(record.prevented, `no fault, run ${run}`).toBe(false);
    reasons.add(record.reason);
    const atUs = instant === 'closed' ? record.closedAtUs : record.decidedAtUs;
    decidedS.push((atUs - record.faultAtUs) / 1e6);
  }
  return { decidedS, reasons };
}

function policyNamed(name: string): Policy {
  const policy = presets[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

/** Every life within the window; the least and the greatest near its ends. */
function expectWindow(lives: Lives, row: SurveyRow, name: StoryName, window: WindowS): void {
  if (window === null) {
    const kernel = ['nothing noticed', 'ETIMEDOUT'];
    expect([...lives.reasons].filter((reason) => !kernel.includes(reason))).toEqual([]);
    return;
  }
  const [fromS, toS] = window;
  const early = name === 'talking' || name === 'frozenTalking' ? TALKS_EVERY_MS / 1_000 : 0;
  const least = Math.min(...lives.decidedS);
  const most = Math.max(...lives.decidedS);
  // A saturated wire holds a ping for as long as what was sent before it takes: some round trips.
  expect(least).toBeGreaterThanOrEqual(fromS - early - SLACK_S);
  expect(most).toBeLessThanOrEqual(toS + 2 * ROUND_TRIP_S + (early > 0 ? 0 : SLACK_S));
  const near = Math.max(row.tickS ?? 0, ENDS_SHARE * (toS - fromS), SLACK_S) + early;
  expect(least - fromS, 'comes near the earliest').toBeLessThanOrEqual(near);
  expect(toS - most, 'comes near the latest').toBeLessThanOrEqual(near);
}

const cells = surveyRows.flatMap((row) =>
  row.stories.map((name) => {
    const instant = row.instant ?? 'decided';
    const window = row.shown === undefined ? (row.stated ?? null) : row.shown;
    const label = window === null ? 'never of its own' : `${window.join(' s … ')} s`;
    return [
      `${row.preset}, ${name}, ${instant}: ${label}`,
      { row, name, instant, window },
    ] as const;
  }),
);

describe('a ghost is found when the system says', () => {
  it.each(cells)(
    '%s',
    (_, { row, name, instant, window }) => {
      const lives = window === null ? ENDLESS_LIVES : LIVES;
      expectWindow(play(policyNamed(row.preset), name, instant, lives), row, name, window);
    },
    TIME_LIMIT_MS,
  );
});

describe('a busy ghost is left to tcp_retries2', () => {
  // tcp_model_timeout: 924.6 s, and the retransmission after it, at most 120 s later.
  it.each(leftToTheKernel)(
    '%s',
    (name) => {
      const lives = play(policyNamed(name), 'lowRate', 'decided', ENDLESS_LIVES);
      expect([...lives.reasons]).toEqual(['ETIMEDOUT']);
      expect(Math.min(...lives.decidedS)).toBeGreaterThanOrEqual(924.6);
      expect(Math.max(...lives.decidedS)).toBeLessThanOrEqual(1_044.6);
    },
    TIME_LIMIT_MS,
  );
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
