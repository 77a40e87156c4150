/** What all parts of the exploration share: the cell's numbers, the variables of its zones, the fields of its states. */
import type { OneWay } from './one-way.ts';
import type { Refusal } from './refusal.ts';
import type { Beat, Part, Setting } from './setting.ts';
import { Field, Flow, Hushed, Silent, Still, type State } from './state.ts';

/** Answers that may be under way at once. */
export const ANSWERS_UNDER_WAY = 4;

/** What the exploration needs to know of a fault while it steps; filled in by whoever makes it strike. */
export interface Aftermath {
  /** What arrives at the client's host is acknowledged, and probes are answered. */
  readonly acknowledges: boolean;
  /** A packet that the server sends so long after the fault is answered with a reset, which arrives so much later. */
  readonly resets: { readonly fromUs: number; readonly afterUs: number } | null;
  /** The client is heard, speaks, and hears nothing. */
  readonly oneWay: OneWay | null;
  /** Who tells the kernel that what it sends does not arrive; null = nobody does. */
  readonly refusal: Refusal | null;
  /** What the other side, or a box, says of the end when it says something: all is over, or the server has to close, too. */
  readonly said: 'gone' | 'told';
}

/** A silence of a living peer, as far as it changes a step; it says nothing before it begins. */
export interface Hush {
  /** The load goes on while the threads that read and judge stand still. */
  readonly loadRunsOn: boolean;
  /** Carries an expiry out itself; false = it is like any other. */
  fires(batch: State[], state: State, v: number): boolean;
  /** Each of these: something of the server's leaves. True = what becomes of it is settled. */
  pings(state: State, forApplication: boolean): boolean;
  writes(state: State): boolean;
  transmits(state: State): boolean;
  /** A packet of the peer has arrived. */
  heard(state: State, bits: number): void;
  /** What was sent at `base`, and again now, will not be acknowledged for a while; see Kernel.flights. */
  flights(state: State, base: number): State[];
  /** An acknowledgement has come while more is in flight: true = what becomes of that is settled. */
  acknowledged(state: State): boolean;
}

/** A load without limit, as far as it changes a step; it says nothing before it begins. */
export interface Flowing {
  /** How it stands: one of Flow. */
  stage(state: State): number;
  begins(batch: State[], state: State): void;
  /** Carries an expiry out itself; false = it is like any other. */
  fires(batch: State[], state: State, v: number): boolean;
  /** Each of these: something of the server's is handed over. True = what becomes of it is settled. */
  pings(state: State, forApplication: boolean): boolean;
  transmits(state: State): boolean;
}

export interface Variables {
  readonly fault: number;
  readonly heard: number;
  readonly oldest: number;
  readonly stamp: number;
  readonly write: number;
  readonly keepalive: number;
  readonly probeAnswer: number;
  readonly ack: number;
  readonly load: number;
  readonly beats: number;
  readonly pongs: number;
  readonly reset: number;
  readonly endOfFile: number;
  readonly idleFlow: number;
  readonly goesOn: number;
  readonly killed: number;
  /** A pool's entry is taken for a query; the answer to what was asked. */
  readonly query: number;
  readonly reply: number;
  /** A client that hears nothing says nothing new any more. */
  readonly mute: number;
  readonly pageFull: number;
  readonly blocked: number;
  readonly full: number;
  /** A load without limit: it moves, takes a ping, stands; a user timeout behind its shut window. -1 elsewhere. */
  readonly moves: number;
  readonly taken: number;
  readonly stands: number;
  readonly shut: number;
  /** Where a living peer falls silent: its end, what the peer's kernel does about it; -1 elsewhere. */
  readonly over: number;
  readonly ended: number;
  readonly again: number;
  readonly peerWrite: number;
  readonly peerStamp: number;
  readonly throttle: number;
  readonly upload: number;
  /** First clock of each part. */
  readonly clocks: readonly number[];
  readonly count: number;
}

/** What has to fall silent for a heartbeat of the peer to end. */
export function silencedBy({ byApplication }: Beat): number {
  return byApplication ? Silent.Application : Silent.Library;
}

/** What the clocks of a mechanism are called, and which of them are timers. */
function clocksOf({ region, mechanism, tells }: Part): { name: string; timer: boolean }[] {
  return region.program.clocks.map((clock, index) => ({
    name: tells ?? `${mechanism.kind} ${clock === 'first' ? 'first tick' : clock}`,
    timer: index !== region.lazyClock,
  }));
}

function turnsOf(parts: readonly Part[]): number[] {
  const turn = ({ thread, region }: Part): number =>
    thread === 'beyond' ? Infinity : region.mechanism;
  return parts
    .map((part, index) => ({ index, turn: turn(part) }))
    .toSorted((a, b) => (a.turn === b.turn ? a.index - b.index : a.turn - b.turn))
    .map(({ index }) => index);
}

export class Cell {
  readonly setting: Setting;
  readonly vars: Variables;
  readonly names: readonly string[];
  /** 1 for a timer, 0 for an instant that is only remembered. */
  readonly awaited: Uint8Array;
  /** Part whose clock it is; -1 for everybody else's. */
  readonly partOf: Int16Array;
  /** The parts in the order in which the engine comes to them: that of the policy, and then what proxies limit. */
  readonly turns: readonly number[];
  aftermath: Aftermath | null = null;
  /** Whether the kernel's retransmissions are followed; else it never gives up. */
  followsFlight = true;
  /** Quiet time after which a box forgets the flow, µs; null where none does. */
  readonly idleFlowUs: number | null;
  /** A silence of the living that is followed. */
  hush: Hush | null = null;
  /** A load without limit that is followed. */
  flow: Flowing | null = null;
  /** Places in `control` behind the reaper's regions. */
  readonly fieldCount: number;
  readonly #fields: number;

  constructor(setting: Setting, idleFlowUs: number | null, hushed: boolean) {
    this.setting = setting;
    this.idleFlowUs = idleFlowUs;
    this.fieldCount = hushed ? Hushed.Count : Field.Count;
    this.#fields = setting.parts.length;
    const isFull = setting.full !== null;
    const names = ['now'];
    const awaited = [0];
    const partOf = [-1];
    const add = (name: string, timer: boolean, part = -1): number => {
      names.push(name);
      awaited.push(timer ? 1 : 0);
      partOf.push(part);
      return names.length - 1;
    };
    const clocks = setting.parts.map((one, part) => {
      const first = names.length;
      for (const { name, timer } of clocksOf(one)) add(name, timer, part);
      return first;
    });
    const beats = names.length;
    for (const { name } of setting.beats) add(name, true);
    const pongs = names.length;
    for (let i = 0; i < ANSWERS_UNDER_WAY; i += 1) add('the pong', true);
    this.vars = {
      clocks,
      beats,
      pongs,
      fault: add('the fault', false),
      heard: add('the peer was heard', false),
      oldest: add('the oldest segment was sent', false),
      stamp: add('the first retransmission', false),
      write: add('retransmission timer', true),
      keepalive: add('keepalive timer', true),
      probeAnswer: add('the answer to a keepalive probe', true),
      ack: add('the acknowledgement', true),
      load: add('the server’s next message', true),
      reset: add('the reset', true),
      endOfFile: add('the end of file', true),
      idleFlow: add('idle time of the flow', true),
      goesOn: add('the stall', true),
      killed: add('SIGKILL at the drain deadline', true),
      query: add('the query', true),
      reply: add('the answer', true),
      mute: add('the client’s retransmission timeout', true),
      pageFull: add('the page’s buffer', true),
      blocked: add('the kernel’s send buffer fills', true),
      full: add('the send queue fills', true),
      moves: isFull ? add('the send path moves', true) : -1,
      taken: isFull ? add('the send path takes the ping', true) : -1,
      stands: isFull ? add('the last acknowledgement', true) : -1,
      shut: isFull ? add('the user timeout behind a shut window', true) : -1,
      over: hushed ? add('the silence', true) : -1,
      ended: hushed ? add('the silence was over', false) : -1,
      again: hushed ? add('what the peer sends again', true) : -1,
      peerWrite: hushed ? add('the peer’s retransmission timer', true) : -1,
      peerStamp: hushed ? add('the peer’s first retransmission', false) : -1,
      throttle: hushed ? add('the peer’s throttled timers', true) : -1,
      upload: hushed ? add('the next bytes of the message', true) : -1,
      count: names.length,
    };
    this.names = names;
    this.awaited = Uint8Array.from(awaited);
    this.partOf = Int16Array.from(partOf);
    this.turns = turnsOf(setting.parts);
  }

  field(state: State, field: number): number {
    return state.control[this.#fields + field] as number;
  }

  put(state: State, field: number, value: number): void {
    state.control[this.#fields + field] = value;
  }

  lookers(): number {
    let bits = 0;
    this.setting.parts.forEach(({ region }, part) => {
      if (region.samples !== undefined) bits |= 1 << part;
    });
    return bits;
  }

  /** A box on the way sees a packet so much later, and may see a delayed acknowledgement after it. */
  packets(state: State, afterUs: number): void {
    const { idleFlowUs, vars, setting } = this;
    if (idleFlowUs === null || this.field(state, Field.Struck) === 1) return;
    if (this.field(state, Field.Flow) !== Flow.NotBegun) return;
    const lastUs = afterUs + setting.ackDelayUs;
    state.armFromNow(vars.idleFlow, afterUs + idleFlowUs, lastUs + idleFlowUs);
  }

  /** The kernel or the other side ends it; a process that stands still learns of it when it goes on. */
  over(state: State, why: string): void {
    const still = this.field(state, Field.Still);
    // A blocked call of the process learns of it at once.
    if (still === Still.Runs || still === Still.Waits) {
      state.end = why;
      return;
    }
    this.put(state, Field.Failed, 1);
    for (const v of [this.vars.write, this.vars.keepalive, this.vars.ack, this.vars.reset]) {
      state.zone.drop(v);
    }
  }
}
