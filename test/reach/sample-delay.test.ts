/** How late acknowledgements are held to be, against what the simulated estimators come to in healthy connections. */
import { describe, expect, it, test, vi } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { latenessOf, type Talk } from '../../model/reach/sample-delay.ts';
import { settingOf } from '../../model/reach/setting.ts';
import { LifeBit } from '../../model/reaper/types.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Sock } from '../../sim/kernel/tcp-sock.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { numbers } from './draw.ts';

/** The timeouts that the server's kernel has had, jiffies. */
const seen = vi.hoisted(() => ({ leastJ: Infinity, mostJ: 0 }));

vi.mock(import('../../sim/kernel/round-trip.ts'), async (original) => {
  const actual = await original();
  return {
    ...actual,
    takeSample: (sk: Sock, sampleUs: number): void => {
      actual.takeSample(sk, sampleUs);
      if (!sk.kernel.isServer) return;
      seen.leastJ = Math.min(seen.leastJ, sk.rtoJ);
      seen.mostJ = Math.max(seen.mostJ, sk.rtoJ);
    },
  };
});

function of(mechanisms: readonly object[], peerHeartbeat?: object): Policy {
  const talks = peerHeartbeat === undefined ? {} : { peerHeartbeat };
  return definePolicy({ name: 'one', mechanisms, ...talks } as never);
}

const sweep = (intervalMs: number): object => ({ kind: 'sweep', intervalMs, misses: 50 });
const ping = (intervalMs: number): object => ({ kind: 'ping', intervalMs, replyTimeoutMs: null });
const beat = (everyMs: number, sign: string): object => ({ everyMs, sign, sentBy: 'websocket' });

const WRITES = { everyUs: 500_000 };
const path = { rttUs: 50_000, tickUs: 4_000, rtoMinUs: 200_000, throughProxies: false };
const MOST = 208_000;

describe('by how much acknowledgements are late', () => {
  const pinged = { everyUs: 10_000_000, bits: LifeBit.Ping };
  const told = { everyUs: 10_000_000, bits: LifeBit.Message };
  test.each([
    ['a peer that is only pinged answers at once', [ping(5_000)], null, [], 0],
    ['a peer that only listens', [], WRITES, [], 0],
    // 40 ms, half of that and as much again where a ping and a write come together; and a tick for the clock, and one for the wheel.
    ['writes, and pings that it answers', [ping(10_000)], WRITES, [], 72_000],
    ['writes, and messages of its own', [], WRITES, [told], 48_000],
    // Its round trip is known to it: 50 ms are 13 ticks, the wheel's one, and one more.
    ['pings of its own', [], WRITES, [pinged], 60_000],
    ['pings both ways, one rhythm a multiple of the other', [sweep(5_000)], null, [pinged], 96_000],
    ['pings both ways, beside each other', [sweep(4_000)], null, [pinged], MOST],
    ['pings both ways, and writes', [sweep(5_000)], WRITES, [pinged], MOST],
    ['writes as often as its timeout may be', [], { everyUs: 250_000 }, [], MOST],
  ] as const)('%s', (_name, mechanisms, writes, beats, mostUs) => {
    const talk: Talk = { ...path, writes, beats };
    expect(latenessOf(of(mechanisms), talk).mostUs).toBe(mostUs);
  });

  it('is seldom where what makes a session of it is', () => {
    const often = latenessOf(of([ping(3_000)]), { ...path, writes: WRITES, beats: [] });
    const rarely = latenessOf(of([ping(60_000)]), { ...path, writes: WRITES, beats: [] });
    expect(rarely.meanUs).toBeLessThan(often.meanUs);
    // Two late ones in a row, and their weight in a mean that goes an eighth of the way to each: 1 − (7/8)².
    expect(rarely.meanUs).toBeGreaterThanOrEqual((1 - (7 / 8) ** 2) * 72_000);
    expect(rarely.meanUs).toBeLessThan((1 - (7 / 8) ** 2) * 72_000 + 10);
  });
});

describe('the timeout of a healthy connection', () => {
  const CELLS = 40;
  const LIVES = 2;

  function played(policy: Policy, scenario: Scenario, seed: bigint): typeof seen {
    Object.assign(seen, { leastJ: Infinity, mostJ: 0 });
    const player = new RunPlayer(policy, scenario, 60_000, false);
    for (let run = 0; run < LIVES; run += 1) player.play(seedWords(seed), run);
    return { ...seen };
  }

  it(`lies where it is held to lie, whoever speaks how often: ${CELLS} cells`, () => {
    const outside: string[] = [];
    let narrow = 0;
    for (let seed = 1; seed <= CELLS; seed += 1) {
      const draw = numbers(seed * 77 + 5);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
      const rttMs = pick([5, 20, 50, 120]);
      const baseMs = pick([2_000, 3_000, 5_000]);
      // Rhythms that are multiples of each other, or nearly: what comes together does so again and again.
      const everyMs = (): number => baseMs * pick([1, 1, 2, 3]) + pick([0, 0, rttMs, 10, -10, 37]);
      const mechanisms = pick([[], [sweep(everyMs())], [ping(everyMs())]]);
      const heartbeat = pick([undefined, 'ping', 'ping', 'message', 'pong']);
      const policy = of(
        mechanisms,
        heartbeat === undefined ? undefined : beat(everyMs(), heartbeat),
      );
      const writes = { kind: 'periodic', everyMs: pick([500, 700, 1_000]), bytes: 500 };
      const load = pick([{ kind: 'idle' }, writes, writes, { ...writes, direction: 'both' }]);
      const scenario = defineScenario({
        kind: 'live',
        name: 'story',
        silence: { kind: 'none' },
        load,
        path: { rttMs },
      } as never);
      const { rto } = settingOf(policy, scenario).kernel;
      const { leastJ, mostJ } = played(policy, scenario, BigInt(seed));
      if (mostJ > 0 && rto.hi - mostJ <= 12) narrow += 1;
      if (mostJ > rto.hi || leastJ < rto.lo) {
        outside.push(`${seed}: ${leastJ} to ${mostJ}, held for ${rto.lo} to ${rto.hi}`);
      }
    }
    expect(outside).toEqual([]);
    expect(narrow).toBeGreaterThan(CELLS / 5);
  }, 120_000);
});
