/**
 * A state of the exploration: where each automaton stands, and every way in which their instants can lie to each other.
 */
import type { VerdictManner } from '../policy/types.ts';
import { NOW, type Zone } from '../zone.ts';

/** Where the server's write timer stands. */
export const Flight = {
  /** Everything is acknowledged, or will be by the acknowledgement under way. */
  Quiet: 0,
  /** Tail loss probe awaited. */
  Probe: 1,
  /** Retransmission timeout awaited, nothing retransmitted yet. */
  Timeout: 2,
  /** Tail loss probe awaited anew: something was written after the first one. */
  ProbeAgain: 3,
  /** Retransmitting. */
  Retransmitting: 4,
  /** Something cannot leave: the probe timer awaited. */
  Unsent: 5,
} as const;

/** Places in `control` behind the reaper's regions. */
export const Field = {
  Flight: 0,
  /** More than one write is in flight. */
  Several: 1,
  /** Retransmission timeout in force, jiffies: least and most. */
  RtoLo: 2,
  RtoHi: 3,
  /** Width of the buckets in which the write and the keepalive timer wait, jiffies. */
  WriteWidth: 4,
  KeepaliveWidth: 5,
  /** Keepalive probes that nobody answered. */
  ProbesOut: 6,
  /** The fault has struck. */
  Struck: 7,
  /** The process stands still; it has gone on and may find clocks overdue. */
  Still: 8,
  /** Life signs that wait to be read. */
  Unread: 9,
  /** Regions whose measure of progress has changed since their last look, as bits: by bytes acked, by writes. */
  Acked: 10,
  Written: 11,
  /** Which pings under way are for the peer's application, as bits. */
  ForApplication: 12,
  /** The send path is blocked for good. */
  Blocked: 13,
  /** Which sources of the peer say nothing any more, as bits of {@link Silent}. */
  Silent: 14,
  /** The kernel has ended the connection, and the process stands still. */
  Failed: 15,
  /** Which answers under way are acknowledgements of the application, as bits. */
  Acknowledgements: 16,
  /** The peer's side of the stream has ended, and the server's has not. */
  HalfClosed: 17,
  /** How a load without limit stands: one of {@link Flow}. */
  Flow: 18,
  /** Pings that the send path has not taken. */
  Untaken: 19,
  /** A pool's entry is tested, and its query waits. */
  Testing: 20,
  /** Writes that have put the tail loss probe off, where they come faster than it. */
  PutOffs: 21,
  Count: 22,
} as const;

/**
 * Places in `control` behind those, where a living peer falls silent for a while: how far the silence is, what it holds up, and what
 * has to come again after it.
 */
export const Hushed = {
  /** One of {@link Phase}. */
  Phase: Field.Count,
  /** All that the server has in flight has come to the peer, only its acknowledgement has not come back. */
  Received: Field.Count + 1,
  /** Answers that the peer owes, as bits of {@link Owed}. */
  Owed: Field.Count + 2,
  /** Retransmissions of the peer's kernel: one of {@link PeerFlight}, and one of {@link Stage}. */
  PeerFlight: Field.Count + 3,
  Stage: Field.Count + 4,
  /** Round trips until the last of what it has to send again has come. */
  Rounds: Field.Count + 5,
  /** Kernels whose next expiry gives up, as bits of {@link GivesUp}. */
  GivesUp: Field.Count + 6,
  /** Signs of life that it has to send again, as bits of LifeBit. */
  Content: Field.Count + 7,
  /** Heartbeats that are overdue, and those whose last one had left before the silence; as bits. */
  HeldBeats: Field.Count + 8,
  LeftBeats: Field.Count + 9,
  /** How far away each heartbeat was when its clock stopped, in slices of its rhythm; 0 = it has not. */
  Stopped: Field.Count + 10,
  /** A page reads no more: its library answers as little as its application. */
  Full: Field.Count + 14,
  Count: Field.Count + 15,
} as const;

/** How far a silence is. */
export const Phase = { Before: 0, Lasts: 1, Over: 2 } as const;

/** What the peer's kernel has in flight that it does not know to have arrived. */
export const PeerFlight = { None: 0, Received: 1, Lost: 2 } as const;

/** How far it is with that: nothing put off its timer, or something did, before the first retransmission; after it; after the silence. */
export const Stage = { Probe: 0, PutOff: 1, Retransmitting: 2, Recovering: 3 } as const;

/** Whose next expiry gives up. */
export const GivesUp = { Server: 1, Peer: 2 } as const;

/** Answers that a peer may owe. */
export const Owed = { Pong: 1, ApplicationPong: 2, Acknowledgement: 4 } as const;

/** Whether a process runs; `Waits`: its own loop waits for a lock, with its clocks, and hears what comes when it goes on. */
export const Still = { Runs: 0, Stands: 1, GoesOn: 2, Waits: 3 } as const;

/** A load without limit: it moves until the last acknowledgement has come, and then stands. */
export const Flow = { NotBegun: 0, Moves: 1, Stands: 2 } as const;

/** Who of the peer may fall silent. */
export const Silent = {
  /** What its library answers: pongs. */
  Answers: 1,
  /** Its application: answers, heartbeats, messages. */
  Application: 2,
  /** What its library sends of its own. */
  Library: 4,
  All: 7,
} as const;

/** How an end is carried out: as the verdict says, by the kernel, or by the other side's word, which the server answers. */
export type Manner = VerdictManner | 'gone' | 'told';

/** Scratch of {@link State.key}. */
const codes: number[] = [];

export class State {
  readonly control: Int32Array;
  readonly zone: Zone;
  /** What ended the connection, null while it stands, and how that is carried out. */
  end: string | null = null;
  manner: Manner = 'gone';
  /** Regions that asked for a look, as bits, and pings that the send path has taken, within this step. */
  asked = 0;
  pinged = false;
  /** Instant from which segments are in flight that nothing will acknowledge; -1 = none have begun to be. */
  flightFrom = -1;
  /** A packet has left after the fault. */
  packet = false;
  /** Timers that this step has armed. */
  readonly armed: number[] = [];

  constructor(control: Int32Array, zone: Zone) {
    this.control = control;
    this.zone = zone;
  }

  copy(): State {
    const copy = new State(this.control.slice(), this.zone.copy());
    copy.end = this.end;
    copy.manner = this.manner;
    copy.asked = this.asked;
    copy.pinged = this.pinged;
    copy.packet = this.packet;
    copy.flightFrom = this.flightFrom;
    for (const v of this.armed) copy.armed.push(v);
    return copy;
  }

  /** Which discrete state it is; its zone says the rest. */
  key(): string {
    const { control } = this;
    const used = this.zone.variables();
    let length = 0;
    for (let at = 0; at < control.length; at += 1) {
      const value = control[at] as number;
      codes[length] = value & 0x7fff;
      codes[length + 1] = value >> 15;
      length += 2;
    }
    for (const v of used) {
      codes[length] = v;
      length += 1;
    }
    codes.length = length;
    return String.fromCharCode(...codes);
  }

  arm(v: number, base: number, lo: number, hi: number): void {
    this.zone.set(v, base, lo, hi);
    this.armed.push(v);
  }

  /** At the earliest `lo` from now, at the latest `hi` after a timer that runs; v may be that timer. */
  armUntil(v: number, lo: number, timer: number, hi: number): void {
    this.zone.setBetween(v, NOW, lo, timer, hi);
    this.armed.push(v);
  }

  armFromNow(v: number, lo: number, hi: number): void {
    this.arm(v, NOW, lo, hi);
  }
}
