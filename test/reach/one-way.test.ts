/**
 * B of a client that is heard and hears nothing: how long it is heard follows from its kernel's first retransmission timeout; against simulated lives.
 */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { drawFaultOf } from './draw.ts';
import { longestGhostMs, longestLives, outlived } from './lives.ts';

const deafens = { kind: 'vanish', direction: 'server-to-client' };

function story(more: object): Scenario {
  const path = { rttMs: 50 };
  return defineScenario({ kind: 'fault', name: 'story', fault: deafens, path, ...more } as never);
}

function provedMs(policy: Policy, scenario: Scenario): number {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(`not proved: ${bound.because}`);
  return bound.decidedMs;
}

describe('a client that is heard and hears nothing', () => {
  const load = { kind: 'periodic', bytes: 200, everyMs: 20_000, direction: 'client' };

  it('says one thing more: a deadline counts from that', () => {
    const deadline = { kind: 'receive-deadline', timeoutMs: 60_000, life: ['message'] };
    const policy = definePolicy({ name: 'one', mechanisms: [deadline] } as never);
    const scenario = story({ load });
    expect(provedMs(policy, scenario)).toBe(80_000);
    const seenMs = longestGhostMs(policy, scenario, 200, 1_000_000) ?? 0;
    expect(seenMs).toBeGreaterThan(78_500);
    expect(seenMs).toBeLessThanOrEqual(80_000);
  });

  it('speaks on until its own timeout: what comes more often may come some times more', () => {
    const deadline = { kind: 'receive-deadline', timeoutMs: 10_000, life: ['message'] };
    const policy = definePolicy({ name: 'one', mechanisms: [deadline] } as never);
    const scenario = story({ load: { ...load, everyMs: 600 } });
    const boundMs = provedMs(policy, scenario);
    const seenMs = longestGhostMs(policy, scenario, 300, 1_000_000) ?? 0;
    expect(seenMs).toBeGreaterThan(10_500);
    expect(seenMs).toBeLessThanOrEqual(boundMs);
  });

  it('is heard by keepalive in what its kernel sends again: a ping comes first, and takes its place', () => {
    const mechanisms = [
      { kind: 'ping', intervalMs: 60_000, replyTimeoutMs: null },
      { kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 },
    ];
    const policy = definePolicy({ name: 'one', mechanisms } as never);
    const scenario = story({ load: { kind: 'idle' }, path: { rttMs: 300 } });
    const seenMs = longestGhostMs(policy, scenario, 1_500, 1_300_000) ?? 0;
    expect(seenMs).toBeLessThanOrEqual(provedMs(policy, scenario));
  });

  it('with keepalive and a server that only listens: no end is said', () => {
    const keepalive = { kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 };
    const policy = definePolicy({ name: 'one', mechanisms: [keepalive] } as never);
    expect(reachBound(policy, story({ load })).kind).toBe('not-proved');
  });

  it('drawn policies are not outlived: 80 cells', () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= 80; seed += 1) {
      const cell = drawFaultOf(seed, deafens);
      if (cell === null) continue;
      const bound = reachBound(cell.policy, cell.scenario, 4_000);
      if (bound.kind !== 'proved' || bound.decidedMs === Infinity) continue;
      judged += 1;
      const watchMs = Math.max(1_300_000, bound.decidedMs * 1.2);
      const lives = longestLives(cell.policy, cell.scenario, 8, watchMs);
      if (lives === null) continue;
      broken.push(...outlived(bound, lives).map((said) => `drawFaultOf(${seed}): ${said}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(35);
  });
});
