/**
 * The simulated server process with one connection of its own: it accepts, sends its load, reads
 * what comes, runs the policy's reaper, and notes the four instants of the connection's end.
 *
 * Bytes reach the other side only through the kernel's socket. Nothing here knows whether the peer
 * lives: what the server decides, it decides from what it can see.
 */
import { assert } from '../../model/assert.ts';
import { CloseCode } from '../../model/machines/websocket/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { LifeBit } from '../../model/reaper/types.ts';
import type { SocketSample } from '../../model/reaper/types.ts';
import type { Load, ServerSetting } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import { TcpState } from '../kernel/types.ts';
import type { Errno, SocketOptions, SocketOwner, TcpInfo, TcpSocket } from '../kernel/types.ts';
import { ERRNOS } from '../trace/chronicle.ts';
import type { Chronicle } from '../trace/chronicle.ts';
import { happenings } from '../trace/happenings.ts';
import type { CostMeter } from '../world/cost.ts';
import { Frame, SERVER_CLOSE_BYTES, SERVER_PING_BYTES } from '../world/frames.ts';
import type { FrameQueue } from '../world/frames.ts';
import { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { PlainFrameCode, WebSocketHost } from '../websocket/endpoint.ts';
import { endedByPeer, mechanismReason } from '../world/life.ts';
import type { Ending, Life } from '../world/life.ts';
import { Judge } from './judge.ts';
import type { JudgeHost } from './judge.ts';
import { LoadSource } from './load.ts';
import type { LoadHost } from './load.ts';
import { splitByThread } from './mechanisms.ts';
import { SendPath } from './send-path.ts';
import type { SendPathHost } from './send-path.ts';

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** What the lives of a server have come to: a policy that differs only in the rest lives the same ones. */
export interface Shown {
  /** A bit for each mechanism that gave a verdict. */
  verdicts: number;
  /** Of a queue that was not empty, its length or the bytes acknowledged moved between two looks, but not both. */
  measuresDiffer: boolean;
}

/** What a process shares with the world around it. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly chronicle: Chronicle;
  readonly cost: CostMeter;
  readonly toClient: FrameQueue;
  readonly toServer: FrameQueue;
  /** Whether the peer's application answers each message, so that its boundary matters. */
  readonly messagesAnswered: boolean;
  /** Until when nothing is due but what `slot` of the clock holds. */
  readonly quietUntilUs: (slot: number) => number;
}

export class ServerProcess
  implements SocketOwner, WebSocketHost, JudgeHost, SendPathHost, LoadHost
{
  readonly load: LoadSource;
  /** Over all lives. */
  readonly shown: Shown = { verdicts: 0, measuresDiffer: false };
  readonly #around: Surroundings;
  readonly #life: Life;
  readonly #setting: ServerSetting;
  readonly #kernelOptions: SocketOptions;
  readonly #reasons: readonly string[];
  readonly #inside: Judge;
  readonly #outside: Judge;
  readonly #endpoint: WebSocketEndpoint;
  readonly #info: TcpInfo = emptyTcpInfo();
  #socket!: TcpSocket;
  #path!: SendPath;
  #sharedOriginUs = NaN;
  #starved = false;
  #missedErrno: Errno | null = null;
  #missedFin = false;
  /** The machine closes TCP once user space has nothing left to write. */
  #closesWhenWritten = false;
  /** What the bytes of one read say about the peer's life. */
  #lifeBits = 0;
  /** The last look at the socket that was worth telling: one that saw something new. */
  #seenQueueBytes = -1;
  #seenBytesAcked = -1;

  constructor(
    policy: Policy,
    setting: ServerSetting,
    load: Load,
    around: Surroundings,
    life: Life,
  ) {
    const { scheduler } = around;
    this.#around = around;
    this.#life = life;
    this.#setting = setting;
    this.#reasons = policy.mechanisms.map(mechanismReason);
    const { inside, outside } = splitByThread(policy);
    this.#kernelOptions = { nodelay: true, ...inside.reaper.kernelOptions };
    this.#inside = new Judge(scheduler, this, inside);
    this.#outside = new Judge(scheduler, this, outside);
    this.load = new LoadSource(scheduler, this, load, setting);
    this.#endpoint = new WebSocketEndpoint(scheduler, 'server', this);
  }

  /** The socket the kernel made for this process. Once, while building a world. */
  attach(socket: TcpSocket): void {
    this.#socket = socket;
    this.#path = new SendPath(this, socket, this.#around.toClient);
    this.load.attach(this.#path);
  }

  /** A new life. `sharedOriginUs`: an instant at which the server's shared sweep ticks. */
  reset(sharedOriginUs: number): void {
    this.#sharedOriginUs = sharedOriginUs;
    this.#starved = false;
    this.#missedErrno = null;
    this.#missedFin = false;
    this.#closesWhenWritten = false;
    this.#seenQueueBytes = -1;
    this.#seenBytesAcked = -1;
    this.#endpoint.reset();
    this.#path.reset();
    this.#inside.reset();
    this.#outside.reset();
    this.load.reset();
  }

  /** Where the clock keeps the watchdog's next look. */
  get watchdogSlot(): number {
    return this.#outside.slot;
  }

  /** The connection is open and nobody has decided to end it. */
  get isServing(): boolean {
    return this.#endpoint.isUp && this.#life.ending === 'open';
  }

  // What the kernel tells.

  /** accept(2). The bytes of the opening handshake are no part of these stories: it succeeds here. */
  established(): void {
    this.#endpoint.begin();
    this.#endpoint.open();
  }

  readable(): void {
    if (this.#endpoint.isUp && !this.#starved) this.#readAll();
  }

  writable(): void {
    if (!this.#endpoint.isUp) return;
    this.#path.writable();
    if (this.#closesWhenWritten) this.#closeIfWritten();
    else this.load.refill();
  }

  peerFin(): void {
    this.#leftEstablished();
    if (this.#starved) this.#missedFin = true;
    else this.#endOfFile();
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    this.#leftEstablished();
    if (this.#starved) this.#missedErrno = errno;
    else this.#socketError(errno);
  }

  released(): void {
    if (this.#life.releasedAtUs !== Infinity) return;
    this.#life.releasedAtUs = this.#around.scheduler.nowUs;
    this.#around.chronicle.note(happenings.released);
    this.#around.chronicle.end();
  }

  // What the story does to the process.

  /**
   * The threads that read and judge do not run any more: what arrives waits, their timers pass
   * unnoticed. The thread that produces the load goes on (it needs no interpreter lock), and so does
   * the watchdog outside.
   */
  starve(): void {
    this.#around.chronicle.note(happenings.starved);
    this.#starved = true;
    this.#inside.hold();
  }

  /** It runs again: due timers first, then the sockets, as an event loop does after a stall. */
  wake(): void {
    this.#around.chronicle.note(happenings.scheduledAgain);
    this.#starved = false;
    const endpoint = this.#endpoint;
    if (!endpoint.isUp) return;
    this.#inside.resume();
    if (endpoint.isUp && this.#socket.readableBytes > 0) this.#readAll();
    if (this.#missedErrno !== null) this.#socketError(this.#missedErrno);
    if (this.#missedFin) this.#endOfFile();
  }

  /** The first query on a rested pool entry. */
  query(bytes: number): void {
    if (!this.#endpoint.isOpen) return;
    this.#around.chronicle.note(happenings.querySent, bytes);
    this.sendMessages(1, bytes);
  }

  /** The supervisor's SIGKILL: the kernel closes every descriptor of the process. */
  kill(): void {
    if (!this.#endpoint.isUp) return;
    this.#around.chronicle.note(happenings.sigkill);
    this.#decide('reaped', 'SIGKILL at the drain deadline');
    this.#endpoint.destroy();
  }

  // What the reaper asks for.

  sendPing(judge: Judge, mechanism: number): boolean {
    const path = this.#path;
    const start = path.endOffset;
    this.#around.chronicle.note(happenings.pingQueued, mechanism);
    this.#around.cost.ownFrame(true, start, start + SERVER_PING_BYTES);
    path.send(SERVER_PING_BYTES, Frame.Ping);
    const waitsForLock = this.#setting.sendPath === 'locked' && path.queuedBytes > 0;
    if (waitsForLock) this.#around.chronicle.note(happenings.pingBlocked, mechanism);
    return !waitsForLock || judge !== this.#inside;
  }

  sample(into: SocketSample): void {
    const info = this.#socket.info(this.#info);
    into.queueBytes = info.outqBytes + this.#path.queuedBytes;
    into.bytesAcked = info.bytesAcked;
    into.established = info.state === TcpState.Established;
    const queueMoved = into.queueBytes !== this.#seenQueueBytes;
    const ackedMoved = into.bytesAcked !== this.#seenBytesAcked;
    if (!queueMoved && !ackedMoved) return;
    if (queueMoved !== ackedMoved && into.queueBytes > 0) this.shown.measuresDiffer = true;
    this.#seenQueueBytes = into.queueBytes;
    this.#seenBytesAcked = into.bytesAcked;
    this.#around.chronicle.note(happenings.sampled, into.queueBytes, into.bytesAcked);
  }

  reap(mechanism: number): void {
    this.shown.verdicts |= 1 << mechanism;
    this.#around.chronicle.note(happenings.reaped, mechanism);
    this.#decide('reaped', this.#reasons[mechanism] as string);
    this.#endpoint.destroy();
  }

  closeOrderly(mechanism: number): void {
    this.shown.verdicts |= 1 << mechanism;
    this.#around.chronicle.note(happenings.closing, mechanism, CloseCode.GoingAway);
    this.#decide('closed', this.#reasons[mechanism] as string);
    this.#endpoint.close(CloseCode.GoingAway);
  }

  woken(firstUs: number, everyUs: number, more: number): void {
    this.#around.cost.woken(firstUs, everyUs, more);
  }

  quietUntilUs(slot: number): number {
    return this.#around.quietUntilUs(slot);
  }

  // What the send path and the load ask for.

  pingTaken(): void {
    this.#around.chronicle.note(happenings.pingWritten);
    this.#inside.pingWritten();
    if (!this.#starved) this.#inside.resume();
  }

  sendMessages(count: number, bytes: number): void {
    if (this.#around.messagesAnswered) {
      for (let i = 0; i < count; i += 1) this.#path.send(bytes, Frame.Message);
    } else {
      this.#path.sendBytes(count * bytes);
    }
    this.#inside.messageSent();
    this.#outside.messageSent();
  }

  outstandingBytes(): number {
    return this.#path.endOffset - this.#socket.bytesAcked;
  }

  // What the WebSocket machine asks for.

  opened(): void {
    this.#around.chronicle.note(happenings.accepted, this.#setting.seats ?? 0);
    this.#socket.setOptions(this.#kernelOptions);
    this.#inside.start(this.#sharedOriginUs);
    this.#outside.start(this.#sharedOriginUs);
  }

  pingReceived(): void {
    assert(false, 'the clients of these stories send no pings');
  }

  pongReceived(): void {
    const { chronicle, cost, scheduler } = this.#around;
    this.#lifeBits |= LifeBit.Pong;
    chronicle.note(happenings.pongRead);
    cost.woken(scheduler.nowUs, 0, 0);
  }

  messageReceived(frame: PlainFrameCode): void {
    const { chronicle } = this.#around;
    this.#lifeBits |= LifeBit.Message;
    if (frame === Frame.ApplicationAck) this.#lifeBits |= LifeBit.ApplicationAck;
    chronicle.note(
      frame === Frame.Message ? happenings.messageRead : happenings.acknowledgementRead,
    );
  }

  sendClose(code: number): void {
    this.#around.toClient.closeCode = code;
    this.#path.send(SERVER_CLOSE_BYTES, Frame.Close);
  }

  closeTcp(): void {
    this.#closesWhenWritten = true;
    this.#closeIfWritten();
  }

  closeTimedOut(): void {
    this.#around.chronicle.note(happenings.closeTimedOut);
  }

  closeDescriptor(): void {
    this.#leftEstablished();
    this.#life.closedAtUs = this.#around.scheduler.nowUs;
    this.#around.chronicle.note(happenings.descriptorClosed, this.#endpoint.closeCode);
    this.#path.drop();
    this.#socket.close();
  }

  // How a connection ends.

  #readAll(): void {
    const { toServer } = this.#around;
    this.#socket.read(EVERYTHING);
    this.#lifeBits = LifeBit.AnyByte;
    let kind = toServer.take(this.#socket.bytesRead);
    while (kind !== 0 && kind !== Frame.Close) {
      this.#endpoint.frameRead(kind);
      kind = toServer.take(this.#socket.bytesRead);
    }
    this.#inside.received(this.#lifeBits);
    this.#outside.received(this.#lifeBits);
    if (kind === Frame.Close && this.#endpoint.isUp) this.#closeFrameRead();
  }

  #closeFrameRead(): void {
    const { closeCode } = this.#around.toServer;
    this.#around.chronicle.note(happenings.closeRead, closeCode);
    this.#decide('closed', 'closing handshake by the peer');
    this.#endpoint.closeFrameRead(closeCode);
  }

  #endOfFile(): void {
    const endpoint = this.#endpoint;
    if (endpoint.isUp && this.#socket.readableBytes > 0) this.#readAll();
    if (!endpoint.isUp) return;
    this.#around.chronicle.note(happenings.endOfFile);
    this.#decide('closed', 'end of file from the peer');
    endpoint.tcpClosed();
  }

  #socketError(errno: Errno): void {
    if (!this.#endpoint.isUp) return;
    this.#around.chronicle.note(happenings.socketError, ERRNOS.indexOf(errno));
    this.#decide(endedByPeer(errno) ? 'closed' : 'reaped', errno);
    this.#endpoint.tcpClosed();
  }

  #decide(ending: Ending, reason: string): void {
    this.load.stop();
    this.#inside.stop();
    this.#outside.stop();
    if (this.#life.ending !== 'open') return;
    this.#life.ending = ending;
    this.#life.reason = reason;
    this.#life.decidedAtUs = this.#around.scheduler.nowUs;
  }

  #closeIfWritten(): void {
    if (this.#path.queuedBytes === 0) this.#endpoint.tcpClosed();
  }

  #leftEstablished(): void {
    if (this.#life.kernelClosedAtUs !== Infinity) return;
    this.#life.kernelClosedAtUs = this.#around.scheduler.nowUs;
  }
}

function emptyTcpInfo(): TcpInfo {
  return {
    state: 0,
    retransmits: 0,
    probes: 0,
    backoff: 0,
    rtoUs: 0,
    unacked: 0,
    lastAckRecvMs: 0,
    lastDataRecvMs: 0,
    rttUs: 0,
    rttvarUs: 0,
    bytesAcked: 0,
    notsentBytes: 0,
    outqBytes: 0,
  };
}
