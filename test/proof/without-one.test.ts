/** A policy without one of its mechanisms: whose ghosts then live for ever, and whose do not. */
import { describe, expect, it } from 'vitest';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
import { reachBound } from '../../model/reach/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { mechanismsKnockedOut, withoutEach } from '../../proof/without-one.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

const vanish = scenarios['vanish-idle'] as Scenario;
const busy = scenarios['vanish-busy'] as Scenario;
const frozen = scenarios['frozen-idle'] as Scenario;
const live = scenarios['live-idle'] as Scenario;

function knockedOut(policy: Policy, on: readonly Scenario[]) {
  const faults = on.map((one) => withoutEach(policy, one, reachBound(policy, one), 1n));
  return mechanismsKnockedOut(
    policy,
    faults.filter((fault) => fault !== null),
  );
}

function endlessOf(policy: Policy, ...on: Scenario[]) {
  return knockedOut(policy, on).map(({ kind, endless }) => [kind, endless]);
}

describe('a policy without one of its mechanisms', () => {
  it('hangs by a sweep that is all it has; under a load the kernel is behind it', () => {
    const sweep = presets['alive-flag-sweep'] as Policy;
    const [one] = knockedOut(sweep, [vanish, busy, live]);
    expect(one).toMatchObject({ mechanism: 0, kind: 'sweep', faults: 2 });
    expect(one?.endless).toEqual(['vanish-idle']);
    expect(one?.longer).toEqual(['vanish-busy']);
    expect(one?.unknown).toEqual([]);
  });

  it('hangs by the ping that wakes its pong timer, and not by the timer where the sweep judges, too', () => {
    const both = presets['sweep-and-pong-timer'] as Policy;
    expect(endlessOf(both, vanish)).toEqual([
      ['sweep', ['vanish-idle']],
      ['pong-timer', []],
    ]);
  });

  it('hangs by neither of two that do the same', () => {
    const twice = definePolicy({
      name: 'twice',
      mechanisms: [
        { kind: 'sweep', intervalMs: '30s', ping: true },
        { kind: 'keepalive', idleMs: '20s', intervalMs: '5s', probes: 3 },
      ],
    });
    expect(endlessOf(twice, vanish)).toEqual([
      ['sweep', []],
      ['keepalive', []],
    ]);
    // A frozen client's kernel answers every probe: there the sweep alone finds it.
    expect(endlessOf(twice, frozen)).toEqual([
      ['sweep', ['frozen-idle']],
      ['keepalive', []],
    ]);
  });

  it('counts only what the whole policy finds, and no mechanism that is lost already', () => {
    const keepalive = presets['keepalive-10-5-3'] as Policy;
    expect(reachBound(keepalive, frozen)).not.toMatchObject({
      decidedMs: expect.any(Number) as number,
      by: 'keepalive',
    });
    expect(knockedOut(keepalive, [frozen])[0]?.faults).toBe(0);
    expect(knockedOut(presets['alive-flag-sweep-lost'] as Policy, [vanish])).toEqual([]);
  });
});
