/**
 * B where the kernel itself has the last word, or none: behind a peer whose kernel answers, without a route, beside a router that reports errors.
 * By hand where the rules of Linux give a number, against simulated lives everywhere.
 */
import { describe, expect, it, test } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound, type ProvedBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { longestGhostMs } from './lives.ts';

function of(...mechanisms: object[]): Policy {
  return definePolicy({ name: 'one', mechanisms } as never);
}

function story(fault: object, more: object = {}): Scenario {
  const path = { rttMs: 50 };
  const load = { kind: 'idle' };
  return defineScenario({ kind: 'fault', name: 'story', fault, load, path, ...more } as never);
}

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(`not proved: ${bound.because}`);
  return bound;
}

const busy = { kind: 'periodic', bytes: 1024, everyMs: 500, direction: 'server' };
const keepalive = { kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 };
const userTimeout = { kind: 'user-timeout', timeoutMs: 20_000 };
const writeDeadline = { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'deadline' };

describe('a peer whose kernel answers', () => {
  const frozen = story({ kind: 'freeze' }, { load: busy });

  // Its window is open, or shut and its probes are answered (RFC 9293 §3.8.6.1): for ten hours, too.
  test.each([
    ['nothing', of()],
    ['keepalive', of(keepalive)],
  ])('%s: it is kept for ever', (_name, policy) => {
    expect(proved(policy, frozen).decidedMs).toBe(Infinity);
    expect(longestGhostMs(policy, frozen, 2, 36_000_000)).toBe(Infinity);
  });

  it('is not said to be kept for ever where a user timeout, or who hears of writes, ends it behind a shut window', () => {
    for (const policy of [of(userTimeout), of(writeDeadline)]) {
      expect(longestGhostMs(policy, frozen, 2, 36_000_000)).toBeLessThan(Infinity);
      const bound = reachBound(policy, frozen);
      expect(bound.kind === 'proved' && bound.decidedMs === Infinity).toBe(false);
    }
  });
});
