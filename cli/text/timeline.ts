/**
 * One run as people read it: when (since the fault), where, what, details. Long stretches of routine
 * (data and its acknowledgements, pings answered, samples) are folded; what carries the story never is.
 */
import { figureText, fleetOutcome, toldByRun } from '../fleet.ts';
import type { RunEvent, RunResult } from '../../model/results/types.ts';
import { isPacket } from '../trace/segment.ts';
import type { Terminal } from '../terminal.ts';
import { formatCount, formatMs, plural } from '../../text/numbers.ts';
import { renderTable, type Column } from '../../text/table.ts';
import { printable } from '../../text/width.ts';

/** Of a folded stretch this many events stay at its beginning, and as many at its end. */
const KEPT_AT_EACH_END = 3;

/** Reasons to send a packet that occur all the time in a healthy connection. */
const routineReasons: ReadonlySet<unknown> = new Set(['data', 'ack']);

/** A keepalive probe and its answer: routine as long as they arrive. */
const probeReasons: ReadonlySet<unknown> = new Set(['keepalive-probe', 'duplicate-ack']);

/** Events of a process that occur all the time in a healthy connection. */
const ROUTINE_EVENT =
  /^(?:ping|pong|unsolicited-pong|heartbeat|message|acknowledgement|send)-|^socket-sampled$/;

/** A line of the timeline: an event, or the number of events folded away. */
type Line =
  | { readonly shown: RunEvent }
  | { readonly shown?: undefined; readonly folded: number; readonly untilMs: number };

function isRoutine(event: RunEvent): boolean {
  if (!isPacket(event)) return ROUTINE_EVENT.test(event.event);
  const arrives = event.event === 'packet';
  return routineReasons.has(event['why']) || (arrives && probeReasons.has(event['why']));
}

function shown(event: RunEvent): Line {
  return { shown: event };
}

function foldStretch(stretch: readonly RunEvent[]): Line[] {
  const folded = stretch.length - 2 * KEPT_AT_EACH_END;
  if (folded <= 1) return stretch.map(shown);
  const head = stretch.slice(0, KEPT_AT_EACH_END).map(shown);
  const tail = stretch.slice(-KEPT_AT_EACH_END).map(shown);
  const untilMs = stretch[stretch.length - KEPT_AT_EACH_END - 1]?.atMs ?? 0;
  return [...head, { folded, untilMs }, ...tail];
}

/** Folds routine, keeps everything else. */
export function foldRoutine(events: readonly RunEvent[]): Line[] {
  const lines: Line[] = [];
  let stretch: RunEvent[] = [];
  for (const event of events) {
    if (isRoutine(event)) {
      stretch.push(event);
      continue;
    }
    lines.push(...foldStretch(stretch), shown(event));
    stretch = [];
  }
  return [...lines, ...foldStretch(stretch)];
}

/** Seconds to the millisecond, signed: before or after the fault. */
function since(atMs: number, originMs: number): string {
  const seconds = ((atMs - originMs) / 1000).toFixed(3);
  return atMs < originMs ? seconds : `+${seconds}`;
}

/** What happened; a packet says from where to where. */
function eventText(event: RunEvent): string {
  if (!isPacket(event)) return event.event;
  const peer = event['from'] === 'server' ? 'client' : 'server';
  const arrow = event.event === 'packet-lost' ? '✗ lost to' : '→';
  return `${String(event['from'])} ${arrow} ${peer}`;
}

/** Which of several connections; nothing where there is one. */
function connectionText({ connection }: RunEvent): string {
  return connection === undefined ? '' : ` · connection ${connection}`;
}

function detailText(event: RunEvent): string {
  if (isPacket(event)) {
    const { flags, seq, ack, length, window, why } = event;
    const sizes = `seq ${seq} · ack ${ack} · length ${length} · window ${window}`;
    return `${flags} · ${sizes} · ${why}${connectionText(event)}`;
  }
  if (event.event === 'state') {
    const { from, to, why } = event;
    return `${from} → ${to} · ${why}${connectionText(event)}`;
  }
  const { atMs: _atMs, where: _where, event: _event, ...details } = event;
  return Object.entries(details)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ');
}

function eventColumns(run: RunResult): Column<Line>[] {
  const originMs = run.faultAtMs ?? 0;
  return [
    {
      header: run.faultAtMs === null ? 'seconds' : 'since fault',
      align: 'right',
      cell: (line) => since(line.shown === undefined ? line.untilMs : line.shown.atMs, originMs),
    },
    { header: 'where', align: 'left', cell: ({ shown }) => shown?.where ?? '⋮' },
    {
      header: 'event',
      align: 'left',
      cell: (line) =>
        line.shown === undefined
          ? plural(line.folded, 'more event')
          : printable(eventText(line.shown)),
    },
    {
      header: 'details',
      align: 'left',
      cell: ({ shown }) =>
        shown === undefined ? 'routine; --verbose shows them' : printable(detailText(shown)),
      flexible: true,
    },
  ];
}

/** What is stated of a number: ms, null = unbounded; where it is not proved, nothing. */
interface StatedLimit {
  readonly maxMs: number | null;
  readonly proved: boolean;
}

export interface RunText {
  readonly run: RunResult;
  readonly version: string;
  /** B of the four instants; absent for a living peer. */
  readonly bounds?: readonly StatedLimit[];
  /** T, for a living peer. */
  readonly tolerance?: StatedLimit;
  /** Nothing is folded. */
  readonly verbose: boolean;
  /** The command that prints the same again. */
  readonly repeat: string;
}

interface Instant {
  readonly name: string;
  readonly atMs: number | null;
  readonly bound: StatedLimit | undefined;
}

function instantLines({ run, bounds }: RunText, terminal: Terminal): string[] {
  const originMs = run.faultAtMs ?? 0;
  const instants: Instant[] = [
    { name: 'application decides', atMs: run.decidedAtMs, bound: bounds?.[0] },
    { name: 'descriptor closed', atMs: run.closedAtMs, bound: bounds?.[1] },
    { name: 'kernel leaves ESTABLISHED', atMs: run.kernelClosedAtMs, bound: bounds?.[2] },
    { name: 'kernel forgets the socket', atMs: run.releasedAtMs, bound: bounds?.[3] },
  ];
  const columns: Column<Instant>[] = [
    { header: 'instant', align: 'left', cell: ({ name }) => name },
    {
      header: run.faultAtMs === null ? 'seconds' : 'since fault',
      align: 'right',
      cell: ({ atMs }) => (atMs === null ? 'never' : since(atMs, originMs)),
    },
  ];
  const bound: Column<Instant> = {
    header: 'bound',
    align: 'right',
    cell: ({ bound: stated }) => {
      if (stated === undefined || !stated.proved) return 'not proved';
      return stated.maxMs === null ? '∞' : `≤ ${formatMs(stated.maxMs, 'up')}`;
    },
  };
  return renderTable(bounds === undefined ? columns : [...columns, bound], instants, {
    columns: terminal.columns,
    paint: terminal.paint,
  });
}

/** What ends a living client, in words; a mechanism's own name stands for itself. */
const endWords: Readonly<Record<string, string>> = {
  idle: 'the idle limit',
  age: 'the age limit',
  drain: 'the supervisor’s kill at the drain deadline',
  close: 'a closing handshake that the server began',
};

/** A living client's end in a sentence; nothing where none was ended. */
function endedAliveLines({ endedAlive }: RunResult): string[] {
  if (endedAlive === null) return [];
  const { afterLastHeardMs, afterAcceptMs, by, inOrder } = endedAlive;
  const when = `${formatMs(afterLastHeardMs)} after it was last heard, ${formatMs(afterAcceptMs)} after it had connected`;
  const words = by.startsWith('kernel ')
    ? `the server’s kernel (${by.slice('kernel '.length)})`
    : (endWords[by] ?? `the policy’s ${by}`);
  const harm = inOrder ? '; in order, which this scenario calls no harm' : '';
  return [printable(`a living client was ended ${when}, by ${words}${harm}`)];
}

function toleranceText({ maxMs, proved }: StatedLimit): string {
  if (!proved) return 'no tolerance is proved';
  return maxMs === null
    ? 'tolerates any silence'
    : `tolerates such silence below ${formatMs(maxMs, 'down')}`;
}

function outcomeLine({ run, tolerance: stated }: RunText): string {
  const fault =
    run.faultAtMs === null ? '' : `, fault ${(run.faultAtMs / 1000).toFixed(3)} s into the run`;
  const reason = run.reason === '' ? '' : ` · ${run.reason}`;
  const tolerance = stated === undefined ? '' : `; ${toleranceText(stated)}`;
  return printable(`outcome: ${run.outcome}${fault}${reason}${tolerance}`);
}

/** The whole text, ready for stdout; the seed is in its first and its last line. */
export function timelineText(text: RunText, terminal: Terminal): string {
  const { run } = text;
  const lines = text.verbose ? run.events.map(shown) : foldRoutine(run.events);
  const style = { columns: terminal.columns, paint: terminal.paint };
  return [
    `${headLine(text)} · ${formatCount(run.events.length)} events`,
    '',
    ...renderTable(eventColumns(run), lines, style),
    '',
    ...endingLines(text, terminal),
    '',
  ].join('\n');
}

function headLine({ run, version }: RunText): string {
  return `ghostbound ${version} · seed ${run.seed} · ${printable(run.policy)} on ${printable(run.scenario)}`;
}

/** What a story about many connections says of the others. */
function figureLines(run: RunResult): string[] {
  const { fleet = [] } = run;
  const outcome = fleetOutcome(toldByRun(run));
  const lines = fleet.map((figure) => {
    const { name, unit, value } = figure;
    if (value === null) return `${name}: ${unit === 'ms' ? 'never' : 'without end'}`;
    return `${name}: ${figureText(figure, value)}`;
  });
  return outcome === null ? lines : [`what came of it: ${outcome.text}`, ...lines];
}

function endingLines(text: RunText, terminal: Terminal): string[] {
  return [
    ...instantLines(text, terminal),
    '',
    outcomeLine(text),
    ...figureLines(text.run),
    ...endedAliveLines(text.run),
    `repeat: ${text.repeat}`,
  ];
}

/** Only how it ended: for a run whose timeline went into a file. */
export function endingText(text: RunText, terminal: Terminal): string {
  return [headLine(text), '', ...endingLines(text, terminal), ''].join('\n');
}
