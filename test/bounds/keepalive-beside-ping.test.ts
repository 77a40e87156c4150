/**
 * SO_KEEPALIVE beside a ping that is slower than it: keepalive ends the ghost, unless the ping leaves just before and puts
 * it off; then the ping ends it, or TCP_USER_TIMEOUT or the retransmissions do. Every Go service has it so.
 */
import { describe, expect, it, test } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { definePolicy, selectPolicies, type Policy } from '../../model/policy/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';

const vanish = scenarios['vanish-idle'] as Scenario;

function boundMs(policy: Policy): number {
  const { maxMs } = bounds(policy, vanish).decided;
  if (maxMs === null) throw new Error(`${policy.name} has no bound`);
  return maxMs;
}

/** The longest of so many lives from the fault to the decision. */
function longestMs(policy: Policy, lives: number): number {
  const player = new RunPlayer(policy, vanish, watchMs(policy, vanish), false);
  let most = 0;
  for (let run = 0; run < lives; run += 1) {
    player.play(seedWords(11n), run);
    const { faultAtUs, decidedAtUs } = player.record;
    most = Math.max(most, (decidedAtUs - faultAtUs) / 1_000);
  }
  return most;
}

/** Keepalive, TCP_USER_TIMEOUT (null = none) and a ping, in s. */
function beside(
  [idle, interval, probes]: readonly [number, number, number],
  userTimeoutS: number | null,
  pingS: number,
  patienceS: number | null,
): Policy {
  return definePolicy({
    name: 'beside',
    mechanisms: [
      {
        kind: 'ping',
        intervalMs: pingS * 1_000,
        after: 'last-received',
        replyTimeoutMs: patienceS === null ? null : patienceS * 1_000,
        life: ['any-byte'],
      },
      ...(userTimeoutS === null
        ? []
        : [{ kind: 'user-timeout', timeoutMs: userTimeoutS * 1_000 } as const]),
      { kind: 'keepalive', idleMs: idle * 1_000, intervalMs: interval * 1_000, probes },
    ],
  });
}

describe('grpc-go on Go’s listener', () => {
  it('a ghost stands 15 + 15 s, or 20 s more where the ping of 2 h comes in between', () => {
    const found = selectPolicies('grpc');
    const policy = (found.ok ? found.value[0] : undefined) as Policy;
    // 15.104 s twice by the wheel, the ping just before, its 20 s; half a round trip and a jiffy or two beside.
    expect(boundMs(policy)).toBeGreaterThan(30_000 + 20_000);
    expect(boundMs(policy)).toBeLessThanOrEqual(1.02 * (15_256 + 15_104 + 20_000));
  });

  it('one whose ping is 100 s apart meets that case, and stays within', () => {
    const policy = beside([15, 15, 9], 20, 100, 20);
    const most = longestMs(policy, 1_000);
    // Some ping puts keepalive off: later than 30.4 s.
    expect(most).toBeGreaterThan(31_000);
    expect(most).toBeLessThanOrEqual(boundMs(policy));
  });
});

describe('no life is longer than the bound', () => {
  const keepalives = [
    [5, 2, 3],
    [10, 5, 3],
    [15, 15, 2],
  ] as const;
  const cases = keepalives.flatMap((keepalive) =>
    ([null, 4, 20] as const).flatMap((userTimeoutS) =>
      ([17, 40, 300] as const).flatMap((pingS) =>
        ([null, 3, 30] as const).map(
          (patienceS) => [keepalive, userTimeoutS, pingS, patienceS] as const,
        ),
      ),
    ),
  );
  test.each(cases)('keepalive %j, user timeout %j s, ping %d s, patience %j s', (...setting) => {
    const policy = beside(...setting);
    expect(longestMs(policy, 120)).toBeLessThanOrEqual(boundMs(policy));
  });
});
