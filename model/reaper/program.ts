/**
 * One shape of mechanism as a program: the reaper's machine for this mechanism alone, compiled into a table,
 * and the table's lists of effects turned into small numbers that the engine steps through.
 *
 * Columns 0 … 15 are what a host's call means to the mechanism; one column per clock follows, the
 * expiry of it. Clocks are numbered in the order of {@link CLOCKS}, which is also the order in which
 * those due at one instant run out: a patience before the next ping, a grace before the look.
 */
import { assert } from '../assert.ts';
import type { Effect } from '../compile/effects.ts';
import { compileTable, NO_EDGE } from '../compile/table.ts';
import type { LabelledEvent } from '../compile/table.ts';
import { lifeMaskOf, reaperMachine } from '../machines/reaper/index.ts';
import type { DelayKind, SampleReading } from '../machines/reaper/index.ts';
import type { Mechanism } from '../policy/types.ts';
import { ReaperEffect } from './types.ts';

/** The clocks a mechanism may have, in the order in which they run out at one instant. */
export const CLOCKS = ['reply', 'grace', 'idle', 'age', 'first', 'interval', 'pause'] as const;
export const CLOCK_COUNT = CLOCKS.length;
/** Numbers of the clocks that have rules of their own. */
export const GRACE = CLOCKS.indexOf('grace');
export const INTERVAL = CLOCKS.indexOf('interval');

/** What a host's call means to one mechanism. */
export const Column = {
  ReceivedLife: 0,
  ReceivedOther: 1,
  PingWritten: 2,
  MessageSent: 3,
  SampleEmpty: 4,
  SampleMoved: 5,
  SampleStuck: 6,
  SampleNotEstablished: 7,
  SendAccepted: 8,
  SendBlocked: 9,
  SendDrainedSome: 10,
  SendDrainedAll: 11,
  Requested: 12,
  Replied: 13,
  Borrowed: 14,
  /** Another mechanism of the policy has sent a ping. */
  PingSent: 15,
} as const;
const FIRST_CLOCK_COLUMN = 16;

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
  readonly width: number;
  readonly initial: number;
  /** Next state by state · width + column; NO_EDGE where the mechanism does not care. */
  readonly next: Int16Array;
  /** First effect of the step in `codes`; its list ends with a 0. */
  readonly start: Uint16Array;
  readonly codes: Uint16Array;
  /** First effect of the initial step in `codes`. */
  readonly initialStart: number;
}

/** Programs by shape: there are a few dozen, and every connection of every policy uses the same. */
const compiled = new Map<string, Program>();

/** The program of a mechanism; how long its clocks run makes no difference to it. */
export function programOf(mechanism: Mechanism): Program {
  const shape = JSON.stringify(mechanism, (_, value: unknown) =>
    typeof value === 'number' ? 1 : value,
  );
  let program = compiled.get(shape);
  if (program === undefined) {
    program = compile(mechanism);
    compiled.set(shape, program);
  }
  return program;
}

function compile(mechanism: Mechanism): Program {
  // Alone, the mechanism is number 0 of its machine.
  const machine = reaperMachine([mechanism]);
  const table = compileTable(machine, { events: hostColumns(lifeMaskOf(mechanism)) });
  const columns = columnOrder(table.events);
  const width = FIRST_CLOCK_COLUMN + CLOCK_COUNT;
  const next = new Int16Array(table.states.length * width).fill(NO_EDGE);
  const start = new Uint16Array(next.length);
  const codes: number[] = [];
  const listStarts = table.effectLists.map((list) => append(codes, list));
  table.states.forEach((_, state) => {
    columns.forEach((column, tableColumn) => {
      const from = state * table.events.length + tableColumn;
      next[state * width + column] = table.next[from] ?? NO_EDGE;
      start[state * width + column] = listStarts[table.effectList[from] ?? 0] ?? 0;
    });
  });
  const initialStart = append(codes, table.initialEffects);
  return {
    width,
    initial: table.initial,
    next,
    start,
    codes: Uint16Array.from(codes),
    initialStart,
  };
}

/** The column of a clock's expiry. */
export function clockColumn(clock: number): number {
  return FIRST_CLOCK_COLUMN + clock;
}

/** Whether the clock ticks on a grid instead of running from the step that arms it. */
export function isOnGrid(clock: number): boolean {
  return CLOCKS[clock] === 'first' || CLOCKS[clock] === 'interval';
}

/** The columns of {@link Column}, in its order, as events of the machine. */
function hostColumns(lifeMask: number): LabelledEvent[] {
  const sample = (reading: Partial<SampleReading>): LabelledEvent['event'] =>
    Object.assign(
      { type: 'SAMPLED' },
      { mechanism: 0, queueEmpty: false, moved: false, established: true },
      reading,
    );
  return [
    { name: 'received life', event: Object.assign({ type: 'RECEIVED' }, { lifeBits: lifeMask }) },
    { name: 'received other', event: Object.assign({ type: 'RECEIVED' }, { lifeBits: 0 }) },
    { name: 'ping written', event: { type: 'PING_WRITTEN' } },
    { name: 'message sent', event: { type: 'MESSAGE_SENT' } },
    { name: 'sample empty', event: sample({ queueEmpty: true }) },
    { name: 'sample moved', event: sample({ moved: true }) },
    { name: 'sample stuck', event: sample({}) },
    { name: 'sample not established', event: sample({ established: false, queueEmpty: true }) },
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

/** Where each column of the table goes: host columns stay, delays go to their clock's. */
function columnOrder(events: readonly string[]): number[] {
  return events.map((name, index) =>
    index < FIRST_CLOCK_COLUMN ? index : clockColumn(clockNumber(name)),
  );
}

/** `'reply.0'` → the number of the reply clock. */
function clockNumber(delay: string): number {
  const kind = delay.slice(0, delay.indexOf('.')) as DelayKind;
  const clock = CLOCKS.indexOf(kind);
  assert(clock >= 0, `no clock is called ${delay}`);
  return clock;
}

/** Appends the list and its closing 0; returns where it begins. */
function append(codes: number[], effects: readonly Effect[]): number {
  const begin = codes.length;
  for (const effect of effects) codes.push(codeOf(effect));
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

function codeOf(effect: Effect): number {
  if (effect.kind === 'action') {
    const code = actionCodes[effect.name];
    assert(code !== undefined, `the engine has no effect ${effect.name}`);
    return code;
  }
  const operation = effect.kind === 'arm' ? Operation.Arm : Operation.Cancel;
  return operation | (clockNumber(effect.delay) << OPERAND_SHIFT);
}
