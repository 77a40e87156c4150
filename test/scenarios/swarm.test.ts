/** Drawn scenarios: the same for the same seed and name, valid, whole in their parts, and shrunk where they break. */
import fc from 'fast-check';
import { faultKinds, silenceKinds } from '../../model/faults/index.ts';
import { describe, expect, it } from 'vitest';
import { parsePolicy, presets, type Policy } from '../../model/policy/index.ts';
import { mechanismSchema } from '../../model/mechanisms/index.ts';
import { parseScenario } from '../../model/scenario/index.ts';
import {
  brokenRun,
  shrinkPolicy,
  shrinkSwarm,
  swarmPolicies,
  swarmPolicy,
  swarmName,
  swarmParts,
  swarmScenario,
  swarmScenarios,
} from '../../scenarios/swarm/index.ts';
import { tapeChoices } from '../../scenarios/swarm/choices.ts';
import { drawnPolicyJson } from '../../scenarios/swarm/policies.ts';
import { simulate } from '../../scenarios/run.ts';
import { cases } from '../support/property.ts';

const MANY = cases(200);
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
      MANY,
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
    const events = new Set(
      drawn.map((one) =>
        one.kind === 'fault' ? `fault ${one.fault.kind}` : `live ${one.silence.kind}`,
      ),
    );
    const kinds = Object.keys(faultKinds).length + Object.keys(silenceKinds).length;
    expect(events.size).toBe(kinds);
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
    expect(shrunk?.name).toBe(`${lossy?.name}-plain-load-client-server-kernel-proxies`);
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

describe('a drawn policy', () => {
  it('is valid, canonical, and the same again by its name', () => {
    fc.assert(
      fc.property(seeds, fc.nat(10_000), (seed, index) => {
        const name = `swarm-policy-${index}`;
        const drawn = swarmPolicy(seed, name);
        expect(drawn?.name).toBe(name);
        const read = parsePolicy(JSON.parse(JSON.stringify(drawn)), '');
        expect(read).toEqual({ ok: true, value: drawn });
        expect(swarmPolicy(seed, name)).toEqual(drawn);
      }),
      MANY,
    );
  });

  it('is none for any other name', () => {
    for (const name of ['swarm-1', 'swarm-policy-', 'swarm-policy-01', 'swarm-policy-9999999999']) {
      expect(swarmPolicy(1n, name)).toBeNull();
    }
  });

  it('differs: every kind of mechanism and every field of each is drawn', () => {
    const drawn = swarmPolicies(1n, 3_000).flatMap(({ mechanisms }) => mechanisms);
    for (const { entries } of mechanismSchema.options) {
      const kind = entries.kind.options[0] as string;
      const alike = drawn.filter((mechanism) => mechanism.kind === kind);
      for (const field of Object.keys(entries)) {
        const seen = alike.some((mechanism) => field in mechanism);
        expect(seen, `${kind}.${field}`).toBe(true);
      }
    }
  });

  it('is the plainest on a tape of noughts, whatever the style', () => {
    for (const style of ['written', 'wild'] as const) {
      const { mechanisms, peerHeartbeat } = drawnPolicyJson(tapeChoices([]), style);
      expect(mechanisms).toHaveLength(1);
      expect(peerHeartbeat).toBeUndefined();
    }
  });

  it('is shrunk to what breaks', () => {
    const drawn = swarmPolicies(7n, 400).find(
      ({ mechanisms }) => mechanisms.some(({ kind }) => kind === 'age') && mechanisms.length > 2,
    ) as Policy;
    const ages = ({ mechanisms }: Policy) => mechanisms.some(({ kind }) => kind === 'age');
    const { policy } = shrinkPolicy(drawn, ages);
    expect(policy.mechanisms.map(({ kind }) => kind)).toEqual(['age']);
  });
});
