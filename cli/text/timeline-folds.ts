/**
 * The timeline of a run with its routine folded: what goes on for long and tells nothing new is one line that says what
 * it was, how often and how far apart. What carries the story never is folded: a fault, a state, a verdict, a lost
 * packet, and a ping that nobody answers.
 */
import type { RunEvent } from '../../model/results/types.ts';
import { formatBytes, formatMs, plural } from '../../text/numbers.ts';
import { isPacket } from '../trace/segment.ts';

/** Shorter stretches stay as they are. */
const LEAST_FOLDED = 5;

/** What a stretch of routine is about. */
type Routine = 'window-probe' | 'keepalive-probe' | 'traffic';

/** A line of the timeline: an event, or a stretch of routine. */
export type Line =
  | { readonly shown: RunEvent }
  | { readonly shown?: undefined; readonly folded: readonly RunEvent[]; readonly about: Routine };

/** Events of a process that occur all the time in a healthy connection. */
const ROUTINE_EVENT =
  /^(?!ping-waits|send-blocked)(?:ping|pong|unsolicited-pong|heartbeat|message|acknowledgement|send)-|^socket-sampled$/;

/** The probes of the kernel, which their answers (a duplicate acknowledgement) go with. */
const probes: ReadonlySet<unknown> = new Set(['window-probe', 'keepalive-probe']);

/**
 * Pings of which no answer was read before the next one: their stay on the server and on the wire is the story. An event
 * that tells of one thing on one connection; fleets are told connection by connection.
 */
function unanswered(events: readonly RunEvent[]): ReadonlySet<RunEvent> {
  const open = new Map<unknown, RunEvent[]>();
  for (const event of events) {
    const { connection } = event;
    if (event.event === 'ping-queued')
      open.set(connection, [...(open.get(connection) ?? []), event]);
    else if (event.event === 'ping-written') open.get(connection)?.push(event);
    else if (event.event === 'pong-read') open.delete(connection);
  }
  return new Set([...open.values()].flat());
}

/** What an event is routine of, after another; undefined where it carries the story. */
function routineOf(event: RunEvent, before: Routine | undefined): Routine | undefined {
  if (!isPacket(event)) return ROUTINE_EVENT.test(event.event) ? 'traffic' : undefined;
  if (event.event !== 'packet') return undefined;
  const why = event['why'];
  if (probes.has(why)) return why as Routine;
  if (why === 'duplicate-ack') return before === 'traffic' ? undefined : before;
  return why === 'data' || why === 'ack' ? 'traffic' : undefined;
}

/** Folds routine, keeps everything else, in order. */
export function foldRoutine(events: readonly RunEvent[]): Line[] {
  const story = unanswered(events);
  const lines: Line[] = [];
  let stretch: RunEvent[] = [];
  let about: Routine | undefined;
  const end = (): void => {
    const folds = about !== undefined && stretch.length >= LEAST_FOLDED;
    if (folds) lines.push({ folded: stretch, about: about as Routine });
    else lines.push(...stretch.map((shown): Line => ({ shown })));
    stretch = [];
  };
  for (const event of events) {
    const next = story.has(event) ? undefined : routineOf(event, about);
    if (next !== about) end();
    about = next;
    if (next === undefined) lines.push({ shown: event });
    else stretch.push(event);
  }
  end();
  return lines;
}

/** `0.3 s → 4.6 s apart`: the distances of what repeats. */
function apart(all: readonly RunEvent[]): string {
  const gaps = all.slice(1).map((event, index) => event.atMs - (all[index]?.atMs ?? 0));
  const [least, most] = [Math.min(...gaps), Math.max(...gaps)];
  if (gaps.length === 0) return '';
  const texts = [formatMs(least), formatMs(most)];
  return `, ${texts[0] === texts[1] ? texts[0] : texts.join(' → ')} apart`;
}

function probeWords(all: readonly RunEvent[], name: string): string {
  const sent = all.filter((event) => isPacket(event) && probes.has(event['why']));
  return `${plural(sent.length, `${name} probe`)}${apart(sent)}, answered`;
}

function bytesFrom(all: readonly RunEvent[], side: string): number {
  return all.reduce((sum, event) => {
    const length = isPacket(event) && event['from'] === side ? event['length'] : 0;
    return sum + (typeof length === 'number' ? length : 0);
  }, 0);
}

function trafficWords(all: readonly RunEvent[]): string {
  const packets = all.filter(isPacket).length;
  const pings = all.filter(({ event }) => event === 'pong-read').length;
  const [sent, received] = [bytesFrom(all, 'server'), bytesFrom(all, 'client')];
  return [
    ...(pings > 0 ? [`${plural(pings, 'ping')} answered`] : []),
    ...(packets > 0 ? [plural(packets, 'packet')] : [plural(all.length, 'event')]),
    ...(sent > 0 ? [`${formatBytes(sent)} to the client`] : []),
    ...(received > 0 ? [`${formatBytes(received)} from it`] : []),
  ].join(', ');
}

/** What a folded stretch was. */
export function foldWords(all: readonly RunEvent[], about: Routine): string {
  if (about === 'window-probe') return probeWords(all, 'zero-window');
  return about === 'keepalive-probe' ? probeWords(all, 'keepalive') : trafficWords(all);
}
