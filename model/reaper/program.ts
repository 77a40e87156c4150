/**
 * One shape of mechanism as a program: the reaper's chart for this mechanism alone, compiled into a table,
 * and the table's lists of effects turned into small numbers that the engine steps through.
 *
 * The first columns are what a host's call means to the mechanism; one for each of its clocks follows, the
 * expiry of it. A program's clocks stand in the order of {@link CLOCKS}, which is also the order in which
 * those due at one instant run out: a patience before the next ping, a grace before the look.
 */
import { assert } from '../assert.ts';
import { compileChart } from '../statechart/chart.ts';
import type { Effect } from '../statechart/effects.ts';
import { NO_EDGE } from '../statechart/table.ts';
import type { LabelledEvent } from '../statechart/table.ts';
import { lifeMaskOf, reaperChart, skipMaskOf } from '../machines/reaper/index.ts';
import type { DelayKind } from '../mechanisms/region/clocks.ts';
import type { SampleReading } from '../mechanisms/region/events.ts';
import { reaperGuards } from '../mechanisms/region/guards.ts';
import type { Mechanism } from '../policy/types.ts';
import { ReaperEffect } from './types.ts';

/** The clocks a mechanism may have, in the order in which they run out at one instant. */
export const CLOCKS = [
  'reply',
  'grace',
  'strike',
  'fresh',
  'deadline',
  'idle',
  'age',
  'first',
  'interval',
  'pause',
] as const satisfies readonly DelayKind[];

/** What a host's call means to one mechanism. */
export const Column = {
  ReceivedOther: 0,
  ReceivedLife: 1,
  /** Something that makes a sweep skip its next tick: added to the two above. */
  ReceivedSkip: 2,
  PingWritten: 4,
  MessageSent: 5,
  SampleEmpty: 6,
  SampleMoved: 7,
  SampleStuck: 8,
  SampleNotEstablished: 9,
  SampleOverSoft: 10,
  SampleOverHard: 11,
  SendAccepted: 12,
  SendBlocked: 13,
  SendDrainedSome: 14,
  SendDrainedAll: 15,
  Requested: 16,
  Replied: 17,
  Borrowed: 18,
  /** Another mechanism of the policy has sent a ping. */
  PingSent: 19,
} as const;
export const FIRST_CLOCK_COLUMN = 20;

/** An effect is an operation in the low byte; for the two on clocks, the clock's number above it. */
export const Operation = { ...ReaperEffect, Arm: 6, Cancel: 7 } as const;
const OPERAND_SHIFT = 8;
const OPERATION_MASK = 0xff;

export function operationOf(code: number): number {
  return code & OPERATION_MASK;
}
export function clockOf(code: number): number {
  return code >> OPERAND_SHIFT;
}

/** A compiled shape of mechanism. */
export interface Program {
  /** The clocks it has; a clock's number is its place here. */
  readonly clocks: readonly DelayKind[];
  readonly width: number;
  readonly initial: number;
  /** Next state by state · width + column; NO_EDGE where the mechanism does not care. */
  readonly next: Int16Array;
  /** First effect of the step in `codes`; its list ends with a 0. */
  readonly start: Uint16Array;
  readonly codes: Uint16Array;
  /** First effect of the initial step in `codes`. */
  readonly initialStart: number;
  /** 1 for each column of a host's call that changes anything in some state. */
  readonly hears: Uint8Array;
  /** By state · width + column, 1 where the step changes nothing but clocks: made again later, it makes the earlier one as if it had never been. */
  readonly repeats: Uint8Array;
}

/** Programs by shape: there are a few dozen, and every connection of every policy uses the same. */
const compiled = new Map<string, Program>();

/** Numbers with a unit are lengths and sizes, and make no difference to a program; those without one count states. */
const HAS_UNIT = /(Ms|Bytes|Percent)$/;
/** What is not the machine's: how the host ends a connection, who answers, where a clock's end is moved to. */
const NOT_SHAPE: ReadonlySet<string> = new Set([
  'verdict',
  'answeredBy',
  'granularity',
  'jitterPercent',
]);

/** The program of a mechanism; how long its clocks run makes no difference to it. */
export function programOf(mechanism: Mechanism): Program {
  const shape = JSON.stringify(mechanism, (field, value: unknown) => {
    if (NOT_SHAPE.has(field)) return undefined;
    return typeof value === 'number' && HAS_UNIT.test(field) ? Math.sign(value) : value;
  });
  let program = compiled.get(shape);
  if (program === undefined) {
    program = compile(mechanism);
    compiled.set(shape, program);
  }
  return program;
}

function compile(mechanism: Mechanism): Program {
  // Alone, the mechanism is number 0 of its chart.
  const meaning = { context: {}, guards: reaperGuards };
  const events = hostColumns(mechanism);
  const table = compileChart(reaperChart([mechanism]), meaning, { events });
  const clocks = clocksOf(table.events);
  const columns = columnOrder(table.events, clocks);
  const width = FIRST_CLOCK_COLUMN + clocks.length;
  const next = new Int16Array(table.states.length * width).fill(NO_EDGE);
  const start = new Uint16Array(next.length);
  const hears = new Uint8Array(FIRST_CLOCK_COLUMN);
  const codes: number[] = [];
  const listStarts = table.effectLists.map((list) => append(codes, list, clocks));
  table.states.forEach((_, state) => {
    columns.forEach((column, tableColumn) => {
      const from = state * table.events.length + tableColumn;
      const to = table.next[from] ?? NO_EDGE;
      next[state * width + column] = to;
      start[state * width + column] = listStarts[table.effectList[from] ?? 0] ?? 0;
      if (to !== NO_EDGE && column < FIRST_CLOCK_COLUMN) hears[column] = 1;
    });
  });
  const initialStart = append(codes, table.initialEffects, clocks);
  const repeats = next.map((to, cell) => {
    const changes = to !== NO_EDGE && to !== Math.floor(cell / width);
    return changes || asksOfHost(codes, start[cell] ?? 0) ? 0 : 1;
  });
  return {
    clocks,
    width,
    initial: table.initial,
    next,
    start,
    codes: Uint16Array.from(codes),
    initialStart,
    hears,
    repeats: Uint8Array.from(repeats),
  };
}

/** Whether a list of effects asks the host for anything. */
function asksOfHost(codes: readonly number[], start: number): boolean {
  const own = codes.slice(start, codes.indexOf(0, start));
  return own.some((code) => {
    const operation = operationOf(code);
    return operation !== Operation.Arm && operation !== Operation.Cancel;
  });
}

/** The columns of {@link Column}, in its order, as events of the chart. */
function hostColumns(mechanism: Mechanism): LabelledEvent[] {
  const life = lifeMaskOf(mechanism);
  const skip = skipMaskOf(mechanism);
  const received = (lifeBits: number): LabelledEvent['event'] =>
    Object.assign({ type: 'RECEIVED' }, { lifeBits });
  return [
    { name: 'received other', event: received(0) },
    { name: 'received life', event: received(life & ~skip) },
    { name: 'received skip', event: received(skip & ~life) },
    { name: 'received life and skip', event: received(life | skip) },
    { name: 'ping written', event: { type: 'PING_WRITTEN' } },
    { name: 'message sent', event: { type: 'MESSAGE_SENT' } },
    { name: 'sample empty', event: sample({ queueEmpty: true }) },
    { name: 'sample moved', event: sample({ moved: true }) },
    { name: 'sample stuck', event: sample({}) },
    { name: 'sample not established', event: sample({ established: false, queueEmpty: true }) },
    { name: 'sample over soft limit', event: sample({ overSoft: true }) },
    { name: 'sample over hard limit', event: sample({ overSoft: true, overHard: true }) },
    { name: 'send accepted', event: { type: 'SEND_ACCEPTED' } },
    { name: 'send blocked', event: { type: 'SEND_BLOCKED' } },
    { name: 'send drained some', event: Object.assign({ type: 'SEND_DRAINED' }, { all: false }) },
    { name: 'send drained all', event: Object.assign({ type: 'SEND_DRAINED' }, { all: true }) },
    { name: 'requested', event: { type: 'REQUESTED' } },
    { name: 'replied', event: { type: 'REPLIED' } },
    { name: 'borrowed', event: { type: 'BORROWED' } },
    { name: 'ping sent', event: { type: 'PING_SENT' } },
  ];
}

function sample(reading: Partial<SampleReading>): LabelledEvent['event'] {
  return Object.assign(
    { type: 'SAMPLED' },
    {
      mechanism: 0,
      queueEmpty: false,
      moved: false,
      established: true,
      overSoft: false,
      overHard: false,
    },
    reading,
  );
}

/** The clocks that the table has columns for. */
function clocksOf(events: readonly string[]): DelayKind[] {
  const own = new Set(events.slice(FIRST_CLOCK_COLUMN).map(kindOf));
  return CLOCKS.filter((clock) => own.has(clock));
}

/** `'reply.0'` → `'reply'`. */
function kindOf(delay: string): DelayKind {
  const kind = CLOCKS.find((clock) => delay.startsWith(`${clock}.`));
  assert(kind !== undefined, `no clock is called ${delay}`);
  return kind;
}

/** Where each column of the table goes: host columns stay, delays go to their clock's. */
function columnOrder(events: readonly string[], clocks: readonly DelayKind[]): number[] {
  return events.map((name, index) =>
    index < FIRST_CLOCK_COLUMN ? index : FIRST_CLOCK_COLUMN + clocks.indexOf(kindOf(name)),
  );
}

/** Appends the list and its closing 0; returns where it begins. */
function append(codes: number[], effects: readonly Effect[], clocks: readonly DelayKind[]): number {
  const begin = codes.length;
  for (const effect of effects) codes.push(codeOf(effect, clocks));
  codes.push(0);
  return begin;
}

const actionCodes: Readonly<Record<string, number>> = {
  ping: Operation.Ping,
  sample: Operation.Sample,
  reap: Operation.Reap,
  close: Operation.Close,
  test: Operation.Test,
};

function codeOf(effect: Effect, clocks: readonly DelayKind[]): number {
  if (effect.kind === 'action') {
    const code = actionCodes[effect.name];
    assert(code !== undefined, `the engine has no effect ${effect.name}`);
    return code;
  }
  const operation = effect.kind === 'arm' ? Operation.Arm : Operation.Cancel;
  return operation | (clocks.indexOf(kindOf(effect.delay)) << OPERAND_SHIFT);
}
