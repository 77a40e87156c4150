/** What is proved is what runs: the engine over tables against the xstate machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileChart } from '../../model/statechart/chart.ts';
import { reaperGuards } from '../../model/mechanisms/region/guards.ts';
import { compileTable } from '../../model/statechart/xstate.ts';
import {
  clocksMs,
  hasRegion,
  lifeMaskOf,
  reaperChart,
  skipMaskOf,
} from '../../model/machines/reaper/index.ts';
import { reaperMachine } from '../../model/machines/reaper/machine.ts';
import type { HostEvent } from '../../model/mechanisms/region/events.ts';
import type { Mechanism } from '../../model/policy/types.ts';
import type { SocketSample } from '../../model/reaper/index.ts';
import { hostEvents } from '../support/reaper-events.ts';
import { drawnSteps, expectSameSteps } from '../statechart/actor-driver.ts';
import { anyMechanism, anyMechanisms, GRID_MS } from './arbitrary-policy.ts';
import { EngineDriver } from './engine-driver.ts';
import { SpecReaper } from './spec-reaper.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

const GRID_US = GRID_MS * 1_000;

interface Step {
  /** Time that passes before it, in grid steps. */
  readonly waits: number;
  readonly event: HostEvent | undefined;
  /** Whether the host reports it before it looks at its timers. */
  readonly eventFirst: boolean;
}

const hostEvent: fc.Arbitrary<HostEvent | undefined> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  {
    weight: 4,
    arbitrary: fc.nat(63).map((lifeBits) => ({ type: 'RECEIVED' as const, lifeBits })),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'PING_WRITTEN' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'MESSAGE_SENT' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'SEND_ACCEPTED' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'SEND_BLOCKED' as const }) },
  {
    weight: 1,
    arbitrary: fc.boolean().map((all) => ({ type: 'SEND_DRAINED' as const, all })),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'REQUESTED' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'REPLIED' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'BORROWED' as const }) },
);

const script: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ waits: fc.nat(4), event: hostEvent, eventFirst: fc.boolean() }),
  { minLength: 5, maxLength: 80, size: 'max' },
);

/** What the socket shows, one entry per grid step, for ever repeated. */
const socketLife: fc.Arbitrary<SocketSample[]> = fc.array(
  fc.record({
    userQueueBytes: fc.constantFrom(0, 500, 500, 500, 900),
    queueBytes: fc.constantFrom(0, 500, 500, 500, 900),
    bytesAcked: fc.constantFrom(7, 7, 7, 7, 8),
    established: fc.nat(9).map((n) => n !== 0),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** Plays one script on both; returns the common log. */
function playBoth(
  mechanisms: readonly Mechanism[],
  steps: readonly Step[],
  socket: readonly SocketSample[],
  startUs: number,
  originUs: number,
  draw: number,
): readonly string[] {
  const look = (nowUs: number): SocketSample =>
    socket[Math.floor(nowUs / GRID_US) % socket.length] ?? {
      queueBytes: 0,
      userQueueBytes: 0,
      bytesAcked: 0,
      established: true,
    };
  const spec = new SpecReaper(mechanisms, startUs, originUs, draw);
  const engine = new EngineDriver(mechanisms, startUs, originUs, draw);
  let nowUs = startUs;
  for (const { waits, event, eventFirst } of steps) {
    nowUs += waits * GRID_US;
    // Both may be called at any time between deadlines; what is due earlier comes earlier.
    spec.advance(nowUs - 1, look);
    engine.advance(nowUs - 1, look);
    const tell = (): void => {
      if (event === undefined) return;
      spec.tell(event, nowUs);
      engine.tell(event, nowUs);
    };
    if (eventFirst) tell();
    spec.advance(nowUs, look);
    engine.advance(nowUs, look);
    if (!eventFirst) tell();
    expect(engine.log).toEqual(spec.log);
    expect(engine.reaper.deadlineUs).toBe(spec.isOver ? Infinity : spec.deadlineUs);
  }
  return spec.log;
}

describe('the reaper engine', () => {
  it('does what the parallel xstate machine does, at the same instants', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        anyMechanisms,
        script,
        socketLife,
        fc.nat(3_000_000),
        fc.integer({ min: -5_000_000, max: 5_000_000 }),
        fc.nat(15).map((sixteenths) => sixteenths / 16),
        (mechanisms, steps, socket, startUs, originUs, draw) => {
          for (const line of playBoth(mechanisms, steps, socket, startUs, originUs, draw)) {
            const [, effect = '', index] = line.split(' ');
            const key = `${effect} by ${mechanisms[Number(index)]?.kind}`;
            seen.set(key, (seen.get(key) ?? 0) + 1);
          }
        },
      ),
      cases(1_000),
    );
    // A property that never reached a verdict proves nothing about verdicts.
    for (const key of [
      'ping by sweep',
      'reap by sweep',
      'ping by ping',
      'reap by ping',
      'reap by pong-timer',
      'reap by receive-deadline',
      'reap by write-deadline',
      'sample by send-queue-limit',
      'reap by send-queue-limit',
      'reap by ping-strikes',
      'reap by request-deadline',
      'test by borrow-check',
      'reap by borrow-check',
      'sample by send-stall',
      'reap by send-stall',
      'sample by peer-closed',
      'reap by peer-closed',
      'close by idle',
      'close by age',
    ]) {
      expect(seen.get(key) ?? 0, key).toBeGreaterThan(0);
    }
  });

  it('compiles each region into the table of its machine, which steps as its actor does', () => {
    let steps = 0;
    fc.assert(
      fc.property(anyMechanism.filter(hasRegion), drawnSteps, (drawn, draws) => {
        const mechanism = distinctClocks(drawn);
        const phase = { startMs: 0, sharedOriginMs: 50 };
        const machine = reaperMachine([mechanism], phase);
        const events = hostEvents(lifeMaskOf(mechanism), skipMaskOf(mechanism));
        const meaning = { context: {}, guards: reaperGuards };
        const table = compileChart(reaperChart([mechanism]), meaning, { events });
        expect(table).toEqual(compileTable(machine, { events }));
        const runs = Object.entries(clocksMs(mechanism, phase));
        const delaysMs = Object.fromEntries(runs.map(([kind, ms]) => [`${kind}.0`, ms]));
        steps += expectSameSteps({ machine, table, events, delaysMs }, draws);
      }),
      cases(300),
    );
    expect(steps).toBeGreaterThan(asMany(1_000));
  });
});

/** The actor's timers are told apart by their duration: no two of a mechanism may be alike. */
function distinctClocks(mechanism: Mechanism): Mechanism {
  if (mechanism.kind === 'ping' && mechanism.replyTimeoutMs !== null) {
    return { ...mechanism, replyTimeoutMs: mechanism.replyTimeoutMs + 1 };
  }
  if (mechanism.kind === 'send-queue-limit') {
    return { ...mechanism, softForMs: mechanism.softForMs + 1 };
  }
  if (mechanism.kind === 'send-stall') return { ...mechanism, graceMs: mechanism.graceMs + 1 };
  return mechanism;
}
