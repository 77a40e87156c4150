/**
 * Faults of public reports that are more than one thing: the own host slept, and the peer is gone; frozen, and then gone. What is expected are
 * the reported times, and sums of the kernel's clocks.
 */
import { describe, expect, it } from 'vitest';
import { presets, type Policy } from '../../model/policy/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { RunResult, ScenarioInput } from '../../index.ts';
import { bounds } from '../../model/bounds/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { simulate } from '../../scenarios/run.ts';

type Fault = Extract<ScenarioInput, { readonly kind: 'fault' }>['fault'];

const preset = (name: string): Policy => presets[name] as Policy;

function lives(policy: Policy, fault: Fault, more: object = {}): readonly RunResult[] {
  const scenario = defineScenario({ kind: 'fault', name: 'told', fault, ...more });
  return [0, 1, 2, 3, 4, 5].map((run) => simulate(policy, scenario, { seed: '9', run }));
}

function ghostMs({ decidedAtMs, faultAtMs }: RunResult): number {
  return (decidedAtMs ?? Infinity) - (faultAtMs ?? NaN);
}

// NousResearch/hermes-agent#95922: a closed lid; the clock of the process stood.
describe('the own host slept', () => {
  it('for hours: its patience counts from waking, however long it was', () => {
    const sweep = preset('ws-readme-alive-flag');
    for (const lengthMs of ['1m', '8h']) {
      for (const run of lives(sweep, { kind: 'own-host-sleep', lengthMs })) {
        // Two ticks of 30 s at most; the first is never overdue.
        expect(ghostMs(run)).toBeGreaterThan(29_900);
        expect(ghostMs(run)).toBeLessThanOrEqual(60_000);
      }
    }
  });

  it('and whoever asks nothing believes for ever that all is well', () => {
    const run = lives(preset('none'), { kind: 'own-host-sleep', lengthMs: '8h' })[0];
    expect(run?.decidedAtMs).toBeNull();
  });

  it('and the peer resets what it gets: found by the next thing that is sent', () => {
    const fault = { kind: 'own-host-sleep', lengthMs: '8h', finds: 'reset' } as const;
    for (const run of lives(preset('ws-readme-alive-flag'), fault)) {
      expect(ghostMs(run)).toBeLessThanOrEqual(30_100);
      expect(run.reason).toContain('ECONNRESET');
    }
  });

  it('B is that of a peer that vanishes, from waking on', () => {
    const policy = preset('engine.io-v4-server');
    const of = (name: string) => {
      const story = scenarios[name];
      if (story === undefined) throw new Error(name);
      return bounds(policy, story).decided.maxMs;
    };
    expect(of('own-host-asleep-8h')).toBe(of('vanish-idle'));
  });
});

// golang/go#31490: a window that stays shut, then silence: 16 probes, half an hour.
describe('frozen, then gone', () => {
  const saturated = { load: { kind: 'saturated', messageBytes: 65_536 }, watchMs: '3h' };

  it('a kernel whose probes are two minutes apart gives up half an hour after the host is gone', () => {
    const goneAfterMs = 1_200_000;
    for (const run of lives(preset('none'), { kind: 'frozen-then-gone', goneAfterMs }, saturated)) {
      const sinceMs = ghostMs(run) - goneAfterMs;
      // Fifteen waits of 120 s, one that was under way, and the wheel's lateness of an eighth of each at most.
      expect(sinceMs).toBeGreaterThanOrEqual(15 * 120_000);
      expect(sinceMs).toBeLessThanOrEqual(16 * 120_000 * 1.125);
      expect(run.reason).toContain('ETIMEDOUT');
    }
  });

  it('a host that is gone early is given up as soon as any other', () => {
    const soon = { kind: 'frozen-then-gone', goneAfterMs: '1s' } as const;
    for (const run of lives(preset('none'), soon, saturated)) {
      expect(ghostMs(run)).toBeLessThan(1_200_000);
    }
  });

  it('no bound is claimed', () => {
    const story = scenarios['frozen-then-gone'];
    if (story === undefined) throw new Error('no such story');
    expect(bounds(preset('user-timeout-20s'), story).decided.proved).toBe(false);
  });
});
