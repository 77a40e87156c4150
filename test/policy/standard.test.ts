/** The policy of `attachReaper(server)`: the stories that it passes, and for each of its rules the story that it fails without it. */
import { describe, expect, it } from 'vitest';
import { standardPolicy, standardPolicyWithoutKernel } from '../../model/policy/standard.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import { limitsOf } from '../../model/reaper/index.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { SEED } from '../support/seed.ts';

const RUNS = 12;
/** For what happens in one life of ten or fewer. */
const CHANCES = 100;
/** What was under way when the peer went, and the wheel of the kernel's timers. */
const UNDER_WAY_MS = 1_000;

function played(policy: Policy, name: string, runs = RUNS): ComparisonRow {
  const scenario = scenarios[name] as Scenario;
  const { rows } = compare({
    policies: [policy],
    scenarios: [scenario],
    runs,
    seed: BigInt(SEED),
  });
  return rows[0] as ComparisonRow;
}

const GHOSTS = [
  'vanish-idle',
  'vanish-busy',
  'vanish-saturated',
  'frozen-idle',
  'frozen-busy',
  'frozen-saturated',
  'vanish-telemetry',
  'half-close',
];
const LIVING = [
  'live-idle',
  'live-active',
  'live-slow-reader',
  'live-slow-uploader',
  'live-trickle-78s',
  'live-plateau-queue',
  'live-paused-78s',
  'live-starved-lock',
  'live-loop-stall',
  'live-gc-pause-10s',
  'live-outage-29s',
  'live-outage-29s-busy',
];

const both = [standardPolicy, standardPolicyWithoutKernel];

describe.each(both)('$name', (policy) => {
  const { silence } = limitsOf(policy);

  it('states B and T over every traffic', () => {
    expect(silence).toMatchObject({ maxMs: 60_000, toleranceMs: 40_000 });
    expect(limitsOf(policy).stuck.maxMs).toBe(policy === standardPolicy ? 41_000 : 300_000);
  });

  it.each(LIVING)('leaves the living alone: %s', (name) => {
    const { endedAlive } = played(policy, name);
    expect(endedAlive).toMatchObject({ count: 0, samples: RUNS });
  });
});

it.each(GHOSTS)('standard ends every ghost in time: %s', (name) => {
  const { ghostMs } = played(standardPolicy, name);
  expect(ghostMs).toMatchObject({ undetected: 0, samples: RUNS });
  expect(ghostMs.max).toBeLessThanOrEqual(60_000 + UNDER_WAY_MS);
});

it.each(GHOSTS)('without a kernel to look at, too: %s', (name) => {
  const { ghostMs } = played(standardPolicyWithoutKernel, name);
  expect(ghostMs).toMatchObject({ undetected: 0, samples: RUNS });
  expect(ghostMs.max).toBeLessThanOrEqual(60_000 + UNDER_WAY_MS);
});

/** The policy with its mechanism of this kind changed, or taken out. */
function changed(kind: Mechanism['kind'], change: (one: Mechanism) => Mechanism[]): Policy {
  return {
    ...standardPolicy,
    mechanisms: standardPolicy.mechanisms.flatMap((one) => (one.kind === kind ? change(one) : one)),
  };
}

const withAsks = (fields: object): Policy =>
  changed('ping', (one) => [{ ...one, ...fields } as Mechanism]);

describe('each rule is needed', () => {
  it('ask the silent: without it an idle ghost stands for ever', () => {
    const { ghostMs } = played(
      changed('ping', () => []),
      'frozen-idle',
    );
    expect(ghostMs.undetected).toBe(RUNS);
  });

  it('any byte is life: where only a pong is, a slow uploader who is asked is ended', () => {
    const asked = { after: 'last-ping' };
    const pongs = withAsks({ ...asked, life: ['pong', 'drained'] });
    expect(played(withAsks(asked), 'live-slow-uploader').endedAlive.count).toBe(0);
    expect(played(pongs, 'live-slow-uploader').endedAlive.count).toBeGreaterThan(0);
  });

  it('progress of what waits is life: without it a slow reader is ended', () => {
    const { endedAlive } = played(withAsks({ life: ['any-byte'] }), 'live-slow-reader', CHANCES);
    expect(endedAlive.count).toBeGreaterThan(0);
  });

  it('40 s of patience: with 20 s an outage of half a minute ends the living', () => {
    const { endedAlive } = played(withAsks({ replyTimeoutMs: 20_000 }), 'live-outage-29s');
    expect(endedAlive.count).toBeGreaterThan(0);
  });

  it('a ping counts from when it is handed over: written at its turn, a stuck one is never missed', () => {
    const asks = withAsks({ replyClock: 'written' }).mechanisms.slice(0, 1);
    const { ghostMs } = played({ ...standardPolicy, mechanisms: asks }, 'frozen-saturated');
    expect(ghostMs.undetected).toBe(RUNS);
    expect(limitsOf({ ...standardPolicy, mechanisms: asks }).silence.maxMs).toBeNull();
  });

  it('the kernel gives up, too: without it what was sent is retransmitted for minutes after the verdict', () => {
    const kept = played(
      changed('user-timeout', () => []),
      'vanish-busy',
    ).releasedMs.max;
    const freed = played(standardPolicy, 'vanish-busy').releasedMs.max;
    expect(freed).toBeLessThan(62_000);
    expect(kept).toBeGreaterThan(100_000);
  });

  it('look at what waits: without it nothing says when a stuck send path is given up', () => {
    expect(limitsOf(changed('send-stall', () => [])).stuck.maxMs).toBeNull();
  });
});
