/**
 * The server's receiving side: what one read of the socket brought, as signs of life for the policy. One report per read,
 * with a bit for each kind of sign. Pings of the peer may be counted, so each of them is reported by itself.
 */
import { LifeBit } from '../../model/reaper/types.ts';
import type { Scheduler } from '../clock/types.ts';
import type { EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { CostMeter } from '../process/cost-meter.ts';
import { Frame } from '../websocket/frames.ts';
import type { PlainFrameCode } from '../websocket/frames.ts';

export interface ReceiverHost {
  received(lifeBits: number): void;
  /** The answer to a request of ours was read. */
  replyRead(): void;
}

export class Receiver {
  readonly #scheduler: Scheduler;
  readonly #eventLog: EventLog;
  readonly #cost: CostMeter;
  readonly #host: ReceiverHost;
  /** Whether the policy counts on pings of the peer: to read them is its cost then. */
  readonly #countsOnPings: boolean;
  #lifeBits = 0;
  #replies = 0;

  constructor(
    around: {
      readonly scheduler: Scheduler;
      readonly eventLog: EventLog;
      readonly cost: CostMeter;
    },
    host: ReceiverHost,
    countsOnPings: boolean,
  ) {
    this.#scheduler = around.scheduler;
    this.#eventLog = around.eventLog;
    this.#cost = around.cost;
    this.#host = host;
    this.#countsOnPings = countsOnPings;
  }

  /** The process reads: whatever arrives is made of bytes. */
  begin(): void {
    this.#lifeBits = LifeBit.AnyByte;
    this.#replies = 0;
  }

  ping(): void {
    if ((this.#lifeBits & LifeBit.Ping) !== 0) this.#tell();
    this.#lifeBits |= LifeBit.Ping;
    this.#eventLog.note(eventTypes.peerPingRead);
    if (this.#countsOnPings) this.#wakes();
  }

  pong(isAnswer: boolean): void {
    this.#lifeBits |= isAnswer ? LifeBit.Pong : LifeBit.UnsolicitedPong;
    this.#eventLog.note(isAnswer ? eventTypes.pongRead : eventTypes.unsolicitedPongRead);
    this.#wakes();
  }

  message(frame: PlainFrameCode): void {
    // What applications exchange as ping and pong is no message of theirs.
    if (frame === Frame.ApplicationPong) {
      this.pong(true);
      return;
    }
    this.#lifeBits |= LifeBit.Message;
    switch (frame) {
      case Frame.Heartbeat:
        this.#eventLog.note(eventTypes.heartbeatRead);
        this.#wakes();
        return;
      case Frame.Reply:
        // Who answers a request has taken it.
        this.#lifeBits |= LifeBit.ApplicationAck;
        this.#replies += 1;
        return;
      case Frame.ApplicationAck:
        this.#lifeBits |= LifeBit.ApplicationAck;
        this.#eventLog.note(eventTypes.acknowledgementRead);
        return;
      default:
        this.#eventLog.note(eventTypes.messageRead);
    }
  }

  /** Everything has been read. */
  end(): void {
    this.#tell();
    for (; this.#replies > 0; this.#replies -= 1) this.#host.replyRead();
  }

  #tell(): void {
    this.#host.received(this.#lifeBits);
    this.#lifeBits = LifeBit.AnyByte;
  }

  /** It is the policy's doing that the process was woken for this. */
  #wakes(): void {
    this.#cost.woken(this.#scheduler.nowUs, 0, 0);
  }
}
