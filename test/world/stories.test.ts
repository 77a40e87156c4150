/** What the parts of the world do around the connection: middleboxes, orderly ends, fleets, cost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ComparisonRow, RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { Frame, FrameQueue } from '../../sim/websocket/frames.ts';
import { cases } from '../support/property.ts';

function cell(policy: string, scenario: string, runs = 20): ComparisonRow {
  const { rows } = compare({
    policies: [presets[policy] as Policy],
    scenarios: [scenarios[scenario] as Scenario],
    runs,
    seed: 4n,
  });
  return rows[0] as ComparisonRow;
}

function run(policy: string, scenario: string, number = 0): RunResult {
  const options = { seed: 4n, run: number, trace: true };
  return simulate(presets[policy] as Policy, scenarios[scenario] as Scenario, options);
}

describe('a NAT that forgets after 300 s', () => {
  it('forgets a quiet flow 300 s after its last packet', () => {
    const result = run('none', 'nat-forgets');
    // The last packet of the handshake leaves the client after one round trip of 50 ms.
    expect(result.faultAtMs).toBe(50 + 300_000);
    expect(result.outcome).toBe('undetected');
  });

  it('never forgets one that is pinged every 30 s: the heartbeat prevents the fault', () => {
    const row = cell('alive-flag-sweep', 'nat-forgets');
    expect(row).toMatchObject({ prevented: 20, ghostMs: { samples: 0, undetected: 0 } });
    expect(run('alive-flag-sweep', 'nat-forgets').outcome).toBe('survived');
  });

  it('lets the first query of a pool hang until the kernel gives up', () => {
    const result = run('none', 'pool-behind-nat');
    const query = result.events.find((e) => e.event === 'query-sent');
    const afterMs = (result.decidedAtMs ?? 0) - (query?.atMs ?? 0);
    // tcp_retries2 = 15: at least 924.6 s from the first retransmission timeout, which itself comes
    // a probe (250 ms) and a timeout (250 ms) after the query; each late timer adds at most its bucket.
    expect(afterMs).toBeGreaterThanOrEqual(924_600 + 500);
    expect(afterMs).toBeLessThan(924_600 + 120_832);
    expect(result.reason).toContain('ETIMEDOUT');
  });
});

describe('orderly ends', () => {
  it('an idle timeout closes by the closing handshake, which is no false reap', () => {
    const result = run('grpc-5s-1s', 'live-idle');
    const accepted = result.events.find((e) => e.event === 'accepted');
    expect(result.outcome).toBe('closed');
    expect(result.decidedAtMs).toBe((accepted?.atMs ?? 0) + 15_000);
    // The client's Close frame comes back a round trip later; then the server closes first.
    expect(result.closedAtMs).toBe((result.decidedAtMs ?? 0) + 50);
    expect(cell('grpc-5s-1s', 'live-idle').falseReaps.count).toBe(0);
  });

  it('a crash is known half a round trip later, from the FIN of the dead process', () => {
    const result = run('none', 'crash');
    expect(result).toMatchObject({ outcome: 'closed', reason: 'end of file from the peer' });
    expect((result.decidedAtMs ?? 0) - (result.faultAtMs ?? 0)).toBe(25);
  });

  it('a rebooted host resets what it gets, and is silent to those who send nothing', () => {
    expect(run('none', 'reboot').outcome).toBe('undetected');
    const result = run('none', 'reboot-busy');
    expect(result.reason).toContain('ECONNRESET');
    expect((result.decidedAtMs ?? 0) - (result.faultAtMs ?? 0)).toBeGreaterThan(30_000);
  });
});

describe('the four instants', () => {
  it('lie minutes apart: destroying a vanished peer leaves an orphan for 100 s or more', () => {
    const result = run('alive-flag-sweep', 'vanish-idle');
    expect(result.closedAtMs).toBe(result.decidedAtMs);
    expect(result.kernelClosedAtMs).toBe(result.decidedAtMs);
    // tcp_orphan_retries = 8: 102.2 s after the first retransmission timeout of the lost ping, which
    // left one interval of 30 s before the verdict.
    const restMs = (result.releasedAtMs ?? 0) - (result.decidedAtMs ?? 0);
    expect(restMs).toBeGreaterThan(102_200 - 30_000);
  });

  it('of a frozen peer: its kernel acknowledges the FIN, and FIN_WAIT2 takes 60 s', () => {
    const result = run('alive-flag-sweep', 'frozen-idle');
    const restMs = (result.releasedAtMs ?? 0) - (result.decidedAtMs ?? 0);
    expect(restMs).toBeGreaterThanOrEqual(60_000 + 50);
    expect(restMs).toBeLessThan(60_000 + 50 + 2_048 + 4);
  });
});

describe('cost on a quiet connection', () => {
  it('of a 30 s sweep: 120 pings an hour, each with its pong and an acknowledgement', () => {
    const { cost } = cell('alive-flag-sweep', 'live-idle');
    expect(cost.packetsPerHour / (120 * 3)).toBeCloseTo(1, 1);
    // 52 bytes of headers each; a ping of 2 bytes, a pong of 6.
    expect(cost.bytesPerHour / (120 * (54 + 58 + 52))).toBeCloseTo(1, 1);
    expect(cost.wakeupsPerHour / (120 * 2)).toBeCloseTo(1, 1);
  });

  it('of keepalive 10 s: a probe and its answer every 2560 ticks, and no process wakes', () => {
    const { cost } = cell('keepalive-10-5-3', 'live-idle');
    expect(cost.packetsPerHour / ((3600 / 10.24) * 2)).toBeCloseTo(1, 1);
    expect(cost.wakeupsPerHour).toBe(0);
  });

  it('of none, and of a kernel timer that only watches, is nothing', () => {
    const nothing = { packetsPerHour: 0, bytesPerHour: 0, wakeupsPerHour: 0 };
    expect(cell('none', 'live-active').cost).toEqual(nothing);
    expect(cell('user-timeout-20s', 'live-active').cost).toEqual(nothing);
  });
});

describe('descriptors', () => {
  it('run out after 1.4 hours when nothing finds ghosts, and never under a sweep', () => {
    // Room for 1024 − 800 = 224; the 225th of 160 an hour finds none.
    const none = cell('none', 'descriptor-exhaustion').exhaustionMs;
    expect(none).toMatchObject({ samples: 20, never: 0 });
    expect((none?.min ?? 0) / 3_600_000).toBeGreaterThanOrEqual(224 / 160);
    expect((none?.max ?? 0) / 3_600_000).toBeLessThan(225 / 160);
    const swept = cell('alive-flag-sweep', 'descriptor-exhaustion').exhaustionMs;
    expect(swept).toMatchObject({ samples: 0, never: 20 });
  });
});

describe('frames', () => {
  it('come out once, in order, and not before their last byte', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 9000 }), (bytes, stride) => {
        const queue = new FrameQueue();
        const ends = bytes.map((_, i) =>
          bytes.slice(0, i + 1).reduce((sum, size) => sum + size, 0),
        );
        const end = ends.at(-1) ?? 0;
        for (const each of ends) queue.push(each, Frame.Message);
        let taken = 0;
        for (let offset = 0; offset < end + stride; offset += stride) {
          while (queue.take(offset) !== 0) taken += 1;
          const complete = ends.filter((each) => each <= offset).length;
          expect(taken).toBe(complete);
        }
        expect(queue.take(Infinity)).toBe(0);
      }),
      cases(50),
    );
  });
});
