/**
 * The client process: reads, answers pings and messages, and fails in the ways clients fail. What
 * its kernel does meanwhile (acknowledging, closing its window, answering probes) is the kernel's
 * business: a frozen process does not stop its kernel.
 */
import { assert } from '../../model/assert.ts';
import { CloseCode } from '../../model/machines/websocket/index.ts';
import { PAGE_BUFFER_BYTES, READ_SLICE_MS } from '../../model/scenario/reading.ts';
import type { Load, WithheldSign } from '../../model/scenario/types.ts';
import type { StateWalk } from '../clock/state-walk.ts';
import { Suspension } from '../clock/suspend.ts';
import type { Errno, SocketOwner, TcpSocket } from '../kernel/types.ts';
import { SendPath } from '../process/send-path.ts';
import type { SendPathHost } from '../process/send-path.ts';
import type { Surroundings } from '../process/surroundings.ts';
import { ERRNOS } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { Draws } from '../random.ts';
import { CLIENT_CLOSE_BYTES, Frame, SERVER_PING_BYTES } from '../websocket/frames.ts';
import type { PlainFrameCode } from '../websocket/frames.ts';
import { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { WebSocketHost } from '../websocket/endpoint.ts';
import type { Beat } from './heartbeat.ts';
import { ClientSender } from './sender.ts';

const SLICE_US = 1_000 * READ_SLICE_MS;

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** How the process takes what its kernel holds for it. */
type Reading = 'eager' | 'paced' | 'stopped';

export class ClientProcess implements SocketOwner, WebSocketHost, SendPathHost {
  readonly #around: Surroundings;
  readonly #readSlot: number;
  readonly #endpoint: WebSocketEndpoint;
  readonly #sender: ClientSender;
  /** The process, or its whole host, does not run. */
  readonly #suspension: Suspension;
  /** What the kernel told meanwhile. */
  #missedErrno: Errno | null = null;
  #missedWritable = false;
  /** Its load was to begin meanwhile. */
  #missedLoad = false;
  #draws!: Draws;
  #phasesFromUs = NaN;
  #socket!: TcpSocket;
  #path!: SendPath;
  #reading: Reading = 'eager';
  #sliceBytes = 0;
  #sliceUs = SLICE_US;
  /** What is left of this slice for bytes that arrive within it: a reader at a rate is slow, and not late. */
  #spareBytes = 0;
  #sparesRest = false;
  /** Bytes a proxy with nobody behind it still swallows. */
  #swallowBytes = 0;
  #gone = false;
  #fin = false;
  /** It says nothing after TCP's handshake: it never asks for the upgrade. */
  #silentFromStart = false;
  /** What the library still reads for an application that takes nothing; Infinity while it takes all. */
  #pageRoomBytes = Infinity;
  /**
   * @param beats what it sends of its own while it lives
   * @param neverSends signs that it never gives
   */
  constructor(
    load: Load,
    beats: readonly Beat[],
    around: Surroundings,
    neverSends: readonly WithheldSign[] = [],
  ) {
    const { scheduler } = around;
    this.#around = around;
    this.#readSlot = scheduler.slot(() => this.#readSlice());
    this.#endpoint = new WebSocketEndpoint(scheduler, 'client', this);
    this.#sender = new ClientSender(load, beats, this.#endpoint, around, neverSends);
    const slots = [this.#readSlot, this.#endpoint.timerSlot, ...this.#sender.slots];
    this.#suspension = new Suspension(scheduler, slots);
  }

  attach(socket: TcpSocket): void {
    this.#socket = socket;
    this.#path = new SendPath(this, socket, this.#around.toServer);
    this.#sender.attach(this.#path);
  }

  /**
   * A new life; it begins to connect at once.
   *
   * @param draws the connection's
   * @param phasesFromUs the instant from which the phases of its own timers are counted back
   */
  reset(draws: Draws, phasesFromUs: number): void {
    this.#draws = draws;
    this.#phasesFromUs = phasesFromUs;
    this.#reading = 'eager';
    this.#swallowBytes = 0;
    this.#gone = false;
    this.#fin = false;
    this.#silentFromStart = false;
    this.#pageRoomBytes = Infinity;
    this.#missedErrno = null;
    this.#missedWritable = false;
    this.#missedLoad = false;
    this.#suspension.reset();
    this.#sender.reset();
    this.#path.reset();
    this.#endpoint.reset();
    this.#endpoint.begin();
  }

  /** Tells what a cycle can change in which it only answers and sends what is due. */
  walk(state: StateWalk): void {
    state.none(Number(!this.#endpoint.isOpen));
    this.#sender.walk(state);
  }

  // What the story looks at.

  /** In the middle of a message that it sends at a rate. */
  get isUploading(): boolean {
    return this.#sender.isUploading;
  }

  /** The process, or its whole host, does not run. */
  get isSuspended(): boolean {
    return this.#suspension.isActive;
  }

  /** The library has read for a frozen application as much as it can hold. */
  get isPagePipeFull(): boolean {
    return this.#pageRoomBytes === 0;
  }

  /** A timer of the application was due and had to wait. */
  get hasPutOffTimers(): boolean {
    return this.#sender.timers.hasPutOff;
  }

  // What the kernel tells.

  established(): void {
    if (this.#silentFromStart) this.freeze();
    else this.#endpoint.open();
  }

  readable(): void {
    if (this.#suspension.isActive) return;
    if (!this.#endpoint.isUp) return;
    if (this.#reading === 'eager') this.#read(EVERYTHING);
    else if (this.#reading === 'paced' && this.#spareBytes > 0) {
      this.#spareBytes -= this.#read(this.#spareBytes);
    }
  }

  writable(): void {
    if (this.#suspension.isActive) this.#missedWritable = true;
    else if (this.#endpoint.isUp) this.#path.writable();
  }

  peerFin(): void {
    this.#fin = true;
    if (this.#reading !== 'stopped' && !this.#suspension.isActive) this.#closeAtEndOfFile();
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    if (this.#suspension.isActive) this.#missedErrno = errno;
    else this.#socketError(errno);
  }

  released(): void {
    // Whoever still ran has closed the descriptor before.
  }

  // What its send path tells: nothing here waits for it.

  pingTaken(): void {}

  closeTaken(): void {}

  blocked(): void {}

  drained(): void {}

  // What the WebSocket machine asks for.

  opened(): void {
    this.#around.eventLog.note(eventTypes.connected);
    this.#sender.opened(this.#draws, this.#phasesFromUs);
  }

  pingReceived(): void {
    this.#around.eventLog.note(eventTypes.pingRead);
    this.#sender.answerOrOwe(Frame.Pong);
  }

  pongReceived(): void {
    this.#around.eventLog.note(eventTypes.peerPongRead);
  }

  messageReceived(frame: PlainFrameCode): void {
    this.#sender.received();
    if (frame === Frame.ApplicationPing) {
      this.#around.eventLog.note(eventTypes.pingRead);
      this.#sender.answerOrOwe(Frame.ApplicationPong);
    } else if (frame === Frame.Request) {
      this.#sender.answerOrOwe(Frame.Reply);
    } else if (this.#around.messagesAnswered) {
      this.#sender.acknowledgeOrOwe();
    }
  }

  sendClose(code: number): void {
    this.#around.eventLog.note(eventTypes.peerClosing, code);
    this.#around.toServer.closeCode = code;
    this.#path.send(CLIENT_CLOSE_BYTES, Frame.Close);
  }

  closeTcp(): void {
    assert(false, 'the server closes TCP first, and this client fails no connection');
  }

  closeTimedOut(): void {
    this.#around.eventLog.note(eventTypes.peerCloseTimedOut);
  }

  closeDescriptor(): void {
    const { scheduler, eventLog } = this.#around;
    scheduler.disarm(this.#readSlot);
    this.#sender.stop();
    eventLog.note(eventTypes.peerClosed, this.#endpoint.closeCode);
    this.#path.drop();
    this.#socket.close();
  }

  // What the story makes of it.

  /** Its part of the load; a process that is gone by then has none. */
  startLoad(): void {
    if (this.#gone) return;
    // Whose process stands still begins once it runs again.
    this.#missedLoad = this.#suspension.isActive;
    if (!this.#missedLoad) this.#sender.startLoad();
  }

  /** It will say nothing once TCP's handshake is over, and never ask for the upgrade. */
  staySilent(): void {
    this.#silentFromStart = true;
  }

  /** The process stops for ever; its kernel answers on. */
  freeze(): void {
    this.#around.eventLog.note(eventTypes.frozen);
    this.#stop();
  }

  /** The process dies: its kernel closes the descriptor for it. */
  crash(): void {
    this.#around.eventLog.note(eventTypes.crashed);
    this.#stop();
    if (this.#endpoint.isUp) this.#endpoint.destroy();
  }

  /** Shuts its sending side and goes away without more: nothing is read any longer, its kernel answers on. */
  halfClose(): void {
    this.#around.eventLog.note(eventTypes.halfClosed);
    this.#stop();
    this.#socket.shutdownWrite();
  }

  /** The process does not run any more, until `goOn` or `wake`. */
  stopRunning(): void {
    this.#suspension.begin();
    this.#sender.hold();
  }

  /** It runs again: its timers are overdue, and what came meanwhile is there to be read. */
  goOn(): void {
    if (!this.#suspension.isActive) return;
    this.#suspension.endLate();
    this.#catchUp(0);
  }

  /** The same on a host whose clock stood as well. */
  wake(): void {
    if (!this.#suspension.isActive) return;
    this.#catchUp(this.#suspension.endShifted());
  }

  /** @param stoodUs for how long its clock stood with it */
  #catchUp(stoodUs: number): void {
    if (this.#missedErrno !== null) this.#socketError(this.#missedErrno);
    if (!this.#endpoint.isUp) return;
    this.#sender.release(stoodUs);
    if (this.#missedLoad) this.startLoad();
    if (this.#missedWritable) this.#path.writable();
    this.#missedWritable = false;
    this.readable();
    if (this.#fin) this.#closeAtEndOfFile();
  }

  /**
   * The application stops; its library or network service answers pings on. For what the application would
   * have to take, it has room for so much and no more: then it stops reading, pings and all.
   */
  freezePage(): void {
    this.#around.eventLog.note(eventTypes.pageFrozen);
    this.pause();
    this.#pageRoomBytes = PAGE_BUFFER_BYTES;
  }

  /** Timers of the application run only every `everyUs` from now on; what it is told, it answers. */
  throttleTimers(everyUs: number): void {
    this.#sender.throttle(everyUs);
  }

  /** The host is gone: the process with it, and without a word from the kernel. */
  vanish(): void {
    this.#stop();
  }

  /** A proxy loses the client behind it, keeps its own side up and swallows what its buffer holds. */
  loseClientBehind(bufferBytes: number): void {
    this.#around.eventLog.note(eventTypes.nobodyBehindProxy);
    this.#stop();
    this.#reading = 'eager';
    this.#swallowBytes = bufferBytes;
    if (bufferBytes === 0) this.#reading = 'stopped';
  }

  /** Ends the connection by the closing handshake (RFC 6455 §7.1.2). */
  startClosing(): void {
    if (this.#endpoint.isUp) this.#endpoint.close(CloseCode.Normal);
  }

  /** Sends nothing of its own until `endSilence`; it reads, and its library answers pings. */
  pause(): void {
    this.#sender.pause();
  }

  /** Reads `bytes` every `everyUs` and nothing else. */
  readPaced(bytes: number, everyUs: number): void {
    this.#reading = 'paced';
    this.#sliceBytes = bytes;
    this.#sliceUs = everyUs;
    this.#spareBytes = 0;
    this.#sparesRest = false;
    const { scheduler } = this.#around;
    scheduler.arm(this.#readSlot, scheduler.nowUs + everyUs);
  }

  /** Reads so many bytes a second and no more: at once until they are used up. */
  readAtRate(bytesPerSecond: number): void {
    this.readPaced(Math.max(1, Math.round((bytesPerSecond * SLICE_US) / 1e6)), SLICE_US);
    this.#spareBytes = this.#sliceBytes;
    this.#sparesRest = true;
  }

  /** Sends one message at a rate; nothing can pass inside it. */
  upload(messageBytes: number, bytesPerSecond: number): void {
    this.#sender.upload(messageBytes, bytesPerSecond);
  }

  /** Back to ordinary life. */
  endSilence(): void {
    if (!this.#endpoint.isUp) return;
    this.#pageRoomBytes = Infinity;
    this.#reading = 'eager';
    this.#around.scheduler.disarm(this.#readSlot);
    this.#sender.resume();
    if (this.#socket.readableBytes > 0) this.#read(EVERYTHING);
    if (this.#fin) this.#closeAtEndOfFile();
  }

  // Reading and answering.

  /** @returns how many bytes it took */
  #read(limit: number): number {
    if (this.#gone) return this.#swallow();
    const took = this.#socket.read(Math.min(limit, this.#pageRoomBytes));
    this.#pageRoomBytes -= took;
    const { toClient } = this.#around;
    while (this.#endpoint.isUp) {
      const kind = toClient.take(this.#socket.bytesRead);
      if (kind === 0) break;
      // Control frames are the library's own business.
      if (kind === Frame.Ping) this.#pageRoomBytes += SERVER_PING_BYTES;
      if (kind === Frame.Close) this.#endpoint.closeFrameRead(toClient.closeCode);
      else this.#endpoint.frameRead(kind);
    }
    if (this.#pageRoomBytes === 0) this.#reading = 'stopped';
    return took;
  }

  #swallow(): number {
    const took = this.#socket.read(this.#swallowBytes);
    this.#swallowBytes -= took;
    if (this.#swallowBytes === 0) this.#reading = 'stopped';
    return took;
  }

  #readSlice(): void {
    const { scheduler } = this.#around;
    scheduler.arm(this.#readSlot, scheduler.nowUs + this.#sliceUs);
    const took = this.#socket.readableBytes > 0 ? this.#read(this.#sliceBytes) : 0;
    if (this.#sparesRest) this.#spareBytes = this.#sliceBytes - took;
    if (this.#fin) this.#closeAtEndOfFile();
  }

  #closeAtEndOfFile(): void {
    if (!this.#endpoint.isUp || this.#gone || this.#socket.readableBytes > 0) return;
    this.#endpoint.tcpClosed();
  }

  // Ends.

  #socketError(errno: Errno): void {
    if (!this.#endpoint.isUp || this.#gone) return;
    this.#around.eventLog.note(eventTypes.peerFailed, ERRNOS.indexOf(errno));
    this.#endpoint.tcpClosed();
  }

  #stop(): void {
    const { scheduler } = this.#around;
    this.#gone = true;
    this.#reading = 'stopped';
    scheduler.disarm(this.#readSlot);
    this.#sender.stop();
    this.#endpoint.stopClock();
  }
}
