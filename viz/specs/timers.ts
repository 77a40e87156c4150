/**
 * Timers of one run as bars from armed to fired, as far as its events tell: the wait for a pong, the wait for the
 * closing handshake, and the kernel's chains of retransmissions and probes, in which each sending arms the next.
 */
import type { RunEvent, RunResult } from '../../model/results/types.ts';
import { formatMs } from '../../text/numbers.ts';

/** A timer from the instant it was armed. */
export interface TimerBar {
  readonly owner: 'application' | 'kernel';
  readonly name: string;
  readonly armedAtMs: number;
  readonly endedAtMs: number;
  /** It ran out; otherwise it was cancelled, because what it waited for came. */
  readonly fired: boolean;
}

/** Reasons for a packet that a timer of the sender's kernel sent; each also arms the next of its chain. */
const CHAINS: ReadonlyMap<unknown, string> = new Map([
  ['rto', 'rto'],
  ['keepalive-probe', 'keepalive probe'],
  ['window-probe', 'window probe'],
]);

/** What a packet is called: data, ack, FIN, `rto #4`, `keepalive probe #2`. */
export function packetName(event: RunEvent, number: number): string {
  const why = event['why'];
  const chain = CHAINS.get(why);
  if (chain !== undefined) return `${chain} #${number}`;
  const known: Readonly<Record<string, string>> = {
    syn: 'SYN',
    'syn-ack': 'SYN/ACK',
    fin: 'FIN',
    reset: 'RST',
    tlp: 'tail loss probe',
    'duplicate-ack': 'duplicate ack',
  };
  return known[String(why)] ?? String(why ?? event.event);
}

/** Whether an event is a packet, arrived or lost. */
export function isPacket({ where, event }: RunEvent): boolean {
  return where === 'wire' && (event === 'packet' || event === 'packet-lost');
}

/** The number of each packet in its chain, 1 for the first since its side last heard or sent something else. */
export function packetNumbers(events: readonly RunEvent[]): ReadonlyMap<RunEvent, number> {
  const numbers = new Map<RunEvent, number>();
  const counts = new Map<string, number>();
  for (const event of events) {
    if (!isPacket(event)) continue;
    const from = String(event['from']);
    const why = event['why'];
    if (CHAINS.has(why)) {
      const chain = `${from} ${String(why)}`;
      const number = (counts.get(chain) ?? 0) + 1;
      counts.set(chain, number);
      numbers.set(event, number);
    } else if (event.event === 'packet' && event['length'] !== 0) {
      // New data that arrives ends the other side's silence, and with it every chain.
      counts.clear();
    }
  }
  return numbers;
}

/** All timers of a run that its events tell of, in the order of their arming. */
export function timersOf(run: RunResult): readonly TimerBar[] {
  const bars = [...applicationTimers(run.events), ...kernelTimers(run)];
  return bars.toSorted((a, b) => a.armedAtMs - b.armedAtMs);
}

/** Events that arm a wait of the server's process, and those that end it. */
const WAITS: readonly {
  readonly armed: string;
  readonly name: string;
  readonly answered: readonly string[];
  readonly fired: readonly string[];
}[] = [
  { armed: 'ping-queued', name: 'wait for pong', answered: ['pong-read'], fired: ['reaped'] },
  {
    armed: 'closing-handshake',
    name: 'wait for close',
    answered: ['close-frame-read', 'end-of-file'],
    fired: ['closing-handshake-timed-out'],
  },
];

function applicationTimers(events: readonly RunEvent[]): readonly TimerBar[] {
  const bars: TimerBar[] = [];
  for (const { armed, name, answered, fired } of WAITS) {
    let armedAtMs: number | null = null;
    for (const { where, event, atMs } of events) {
      if (where !== 'server-app') continue;
      if (event === armed) {
        armedAtMs ??= atMs;
      } else if (armedAtMs !== null && (answered.includes(event) || fired.includes(event))) {
        const hasFired = fired.includes(event);
        bars.push({ owner: 'application', name, armedAtMs, endedAtMs: atMs, fired: hasFired });
        armedAtMs = null;
      }
    }
  }
  return bars;
}

function kernelTimers({ events, kernelClosedAtMs }: RunResult): readonly TimerBar[] {
  const bars: TimerBar[] = [];
  const numbers = packetNumbers(events);
  const sent = events.filter(
    (event) => isPacket(event) && event['from'] === 'server' && CHAINS.has(event['why']),
  );
  for (const [index, event] of sent.entries()) {
    const before = sent[index - 1];
    const number = numbers.get(event) ?? 1;
    if (number === 1 || before === undefined || before['why'] !== event['why']) continue;
    bars.push({
      owner: 'kernel',
      name: packetName(event, number),
      armedAtMs: before.atMs,
      endedAtMs: event.atMs,
      fired: true,
    });
  }
  const last = sent.at(-1);
  const gaveUp = events.find(
    ({ where, event, why }) =>
      where === 'server-kernel' &&
      (event === 'state' || event === 'socket-error') &&
      String(why ?? '').endsWith('timed-out'),
  );
  if (last !== undefined && gaveUp !== undefined && gaveUp.atMs > last.atMs) {
    const name = 'until it gives up';
    bars.push({
      owner: 'kernel',
      name,
      armedAtMs: last.atMs,
      endedAtMs: gaveUp.atMs,
      fired: gaveUp.atMs === kernelClosedAtMs || gaveUp.event === 'state',
    });
  }
  return bars;
}

/** `rto #4, armed for 3.3 s`, `wait for pong, answered after 50 ms`. */
export function timerWords({ name, armedAtMs, endedAtMs, fired }: TimerBar): string {
  const length = formatMs(endedAtMs - armedAtMs);
  return fired ? `${name}, fired after ${length}` : `${name}, answered after ${length}`;
}
