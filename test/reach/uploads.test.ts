/** T while the client is in the middle of one message: by hand, and against simulated lives. */
import { describe, expect, it, test } from 'vitest';
import { reachTolerance } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { drawSilence, numbers } from './draw.ts';
import { livesEnded } from './lives.ts';
import { endedInShorter, of, provedMs } from './proved.ts';

/** A message that takes so long. */
function upload(lengthMs: number, bytesPerSecond = 20_000, more: object = {}): Scenario {
  return defineScenario({
    kind: 'live',
    name: 'story',
    load: { kind: 'idle' },
    path: { rttMs: 50 },
    ...more,
    silence: {
      kind: 'slow-uploader',
      messageBytes: Math.max(1, Math.ceil((lengthMs * bytesPerSecond) / 1000)),
      bytesPerSecond,
    },
  } as never);
}

const ping = { kind: 'ping', intervalMs: '25s', replyTimeoutMs: '20s', life: ['pong'] };
const deadline = { kind: 'receive-deadline', timeoutMs: '60s' };
const beats = { everyMs: '20s', sign: 'message', sentBy: 'application' };

describe('no pong passes inside a message', () => {
  // The ping arrives as the message begins; the pong follows its last bytes, which take two round trips of a congestion window of ten segments.
  it('the patience, less a round trip, and what the last second of it takes to leave', () => {
    expect(provedMs(of([ping]), upload(1000))).toBe(20_000 - 50 - 100);
  });

  it('at a rate that fits into one flight, less the round trip of it', () => {
    expect(provedMs(of([ping]), upload(1000, 2_000))).toBe(20_000 - 50 - 50);
  });

  it('nobody is ended in a shorter one, somebody in one that ends a second later', () => {
    expect(livesEnded(of([ping]), upload(19_840), 100, 100)).toBe(0);
    expect(livesEnded(of([ping]), upload(21_000), 100, 100)).toBeGreaterThan(0);
  });

  it('its bytes are life to whoever takes any: for ever', () => {
    const any = of([{ ...ping, life: ['any-byte'] }]);
    expect(provedMs(any, upload(1000))).toBe(Infinity);
    expect(livesEnded(any, upload(300_000), 16, 16)).toBe(0);
  });

  it('they come once a second: not to whoever waits less', () => {
    const fast = { kind: 'ping', intervalMs: '900ms', replyTimeoutMs: '800ms', life: ['any-byte'] };
    expect(provedMs(of([fast]), upload(1000))).toBeLessThan(900);
    expect(livesEnded(of([fast]), upload(5_000), 16, 16)).toBeGreaterThan(0);
  });

  it('heartbeats wait behind it, and keep their rhythm', () => {
    const policy = of([{ ...deadline, life: ['message'] }], { peerHeartbeat: beats });
    const ms = provedMs(policy, upload(1000));
    // 40 s are left when the next one is due as the message begins; the end of the message is one as well.
    expect(ms).toBeGreaterThan(39_700);
    expect(ms).toBeLessThanOrEqual(40_000);
    expect(livesEnded(policy, upload(Math.floor(ms)), 100, 100)).toBe(0);
    expect(livesEnded(policy, upload(42_000), 100, 100)).toBeGreaterThan(0);
  });
});

describe('what is declined', () => {
  test.each([
    ['an upload that fills its path', [ping], upload(1000, 400_000)],
    [
      'acknowledgements that wait behind a message',
      [{ kind: 'send-stall', progress: 'application-ack', graceMs: '30s' }],
      upload(1000, 20_000, { load: { kind: 'periodic', bytes: 500, everyMs: 1000 } }),
    ],
  ])('%s', (because, mechanisms, scenario) => {
    expect(reachTolerance(of(mechanisms), scenario)).toMatchObject({ because });
  });
});

const DRAWN = 60;

describe('drawn policies', () => {
  it(`end nobody in a shorter message: ${DRAWN} cells`, () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawSilence(seed);
      if (cell === null) continue;
      const draw = numbers(seed * 57 + 3);
      const rate = Math.round(100 * 600 ** draw());
      const { path, load, client } = cell.silent(1000);
      const scenario = (lengthMs: number): Scenario =>
        upload(lengthMs, rate, { path, load, ...(client === undefined ? {} : { client }) });
      const shorter = endedInShorter(cell.policy, scenario, [3_000, 90_000], 8);
      judged += shorter.judged;
      broken.push(...shorter.broken.map((one) => `drawSilence(${seed}) at ${rate} B/s: ${one}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 3);
  }, 120_000);
});
