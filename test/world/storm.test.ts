/** Reconnect storms and rolling restarts, held against arithmetic. */
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../model/scenario/index.ts';
import type { Story } from '../../model/scenario/types.ts';
import { Draws } from '../../sim/random.ts';
import { StormPlayer, type Storm } from '../../sim/world/storm.ts';

const S = 1_000_000;
const RTT_MS = 10;
const WATCH_MS = 600_000;

type Restart = Extract<Story, { kind: 'restart' }>;
type Rolling = Extract<Story, { kind: 'rolling-restart' }>;

const clients = {
  baseMs: 1_000,
  factor: 2,
  jitterMs: 0,
  maxMs: 30_000,
  attempts: null,
  attemptTimeoutMs: 10_000,
};
const restart: Restart = {
  ...clients,
  kind: 'restart',
  clients: 100,
  downMs: 500,
  acceptsPerSecond: 10,
  teardown: 'atomic',
};

function play(story: Restart | Rolling, watchMs = WATCH_MS, run = 0): Storm {
  const draws = new Draws();
  draws.reset({ high: 0, low: 9 }, run, 0);
  return new StormPlayer(story, RTT_MS, watchMs).play(draws);
}

function storm(changes: Partial<Restart>, watchMs?: number): Storm {
  return play({ ...restart, ...changes }, watchMs);
}

describe('a restart', () => {
  it('without jitter: all try after 1 s, the server takes ten a second, the last is served at 1 + 10 s', () => {
    expect(storm({})).toEqual({
      halfServedUs: 6 * S,
      allServedUs: 11 * S,
      longestWithoutUs: 11 * S,
      unserved: 0,
      gaveUp: 0,
      wasted: 0,
      turnedAway: 0,
      surplus: 0,
      peak: 100,
      mostLosses: 1,
    });
  });

  it('loses the turns of those that have left: 150 clients, patience 10 s', () => {
    // The first 100 are served by 11 s; then come 50 turns for clients that gave the attempt up at 11 s. These
    // try again after 2 s, at 13 s, stand behind those turns until 16 s, and are served by 16 + 5 s.
    const expected = { halfServedUs: 8.5 * S, allServedUs: 21 * S, wasted: 50, gaveUp: 0 };
    expect(storm({ clients: 150 })).toMatchObject(expected);
  });

  it('with a longer patience loses no turn: 150 clients are served by 1 + 15 s', () => {
    const patient = storm({ clients: 150, attemptTimeoutMs: 15_000 });
    expect(patient).toMatchObject({ allServedUs: 16 * S, wasted: 0 });
  });

  it('with listeners left on sockets given up, such a client tries in two loops and has two sessions', () => {
    // As above, but each of the 50 hears of its loss at 11 s twice: 100 attempts at 13 s, behind the dead turns until
    // 16 s, and 70 turns until they leave at 23 s: first the 50 clients', by 21 s, then 20 of their second loops. The
    // other 30 hear twice again: 60 attempts at 27 s, all served.
    const expected = { allServedUs: 21 * S, wasted: 50 + 30, surplus: 20 + 60 };
    expect(storm({ clients: 150, teardown: 'leaky' })).toMatchObject(expected);
  });

  it('with listeners left multiplies faster than the server works, where the queue is long: it never ends', () => {
    const never = { allServedUs: Infinity, surplus: Infinity, wasted: Infinity };
    expect(storm({ clients: 300, teardown: 'leaky' })).toMatchObject(never);
    expect(storm({ clients: 300 })).toMatchObject({ surplus: 0 });
    expect(storm({ clients: 300 }).allServedUs).toBeLessThan(Infinity);
  });

  it('ends for good for clients whose attempts are over before the server is back', () => {
    // Attempts at 1 s and, refused a round trip later, 2 s after that; the third loss is the last.
    const over = storm({ attempts: 2, downMs: 10_000 });
    const never = { gaveUp: 100, unserved: 100, allServedUs: Infinity, halfServedUs: Infinity };
    expect(over).toMatchObject(never);
    const back = storm({ attempts: 2, downMs: 3_000 });
    // 1 s + 10 ms + 2 s = 3.01 s: just after the server is back.
    expect(back).toMatchObject({ gaveUp: 0, allServedUs: 13.01 * S });
  });

  it('in which some give up has not served all', () => {
    // 100 are served by 11 s; the other 50 leave at 11 s and may not try again.
    const some = storm({ clients: 150, attempts: 1 });
    const expected = { gaveUp: 50, unserved: 50, halfServedUs: 8.5 * S, allServedUs: Infinity };
    expect(some).toMatchObject(expected);
  });

  it('of many clients is that of as many as are simulated, on a server that is slower by as much', () => {
    // 10 240 clients at 1024 a second: ten seconds of work, as for 1024 clients at 102.4.
    const many = storm({ clients: 10_240, acceptsPerSecond: 1_024 });
    expect(many.allServedUs).toBeCloseTo(11 * S, -1);
    expect(many).toMatchObject({ unserved: 0, peak: 10_240 });
  });

  it('with jitter spreads over the jitter, the same for the same seed', () => {
    const wide = { jitterMs: 60_000, clients: 100, acceptsPerSecond: 1_000 };
    const spread = storm(wide);
    expect(spread.allServedUs).toBeGreaterThan(25 * S);
    expect(spread.allServedUs).toBeLessThanOrEqual(30.1 * S);
    expect(storm(wide)).toEqual(spread);
  });

  it('is over with its watch, and counts no turn that comes later', () => {
    // 20 a second for 2 h less 20 s: at most 143 600 turns; each burst of 1260 needs 63 s, so the server never rests.
    const omi: Partial<Restart> = {
      clients: 1_260,
      downMs: 20_000,
      acceptsPerSecond: 20,
      baseMs: 15_000,
      maxMs: 15_000,
    };
    const hours = storm(omi, 7_200_000);
    expect(hours).toMatchObject({ halfServedUs: Infinity, allServedUs: Infinity });
    // Their attempts at 15 s are refused, and the next come at 30.01 s: 10 s of turns are for clients that still wait.
    expect(Math.abs(hours.unserved - 1_060)).toBeLessThanOrEqual(2);
    // The others go to nobody, 1.23 clients at a time.
    expect(Math.abs(hours.wasted - (20 * (7_200 - 30.01) - 200))).toBeLessThanOrEqual(3);
    const minutes = storm(omi, 720_000).wasted;
    expect(Math.abs(minutes - (20 * (720 - 30.01) - 200))).toBeLessThanOrEqual(3);
  });

  it('is cured by fewer attempts, not by jitter alone: 1260 clients at 20 a second', () => {
    // 1060 that come every 10 + 15 s are 42 a second, jitter or not.
    const omi: Partial<Restart> = { clients: 1_260, downMs: 20_000, acceptsPerSecond: 20 };
    const percent = { jitter: 'percent', jitterPercent: 30 } as const;
    const fixed = { ...omi, baseMs: 15_000, maxMs: 15_000 };
    expect(storm({ ...fixed, ...percent }, 3_600_000).allServedUs).toBe(Infinity);
    // With waits of up to 5 min they are 4 a second.
    const patient = { ...omi, baseMs: 15_000, maxMs: 300_000 };
    const inStep = storm(patient, 7_200_000).allServedUs;
    const spread = storm({ ...patient, ...percent }, 7_200_000).allServedUs;
    const full = storm({ ...patient, jitter: 'full' }, 7_200_000).allServedUs;
    // In step each burst finds room for 200: six bursts, from the fifth on 310 s apart.
    expect(inStep).toBeGreaterThan(1_000 * S);
    expect(spread).toBeLessThan(inStep / 2);
    expect(full).toBeLessThan(inStep / 2);
  });
});

describe('jitter at the cap', () => {
  /** 700 clients whose waits have all grown to 30 s when the server is back: 35 s of work, a patience of 10 s. */
  const crowd = { clients: 700, downMs: 120_000, acceptsPerSecond: 20 };

  it('inside the cap leaves them in step: bursts of 700 that find room for 200', () => {
    const inStep = storm({ ...crowd, jitterMs: 1_000 }, 1_800_000);
    // The chance of five growing waits lies between them, 5 s at most; then three more bursts, 40 s and a bit apart.
    expect(inStep.allServedUs).toBeGreaterThan((120 + 3 * 40) * S);
    expect(inStep.allServedUs).toBeLessThan((120 + 4 * 40 + 10) * S);
    expect(inStep.wasted).toBeGreaterThan(500);
  });

  it('as a share of the capped wait spreads them: no turn is lost', () => {
    const share = { jitter: 'percent', jitterPercent: 30 } as const;
    const spread = storm({ ...crowd, ...share }, 1_800_000);
    expect(spread.wasted).toBe(0);
    // 35 s of work, begun when the server is back or a few seconds later.
    expect(spread.allServedUs).toBeGreaterThanOrEqual(155 * S);
    expect(spread.allServedUs).toBeLessThan(165 * S);
  });

  it('on top of the cap does as well, where it is as long as the wait', () => {
    const above = storm({ ...crowd, jitter: 'above-cap', jitterMs: 30_000 }, 1_800_000);
    expect(above.wasted).toBe(0);
    // Nobody waits for longer than 60 s for his turn, and then for his place in the queue.
    expect(above.allServedUs).toBeLessThan((120 + 60 + 10) * S);
  });
});

describe('a server without room', () => {
  // 100 attempts at 1 s, one is taken at once and 20 may wait: 21 are served by 3.1 s, 79 are not.
  const short: Partial<Restart> = { queueLimit: 20 };

  it('that says nothing costs the client its patience', () => {
    // 79 leave at 11 s and come again at 13 s: 21 of them by 15.1 s, and so on.
    const dropped = storm(short);
    expect(dropped.turnedAway).toBe(79 + 58 + 37 + 16);
    expect(dropped.wasted).toBe(0);
    // Bursts at 1, 1 + 10 + 2 = 13, 13 + 10 + 4 = 27, 27 + 10 + 8 = 45 and 45 + 10 + 16 = 71 s; then 16 in 1.6 s.
    expect(dropped.allServedUs).toBe(72.6 * S);
  });

  it('that resets costs it a round trip', () => {
    // Bursts at 1, 3.01, 7.02, 15.03 and 31.04 s; at 3.01 s two are under way still, so that 19 are taken.
    const reset = storm({ ...short, whenFull: 'reset' });
    expect(reset.allServedUs).toBeGreaterThan(31 * S);
    expect(reset.allServedUs).toBeLessThan(34 * S);
    expect(reset.wasted).toBe(0);
  });

  it('that rejects with Retry-After is heeded, or not, or taken for the end', () => {
    const reject: Partial<Restart> = { ...short, whenFull: 'reject', retryAfterMs: 5_000 };
    // Told a round trip later, it waits the longer of 5 s and its own 2, 4, 8, 16 s; 16 are left for the last burst.
    const heeded = storm({ ...reject, whenRejected: 'retry-after' });
    expect(heeded.allServedUs).toBeCloseTo((1 + 5.01 + 5.01 + 8.01 + 16.01 + 1.6) * S, -3);
    expect(storm(reject)).toEqual(storm({ ...short, whenFull: 'reset' }));
    const ended = storm({ ...reject, whenRejected: 'give-up' });
    expect(ended).toMatchObject({ gaveUp: 79, unserved: 79, turnedAway: 79 });
  });

  it('for more sessions never serves the rest', () => {
    const full = storm({ sessionLimit: 60, whenFull: 'reset' });
    expect(full).toMatchObject({ unserved: 40, peak: 100, allServedUs: Infinity });
  });
});

describe('a rolling restart', () => {
  const rolling: Rolling = {
    ...clients,
    kind: 'rolling-restart',
    clients: 90,
    servers: 3,
    drainMs: 0,
    drain: 'deadline',
    downMs: 20_000,
    pauseMs: 10_000,
    balancing: 'round-robin',
    acceptsPerSecond: 10,
  };

  function roll(changes: Partial<Rolling>): Storm {
    return play({ ...rolling, ...changes });
  }

  it('moves clients to the servers that are there, some of them more than once', () => {
    // At 0, 30 and 60 s a server goes, and its clients come back a second later: 30 to two servers of 30 each,
    // which then have 45; 45 from the second, 23 and 22 of them to the first (0) and the third (45).
    const storm = roll({});
    expect(storm.unserved).toBe(0);
    // The third has 45 + 22 or 23 when it goes.
    expect(storm.peak).toBeGreaterThanOrEqual(67);
    expect(storm.peak).toBeLessThanOrEqual(68);
    // Some have been on the first, the second and the third.
    expect(storm.mostLosses).toBe(3);
    // The last server is back at 80 s, and its clients were served long before.
    expect(storm.allServedUs).toBe(80 * S);
    // 67 clients at two servers of ten a second: 1 s and 3.4 s.
    expect(storm.longestWithoutUs).toBeCloseTo(4.4 * S, -5);
  });

  it('with a drain that asks one after the other keeps the queue empty', () => {
    // 30 clients over 15 s, then 45, then 67: at most 4.5 a second, and a client is without for its wait and one opening.
    const spread = roll({ drainMs: 15_000, drain: 'spread' });
    expect(spread.longestWithoutUs).toBeLessThanOrEqual(1.2 * S);
    // A deadline of the same length only cuts everybody off later.
    const cut = roll({ drainMs: 15_000 });
    expect(cut.longestWithoutUs).toBeCloseTo(4.4 * S, -5);
    expect(cut.allServedUs).toBe((3 * 35 + 2 * 10) * S);
  });

  it('with a balancer that looks at the number of connections fills the server that came back', () => {
    // After the first: 45 and 45. The second's 45 go to the empty first one, then evenly: 45 and 45 again, never more.
    const even = roll({ balancing: 'least-connections' });
    expect(even.peak).toBe(45);
  });

  it('of two servers leaves one with everybody', () => {
    expect(roll({ servers: 2, clients: 100 }).peak).toBe(100);
    const limited = roll({ servers: 2, clients: 100, sessionLimit: 80, whenFull: 'reject' });
    expect(limited.peak).toBe(80);
  });

  it('resets the openings that wait at a server when it stops, and serves their clients elsewhere', () => {
    // One opening a second: of the 15 that come to the second server at 1 s, 7 are served when it stops at 8 s.
    const slow = roll({
      acceptsPerSecond: 1,
      downMs: 5_000,
      pauseMs: 3_000,
      attemptTimeoutMs: 600_000,
    });
    expect(slow).toMatchObject({ unserved: 0, gaveUp: 0, wasted: 0, surplus: 0 });
    expect(slow.peak).toBeLessThanOrEqual(90);
  });

  it('of a server that cannot keep up with its own waiters ends as a storm', () => {
    // 90 clients that try every 10 + 2 s are 7.5 a second; three servers of one a second are 3.
    const slow = roll({ acceptsPerSecond: 1, downMs: 5_000, pauseMs: 3_000, maxMs: 2_000 });
    expect(slow.allServedUs).toBe(Infinity);
    expect(slow.wasted).toBeGreaterThan(1_000);
  });
});

describe('what a storm cannot say', () => {
  const written = { kind: 'live', name: 'x', silence: { kind: 'none' } };
  const base = { kind: 'restart', clients: 10, downMs: '1s', acceptsPerSecond: 10 };

  it.each([
    ['jitterMs', { jitter: 'full', jitterMs: '1s' }],
    ['jitterPercent', { jitterPercent: 30 }],
    ['jitterPercent', { jitter: 'percent' }],
    ['whenFull', { whenFull: 'reject' }],
    ['retryAfterMs', { queueLimit: 5, retryAfterMs: '5s' }],
    ['whenRejected', { queueLimit: 5, whenFull: 'reset', whenRejected: 'give-up' }],
    ['baseMs', { clients: 1_000_000, baseMs: 0, jitterMs: 0 }],
  ])('%s: %o', (field, changes) => {
    const parsed = parseScenario({ ...written, story: { ...base, ...changes } }, '');
    expect(parsed.ok ? [] : parsed.issues).toMatchObject([
      { code: 'not-played', path: `story.${field}` },
    ]);
  });
});
