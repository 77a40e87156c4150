/** Drawn scenarios: the same for the same seed and name, valid, whole in their parts, and shrunk where they break. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presets, type Policy } from '../../model/policy/index.ts';
import { parseScenario } from '../../model/scenario/index.ts';
import {
  brokenRun,
  shrinkSwarm,
  swarmName,
  swarmParts,
  swarmScenario,
  swarmScenarios,
} from '../../scenarios/swarm/index.ts';
import { simulate } from '../../scenarios/run.ts';

const SEED = { seed: 0x5eed, numRuns: 200 };
const seeds = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('a drawn scenario', () => {
  it('is valid, canonical, and the same again by its name', () => {
    fc.assert(
      fc.property(seeds, fc.nat(10_000), fc.subarray([...swarmParts]), (seed, index, plain) => {
        const name = swarmName(index, plain);
        const drawn = swarmScenario(seed, name);
        expect(drawn?.name).toBe(name);
        expect(parseScenario(JSON.parse(JSON.stringify(drawn)), '')).toEqual({
          ok: true,
          value: drawn,
        });
        expect(swarmScenario(seed, name)).toEqual(drawn);
      }),
      SEED,
    );
  });

  it('keeps its other parts when one is made plain', () => {
    for (const { name } of swarmScenarios(77n, 40)) {
      const whole = swarmScenario(77n, name);
      const plain = swarmScenario(77n, `${name}-plain-path`);
      expect(plain?.path).toEqual({ rttMs: 50 });
      expect({ ...plain, path: whole?.path, name }).toEqual(whole);
    }
  });

  it('is none for any other name', () => {
    const others = ['swarm', 'swarm-', 'swarm-x', 'swarm-1-plain', 'swarm-1-plain-path-load'];
    for (const name of [...others, 'swarm-1-plain-wire', 'swarm-99999999999', 'vanish-idle']) {
      expect(swarmScenario(1n, name)).toBeNull();
    }
  });

  it('differs: every kind of fault and of silence, every load and every broken server is drawn', () => {
    const drawn = swarmScenarios(1n, 1_000);
    const troubles = new Set(
      drawn.map((one) =>
        one.kind === 'fault' ? `fault ${one.fault.kind}` : `live ${one.silence.kind}`,
      ),
    );
    // 15 kinds of fault and 13 of silence.
    expect(troubles.size).toBe(15 + 13);
    expect(new Set(drawn.map(({ load }) => load.kind)).size).toBe(3);
    expect(new Set(drawn.map(({ server }) => server.broken?.kind)).size).toBe(4);
    expect(new Set(swarmScenarios(2n, 20).map((one) => JSON.stringify(one))).size).toBe(20);
  });

  it('runs, and the same way every time', () => {
    const policy = presets['sweep-and-pong-timer'] as Policy;
    for (const scenario of swarmScenarios(5n, 25)) {
      const first = simulate(policy, scenario, { seed: 5n });
      expect(simulate(policy, scenario, { seed: 5n }).digest).toBe(first.digest);
    }
  });
});

describe('shrinking', () => {
  it('makes plain what does not matter and keeps what does', () => {
    const lossy = swarmScenarios(1n, 200).find(({ path }) => (path.lossPercent ?? 0) > 0);
    const shrunk = shrinkSwarm(1n, lossy?.name ?? '', ({ path }) => (path.lossPercent ?? 0) > 0);
    expect(shrunk?.path).toEqual(lossy?.path);
    expect(shrunk?.name).toBe(`${lossy?.name}-plain-load-client-server-kernel`);
    expect(shrunk?.load).toEqual({ kind: 'idle' });
  });
});

describe('what must hold', () => {
  it('finds the run in which a statement breaks: none in a scenario whose bound is met', () => {
    const idle = swarmScenario(1n, 'swarm-0');
    expect(idle).not.toBeNull();
    const vanish = parseScenario(
      { kind: 'fault', name: 'v', fault: { kind: 'vanish', direction: 'both' } },
      '',
    );
    if (!vanish.ok) throw new Error('not a scenario');
    expect(brokenRun(presets['alive-flag-sweep'] as Policy, vanish.value, 1n, 20)).toBeNull();
  });
});
