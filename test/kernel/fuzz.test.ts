/** Random scripts on both ends; everything that must always hold is checked after every event. */
import {
  socketOptionNames,
  socketOptionTable,
  type SocketOptionValues,
} from '../../model/linux/socket-options.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import type { Scheduler } from '../../sim/clock/types.ts';
import type { KernelHost, LocalDrop } from '../../sim/kernel/types.ts';
import { FUZZ_EVENTS as EVENTS } from '../support/effort.ts';
import { checkPair, checkSock } from './invariants.ts';
import { Pair, recordOf } from './pair.ts';

const SEED = Number(process.env['GHOSTBOUND_FUZZ_SEED'] ?? 20_260_101);

type Step =
  | { op: 'write' | 'read'; server: boolean; bytes: number }
  | { op: 'cut'; toClient: boolean; toServer: boolean }
  | { op: 'close' | 'shutdown' | 'abort'; server: boolean }
  | { op: 'link'; server: boolean; up: boolean }
  | { op: 'drop'; server: boolean; by: LocalDrop | null }
  | { op: 'reading'; server: boolean; on: boolean }
  | { op: 'options'; server: boolean; options: SocketOptionValues }
  | { op: 'wait'; us: number };

const server = fc.boolean();
const bytes = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 400_000 }));
/** Beyond these nothing would happen before the story ends. */
const mostOf: SocketOptionValues = {
  TCP_KEEPIDLE: 30,
  TCP_KEEPINTVL: 10,
  TCP_KEEPCNT: 5,
  TCP_USER_TIMEOUT: 60_000,
  TCP_DEFER_ACCEPT: 60,
  TCP_RTO_MIN_US: 1_000_000,
};

/** Every option of the table, within its range and within what a life of minutes can show. */
const options: fc.Arbitrary<SocketOptionValues> = fc.record(
  Object.fromEntries(
    socketOptionNames.map((name) => {
      const { min, max } = socketOptionTable[name];
      return [name, fc.integer({ min, max: Math.min(max, mostOf[name] ?? max) })];
    }),
  ),
  { requiredKeys: [] },
);
const waits = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.integer({ min: 0, max: 3_000_000 }),
  fc.integer({ min: 0, max: 200_000_000 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('write' as const), server, bytes }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('read' as const), server, bytes }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('cut' as const),
      toClient: fc.boolean(),
      toServer: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('close', 'shutdown', 'abort'), server }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('link' as const), server, up: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('drop' as const),
      server,
      by: fc.constantFrom('qdisc' as const, 'netfilter' as const, null),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('reading' as const), server, on: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('options' as const), server, options }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('wait' as const), us: waits }) },
) as fc.Arbitrary<Step>;

function perform(pair: Pair, one: Step): void {
  if (one.op === 'wait') {
    pair.runFor(one.us);
    return;
  }
  if (one.op === 'cut') {
    pair.path.toClient.cut = one.toClient;
    pair.path.toServer.cut = one.toServer;
    return;
  }
  const host: KernelHost = one.server ? pair.server : pair.client;
  const owner = one.server ? pair.serverOwner : pair.clientOwner;
  const { socket } = host;
  if (one.op === 'write') socket.write(one.bytes);
  else if (one.op === 'read') socket.read(one.bytes);
  else if (one.op === 'close') socket.close();
  else if (one.op === 'shutdown') socket.shutdownWrite();
  else if (one.op === 'abort') socket.abort();
  else if (one.op === 'link') host.setLinkUp(one.up);
  else if (one.op === 'drop') host.setLocalDrop(one.by);
  else if (one.op === 'reading') owner.reading = one.on;
  else if (one.op === 'options') socket.setOptions(one.options);
}

/** A scheduler that calls `after` once each event is done. */
function watched(after: () => void): Scheduler {
  const inner = createScheduler();
  return {
    get nowUs() {
      return inner.nowUs;
    },
    slot: (handler) =>
      inner.slot(() => {
        handler();
        after();
      }),
    arm: (slot, dueUs) => inner.arm(slot, dueUs),
    disarm: (slot) => inner.disarm(slot),
    mute: (slot) => inner.mute(slot),
    unmute: (slot) => inner.unmute(slot),
    isPending: (slot) => inner.isPending(slot),
    dueUs: (slot) => inner.dueUs(slot),
    nextDueUs: (exceptSlot) => inner.nextDueUs(exceptSlot),
    run: (untilUs) => inner.run(untilUs),
    get isMuted() {
      return inner.isMuted;
    },
    walk: (state) => inner.walk(state),
    moveOn: (nowUs) => inner.moveOn(nowUs),
    reset: (nowUs) => inner.reset(nowUs),
  };
}

describe('any script', () => {
  it(`keeps the invariants over ${EVENTS} events`, { timeout: 600_000 }, () => {
    let events = 0;
    const enough = (): boolean => events >= EVENTS;
    for (let batch = 0; !enough(); batch += 1) {
      fc.assert(
        fc.property(
          fc.array(step, { minLength: 5, maxLength: 60 }),
          fc.record({
            rttUs: fc.constantFrom(500, 20_000, 50_000, 300_000),
            hz: fc.constantFrom(100 as const, 250 as const, 1000 as const),
            phase: fc.integer({ min: 0, max: 8 ** 6 }),
            offload: fc.constantFrom('none', 'device', 'path'),
            sack: fc.constantFrom(0, 1),
          }),
          (script, world) => {
            const check = (): void => {
              events += 1;
              const a = recordOf(pair.server);
              const b = recordOf(pair.client);
              checkSock(a);
              checkSock(b);
              checkPair(a, b);
            };
            const pair: Pair = new Pair({
              rttUs: world.rttUs,
              scheduler: watched(() => check()),
              config: {
                hz: world.hz,
                jiffiesAtZero: 2 ** 32 - 500 + world.phase,
                offload: world.offload,
                sysctls: { 'net.ipv4.tcp_sack': world.sack },
              },
            });
            pair.connect();
            for (const one of script) {
              perform(pair, one);
              check();
            }
          },
        ),
        { seed: SEED + batch, numRuns: 20 },
      );
    }
    expect(events).toBeGreaterThanOrEqual(EVENTS);
  });
});
