/** Openings that are never finished: by hand, and against simulated lives. */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound, type ProvedBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { longestLives } from './lives.ts';

function of(...mechanisms: object[]): Policy {
  return definePolicy({ name: 'one', mechanisms } as never);
}

function abandoned(after: string, more: object = {}): Scenario {
  const fault = { kind: 'handshake-abandoned', after };
  const path = { rttMs: 50 };
  return defineScenario({
    kind: 'fault',
    name: 'story',
    fault,
    load: { kind: 'idle' },
    path,
    ...more,
  } as never);
}

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(bound.because);
  return bound;
}

const deadline = { kind: 'handshake-deadline', timeoutMs: '10s' };

describe('an opening that is never finished', () => {
  it('after a SYN is dropped when its answer was repeated five times: 63 s and the wheel', () => {
    const scenario = abandoned('syn');
    const { decidedMs, by, path } = proved(of(), scenario);
    expect(by).toBe('tcp_synack_retries');
    expect(path).toHaveLength(7);
    expect(decidedMs).toBeGreaterThan(63_025);
    // The last wait, 32 s, stands in a bucket of 2.048 s, and each of the others in one of an eighth of it at most.
    expect(decidedMs).toBeLessThan(63_025 + 2_048 + 5 * 256);
    const lives = longestLives(of(), scenario, 200, 200_000);
    expect(lives?.decidedMs).toBeLessThanOrEqual(decidedMs);
    expect(decidedMs).toBeLessThanOrEqual((lives?.decidedMs ?? 0) * 1.02 + 12);
  });

  it('is dropped sooner where the sysctl says so', () => {
    const kernel = { serverSysctls: { 'net.ipv4.tcp_synack_retries': 2 } };
    const { decidedMs } = proved(of(), abandoned('syn', { kernel }));
    expect(decidedMs).toBeGreaterThan(7_025);
    expect(decidedMs).toBeLessThan(7_025 + 4 * 32 + 256);
  });

  it('after TCP’s handshake ends with the deadline, and never without one', () => {
    const scenario = abandoned('established');
    const { decidedMs, closed, released } = proved(of(deadline), scenario);
    expect(decidedMs).toBe(10_000);
    expect(closed).toMatchObject({ kind: 'proved', ms: 10_000 });
    const lives = longestLives(of(deadline), scenario, 100, 200_000);
    expect(lives?.decidedMs).toBeLessThanOrEqual(10_000);
    expect(lives?.releasedMs).toBeLessThanOrEqual(released.kind === 'proved' ? released.ms : 0);
    expect(proved(of(), scenario).decidedMs).toBe(Infinity);
    expect(proved(of({ ...deadline, lost: 'timer' }), scenario).decidedMs).toBe(Infinity);
  });

  it('has a deadline that a coarser timer looks at, up to a tick later', () => {
    const granularity = { everyMs: 4000, direction: 'up', grid: 'process' };
    const { decidedMs } = proved(of({ ...deadline, granularity }), abandoned('established'));
    expect(decidedMs).toBe(14_000);
  });
});

describe('what a deadline leaves of an opening', () => {
  it('is FIN_WAIT_2 of a client whose kernel answers, to a bucket of the wheel', () => {
    const { released } = proved(of(deadline), abandoned('established'));
    if (released.kind === 'not-proved') throw new Error(released.because);
    // 10 s, tcp_fin_timeout = 60 s and the wheel's bucket for it, 2.048 s at HZ 250; two round trips and a delayed acknowledgement at most before it.
    expect(released.ms).toBeGreaterThanOrEqual(70_000);
    expect(released.ms).toBeLessThanOrEqual(70_000 + 2_048 + 2 * 50 + 208);
  });
});
