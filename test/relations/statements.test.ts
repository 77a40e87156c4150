/**
 * What must hold between two statements, whatever the numbers are: each relation is a theorem about what ends a
 * connection, with its reason beside it. Only what is stated is compared: a number that is not proved says nothing.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { bounds, type Bound, type Policy, type Scenario, type Tolerance } from '../../index.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';
import {
  circumstances,
  policyJson,
  policyOf,
  scenario,
  withFault,
  withSilence,
  type Circumstances,
  type FaultInput,
  type MechanismJson,
  type PolicyJson,
} from './draw.ts';

/** What is stated, Infinity for never; undefined where nothing is. */
function ms({ proved, maxMs }: Bound | Tolerance): number | undefined {
  return proved ? (maxMs ?? Infinity) : undefined;
}

/** Statements are rounded to the millisecond, and explored ones up to the next tick. */
const ROUNDING_MS = 2;

/** In what way one number is above another that it may not be above; undefined where it is not, or one is not stated. */
function above(
  small: number | undefined,
  large: number | undefined,
  mostMs = ROUNDING_MS,
): string | undefined {
  if (small === undefined || large === undefined || small <= large + mostMs) return undefined;
  return `${small} ms > ${large} ms`;
}

/** Likewise, in what way two differ. */
function apart(
  one: number | undefined,
  other: number | undefined,
  mostMs = ROUNDING_MS,
): string | undefined {
  return above(one, other, mostMs) ?? above(other, one, mostMs);
}

/** Counts the cases in which both numbers are stated: a relation that nothing is stated for must not pass. */
class Told {
  count = 0;
  also(...numbers: readonly (number | undefined)[]): void {
    if (numbers.every((number) => number !== undefined)) this.count += 1;
  }
}

// There is no ghost where the peer lives.
const B = (policy: Policy, of: Scenario): number | undefined =>
  of.kind === 'fault' ? ms(bounds(policy, of).decided) : undefined;
const T = (policy: Policy, of: Scenario): number | undefined => ms(bounds(policy, of).tolerance);

const seconds = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least, max: most }).map((s) => s * 1_000);

/** Mechanisms that neither send nor set anything: they can only end a connection sooner. */
const judge: fc.Arbitrary<MechanismJson> = fc.oneof(
  fc.record({ kind: fc.constant('receive-deadline' as const), timeoutMs: seconds(1, 120) }),
  fc.record({ kind: fc.constant('idle' as const), timeoutMs: seconds(1, 120) }),
  fc.record({ kind: fc.constant('age' as const), maxMs: seconds(60, 7_200) }),
  fc.record({ kind: fc.constant('peer-closed' as const), everyMs: seconds(1, 10) }),
  fc.record({
    kind: fc.constant('send-stall' as const),
    progress: fc.constantFrom('bytes-acked' as const, 'queue' as const),
    graceMs: seconds(1, 60),
    everyMs: seconds(1, 10),
  }),
);

describe('a mechanism more that only judges', () => {
  it('makes no B longer and no T longer: every run ends as before, or sooner', () => {
    fc.assert(
      fc.property(policyJson, judge, scenario, (json, more, of) => {
        const before = policyOf(json);
        const taken = json.mechanisms.some(({ kind }) => kind === more.kind);
        fc.pre(!taken);
        const after = policyOf({ ...json, mechanisms: [...json.mechanisms, more] });
        expect(above(B(after, of), B(before, of))).toBeUndefined();
        expect(above(T(after, of), T(before, of))).toBeUndefined();
      }),
      cases(60),
    );
  });
});

describe('three that judge beside each other, all of 30 s', () => {
  const sweep = { kind: 'sweep', intervalMs: 30_000 } as const;
  const ping = { kind: 'ping', intervalMs: 30_000, replyTimeoutMs: 30_000 } as const;
  const deadline = { kind: 'receive-deadline', timeoutMs: 60_000 } as const;
  const around: Circumstances = {
    load: { kind: 'idle' },
    path: { rttMs: 50 },
    kernel: { hz: 250 },
  };
  const decidedMs = (mechanisms: readonly MechanismJson[], fault: FaultInput['fault']) =>
    B(policyOf({ mechanisms: [...mechanisms] }), withFault(fault, around));

  // A connection that is lost as it opens is pinged after 30 s, and nobody waits longer for that. The last pong may come 25 ms after the fault, of an older
  // connection: its next ping is 25 ms nearer.
  test.each([
    ['a sweep and two pings', [sweep, ping, ping]],
    ['a ping, a sweep and a ping', [ping, sweep, ping]],
    ['two pings and a sweep', [ping, ping, sweep]],
    ['a sweep, a ping and a deadline', [sweep, ping, deadline]],
    ['a deadline, a ping and a sweep', [deadline, ping, sweep]],
  ])('%s find a ghost within 60 s, as a sweep and a ping do', (_, mechanisms) => {
    expect(decidedMs(mechanisms, { kind: 'vanish', direction: 'client-to-server' })).toBe(60_000);
    expect(decidedMs(mechanisms, { kind: 'tunnel-dead', proxyBufferBytes: 4_096 })).toBe(60_000);
  });
});

describe('the order of mechanisms', () => {
  it('changes neither B nor T', () => {
    const told = new Told();
    const drawn = policyJson.chain((json) =>
      fc.tuple(
        fc.constant(json),
        fc.shuffledSubarray([...json.mechanisms], { minLength: json.mechanisms.length }),
      ),
    );
    fc.assert(
      fc.property(drawn, scenario, ([json, mechanisms], of) => {
        const [one, other] = [policyOf(json), policyOf({ ...json, mechanisms })];
        for (const number of [B, T]) {
          const [before, after] = [number(one, of), number(other, of)];
          told.also(before, after);
          expect(apart(before, after, 0)).toBeUndefined();
        }
      }),
      cases(60),
    );
    expect(told.count, 'cases with both numbers').toBeGreaterThanOrEqual(asMany(10));
  });
});

describe('an outage that never ends is a peer that has vanished', () => {
  it('T is no longer than B: what outlasts every end is survived by nobody', () => {
    const told = new Told();
    fc.assert(
      fc.property(policyJson, circumstances, (json, around) => {
        const policy = policyOf(json);
        const t = T(policy, withSilence({ kind: 'outage', lengthMs: 9_000 }, around));
        const b = B(policy, withFault({ kind: 'vanish', direction: 'both' }, around));
        told.also(t, b);
        expect(above(t, b)).toBeUndefined();
      }),
      cases(30),
    );
    expect(told.count, 'cases with both numbers').toBeGreaterThanOrEqual(asMany(5));
  });
});

/** One mechanism, and its B by hand, of a peer that vanishes on an idle connection. */
const single: fc.Arbitrary<{
  readonly json: PolicyJson;
  readonly byHandMs: (rttMs: number) => number;
}> = fc.oneof(
  // The last pong is on its way at the fault: the tick that hears it, then as many as it forgives, and the one that acts.
  fc
    .record({ intervalMs: seconds(2, 120), misses: fc.integer({ min: 1, max: 4 }) })
    .map(({ intervalMs, misses }) => ({
      json: {
        mechanisms: [{ kind: 'sweep' as const, intervalMs, misses, life: ['pong' as const] }],
      },
      byHandMs: (rttMs: number) => (misses + 1) * intervalMs - rttMs / 2,
    })),
  // The ping of the interval that the fault struck at its beginning, and the wait for its answer.
  fc
    .record({ intervalMs: seconds(2, 120), share: fc.integer({ min: 1, max: 9 }) })
    .map(({ intervalMs, share }) => ({
      json: {
        mechanisms: [
          {
            kind: 'ping' as const,
            intervalMs,
            after: 'last-ping' as const,
            replyTimeoutMs: (intervalMs * share) / 10,
            life: ['pong' as const],
          },
        ],
      },
      byHandMs: (rttMs: number) => intervalMs + (intervalMs * share) / 10 - rttMs / 2,
    })),
);

/** tcp_retries2 = 15 with the least RTO, 0.2 s doubled up to 120 s: net/ipv4/tcp_timer.c, tcp_model_timeout. */
const LEAST_RETRIES2_MS = 924_600;

describe('one mechanism alone, on an idle connection whose peer vanishes', () => {
  const idle = { load: { kind: 'idle' }, kernel: { hz: 250 } } as const;
  const vanished = (rttMs: number): Scenario =>
    withFault({ kind: 'vanish', direction: 'both' }, { ...idle, path: { rttMs } });
  const rtt = fc.constantFrom(2, 20, 50, 200);

  it('has the B that is worked out by hand, within a round trip', () => {
    const told = new Told();
    fc.assert(
      fc.property(single, rtt, ({ json, byHandMs }, rttMs) => {
        const b = B(policyOf(json), vanished(rttMs));
        told.also(b);
        expect(apart(b, byHandMs(rttMs), rttMs / 2 + ROUNDING_MS)).toBeUndefined();
      }),
      cases(100),
    );
    expect(told.count, 'cases with both numbers').toBeGreaterThanOrEqual(asMany(90));
  });

  it('takes twice as long where every time is twice as long: no kernel has a part in it', () => {
    const told = new Told();
    const factor = fc.integer({ min: 2, max: 7 });
    fc.assert(
      fc.property(single, rtt, factor, ({ json, byHandMs }, rttMs, times) => {
        // Later, the kernel that repeats the lost ping gives up first, and its times do not scale.
        fc.pre(times * byHandMs(rttMs) < LEAST_RETRIES2_MS);
        const longer = { ...json, mechanisms: json.mechanisms.map((one) => scaled(one, times)) };
        const b = B(policyOf(json), vanished(rttMs));
        const after = B(policyOf(longer), vanished(rttMs * times));
        told.also(b, after);
        expect(apart(after, b === undefined ? b : times * b, times * ROUNDING_MS)).toBeUndefined();
      }),
      cases(100),
    );
    expect(told.count, 'cases with both numbers').toBeGreaterThanOrEqual(asMany(90));
  });

  it('takes no less time where one of its times is longer', () => {
    const told = new Told();
    fc.assert(
      fc.property(single, circumstances, seconds(1, 60), ({ json }, around, moreMs) => {
        const of = withFault({ kind: 'vanish', direction: 'both' }, around);
        for (const [index, mechanism] of json.mechanisms.entries()) {
          for (const name of Object.keys(mechanism).filter((field) => field.endsWith('Ms'))) {
            // A ping that is due before the answer to the last one is another policy.
            if (name === 'replyTimeoutMs') continue;
            const longer = { ...mechanism, [name]: field(mechanism, name) + moreMs };
            const mechanisms = json.mechanisms.with(index, longer as MechanismJson);
            const [before, after] = [B(policyOf(json), of), B(policyOf({ mechanisms }), of)];
            told.also(before, after);
            expect(above(before, after), name).toBeUndefined();
          }
        }
      }),
      cases(100),
    );
    expect(told.count, 'cases with both numbers').toBeGreaterThanOrEqual(asMany(50));
  });
});

function field(mechanism: object, name: string): number {
  return (mechanism as Record<string, number>)[name] ?? 0;
}

/** Every duration times so many. */
function scaled<M extends object>(mechanism: M, times: number): M {
  const fields = Object.entries(mechanism).map(([name, value]): [string, unknown] => [
    name,
    name.endsWith('Ms') && typeof value === 'number' ? value * times : value,
  ]);
  return Object.fromEntries(fields) as M;
}

describe('the four instants', () => {
  it('come in their order: decided, closed, released; and the kernel leaves ESTABLISHED before it forgets', () => {
    fc.assert(
      fc.property(policyJson, scenario, (json, of) => {
        fc.pre(of.kind === 'fault');
        const { decided, closed, kernelClosed, released } = bounds(policyOf(json), of);
        expect(above(ms(decided), ms(closed)), 'decided ≤ closed').toBeUndefined();
        expect(above(ms(closed), ms(released)), 'closed ≤ released').toBeUndefined();
        expect(above(ms(kernelClosed), ms(released)), 'kernel closed ≤ released').toBeUndefined();
      }),
      cases(60),
    );
  });
});
