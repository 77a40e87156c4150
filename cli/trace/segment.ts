/** The packets of a run's timeline, read back from its events. */
import { assert } from '../../model/assert.ts';
import type { RunEvent, RunResult } from '../../model/results/types.ts';

export interface WirePacket {
  /** When its sender handed it to the wire. */
  readonly atMs: number;
  readonly fromServer: boolean;
  /** Which of a fleet's connections; 0 where there is one. */
  readonly connection: number;
  /** As tcpdump writes them: S F R P and a dot for ACK. */
  readonly flags: string;
  /** Relative: the SYN is 0. */
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly windowBytes: number;
  /** It never arrived. */
  readonly lost: boolean;
  /** The kernel's reason to send it. */
  readonly why: string;
}

function wholeNumber(event: RunEvent, field: string): number {
  const value = event[field];
  assert(typeof value === 'number' && Number.isInteger(value), `packet event without ${field}`);
  return value;
}

function text(event: RunEvent, field: string): string {
  const value = event[field];
  assert(typeof value === 'string', `packet event without ${field}`);
  return value;
}

/** Whether the event is a packet, lost or not, on any link. */
export function isPacket({ where, event }: RunEvent): boolean {
  const onWire = where === 'wire' || where === 'far-wire';
  return onWire && (event === 'packet' || event === 'packet-lost');
}

/** Every packet of the server's link in the order of sending: what a capture on its host shows. */
export function packetsOf(run: RunResult): WirePacket[] {
  return run.events
    .filter((event) => isPacket(event) && event.where === 'wire')
    .map((event) => ({
      atMs: event.atMs,
      fromServer: text(event, 'from') === 'server',
      connection: typeof event['connection'] === 'number' ? event['connection'] : 0,
      flags: text(event, 'flags'),
      seq: wholeNumber(event, 'seq'),
      ack: wholeNumber(event, 'ack'),
      length: wholeNumber(event, 'length'),
      windowBytes: wholeNumber(event, 'window'),
      lost: event.event === 'packet-lost',
      why: text(event, 'why'),
    }));
}
