/**
 * The story as everyday TypeScript: objects, closures, and a queue from a library. What an end of the connection does
 * is asked of a `Judge`, so that actors can stand in its place.
 */
import TinyQueue from 'tinyqueue';
import {
  Bytes,
  DELAY_US,
  DELAYED_ACK_US,
  FIRST_TIMEOUT_US,
  GIVES_UP_US,
  LONGEST_TIMEOUT_US,
  ORPHAN_US,
  SWEEP_US,
  TIMEOUT_US,
  type Life,
} from './story.ts';

interface Timer {
  readonly atUs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Time, and what is due. A cancelled timer stays in the queue until its time comes. */
class Clock {
  nowUs = 0;
  readonly #queue = new TinyQueue<Timer>([], (a, b) => a.atUs - b.atUs || a.order - b.order);
  #order = 0;

  in(us: number, run: () => void): Timer {
    const timer = { atUs: this.nowUs + us, order: this.#order++, run, cancelled: false };
    this.#queue.push(timer);
    return timer;
  }

  step(): void {
    const timer = this.#queue.pop();
    if (timer === undefined) throw new Error('nothing is due');
    if (timer.cancelled) return;
    this.nowUs = timer.atUs;
    timer.run();
  }
}

interface Packet {
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
}

/** What happens to an end, as its state machine is told. */
export type TcpEvent =
  'CONNECT' | 'SYN' | 'SYN_ACK' | 'ACK' | 'DATA' | 'WRITE' | 'TIMEOUT' | 'CLOSE' | 'GIVE_UP';

/** The state of one end. */
export interface TcpStates {
  readonly state: 'closed' | 'listen' | 'synSent' | 'synReceived' | 'established' | 'finWait1';
  send(event: TcpEvent): void;
}

export type StatesOf = () => TcpStates;

class PlainStates implements TcpStates {
  state: TcpStates['state'] = 'listen';

  send(event: TcpEvent): void {
    switch (event) {
      case 'CONNECT':
        this.state = 'synSent';
        break;
      case 'SYN':
        this.state = 'synReceived';
        break;
      case 'SYN_ACK':
        this.state = 'established';
        break;
      case 'ACK':
      case 'DATA':
        if (this.state === 'synReceived') this.state = 'established';
        break;
      case 'CLOSE':
        this.state = 'finWait1';
        break;
      case 'GIVE_UP':
        this.state = 'closed';
        break;
      case 'WRITE':
      case 'TIMEOUT':
    }
  }
}

/** One end of the connection. */
class TcpEnd {
  /** Where its packets go. */
  transmit: (packet: Packet) => void = () => undefined;
  /** What it gives its process. */
  received: (length: number) => void = () => undefined;
  gaveUp: () => void = () => undefined;
  readonly states: TcpStates;
  readonly #clock: Clock;
  #una = 0;
  #nxt = 0;
  #rcv = 0;
  #backoff = 0;
  #probed = false;
  #resentUs = Infinity;
  #orphan = false;
  #resending: Timer | null = null;
  #delayed: Timer | null = null;

  constructor(clock: Clock, states: TcpStates) {
    this.#clock = clock;
    this.states = states;
  }

  connect(): void {
    this.states.send('CONNECT');
    this.#resendIn(FIRST_TIMEOUT_US);
    this.#send(0, 0);
    this.#nxt = 1;
  }

  write(length: number): void {
    this.states.send('WRITE');
    if (this.#una === this.#nxt) this.#resendIn(TIMEOUT_US);
    this.#send(this.#nxt, length);
    this.#nxt += length;
  }

  /** The process lets go of it: FIN, behind what is not acknowledged. */
  destroy(): void {
    this.states.send('CLOSE');
    this.#orphan = true;
    if (this.#una === this.#nxt) this.#resendIn(TIMEOUT_US);
    this.#send(this.#nxt, 1);
    this.#nxt += 1;
  }

  receive({ seq, ack, length }: Packet): void {
    switch (this.states.state) {
      case 'listen':
        this.states.send('SYN');
        this.#rcv = seq + 1;
        this.#nxt = 1;
        this.#resendIn(FIRST_TIMEOUT_US);
        this.#send(0, 0);
        return;
      case 'synSent':
        this.states.send('SYN_ACK');
        this.#rcv = seq + 1;
        this.#una = ack;
        this.#stopResending();
        this.#send(this.#nxt, 0);
        this.write(Bytes.Request);
        return;
      case 'closed':
        return;
      default:
        this.states.send(length === 0 ? 'ACK' : 'DATA');
    }
    if (ack > this.#una) this.#acknowledged(ack);
    if (length === 0) return;
    if (seq !== this.#rcv) {
      this.#send(this.#nxt, 0);
      return;
    }
    this.#rcv += length;
    this.#delayed ??= this.#clock.in(DELAYED_ACK_US, () => {
      this.#delayed = null;
      this.#send(this.#nxt, 0);
    });
    this.received(length);
  }

  #acknowledged(ack: number): void {
    this.#una = ack;
    this.#backoff = 0;
    this.#probed = false;
    this.#resentUs = Infinity;
    if (this.#una === this.#nxt) this.#stopResending();
    else this.#resendIn(TIMEOUT_US);
  }

  #send(seq: number, length: number): void {
    if (this.#delayed !== null) {
      this.#delayed.cancelled = true;
      this.#delayed = null;
    }
    this.transmit({ seq, ack: this.#rcv, length });
  }

  #resendIn(us: number): void {
    this.#stopResending();
    this.#resending = this.#clock.in(us, () => this.#timedOut());
  }

  #stopResending(): void {
    if (this.#resending === null) return;
    this.#resending.cancelled = true;
    this.#resending = null;
  }

  #timedOut(): void {
    const { nowUs } = this.#clock;
    this.#resending = null;
    if (nowUs - this.#resentUs >= (this.#orphan ? ORPHAN_US : GIVES_UP_US)) {
      this.states.send('GIVE_UP');
      this.gaveUp();
      return;
    }
    this.states.send('TIMEOUT');
    if (this.#resentUs === Infinity) this.#resentUs = nowUs;
    if (this.#probed) this.#backoff += 1;
    this.#probed = true;
    this.#resendIn(Math.min(TIMEOUT_US * 2 ** this.#backoff, LONGEST_TIMEOUT_US));
    this.#send(this.#una, this.#nxt - this.#una);
  }
}

/** Plays the story with ends whose states `statesOf` keeps. */
export function objectWorld(statesOf: StatesOf): (cutUs: number, firstSweepUs: number) => Life {
  return (cutUs, firstSweepUs) => {
    const clock = new Clock();
    const server = new TcpEnd(clock, statesOf());
    const client = new TcpEnd(clock, statesOf());
    const life: Life = { decidedUs: Infinity, releasedUs: Infinity };
    let isCut = false;
    let isAlive = false;
    const wireTo = (to: TcpEnd) => (packet: Packet) => {
      if (!isCut) clock.in(DELAY_US, () => to.receive(packet));
    };
    server.transmit = wireTo(client);
    client.transmit = wireTo(server);
    server.received = (length) => {
      if (length === Bytes.Request) server.write(Bytes.Response);
      isAlive = true;
    };
    client.received = (length) => {
      if (length === Bytes.Ping) client.write(Bytes.Pong);
    };
    server.gaveUp = () => {
      life.releasedUs = clock.nowUs;
    };
    const sweep = (): void => {
      if (server.states.state === 'established' && !isAlive) {
        life.decidedUs = clock.nowUs;
        server.destroy();
        return;
      }
      clock.in(SWEEP_US, sweep);
      if (server.states.state !== 'established') return;
      isAlive = false;
      server.write(Bytes.Ping);
    };
    clock.in(firstSweepUs, sweep);
    clock.in(cutUs, () => {
      isCut = true;
    });
    client.connect();
    while (life.releasedUs === Infinity) clock.step();
    return life;
  };
}

export const playObjects = objectWorld(() => new PlainStates());
