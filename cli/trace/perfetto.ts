/**
 * A run in the Chrome trace event format, which Perfetto (ui.perfetto.dev) opens: one process per
 * place, every event a mark in it, and the stages of a ghost's life as asynchronous spans (`b`/`e`
 * pairs; overlapping `B`/`E` spans are not supported there). `ts` is virtual microseconds.
 */
import type { RunEvent, RunResult, Where } from '../../model/results/types.ts';

const places: readonly { readonly where: Where; readonly name: string }[] = [
  { where: 'server-app', name: 'server application' },
  { where: 'server-kernel', name: 'server kernel' },
  { where: 'wire', name: 'wire' },
  { where: 'peer-kernel', name: 'peer kernel' },
  { where: 'peer-app', name: 'peer application' },
  { where: 'proxy', name: 'proxies' },
  { where: 'far-wire', name: 'wire beyond a proxy' },
];

/** Places of a run with proxies alone. */
const FAR: ReadonlySet<Where> = new Set(['proxy', 'far-wire']);

/** The spans get a process of their own, above the places. */
const LIFE_PID = 1;

interface TraceEvent {
  readonly name: string;
  readonly ph: 'M' | 'i' | 'b' | 'e';
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly [field: string]: unknown;
}

function pidOf(where: Where): number {
  return places.findIndex((place) => place.where === where) + LIFE_PID + 1;
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}

function processName(pid: number, name: string): TraceEvent {
  return { name: 'process_name', ph: 'M', pid, tid: 1, ts: 0, args: { name } };
}

function mark({ atMs, where, event, ...args }: RunEvent): TraceEvent {
  return {
    name: event,
    cat: where,
    ph: 'i',
    s: 't',
    pid: pidOf(where),
    tid: typeof args['connection'] === 'number' ? args['connection'] + 1 : 1,
    ts: microseconds(atMs),
    args,
  };
}

function span(name: string, fromMs: number | null, toMs: number | null): TraceEvent[] {
  if (fromMs === null || toMs === null || toMs < fromMs) return [];
  const common = { name, cat: 'life', id: 1, pid: LIFE_PID, tid: 1 };
  return [
    { ...common, ph: 'b', ts: microseconds(fromMs) },
    { ...common, ph: 'e', ts: microseconds(toMs) },
  ];
}

/** Stages between the four instants. */
function stages(run: RunResult): TraceEvent[] {
  return [
    ...span('ghost, unnoticed', run.faultAtMs, run.decidedAtMs),
    ...span('decided, descriptor open', run.decidedAtMs, run.closedAtMs),
    ...span('closed, kernel still connected', run.closedAtMs, run.kernelClosedAtMs),
    ...span('kernel closing', run.kernelClosedAtMs, run.releasedAtMs),
  ];
}

/** The whole file. */
export function runToPerfetto(run: RunResult): string {
  const { events, ...otherData } = run;
  const traceEvents = [
    processName(LIFE_PID, 'ghost'),
    ...places
      .filter(({ where }) => !FAR.has(where) || events.some((event) => event.where === where))
      .map(({ where, name }) => processName(pidOf(where), name)),
    ...stages(run),
    ...events.map(mark),
  ];
  const lines = traceEvents.map((event) => JSON.stringify(event)).join(',\n');
  return `{"displayTimeUnit":"ms","otherData":${JSON.stringify(otherData)},"traceEvents":[\n${lines}\n]}\n`;
}
