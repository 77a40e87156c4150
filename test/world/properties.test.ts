/**
 * What must hold in every cell of the grid: all built-in policies on all built-in scenarios. More runs
 * per cell with GHOSTBOUND_RUNS; the message of a failure names the run that replays it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { definePolicy, presets, selectPolicies } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { runChunk } from '../../scenarios/compare/index.ts';
import { swarmPolicies, swarmScenarios } from '../../scenarios/swarm/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords, Stream } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { contradiction } from '../support/contradiction.ts';
import { RUNS } from '../support/effort.ts';
import { SEED } from '../support/seed.ts';
import { share } from '../support/share.ts';
import { cases } from '../support/property.ts';

const seed = seedWords(BigInt(SEED));

const cells = Object.values(presets).flatMap((policy) =>
  Object.values(scenarios).map((scenario) => ({ policy, scenario })),
);
const anyCell = fc.constantFrom(...cells);

function replay(policy: Policy, scenario: Scenario, run: number): string {
  return `simulate(presets['${policy.name}'], scenarios['${scenario.name}'], { seed: '${SEED}', run: ${run} })`;
}

/** Fewer lives, and a share of the scenarios, for what is not founding: what is found there is found by any of them. */
const founding = new Set(
  (selectPolicies('@founding') as { value: readonly Policy[] }).value.map(({ name }) => name),
);

describe.each(
  Object.values(presets).map((policy, place) => ({ name: policy.name, policy, place })),
)('$name', ({ policy, place }) => {
  it('keeps no ghost longer than stated and kills nobody whose silence it claims to tolerate', () => {
    const broken: string[] = [];
    const isFounding = founding.has(policy.name);
    const runs = isFounding ? RUNS : Math.ceil(RUNS / 3);
    const all = Object.values(scenarios);
    for (const scenario of share(all, isFounding ? 16 : 32, place)) {
      const stated = bounds(policy, scenario);
      const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
      for (let run = 0; run < runs; run += 1) {
        player.play(seed, run);
        const found = contradiction(scenario, stated, player.record, watchMs(policy, scenario));
        if (found !== undefined) broken.push(`${found}: ${replay(policy, scenario, run)}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

describe('a run', () => {
  it('is the same for the same seed, whatever was played before it in the same world', () => {
    fc.assert(
      fc.property(anyCell, fc.nat(1000), fc.nat(1000), ({ policy, scenario }, run, other) => {
        const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
        player.play(seed, other);
        player.play(seed, run);
        const digest = player.digest.hex();
        const result = simulate(policy, scenario, { seed: BigInt(SEED), run });
        expect(result.digest).toBe(digest);
      }),
      cases(40),
    );
  });

  it('tells the same story with a timeline as without', () => {
    fc.assert(
      fc.property(anyCell, fc.nat(1000), ({ policy, scenario }, run) => {
        const shown = simulate(policy, scenario, { seed: BigInt(SEED), run, trace: true });
        const quiet = simulate(policy, scenario, { seed: BigInt(SEED), run });
        expect({ ...shown, events: [] }).toEqual(quiet);
        const instants = shown.events.map((event) => event.atMs);
        expect(instants).toEqual(instants.toSorted((a, b) => a - b));
      }),
      cases(20),
    );
  });

  it('is the same whether or not its watch may end once nothing can change any more', () => {
    const faults = cells.filter(({ scenario }) => scenario.kind === 'fault');
    fc.assert(
      fc.property(fc.constantFrom(...faults), fc.nat(1000), ({ policy, scenario }, run) => {
        const told = [true, false].map((endsAtRest) => {
          const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
          player.world.endsAtRest = endsAtRest;
          player.play(seed, run);
          return { ...player.record, digest: player.digest.hex() };
        });
        expect(told[0]).toEqual(told[1]);
      }),
      cases(60),
    );
  });

  it('is the same whether quiet cycles are played or left out', () => {
    const drawnSeed = BigInt(SEED);
    const drawn = fc
      .constantFrom(...swarmPolicies(drawnSeed, 20))
      .chain((policy) =>
        fc.constantFrom(...swarmScenarios(drawnSeed, 40)).map((scenario) => ({ policy, scenario })),
      );
    fc.assert(
      fc.property(fc.oneof(anyCell, drawn), fc.nat(1000), ({ policy, scenario }, run) => {
        const told = [true, false].map((leavesOutCycles) => {
          const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
          player.world.leavesOutCycles = leavesOutCycles;
          player.play(seed, run);
          return { ...player.record, ...player.world.observed, digest: player.digest.hex() };
        });
        expect(told[0]).toEqual(told[1]);
      }),
      cases(60),
    );
  });

  it('is the same whether looks at a quiet socket are played or counted', () => {
    const hasty = definePolicy({
      name: 'hasty-watchdog',
      title: 'Looks ten times a second',
      mechanisms: [
        { kind: 'send-stall', progress: 'bytes-acked', graceMs: '3s', everyMs: '100ms' },
        { kind: 'peer-closed', everyMs: '100ms' },
      ],
    });
    const watched = [
      ...cells.filter(({ policy }) => policy.name.endsWith('-watchdog')),
      ...Object.values(scenarios).map((scenario) => ({ policy: hasty, scenario })),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...watched), fc.nat(1000), ({ policy, scenario }, run) => {
        const told = [true, false].map((skipsQuietLooks) => {
          const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
          player.world.skipsQuietLooks = skipsQuietLooks;
          // Hours of looks at nothing would be played one by one: minutes will do.
          player.world.pin(Stream.Age, 0.5);
          player.play(seed, run);
          return { ...player.record, digest: player.digest.hex() };
        });
        expect(told[0]).toEqual(told[1]);
      }),
      cases(30),
    );
  });

  it('differs from another run: the fault comes at another instant', () => {
    const policies = Object.values(presets);
    fc.assert(
      fc.property(fc.constantFrom(...policies), fc.nat(1000), (policy, run) => {
        const scenario = scenarios['vanish-busy'] as Scenario;
        const digest = (number: number): string => {
          const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
          player.play(seed, number);
          return player.digest.hex();
        };
        expect(digest(run)).not.toBe(digest(run + 1));
      }),
      cases(20),
    );
  });
});

describe('a part of a grid', () => {
  it('sums its runs: its digest is that of the single runs, numbered', () => {
    const policy = presets['sweep-and-pong-timer'] as Policy;
    const scenario = scenarios['vanish-busy'] as Scenario;
    const part = (firstRun: number, runs: number) =>
      runChunk(policy, scenario, BigInt(SEED), { policy: 0, scenario: 0, firstRun, runs }).digest;
    const [a, b] = part(0, 1);
    const [c, d] = part(1, 1);
    expect(part(0, 2)).toEqual([(a + c) | 0, (b + d) | 0]);
  });
});
