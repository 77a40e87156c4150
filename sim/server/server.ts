/**
 * The simulated server process with one connection of its own: it accepts, sends its load, reads
 * what comes, runs the policy's reaper, and notes the four instants of the connection's end.
 *
 * Bytes reach the other side only through the kernel's socket. Nothing here knows whether the peer
 * lives: what the server decides, it decides from what it can see.
 */
import { CloseCode } from '../../model/machines/websocket/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { SocketSample } from '../../model/reaper/types.ts';
import type { Load, ServerSetting } from '../../model/scenario/types.ts';
import { Unit, type StateWalk } from '../clock/state-walk.ts';
import type { Errno, SocketOwner, TcpSocket } from '../kernel/types.ts';
import { ERRNOS } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { Surroundings } from '../process/surroundings.ts';
import { Frame } from '../websocket/frames.ts';
import type { PlainFrameCode } from '../websocket/frames.ts';
import { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { WebSocketHost } from '../websocket/endpoint.ts';
import { BY_DRAIN, BY_PEER, endedByPeer } from '../process/connection-record.ts';
import type { ConnectionRecord } from '../process/connection-record.ts';
import { Receiver } from './receiver.ts';
import type { ReceiverHost } from './receiver.ts';
import type { ReaperRunner, ReaperHost } from './reaper-runner.ts';
import { Pauses } from './pauses.ts';
import { ReaperThreads } from './reaper-threads.ts';
import { Teardown } from './teardown.ts';
import { LoadSource } from './load.ts';
import { SocketSampler } from './socket-sampler.ts';
import { HandshakeTimeouts } from './handshake-timeouts.ts';
import type { SendPath } from '../process/send-path.ts';
import { Sender } from './sender.ts';
import { noDifferences } from './observed-differences.ts';
import type { ObservedDifferences } from './observed-differences.ts';

const EVERYTHING = Number.MAX_SAFE_INTEGER;

export class ServerProcess implements SocketOwner, WebSocketHost, ReaperHost, ReceiverHost {
  readonly load: LoadSource;
  readonly observed: ObservedDifferences = noDifferences();
  readonly #around: Surroundings;
  readonly #setting: ServerSetting;
  readonly #reapers: ReaperThreads;
  readonly #timeouts: HandshakeTimeouts;
  readonly #endpoint: WebSocketEndpoint;
  readonly #end: Teardown;
  readonly #life: ConnectionRecord;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #sampler: SocketSampler;
  #socket!: TcpSocket;
  #path!: SendPath;
  #draw = NaN;
  /** Length of a query that came while the process stood still; 0 = none did. */
  #missedQueryBytes = 0;
  readonly #pauses: Pauses;

  constructor(
    policy: Policy,
    setting: ServerSetting,
    load: Load,
    around: Surroundings,
    life: ConnectionRecord,
  ) {
    const { scheduler } = around;
    this.#around = around;
    this.#setting = setting;
    this.#life = life;
    this.#reapers = new ReaperThreads(scheduler, this, policy);
    this.#sender = new Sender(policy, setting, around, this.#reapers, life);
    this.load = new LoadSource(scheduler, this.#sender, load, setting);
    this.#timeouts = new HandshakeTimeouts(policy);
    this.#endpoint = new WebSocketEndpoint(scheduler, 'server', this, this.#timeouts);
    const slots = [this.#endpoint.timerSlot];
    this.#pauses = new Pauses(scheduler, slots, this.#reapers, this.load);
    this.#end = new Teardown(policy, around, life, this.observed, () => this.#stopWork());
    this.#receiver = new Receiver(around, this, policy.peerHeartbeat?.sign === 'ping');
    this.#sampler = new SocketSampler(around.eventLog, this.observed);
  }

  /** The socket the kernel made for this process. Once, while building a world. */
  attach(socket: TcpSocket): void {
    this.#socket = socket;
    this.#path = this.#sender.attach(this.#endpoint, socket);
    this.load.attach(this.#path);
    this.#end.attach(this.#endpoint, socket, this.#path);
    this.#sampler.attach(socket, this.#path);
  }

  /**
   * A new life.
   *
   * @param sharedOriginUs an instant at which the timers of the whole process tick
   * @param draw the connection's own, in [0, 1): what the policy's jitters hang on
   */
  reset(sharedOriginUs: number, draw: number): void {
    this.#timeouts.sharedOriginUs = sharedOriginUs;
    this.#draw = draw;
    this.#missedQueryBytes = 0;
    this.#pauses.reset();
    this.#endpoint.reset();
    this.#sender.reset();
    this.#reapers.reset();
    this.#end.reset();
    this.#sampler.reset();
    this.load.reset();
  }

  /** Tells what a cycle can change in which it only reads, writes and judges. */
  walk(state: StateWalk): void {
    state.none(Number(!this.isServing));
    this.#life.lastHeardAtUs = state.passed(Unit.Us, this.#life.lastHeardAtUs);
    state.none(Number(this.#life.blockedAtUs !== Infinity));
    state.same(this.#life.blockedUs);
    this.#reapers.walk(state);
    this.#sender.walk(state);
    this.#sampler.walk(state);
    this.load.walk(state);
  }

  /** Where the clock keeps the watchdog's next look. */
  get watchdogSlot(): number {
    return this.#reapers.watchdogSlot;
  }

  /** The connection is open and nobody has decided to end it. */
  get isServing(): boolean {
    return this.#endpoint.isUp && this.#end.isUndecided;
  }

  // What the kernel tells.

  /** accept(2). The bytes of the opening handshake are no part of these stories: it succeeds here, or never. */
  established(): void {
    const { scheduler, upgradeNeverComes } = this.#around;
    this.#life.acceptedAtUs = scheduler.nowUs;
    this.#life.lastHeardAtUs = scheduler.nowUs;
    this.#endpoint.begin();
    if (upgradeNeverComes === null) this.#endpoint.open();
    else upgradeNeverComes();
  }

  readable(): void {
    if (this.#endpoint.isUp && this.#pauses.reads && !this.#end.isFlushing) this.#readAll();
  }

  writable(): void {
    if (!this.#endpoint.isUp) return;
    if (!this.#pauses.writes) {
      this.#pauses.missedWritable = true;
      return;
    }
    this.#path.writable();
    if (!this.#end.written()) this.load.refill();
  }

  peerFin(): void {
    this.#end.leftEstablished();
    if (this.#pauses.reads) this.#endOfFile();
    else this.#pauses.missedFin = true;
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    this.#end.leftEstablished();
    if (this.#pauses.reads) this.#socketError(errno);
    else this.#pauses.missedErrno = errno;
  }

  released(): void {
    this.#end.released();
  }

  // What the story does to the process.

  /**
   * The threads that read and judge do not run any more: what arrives waits, their timers pass
   * unnoticed. The thread that produces the load goes on (it needs no interpreter lock), and so does
   * the watchdog outside.
   */
  starve(): void {
    this.#around.eventLog.note(eventTypes.starved);
    this.#pauses.starve();
  }

  /** It runs again. */
  wake(): void {
    if (!this.#pauses.endStarving()) return;
    this.#around.eventLog.note(eventTypes.scheduledAgain);
    this.#runAgain();
  }

  /** The event loop stalls: nothing runs in the process. The watchdog outside it does. */
  stall(): void {
    this.#around.eventLog.note(eventTypes.stalled);
    this.#pauses.stall();
  }

  /** It runs again. */
  endStall(): void {
    if (!this.#pauses.endStall()) return;
    this.#around.eventLog.note(eventTypes.runsAgain);
    this.#runAgain();
    if (!this.#endpoint.isUp) return;
    this.load.endStall();
    if (this.#pauses.missedWritable) this.writable();
    this.#pauses.missedWritable = false;
  }

  /** Due timers first, then the sockets, as an event loop does after a stall. */
  #runAgain(): void {
    const endpoint = this.#endpoint;
    if (!endpoint.isUp || !this.#pauses.reads) return;
    this.#reapers.resume();
    this.readable();
    const { missedErrno, missedFin } = this.#pauses;
    this.#pauses.missedErrno = null;
    this.#pauses.missedFin = false;
    if (missedErrno !== null) this.#socketError(missedErrno);
    if (missedFin) this.#endOfFile();
    const bytes = this.#missedQueryBytes;
    this.#missedQueryBytes = 0;
    if (bytes > 0 && endpoint.isOpen) this.#sender.requests.borrow(bytes);
  }

  /** The application ends the connection by the closing handshake. */
  startClosing(): void {
    if (!this.isServing) return;
    this.#end.decide('closed', 'closing handshake by the server', 'close');
    this.#endpoint.close(CloseCode.GoingAway);
  }

  /** Somebody takes a rested pool entry for a query; in a process that stands still he has to wait. */
  query(bytes: number): void {
    if (!this.#endpoint.isOpen) return;
    this.#life.askedAtUs = this.#around.scheduler.nowUs;
    if (this.#pauses.reads) this.#sender.requests.borrow(bytes);
    else this.#missedQueryBytes = bytes;
  }

  /** The supervisor's SIGKILL: the kernel closes every descriptor of the process. */
  kill(): void {
    if (!this.#endpoint.isUp) return;
    this.#around.eventLog.note(eventTypes.sigkill);
    this.#life.killed = true;
    this.#end.decide('reaped', 'SIGKILL at the drain deadline', BY_DRAIN);
    this.#endpoint.destroy();
  }

  // What the reaper asks for.

  sendPing(judge: ReaperRunner, mechanism: number): boolean {
    return !this.#sender.ping(mechanism) || !this.#reapers.isInside(judge);
  }

  sendTest(mechanism: number): void {
    this.#sender.test(mechanism);
  }

  sample(into: SocketSample): void {
    this.#sampler.take(into);
  }

  reap(mechanism: number): void {
    if (this.#end.isUndecided) this.#end.reap(mechanism);
    else this.#end.destroyClosing(mechanism);
  }

  closeOrderly(mechanism: number): void {
    this.#end.closeOrderly(mechanism);
  }

  woken(firstUs: number, everyUs: number, more: number): void {
    this.#around.cost.woken(firstUs, everyUs, more);
  }

  quietUntilUs(slot: number): number {
    return this.#around.quietUntilUs(slot);
  }

  // What the story looks at.

  /** How many sessions the server may hold; null = no limit. */
  get seats(): number | null {
    return this.#setting.seats;
  }

  /** Stream offset at which the next byte handed over will stand. */
  get endOffset(): number {
    return this.#path.endOffset;
  }

  /** Bytes that the application has handed over and the peer has not acknowledged. */
  outstandingBytes(): number {
    return this.#sender.outstandingBytes();
  }

  /** What waits in user space because the kernel does not take it. */
  get waitingBytes(): number {
    return this.#path.queuedBytes;
  }

  // What the WebSocket machine asks for.

  opened(): void {
    this.#around.eventLog.note(eventTypes.accepted, this.#setting.seats ?? 0);
    this.#socket.setOptions(this.#reapers.socketOptions);
    this.#reapers.start(this.#timeouts.sharedOriginUs, this.#draw);
  }

  pingReceived(): void {
    this.#receiver.ping();
    this.#sender.pong();
  }

  pongReceived(frame: PlainFrameCode): void {
    this.#receiver.pong(frame === Frame.Pong);
  }

  messageReceived(frame: PlainFrameCode): void {
    this.#receiver.message(frame);
  }

  sendClose(code: number): void {
    this.#sender.close(code);
    this.#reapers.startClosing(this.#timeouts.sharedOriginUs, this.#draw);
  }

  closeTcp(): void {
    this.#end.closeTcp();
  }

  closeTimedOut(): void {
    this.#around.eventLog.note(eventTypes.closeTimedOut);
  }

  closeDescriptor(): void {
    this.#end.closeDescriptor();
  }

  // Reading.

  received(lifeBits: number): void {
    this.#reapers.received(lifeBits);
  }

  replyRead(): void {
    if (!this.#sender.requests.answered()) return;
    this.#life.answeredAtUs = Math.min(this.#life.answeredAtUs, this.#around.scheduler.nowUs);
  }

  #readAll(): void {
    if (this.#socket.readableBytes === 0) return;
    const { scheduler, toServer } = this.#around;
    if (this.#end.isUndecided) this.#life.lastHeardAtUs = scheduler.nowUs;
    const endpoint = this.#endpoint;
    this.#socket.read(EVERYTHING);
    this.#receiver.begin();
    let kind = toServer.take(this.#socket.bytesRead);
    while (kind !== 0 && kind !== Frame.Close && endpoint.isUp) {
      endpoint.frameRead(kind);
      kind = toServer.take(this.#socket.bytesRead);
    }
    this.#receiver.end();
    if (kind === Frame.Close && endpoint.isUp) this.#closeFrameRead();
  }

  #closeFrameRead(): void {
    const { closeCode } = this.#around.toServer;
    this.#around.eventLog.note(eventTypes.closeRead, closeCode);
    this.#end.decide('closed', 'closing handshake by the peer', BY_PEER);
    this.#endpoint.closeFrameRead(closeCode);
  }

  #endOfFile(): void {
    const endpoint = this.#endpoint;
    this.readable();
    if (!endpoint.isUp || this.#end.isFlushing) return;
    this.#around.eventLog.note(eventTypes.endOfFile);
    if (this.#setting.closesAtEof === false) return;
    this.#end.decide('closed', 'end of file from the peer', BY_PEER);
    endpoint.tcpClosed();
  }

  #socketError(errno: Errno): void {
    if (!this.#endpoint.isUp) return;
    this.#around.eventLog.note(eventTypes.socketError, ERRNOS.indexOf(errno));
    if (endedByPeer(errno)) this.#end.decide('closed', errno, BY_PEER);
    else this.#end.decide('reaped', errno, `kernel ${errno}`);
    this.#endpoint.tcpClosed();
  }

  #stopWork(): void {
    this.load.stop();
    this.#reapers.stop();
  }
}
