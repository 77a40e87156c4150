/**
 * One run as people read it: when (since the fault), where, what, and why before the numbers. Long stretches of routine
 * are folded; the last lines say in plain words what happened.
 */
import { fleetOutcome, toldByRun } from '../checks/fleet.ts';
import type { RunEvent, RunResult } from '../../model/results/types.ts';
import { isPacket } from '../trace/segment.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatCount, formatMs, formatSeconds, neverWithin } from '../../text/numbers.ts';
import { figureValue } from '../../text/differences.ts';
import { renderTable, type Cell, type Column, type Paint } from '../../text/table.ts';
import { printable, wrap } from '../../text/width.ts';
import { raceLines } from './races.ts';
import { storyOf } from './run-story.ts';
import { foldRoutine, foldWords, type Line } from './timeline-folds.ts';

/** What goes wrong, or is well again. */
const FAULT_EVENT =
  /^(?:cut|healed|frozen|page-frozen|stopped|goes-on|starved|crashed|powered-o.*|link-down|silence-.*|nobody-behind-the-proxy|middlebox-.*|router-.*|event-loop-.*|timers-throttled|scheduled-again|ping-waits-for-lock|send-blocked|sigterm)$/;

/** What ends a connection, and what it ends with. */
const END_EVENT =
  /^(?:reaped|socket-error|descriptor-closed|socket-forgotten|closing-handshake.*|sigkill)$/;

/** Seconds to the millisecond, signed: before or after the fault. */
function since(atMs: number, originMs: number): string {
  const seconds = formatSeconds(atMs - originMs);
  return atMs < originMs ? seconds : `+${seconds}`;
}

/** What happened; a packet says from where to where. */
function eventText(event: RunEvent): string {
  if (event.event === 'state')
    return event.where === 'server-kernel' ? 'server state' : 'peer state';
  if (!isPacket(event)) return event.event;
  const peer = event['to'] ?? (event['from'] === 'server' ? 'client' : 'server');
  const arrow = event.event === 'packet-lost' ? '✗ lost to' : '→';
  return `${String(event['from'])} ${arrow} ${String(peer)}`;
}

/** Which of several connections; nothing where there is one. */
function connectionText({ connection }: RunEvent): string {
  return connection === undefined ? '' : ` · connection ${connection}`;
}

function detailText(event: RunEvent): string {
  if (isPacket(event)) {
    const { flags, seq, ack, length, window, why } = event;
    const sizes = `seq ${seq} · ack ${ack} · length ${length} · window ${window}`;
    return `${why} · ${flags} · ${sizes}${connectionText(event)}`;
  }
  if (event.event === 'state') {
    const { from, to, why } = event;
    return `${why} · ${from} → ${to}${connectionText(event)}`;
  }
  const { atMs: _atMs, where: _where, event: _event, ...details } = event;
  return Object.entries(details)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ');
}

/** What a line is about, as a sign and a colour beside it; nothing for what goes well. */
function markOf(line: Line): { readonly sign: string; readonly paint: Paint } | undefined {
  if (line.shown === undefined) return { sign: '⋮', paint: 'dim' };
  const { event } = line.shown;
  if (event === 'packet-lost') return { sign: '✗', paint: 'dim' };
  if (FAULT_EVENT.test(event)) return { sign: '▲', paint: 'strong' };
  if (END_EVENT.test(event)) return { sign: '■', paint: 'bad' };
  return undefined;
}

/** A text of a line in its colour. */
function painted(line: Line, text: string): Cell {
  const mark = markOf(line);
  return mark === undefined ? text : { text, paint: mark.paint };
}

function eventColumns(run: RunResult): Column<Line>[] {
  const originMs = run.faultAtMs ?? 0;
  return [
    {
      header: run.faultAtMs === null ? 'seconds' : 'since fault',
      align: 'right',
      cell: (line) => since((line.shown ?? line.folded[0])?.atMs ?? 0, originMs),
    },
    { header: '', align: 'left', cell: (line) => painted(line, markOf(line)?.sign ?? '') },
    {
      header: 'where',
      align: 'left',
      cell: (line) => line.shown?.where ?? 'routine',
      expendable: 1,
    },
    {
      header: 'event',
      align: 'left',
      cell: (line) =>
        painted(
          line,
          line.shown === undefined
            ? `until ${since(line.folded.at(-1)?.atMs ?? 0, originMs)}`
            : printable(eventText(line.shown)),
        ),
    },
    {
      header: 'details',
      align: 'left',
      cell: (line) =>
        painted(
          line,
          line.shown === undefined
            ? foldWords(line.folded, line.about)
            : printable(detailText(line.shown)),
        ),
      flexible: 'end',
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
      cell: ({ atMs }) =>
        atMs === null ? neverWithin(run.watchedMs, run.watchedOut) : since(atMs, originMs),
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

function toleranceText({ maxMs, proved }: StatedLimit): string {
  if (!proved) return 'no tolerance is proved';
  if (maxMs === 0) return 'tolerates no such silence';
  return maxMs === null
    ? 'tolerates any silence'
    : `tolerates such silence below ${formatMs(maxMs, 'down')}`;
}

function outcomeLine({ run, tolerance: stated }: RunText): string {
  const fault =
    run.faultAtMs === null ? '' : `, fault ${formatSeconds(run.faultAtMs)} s into the run`;
  const reason = run.reason === '' ? '' : ` · ${run.reason}`;
  // Who was ended in order was not ended for being silent: what is tolerated of silence is no answer to it.
  const told = stated !== undefined && (run.endedAlive === null || run.outcome === 'reaped');
  const tolerance = told ? `; ${toleranceText(stated)}` : '';
  return printable(`outcome: ${run.outcome}${fault}${reason}${tolerance}`);
}

/** The whole text, ready for stdout; the seed is in its first and its last line. */
export function timelineText(text: RunText, terminal: Terminal): string {
  const { run } = text;
  const lines = text.verbose
    ? run.events.map((shown): Line => ({ shown }))
    : foldRoutine(run.events);
  const style = { columns: terminal.columns, paint: terminal.paint };
  return [
    ...wrap(`${headLine(text)} · ${formatCount(run.events.length)} events`, terminal.columns),
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
    return `${name}: ${figureValue({ figure: name, unit, worst: value })}`;
  });
  return outcome === null || run.outcome === 'survived'
    ? lines
    : [`what came of it: ${outcome.text}`, ...lines];
}

/** What to remember: of a story of many, what came of them, before what came of the one that was followed. */
function lastWords(run: RunResult): string {
  const outcome = fleetOutcome(toldByRun(run));
  if (outcome === null || run.outcome !== 'survived') return storyOf(run);
  return `${outcome.text}; ${storyOf(run)}`;
}

function endingLines(text: RunText, terminal: Terminal): string[] {
  // In a pipe a sentence is a line.
  const { columns } = terminal;
  return [
    ...instantLines(text, terminal),
    '',
    ...wrap(outcomeLine(text), columns),
    ...figureLines(text.run),
    ...raceLines(text.run.races ?? [], columns),
    ...wrap(printable(lastWords(text.run)), columns),
    `repeat: ${text.repeat}`,
  ];
}

/** Only how it ended: for a run whose timeline went into a file. */
export function endingText(text: RunText, terminal: Terminal): string {
  const head = wrap(headLine(text), terminal.columns);
  return [...head, '', ...endingLines(text, terminal), ''].join('\n');
}
