/** T under loads of which more is under way than one message, and behind a queue that is kept standing: against simulated lives. */
import { describe, expect, it, test } from 'vitest';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachTolerance } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { story } from '../support/named.ts';
import { drawSilence, numbers } from './draw.ts';
import { livesEnded } from './lives.ts';
import { endedInShorter, of, provedMs } from './proved.ts';

const ping = { kind: 'ping', intervalMs: '25s', life: ['pong'] };

function pings(replyTimeoutMs: string): Policy {
  return of([{ ...ping, replyTimeoutMs }]);
}

function loaded(silence: object, more: object = {}): Scenario {
  return defineScenario({
    kind: 'live',
    name: 'story',
    load: { kind: 'periodic', bytes: 8_192, everyMs: 500, direction: 'server' },
    path: { rttMs: 50 },
    ...more,
    silence: { lengthMs: 1000, ...silence },
  } as never);
}

describe('behind a queue that is kept standing', () => {
  const plateau = { kind: 'plateau', queueBytes: 131_072, bytesPerSecond: 16_384 };

  it('who waits longer than any buffer takes to be read, waits for ever', () => {
    const fast = { ...plateau, bytesPerSecond: 4_000_000 };
    expect(provedMs(pings('20s'), loaded(fast))).toBe(Infinity);
    expect(livesEnded(pings('20s'), loaded({ ...fast, lengthMs: 20_000 }), 3, 3)).toBe(0);
  });

  // Small segments overfill the peer's buffer, and so it grows: a ping stands behind more than a first window.
  it('the buffer of the peer is not taken to stay small', () => {
    const small = { kind: 'plateau', queueBytes: 1_857, bytesPerSecond: 6_552 };
    const ms = provedMs(pings('23100ms'), loaded(small));
    expect(ms).toBeLessThan(23_100);
    expect(
      livesEnded(pings('23100ms'), loaded({ ...small, lengthMs: Math.ceil(ms) - 1 }), 16, 16),
    ).toBe(0);
    const long = loaded({ ...small, lengthMs: 72_649 });
    expect(livesEnded(pings('23100ms'), long, 16, 16)).toBeGreaterThan(0);
  });

  it('who waits less than the queue alone takes may end it', () => {
    const ms = provedMs(pings('6s'), loaded(plateau));
    expect(ms).toBeGreaterThan(5_000);
    expect(
      livesEnded(pings('6s'), loaded({ ...plateau, lengthMs: Math.ceil(ms) - 1 }), 40, 40),
    ).toBe(0);
    expect(
      livesEnded(pings('6s'), loaded({ ...plateau, lengthMs: 30_000 }), 16, 16),
    ).toBeGreaterThan(0);
  });
});

describe('built-in stories', () => {
  test.each([
    ['alive-flag-sweep', 'live-plateau-queue', 28_900],
    ['sweep-and-pong-timer', 'live-plateau-queue', 9_050],
    ['none', 'broadcast-to-three-frozen', Infinity],
    ['rabbitmq-amqp091', 'broadcast-to-three-frozen', 89_000],
    ['mqtt-mosquitto', 'wedged-send-path', 28_400],
  ])('%s survives %s, for so long at least', (name, where, leastMs) => {
    expect(provedMs(presets[name] as Policy, story(where))).toBeGreaterThanOrEqual(leastMs);
  });
});

describe('what is declined', () => {
  test.each([
    ['a cut', { kind: 'outage' }, {}],
    [
      'small messages that fill the congestion window',
      { kind: 'process-pause' },
      { load: { kind: 'periodic', bytes: 100, everyMs: 5 } },
    ],
    ['a lock that a ping waits for', { kind: 'process-pause' }, { server: { sendPath: 'locked' } }],
  ])('%s', (_name, silence, more) => {
    expect(reachTolerance(pings('20s'), loaded(silence, more)).kind).toBe('not-proved');
  });
});

const DRAWN = 100;

describe('drawn policies', () => {
  it(`end nobody in a shorter silence: ${DRAWN} cells`, () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawSilence(seed);
      if (cell === null) continue;
      const draw = numbers(seed * 977 + 5);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
      const rate = (): number => Math.round(1_000 * 200 ** draw());
      const [bytes, everyMs] = pick([
        [1_024, 250],
        [1_024, 100],
        [3_000, 40],
        [8_192, 500],
        [100_000, 1_000],
        [20_000, 300],
      ]) as [number, number];
      const plateau = { kind: 'plateau', queueBytes: 3 * rate(), bytesPerSecond: rate() };
      const silence = pick([
        plateau,
        plateau,
        { kind: 'process-pause' },
        { kind: 'page-freeze' },
        { kind: 'slow-reader', bytesPerSecond: rate() },
        { kind: 'trickle', bytes: 32_768, everyMs: pick([500, 2_000]) },
      ]);
      const { client } = cell.silent(1000);
      const more = {
        load: { kind: 'periodic', bytes, everyMs },
        path: { rttMs: pick([10, 50, 120, 300]) },
        server: {
          sendPath: pick(['queued', 'queued', 'locked']),
          userQueueBytes: pick([0, 1_000, 65_536]),
        },
        ...(client === undefined ? {} : { client }),
      };
      const silent = (lengthMs: number): Scenario => loaded({ ...silence, lengthMs }, more);
      const shorter = endedInShorter(cell.policy, silent, [30_000], 8);
      judged += shorter.judged;
      broken.push(...shorter.broken.map((one) => `drawSilence(${seed}): ${one}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 8);
  }, 120_000);
});
