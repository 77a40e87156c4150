/** Exploration against arithmetic done by hand, and against the two witnesses that know nothing of it. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import {
  definePolicy,
  presets,
  type MechanismInput,
  type Policy,
} from '../../model/policy/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { Explorer } from '../../proof/explore/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { busy, fault, idle, live, withRtt } from '../bounds/scenarios.ts';
import { SEED } from '../support/seed.ts';

function policy(...mechanisms: MechanismInput[]): Policy {
  return definePolicy({ name: 'under-test', mechanisms });
}

function named(name: string): Policy {
  const found = presets[name];
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found;
}

const bound = (of: Policy, on: Scenario) => new Explorer(of).bound(on);
const tolerance = (of: Policy, on: Scenario) => new Explorer(of).tolerance(on);
const busyFault = fault({ load: busy });

describe('B', () => {
  // Without a round trip a ping at t is answered at t. The last answered one is up to a period before the
  // fault; both ends of a range belong to it, as a fault may just precede or just follow a ping.
  test.each([
    // Two ticks after the last answered one: 2 · 30 s − (0 … 30 s).
    ['alive-flag-sweep', 30_000, 60_000],
    // The next ping, 0 … 30 s later, and its 10 s.
    ['sweep-and-pong-timer', 10_000, 40_000],
    ['sweep-lost-and-pong-timer', 10_000, 40_000],
    ['ws-heartbeat-per-connection', 30_000, 60_000],
    // 25 s from the pong, and 20 s.
    ['engine.io-v4-server', 20_000, 45_000],
    // Up to a ping 5 s after the last, and its 1 s; or at once, where the idle limit of 15 s is over.
    ['grpc-5s-1s', 0, 6_000],
  ])('of %s, on a wire without delay, is %i to %i ms', (name, minMs, maxMs) => {
    const explored = bound(named(name), withRtt(fault(), 0));
    expect(explored).toMatchObject({ kind: 'explored', minMs, maxMs });
  });

  test.each([
    // A ping is answered if it left 25 ms before the fault: both ends come 25 ms earlier.
    ['alive-flag-sweep', 'vanish-idle', 29_975, 59_975],
    ['alive-flag-sweep', 'frozen-idle', 29_975, 59_975],
    // Measured from the pong, the period is a round trip longer: 25 + 0.05 + 20 − 0.025.
    ['engine.io-v4-server', 'vanish-idle', 19_975, 45_025],
    ['engine.io-v4-server', 'tunnel-half-open', 19_975, 45_025],
  ])('of %s on %s counts the way', (name, scenario, minMs, maxMs) => {
    const explored = bound(named(name), scenarios[scenario] as Scenario);
    expect(explored).toMatchObject({ kind: 'explored', minMs, maxMs, tickMs: 25 });
  });

  it('of a send stall is the wait for the first stuck byte, then G to G + every', () => {
    const stall = { kind: 'send-stall', graceMs: '30s', everyMs: '1s' } as const;
    const explored = bound(policy(stall), busyFault);
    // First stuck write: −25 ms to 475 ms. From it to the reap: at least 30 s, less than 31 s.
    expect(explored).toMatchObject({ kind: 'explored', minMs: 29_975 });
    const maxMs = explored.kind === 'explored' ? explored.maxMs : null;
    expect(maxMs).toBeGreaterThanOrEqual(475 + 31_000 - 25);
    expect(maxMs).toBeLessThanOrEqual(475 + 31_000);
  });

  it('of mechanisms that are lost is none', () => {
    const lost = { kind: 'explored', minMs: null, maxMs: null };
    expect(bound(named('alive-flag-sweep-lost'), fault())).toMatchObject(lost);
    const mute = { kind: 'sweep', intervalMs: '30s', ping: false, lost: 'verdict' } as const;
    expect(bound(policy(mute), fault())).toMatchObject(lost);
    const unheard = { kind: 'ping', intervalMs: '30s', replyTimeoutMs: null } as const;
    expect(bound(policy(unheard), scenarios['frozen-idle'] as Scenario)).toMatchObject(lost);
    const blind = { kind: 'send-stall', graceMs: '30s', lost: 'timer' } as const;
    expect(bound(policy(blind), scenarios['frozen-idle'] as Scenario)).toMatchObject(lost);
  });

  test.each([
    ['keepalive-10-5-3', 'vanish-idle', 'nothing of the policy runs in the process'],
    ['none', 'vanish-busy', 'nothing of the policy runs in the process'],
    ['alive-flag-sweep', 'vanish-saturated', 'full buffers'],
    ['alive-flag-sweep', 'nat-forgets', 'a middlebox'],
    ['alive-flag-sweep', 'crash', "the peer's kernel"],
    ['alive-flag-sweep', 'drain-with-ghosts', 'more than the life of one connection'],
    ['queue-stall-watchdog', 'vanish-busy', 'kernel buffers'],
    ['send-stall-watchdog', 'frozen-busy', 'receive window'],
  ])('of %s on %s is not for it to say: %s', (name, scenario, reason) => {
    const explored = bound(named(name), scenarios[scenario] as Scenario);
    expect(explored).toMatchObject({ kind: 'not-applicable' });
    expect(explored).toHaveProperty('reason', expect.stringContaining(reason));
  });

  it('is not for it to say where the kernel may be first', () => {
    // Its unanswered ping dies of tcp_retries2 after a quarter of an hour.
    const pings = { kind: 'sweep', intervalMs: '30s', lost: 'verdict' } as const;
    expect(bound(policy(pings), fault())).toEqual({
      kind: 'not-applicable',
      reason: 'the kernel may decide first: tcp_retries2',
    });
  });

  it('says so where there are too many states', () => {
    const prime = policy({ kind: 'sweep', intervalMs: 899_981 });
    expect(bound(prime, withRtt(fault(), 2))).toHaveProperty(
      'reason',
      expect.stringMatching(/^899981 openings alone states/),
    );
  });
});

describe('T', () => {
  it('against a pause is the grace less a round trip, for a rule on acknowledgements alone', () => {
    const paused = live({ kind: 'application-pause', lengthMs: '78s' }, { load: busy });
    // The oldest message that is not acknowledged left up to a round trip before the pause.
    expect(tolerance(named('ack-stall-watchdog'), paused)).toMatchObject({ maxMs: 29_950 });
    expect(tolerance(named('alive-flag-sweep'), paused)).toMatchObject({ maxMs: null });
    expect(tolerance(named('send-stall-watchdog'), paused)).toMatchObject({ maxMs: null });
  });

  it('against a frozen peer is the patience less a round trip', () => {
    const frozen = scenarios['frozen-idle'] as Scenario;
    expect(tolerance(named('alive-flag-sweep'), frozen)).toMatchObject({ maxMs: 29_950 });
    expect(tolerance(named('sweep-and-pong-timer'), frozen)).toMatchObject({ maxMs: 9_950 });
  });

  it('against a stalled server ends where its due timer comes before the answer', () => {
    const stalled = live({ kind: 'server-starved', lengthMs: '45s' });
    // Exactly at the patience less a round trip both are due at once, and timers come first.
    expect(tolerance(named('engine.io-v4-server'), stalled)).toMatchObject({ maxMs: 19_950 - 25 });
  });

  it('against an outage bounds by how much answers may be late', () => {
    const outage = live({ kind: 'outage', lengthMs: '9s' });
    expect(tolerance(named('engine.io-v4-server'), outage)).toMatchObject({
      kind: 'at-most',
      maxMs: 19_950,
    });
  });

  it('is none where a healthy peer is reaped', () => {
    const deaf = policy({ kind: 'sweep', intervalMs: '1s', ping: false, life: ['pong'] });
    expect(tolerance(deaf, live({ kind: 'none' }))).toMatchObject({ maxMs: 0 });
  });
});

describe('random policies', () => {
  const seconds = (max: number) => fc.integer({ min: 1, max }).map((s) => s * 1000);
  const lost = fc.constantFrom({}, {}, {}, { lost: 'timer' } as const);
  const own = fc.oneof(
    fc.record({
      kind: fc.constant('sweep' as const),
      intervalMs: seconds(12),
      timer: fc.constantFrom('shared' as const, 'per-connection' as const),
      life: fc.constantFrom(['pong'] as const, ['any-byte'] as const),
    }),
    fc.record({
      kind: fc.constant('ping' as const),
      intervalMs: seconds(12),
      after: fc.constantFrom('last-ping' as const, 'last-reply' as const, 'last-received' as const),
      replyTimeoutMs: seconds(9),
      life: fc.constantFrom(['pong'] as const, ['any-byte'] as const),
    }),
    fc.record({
      kind: fc.constant('send-stall' as const),
      progress: fc.constantFrom('bytes-acked' as const, 'application-ack' as const),
      graceMs: seconds(8),
      everyMs: fc.constantFrom(400, 500, 1_000),
    }),
  );
  const policies = fc
    .array(fc.tuple(own, lost), { minLength: 1, maxLength: 2 })
    .map((all) => policy(...all.map(([mechanism, loss]) => ({ ...mechanism, ...loss }))));
  const settings = fc.record({
    load: fc.constantFrom(idle, busy),
    path: fc.record({ rttMs: fc.constantFrom(100, 200) }),
  });

  it('never let a ghost live longer than the closed form says, in any phase', () => {
    fc.assert(
      fc.property(policies, settings, (of, changes) => {
        const scenario = fault(changes);
        const explored = bound(of, scenario);
        const maxMs = bounds(of, scenario).decided.maxMs ?? Infinity;
        // Where exploration does not apply it says nothing; where it is unbounded, so must the bound be.
        const longest = explored.kind === 'explored' ? (explored.maxMs ?? Infinity) : 0;
        expect(longest).toBeLessThanOrEqual(maxMs);
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  it('never let a simulated ghost live a tick longer than explored, nor reap sooner', () => {
    fc.assert(
      fc.property(policies, settings, fc.nat(1_000), (of, changes, run) => {
        const scenario = fault(changes);
        const explored = bound(of, scenario);
        if (explored.kind !== 'explored' || explored.maxMs === null) return;
        const player = new RunPlayer(of, scenario, 60_000, false);
        player.play(seedWords(BigInt(SEED)), run);
        const { record } = player;
        if (record.falseReap) return;
        const livedMs = (record.decidedAtUs - record.faultAtUs) / 1000;
        expect(livedMs).toBeLessThanOrEqual(explored.maxMs + explored.tickMs);
        expect(livedMs).toBeGreaterThanOrEqual((explored.minMs ?? 0) - explored.tickMs);
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
});
