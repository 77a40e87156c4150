/**
 * What must hold between a life and a statement, and between two lives, whatever the numbers are. A case that fails prints the
 * policy; its scenario is the swarm's, by name, under the seed of the properties.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePolicy, type Policy, type Scenario } from '../../index.ts';
import { brokenRun } from '../../scenarios/swarm/index.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer, type RunRecord } from '../../sim/world/run.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';
import { SEED } from '../support/seed.ts';
import { circumstances, policyJson, policyOf, scenario, withSilence } from './draw.ts';

const seed = seedWords(BigInt(SEED >>> 0));

function life(policy: Policy, of: Scenario, watchedMs: number, run: number): Life {
  const player = new RunPlayer(policy, of, watchedMs, false);
  player.play(seed, run);
  return { ...player.record, digest: player.digest.hex() };
}

type Life = RunRecord & { readonly digest: string };

describe('a life against what is stated', () => {
  it('no ghost outlives B, and no living peer is ended within T', () => {
    fc.assert(
      fc.property(policyJson, scenario, (json, of) => {
        expect(brokenRun(policyOf(json), of, BigInt(SEED >>> 0), 4)).toBeNull();
      }),
      cases(80),
    );
  });
});

describe('two lives of one seed', () => {
  it('a longer watch sees what a shorter one saw, at the same instants, and perhaps more', () => {
    fc.assert(
      fc.property(policyJson, scenario, fc.nat(999), fc.nat(300), (json, of, run, moreS) => {
        fc.pre(of.kind === 'fault');
        const policy = policyOf(json);
        // A minute, so that there is something left to see.
        const short = life(policy, of, 60_000, run);
        const long = life(policy, of, 60_000 + moreS * 1_000, run);
        expect(long.faultAtUs).toBe(short.faultAtUs);
        for (const instant of [
          'decidedAtUs',
          'closedAtUs',
          'kernelClosedAtUs',
          'releasedAtUs',
        ] as const) {
          const seen = short[instant] === Infinity ? Infinity : long[instant];
          expect(seen, instant).toBe(short[instant]);
        }
      }),
      cases(40),
    );
  });

  it('nothing before the end of a silence knows how long it will be', () => {
    let ended = 0;
    const silences = fc.constantFrom('outage' as const, 'application-pause' as const);
    fc.assert(
      fc.property(
        policyJson,
        silences,
        circumstances,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(999),
        (json, kind, around, lengthS, moreS, run) => {
          const policy = policyOf(json);
          const of = (s: number): Scenario => withSilence({ kind, lengthMs: s * 1_000 }, around);
          const [short, long] = [of(lengthS), of(lengthS + moreS)].map((one) =>
            life(policy, one, watchMs(policy, one), run),
          );
          if (short === undefined || long === undefined) throw new Error('two lives');
          // Where a policy itself ends healthy connections, a longer silence has less room within their time, and begins elsewhere.
          if (short.livesShort || long.livesShort) return;
          // The silence begins when the client was last heard, or later.
          if (short.endedAtUs >= short.lastHeardAtUs + lengthS * 1_000_000) return;
          ended += 1;
          expect(long.endedAtUs).toBe(short.endedAtUs);
          expect(long.by).toBe(short.by);
        },
      ),
      cases(100),
    );
    expect(ended, 'lives that were ended within the shorter silence').toBeGreaterThan(asMany(5));
  });

  it('what a policy is called changes nothing that happens', () => {
    fc.assert(
      fc.property(policyJson, scenario, fc.nat(999), (json, of, run) => {
        const [one, other] = ['drawn', 'called-otherwise'].map((name) =>
          definePolicy({ ...json, name, title: name }),
        );
        if (one === undefined || other === undefined) throw new Error('two policies');
        const watchedMs = watchMs(one, of);
        expect(life(other, of, watchedMs, run)).toEqual(life(one, of, watchedMs, run));
      }),
      cases(40),
    );
  });
});
