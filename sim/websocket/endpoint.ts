/**
 * One endpoint of a WebSocket connection under virtual time. The closing handshake, its timer and its code
 * are decided by the machine of RFC 6455; this file holds the row, the timer and the code, takes the
 * steps of the compiled table, and hands what the machine asks for to the process that owns the endpoint.
 *
 * An event that the machine neither answers nor may ignore is a bug of the process. What a step itself
 * brings about (TCP is closed as soon as the Close frame is written) is taken after that step, as an event of
 * its own.
 */
import { assert } from '../../model/assert.ts';
import type { Effect } from '../../model/statechart/effects.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import {
  CloseCode,
  defaultWebSocketTimeouts,
  webSocketIgnores,
  webSocketTable,
} from '../../model/machines/websocket/index.ts';
import type {
  WebSocketDelayName,
  WebSocketEventName,
  WebSocketRole,
  WebSocketTable,
} from '../../model/machines/websocket/index.ts';
import type { Scheduler } from '../clock/types.ts';
import { Frame } from './frames.ts';
import type { PlainFrameCode } from './frames.ts';

/** The process behind the endpoint. */
export interface WebSocketHost {
  opened(): void;
  /** A ping is to be answered. */
  pingReceived(): void;
  /** `frame` tells the answer to a ping from a pong that nobody asked for. */
  pongReceived(frame: PlainFrameCode): void;
  /** `frame` tells what kind of message it is to the application. */
  messageReceived(frame: PlainFrameCode): void;
  sendClose(code: number): void;
  /** Orderly: FIN after everything that is queued. The process calls `tcpClosed` once it is done. */
  closeTcp(): void;
  /** close(2) at once, whatever is queued; the reason is in `closeCode`. Comes once in a life. */
  closeDescriptor(): void;
  closeTimedOut(): void;
}

/** How long an endpoint waits for either handshake. */
export interface EndpointTimeouts {
  /** Until when the opening handshake that begins at `nowUs` may take; Infinity = for ever. */
  handshakeUntilUs(nowUs: number): number;
  /** How long the closing handshake may take; Infinity = for ever. */
  readonly closeUs: number;
  /** Whether that time runs from when the Close frame is queued, or from when the send path has taken it. */
  readonly closeClock: 'enqueued' | 'written';
}

export const defaultTimeouts: EndpointTimeouts = {
  handshakeUntilUs: (nowUs) => nowUs + defaultWebSocketTimeouts.handshakeMs * 1000,
  closeUs: defaultWebSocketTimeouts.closeMs * 1000,
  closeClock: 'enqueued',
};

/** What the table calls each frame. */
const eventOfFrame: Readonly<Record<PlainFrameCode, WebSocketEventName>> = {
  [Frame.Ping]: 'RCV_PING',
  [Frame.Pong]: 'RCV_PONG',
  [Frame.UnsolicitedPong]: 'RCV_PONG',
  [Frame.Message]: 'RCV_MESSAGE',
  [Frame.ApplicationAck]: 'RCV_MESSAGE',
  [Frame.ApplicationPing]: 'RCV_MESSAGE',
  [Frame.ApplicationPong]: 'RCV_MESSAGE',
  [Frame.Heartbeat]: 'RCV_MESSAGE',
  [Frame.Request]: 'RCV_MESSAGE',
  [Frame.Reply]: 'RCV_MESSAGE',
};

export class WebSocketEndpoint {
  /** _The WebSocket Connection Close Code_ (RFC 6455 §7.1.5): 1006 until a Close frame has come. */
  closeCode: number = CloseCode.Abnormal;
  readonly #scheduler: Scheduler;
  readonly #host: WebSocketHost;
  readonly #timeouts: EndpointTimeouts;
  readonly #table: WebSocketTable;
  /** Columns of the table by frame code: one lookup per frame. */
  readonly #columnOfFrame = new Uint8Array(Frame.Close + 1);
  readonly #slot: number;
  #row: number;
  /** Column of the expiry that the slot waits for. */
  #expiry = 0;
  #isOpen = false;
  #isUp = false;
  #ownCode: number = CloseCode.Normal;
  #peerCode: number = CloseCode.NoStatus;
  #frame: PlainFrameCode = Frame.Message;
  #stepping = false;
  /** The closing handshake is under way, and its clock stands until the Close frame is taken. */
  #closeClockWaits = false;
  /** The send path has taken the Close frame. */
  #closeTaken = false;
  readonly #later: number[] = [];

  constructor(
    scheduler: Scheduler,
    role: WebSocketRole,
    host: WebSocketHost,
    timeouts: EndpointTimeouts = defaultTimeouts,
  ) {
    this.#scheduler = scheduler;
    this.#host = host;
    this.#timeouts = timeouts;
    this.#table = webSocketTable(role);
    for (const [frame, event] of Object.entries(eventOfFrame)) {
      this.#columnOfFrame[Number(frame)] = this.#table.eventIndex[event];
    }
    this.#row = this.#table.initial;
    this.#slot = scheduler.slot(() => this.#take(this.#expiry));
  }

  /** Back to the beginning, with nothing under way: a new life. */
  reset(): void {
    this.#enter(this.#table.initial);
    this.closeCode = CloseCode.Abnormal;
    this.#stepping = false;
    this.#closeClockWaits = false;
    this.#closeTaken = false;
    this.#later.length = 0;
  }

  /** There is a transport, or an attempt at one: the opening handshake has its time from here. */
  begin(): void {
    for (const effect of this.#table.initialEffects) this.#carryOut(effect);
  }

  /** The process stands still for ever: no timer of its will go off. */
  stopClock(): void {
    this.#scheduler.disarm(this.#slot);
  }

  /** Where the clock keeps the time limit of a handshake. */
  get timerSlot(): number {
    return this.#slot;
  }

  /** Data may be sent: opened, and neither side has begun to close. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Opened, and not over: the process holds a descriptor and reads from it. */
  get isUp(): boolean {
    return this.#isUp;
  }

  // What happens to it.

  /** The opening handshake succeeded. */
  open(): void {
    this.#take(this.#table.eventIndex.HANDSHAKE_SUCCEEDED);
  }

  frameRead(frame: PlainFrameCode): void {
    assert(!this.#stepping, 'frames are read one after the other');
    this.#frame = frame;
    this.#take(this.#columnOfFrame[frame] as number);
  }

  /** @param code what the Close frame carries; 1005 = no code */
  closeFrameRead(code: number): void {
    this.#peerCode = code;
    this.#take(this.#table.eventIndex.RCV_CLOSE);
  }

  /** The application asks for a closing handshake. */
  close(code: number): void {
    this.#ownCode = code;
    this.#take(this.#table.eventIndex.CLOSE_REQUESTED);
  }

  /** The send path has taken the Close frame. */
  closeWritten(): void {
    this.#closeTaken = true;
    if (this.#closeClockWaits) this.#armCloseTimer();
  }

  /** A verdict, or the end of the process: no Close frame, no waiting. */
  destroy(): void {
    this.#take(this.#table.eventIndex.DESTROYED);
  }

  /** End of file, an error, or everything is written after `closeTcp`. */
  tcpClosed(): void {
    this.#take(this.#table.eventIndex.TCP_CLOSED);
  }

  // Along the table.

  #take(column: number): void {
    if (this.#stepping) {
      this.#later.push(column);
      return;
    }
    this.#stepping = true;
    this.#step(column);
    while (this.#later.length > 0) this.#step(this.#later.shift() as number);
    this.#stepping = false;
  }

  #step(column: number): void {
    const table = this.#table;
    const cell = this.#row * table.events.length + column;
    const next = table.next[cell] as number;
    if (next === NO_EDGE) {
      this.#assertIgnored(column);
      return;
    }
    if (next !== this.#row) this.#enter(next);
    if (column === table.eventIndex.RCV_CLOSE) this.closeCode = this.#peerCode;
    const effects = table.effectLists[table.effectList[cell] as number] as readonly Effect[];
    for (let i = 0; i < effects.length; i += 1) this.#carryOut(effects[i] as Effect);
  }

  #enter(row: number): void {
    const table = this.#table;
    this.#row = row;
    this.#isOpen = table.states[row] === 'OPEN';
    this.#isUp = row !== table.initial && table.final[row] === 0;
  }

  #assertIgnored(column: number): void {
    const state = this.#table.states[this.#row] as string;
    const event: string = this.#table.events[column] as string;
    const ignored: readonly string[] = webSocketIgnores[state] ?? [];
    assert(ignored.includes(event), `no edge ${event} from ${state}`);
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === 'action') {
      this.#act(effect.name);
    } else if (effect.kind === 'cancel') {
      this.#closeClockWaits = false;
      this.#scheduler.disarm(this.#slot);
    } else {
      this.#startClock(effect.delay as WebSocketDelayName);
    }
  }

  #startClock(delay: WebSocketDelayName): void {
    const { closeClock } = this.#timeouts;
    this.#expiry = this.#table.eventIndex[delay];
    if (delay === 'handshakeTimeout') {
      const { nowUs } = this.#scheduler;
      this.#scheduler.arm(this.#slot, this.#timeouts.handshakeUntilUs(nowUs));
    } else if (closeClock === 'enqueued' || this.#closeTaken) {
      this.#armCloseTimer();
    } else {
      this.#closeClockWaits = true;
    }
  }

  #armCloseTimer(): void {
    this.#closeClockWaits = false;
    this.#scheduler.arm(this.#slot, this.#scheduler.nowUs + this.#timeouts.closeUs);
  }

  #act(action: string): void {
    const host = this.#host;
    switch (action) {
      case 'deliverMessage':
        return host.messageReceived(this.#frame);
      case 'sendPong':
        return host.pingReceived();
      case 'reportPong':
        return host.pongReceived(this.#frame);
      case 'reportOpen':
        return host.opened();
      case 'sendClose':
        return host.sendClose(this.#ownCode);
      case 'echoClose':
        return host.sendClose(this.closeCode);
      case 'closeTcp':
        return host.closeTcp();
      case 'destroyTcp':
      case 'releaseTcp':
        return host.closeDescriptor();
      case 'reportCloseTimeout':
        return host.closeTimedOut();
      case 'reportAbnormal':
        return assert(this.closeCode === CloseCode.Abnormal, 'no Close frame has come');
      case 'reportClosed':
        return assert(this.closeCode !== CloseCode.Abnormal, 'a Close frame has come');
      default:
        assert(false, `the machine asks for ${action}`);
    }
  }
}
