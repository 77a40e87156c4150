/**
 * The server's sending side: each frame goes down the one send path, in order, and the policy hears of messages handed
 * over, taken at once, waiting and moved on, where it cares.
 */
import { kindOf } from '../../model/mechanisms/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ServerSetting } from '../../model/scenario/types.ts';
import type { StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import type { TcpSocket } from '../kernel/types.ts';
import type { ConnectionRecord } from '../process/connection-record.ts';
import type { EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { CostMeter } from '../process/cost-meter.ts';
import {
  APPLICATION_PING_BYTES,
  Frame,
  MASK_BYTES,
  SERVER_CLOSE_BYTES,
  SERVER_PING_BYTES,
  SERVER_PONG_BYTES,
  TEST_QUERY_BYTES,
} from '../websocket/frames.ts';
import type { FrameCode, FrameQueue } from '../websocket/frames.ts';
import type { ReaperThreads } from './reaper-threads.ts';
import type { LoadHost } from './load.ts';
import { Requests } from './requests.ts';
import type { RequestHost } from './requests.ts';
import { SendPath } from '../process/send-path.ts';
import type { SendPathHost } from '../process/send-path.ts';

/** What of the world around the process a sender touches. */
interface SenderSurroundings {
  readonly eventLog: EventLog;
  readonly cost: CostMeter;
  readonly toClient: FrameQueue;
  /** Whether the peer's application answers each message, so that its boundary matters. */
  readonly messagesNoticed: boolean;
  readonly scheduler: Pick<Scheduler, 'nowUs'>;
}

export class Sender implements SendPathHost, LoadHost, RequestHost {
  readonly requests: Requests = new Requests(this);
  readonly #around: SenderSurroundings;
  readonly #reapers: ReaperThreads;
  readonly #life: Pick<ConnectionRecord, 'blockedAtUs' | 'blockedUs'>;
  readonly #locked: boolean;
  /** Whether each of its mechanisms pings the peer's application, instead of its library. */
  readonly #pingsApplication: readonly boolean[];
  /** Length of the pings that the policy counts on the peer to send; null = it counts on none. */
  readonly #peerPingBytes: number | null;
  #endpoint!: WebSocketEndpoint;
  #socket!: TcpSocket;
  #path!: SendPath;

  constructor(
    policy: Policy,
    setting: ServerSetting,
    around: SenderSurroundings,
    judges: ReaperThreads,
    life: Pick<ConnectionRecord, 'blockedAtUs' | 'blockedUs'>,
  ) {
    this.#life = life;
    this.#around = around;
    this.#reapers = judges;
    this.#locked = setting.sendPath === 'locked';
    this.#pingsApplication = policy.mechanisms.map(
      (mechanism) => kindOf(mechanism).asks(mechanism)?.answeredBy === 'application',
    );
    const heartbeat = policy.peerHeartbeat;
    this.#peerPingBytes = heartbeat?.sign === 'ping' ? heartbeat.bytes : null;
  }

  /** Once, while building a world. */
  attach(endpoint: WebSocketEndpoint, socket: TcpSocket): SendPath {
    this.#endpoint = endpoint;
    this.#socket = socket;
    this.#path = new SendPath(this, socket, this.#around.toClient);
    return this.#path;
  }

  reset(): void {
    this.#path.reset();
    this.requests.reset();
  }

  walk(state: StateWalk): void {
    this.#path.walk(state);
    this.requests.walk(state);
  }

  // Frames of the policy and the protocol.

  /** A ping of a mechanism; returns whether it waits for the lock that a blocked send holds. */
  ping(mechanism: number): boolean {
    this.#around.eventLog.note(eventTypes.pingQueued, mechanism);
    const byApplication = this.#pingsApplication[mechanism] as boolean;
    if (byApplication) this.#sendOwn(APPLICATION_PING_BYTES, Frame.ApplicationPing);
    else this.#sendOwn(SERVER_PING_BYTES, Frame.Ping);
    const waitsForLock = this.#locked && this.#path.queuedBytes > 0;
    if (waitsForLock) this.#around.eventLog.note(eventTypes.pingBlocked, mechanism);
    return waitsForLock;
  }

  /** The answer to a ping of the peer, with the same payload (RFC 6455 §5.5.3). */
  pong(): void {
    this.#around.eventLog.note(eventTypes.serverPongSent);
    if (this.#peerPingBytes === null) this.#path.send(SERVER_PONG_BYTES, Frame.Pong);
    else this.#sendOwn(Math.max(SERVER_PONG_BYTES, this.#peerPingBytes - MASK_BYTES), Frame.Pong);
  }

  test(mechanism: number): void {
    this.#around.eventLog.note(eventTypes.testSent, mechanism);
    this.requests.test();
  }

  close(code: number): void {
    this.#around.toClient.closeCode = code;
    this.#path.send(SERVER_CLOSE_BYTES, Frame.Close);
  }

  // What the load asks for.

  sendMessages(count: number, bytes: number): void {
    if (this.#around.messagesNoticed) {
      for (let i = 0; i < count; i += 1) this.#path.send(bytes, Frame.Message);
    } else {
      this.#path.sendBytes(count * bytes);
    }
    const wholeOnesTaken = this.#path.queuedBytes <= (count - 1) * bytes;
    this.#reapers.messageSent();
    if (!wholeOnesTaken || !this.#reapers.hearSendPath) return;
    this.#around.eventLog.note(eventTypes.sendAccepted);
    this.#reapers.sendAccepted();
  }

  outstandingBytes(): number {
    return this.#path.endOffset - this.#socket.bytesAcked;
  }

  // What the requests of a pool ask for.

  borrowed(): void {
    this.#reapers.borrowed();
  }

  canAsk(): boolean {
    return this.#endpoint.isOpen;
  }

  sendTestQuery(): void {
    this.#sendOwn(TEST_QUERY_BYTES, Frame.Request);
  }

  sendQuery(bytes: number): void {
    this.#around.eventLog.note(eventTypes.querySent, bytes);
    this.#path.send(bytes, Frame.Request);
    this.#reapers.messageSent();
    this.#reapers.requested();
  }

  replied(): void {
    this.#around.eventLog.note(eventTypes.replyRead);
    this.#reapers.replied();
  }

  // What the send path tells.

  pingTaken(): void {
    this.#around.eventLog.note(eventTypes.pingWritten);
    this.#reapers.pingWritten();
  }

  closeTaken(): void {
    this.#endpoint.closeWritten();
  }

  blocked(): void {
    this.#life.blockedAtUs = this.#around.scheduler.nowUs;
    if (!this.#reapers.hearSendPath) return;
    this.#around.eventLog.note(eventTypes.sendBlocked, this.#path.queuedBytes);
    this.#reapers.sendBlocked();
  }

  drained(all: boolean): void {
    if (all) {
      const sinceUs = this.#around.scheduler.nowUs - this.#life.blockedAtUs;
      this.#life.blockedUs = Math.max(this.#life.blockedUs, sinceUs);
      this.#life.blockedAtUs = Infinity;
    }
    if (!this.#reapers.hearSendPath) return;
    this.#around.eventLog.note(eventTypes.sendDrained, this.#path.queuedBytes);
    this.#reapers.sendDrained(all);
  }

  /** A frame that is there for the policy's sake. */
  #sendOwn(bytes: number, kind: FrameCode): void {
    const start = this.#path.endOffset;
    this.#around.cost.ownFrame(true, start, start + bytes);
    this.#path.send(bytes, kind);
  }
}
