/**
 * The client process: reads, answers pings and messages, and fails in the ways clients fail. What
 * its kernel does meanwhile (acknowledging, closing its window, answering probes) is the kernel's
 * business: a frozen process does not stop its kernel.
 */
import { assert } from '../../model/assert.ts';
import { CloseCode } from '../../model/machines/websocket/index.ts';
import type { Load } from '../../model/scenario/types.ts';
import { Standstill } from '../clock/standstill.ts';
import type { Errno, SocketOwner, TcpSocket } from '../kernel/types.ts';
import { SendPath } from '../server/send-path.ts';
import type { SendPathHost } from '../server/send-path.ts';
import type { Surroundings } from '../server/server.ts';
import { ERRNOS } from '../trace/chronicle.ts';
import { happenings } from '../trace/happenings.ts';
import {
  APPLICATION_ACK_BYTES,
  CLIENT_CLOSE_BYTES,
  CLIENT_PONG_BYTES,
  Frame,
  SERVER_PING_BYTES,
} from '../world/frames.ts';
import type { FrameCode } from '../world/frames.ts';
import { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { WebSocketHost } from '../websocket/endpoint.ts';
import { ApplicationTimers } from './application-timers.ts';

/** A client that reads or writes at a rate does so in slices this far apart. */
const SLICE_US = 1_000_000;

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/**
 * How much the network service of a browser reads for a page that takes nothing: the pipe between them is
 * full then. Source: Chromium, services/network/websocket.cc, kReceiveDataPipeCapacity.
 */
const PAGE_PIPE_BYTES = 131_000;

/** How the process takes what its kernel holds for it. */
type Reading = 'eager' | 'paced' | 'stopped';

export class ClientProcess implements SocketOwner, WebSocketHost, SendPathHost {
  readonly #around: Surroundings;
  readonly #load: Load;
  /** What answers a message of the server. */
  readonly #answer: FrameCode;
  readonly #loadSlot: number;
  readonly #readSlot: number;
  readonly #uploadSlot: number;
  readonly #endpoint: WebSocketEndpoint;
  #socket!: TcpSocket;
  #path!: SendPath;
  #reading: Reading = 'eager';
  #sliceBytes = 0;
  #sliceUs = SLICE_US;
  /** Bytes a proxy with nobody behind it still swallows. */
  #swallowBytes = 0;
  #gone = false;
  #paused = false;
  #answerOwed = false;
  #fin = false;
  #uploadLeft = 0;
  #uploadSliceBytes = 0;
  #pongsOwed = 0;
  /** What the library still reads for an application that takes nothing; Infinity while it takes all. */
  #pageRoomBytes = Infinity;
  /** The client says nothing after TCP's handshake: it never asks for the upgrade. */
  #silentFromStart = false;
  readonly #standstill: Standstill;
  readonly #timers: ApplicationTimers;
  /** What the kernel told while the process stood still. */
  #missedErrno: Errno | null = null;
  #missedWritable = false;

  constructor(load: Load, answer: FrameCode, around: Surroundings) {
    const { scheduler } = around;
    this.#around = around;
    this.#load = load;
    this.#answer = answer;
    this.#loadSlot = scheduler.slot(() => this.#loadTick());
    this.#readSlot = scheduler.slot(() => this.#readSlice());
    this.#uploadSlot = scheduler.slot(() => this.#uploadSlice());
    this.#endpoint = new WebSocketEndpoint(scheduler, 'client', this);
    const slots = [this.#loadSlot, this.#readSlot, this.#uploadSlot, this.#endpoint.timerSlot];
    this.#standstill = new Standstill(scheduler, slots);
    this.#timers = new ApplicationTimers(scheduler);
  }

  attach(socket: TcpSocket): void {
    this.#socket = socket;
    this.#path = new SendPath(this, socket, this.#around.toServer);
  }

  /** A new life; it begins to connect at once. */
  reset(): void {
    this.#reading = 'eager';
    this.#swallowBytes = 0;
    this.#gone = false;
    this.#paused = false;
    this.#answerOwed = false;
    this.#fin = false;
    this.#uploadLeft = 0;
    this.#pongsOwed = 0;
    this.#pageRoomBytes = Infinity;
    this.#silentFromStart = false;
    this.#missedErrno = null;
    this.#missedWritable = false;
    this.#standstill.reset();
    this.#timers.reset();
    this.#path.reset();
    this.#endpoint.reset();
    this.#endpoint.begin();
  }

  /** In the middle of a message that it sends at a rate. */
  get isUploading(): boolean {
    return this.#uploadLeft > 0;
  }

  /** The library has read for a frozen application as much as it can hold. */
  get isPagePipeFull(): boolean {
    return this.#pageRoomBytes === 0;
  }

  /** A timer of the application was due and had to wait. */
  get hasPutOffTimers(): boolean {
    return this.#timers.hasPutOff;
  }

  // What the kernel tells.

  established(): void {
    if (this.#silentFromStart) this.freeze();
    else this.#endpoint.open();
  }

  readable(): void {
    if (this.#standstill.stands) return;
    if (this.#endpoint.isUp && this.#reading === 'eager') this.#read(EVERYTHING);
  }

  writable(): void {
    if (this.#standstill.stands) this.#missedWritable = true;
    else if (this.#endpoint.isUp) this.#path.writable();
  }

  peerFin(): void {
    this.#fin = true;
    if (this.#reading !== 'stopped' && !this.#standstill.stands) this.#closeAtEndOfFile();
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    if (this.#standstill.stands) this.#missedErrno = errno;
    else this.#socketError(errno);
  }

  #socketError(errno: Errno): void {
    if (!this.#endpoint.isUp || this.#gone) return;
    this.#around.chronicle.note(happenings.peerFailed, ERRNOS.indexOf(errno));
    this.#endpoint.tcpClosed();
  }

  released(): void {
    // Whoever still ran has closed the descriptor before.
  }

  pingTaken(): void {
    // The client of these stories sends no pings.
  }

  // What the WebSocket machine asks for.

  opened(): void {
    this.#around.chronicle.note(happenings.connected);
  }

  pingReceived(): void {
    this.#around.chronicle.note(happenings.pingRead);
    if (this.#uploadLeft > 0) this.#pongsOwed += 1;
    else this.#sendPong();
  }

  pongReceived(): void {
    assert(false, 'the client of these stories sends no pings');
  }

  messageReceived(): void {
    if (this.#paused) this.#answerOwed = true;
    else this.#sendAnswer();
  }

  sendClose(code: number): void {
    this.#around.chronicle.note(happenings.peerClosing, code);
    this.#around.toServer.closeCode = code;
    this.#path.send(CLIENT_CLOSE_BYTES, Frame.Close);
  }

  closeTcp(): void {
    assert(false, 'the server closes TCP first, and this client fails no connection');
  }

  closeTimedOut(): void {
    this.#around.chronicle.note(happenings.peerCloseTimedOut);
  }

  closeDescriptor(): void {
    const { scheduler, chronicle } = this.#around;
    scheduler.disarm(this.#loadSlot);
    scheduler.disarm(this.#readSlot);
    scheduler.disarm(this.#uploadSlot);
    chronicle.note(happenings.peerClosed, this.#endpoint.closeCode);
    this.#path.drop();
    this.#socket.close();
  }

  // What the story makes of it.

  /** Its part of the load: half a period after the server's where both send. */
  startLoad(): void {
    if (this.#load.kind !== 'periodic' || this.#load.direction === 'server') return;
    const { scheduler } = this.#around;
    const afterMs = this.#load.direction === 'both' ? this.#load.everyMs / 2 : 0;
    scheduler.arm(this.#loadSlot, scheduler.nowUs + afterMs * 1000);
  }

  /** It will say nothing once TCP's handshake is over, and never ask for the upgrade. */
  staySilent(): void {
    this.#silentFromStart = true;
  }

  /** The process stops for ever; its kernel answers on. */
  freeze(): void {
    this.#around.chronicle.note(happenings.frozen);
    this.#stop();
  }

  /** The process dies: its kernel closes the descriptor for it. */
  crash(): void {
    this.#around.chronicle.note(happenings.crashed);
    this.#stop();
    if (this.#endpoint.isUp) this.#endpoint.destroy();
  }

  /** Shuts its sending side and goes away without more: nothing is read any longer, and the kernel answers on. */
  halfClose(): void {
    this.#around.chronicle.note(happenings.halfClosed);
    this.#stop();
    this.#socket.shutdownWrite();
  }

  /** The process does not run any more, until `goOn` or `wake`. */
  stopRunning(): void {
    this.#standstill.begin();
  }

  /** It runs again: its timers are overdue, and what came meanwhile is there to be read. */
  goOn(): void {
    if (!this.#standstill.stands) return;
    this.#standstill.endLate();
    this.#catchUp();
  }

  /** The same on a host whose clock stood as well. */
  wake(): void {
    if (!this.#standstill.stands) return;
    this.#standstill.endShifted();
    this.#catchUp();
  }

  #catchUp(): void {
    if (this.#missedErrno !== null) this.#socketError(this.#missedErrno);
    if (!this.#endpoint.isUp) return;
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
    this.#around.chronicle.note(happenings.pageFrozen);
    this.#paused = true;
    this.#pageRoomBytes = PAGE_PIPE_BYTES;
  }

  /** Timers of the application run only every `everyUs` from now on; what it is told, it answers. */
  throttleTimers(everyUs: number): void {
    this.#timers.throttle(everyUs);
    const { scheduler } = this.#around;
    const dueUs = scheduler.dueUs(this.#loadSlot);
    if (dueUs !== Infinity) scheduler.arm(this.#loadSlot, this.#timers.runsAtUs(dueUs));
  }

  /** The host is gone: the process with it, and without a word from the kernel. */
  vanish(): void {
    this.#stop();
  }

  /** A proxy loses the client behind it, keeps its own side up and swallows what its buffer holds. */
  loseClientBehind(bufferBytes: number): void {
    this.#around.chronicle.note(happenings.nobodyBehindProxy);
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
    this.#paused = true;
  }

  /** Reads `bytes` every `everyUs` and nothing else. */
  readPaced(bytes: number, everyUs: number): void {
    this.#reading = 'paced';
    this.#sliceBytes = bytes;
    this.#sliceUs = everyUs;
    const { scheduler } = this.#around;
    scheduler.arm(this.#readSlot, scheduler.nowUs + everyUs);
  }

  /** Reads at a steady rate, in slices. */
  readAtRate(bytesPerSecond: number): void {
    this.readPaced(Math.max(1, Math.round((bytesPerSecond * SLICE_US) / 1e6)), SLICE_US);
  }

  /** Sends one message at a rate; nothing can pass inside it. */
  upload(messageBytes: number, bytesPerSecond: number): void {
    this.#uploadLeft = messageBytes;
    this.#uploadSliceBytes = Math.max(1, Math.round((bytesPerSecond * SLICE_US) / 1e6));
    this.#uploadSlice();
  }

  /** Back to ordinary life. */
  endSilence(): void {
    if (!this.#endpoint.isUp) return;
    this.#paused = false;
    this.#pageRoomBytes = Infinity;
    this.#timers.reset();
    this.#reading = 'eager';
    this.#around.scheduler.disarm(this.#readSlot);
    if (this.#answerOwed) this.#sendAnswer();
    if (this.#socket.readableBytes > 0) this.#read(EVERYTHING);
    if (this.#fin) this.#closeAtEndOfFile();
  }

  // Reading and answering.

  #read(limit: number): void {
    if (this.#gone) {
      this.#swallow();
      return;
    }
    this.#pageRoomBytes -= this.#socket.read(Math.min(limit, this.#pageRoomBytes));
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
  }

  #swallow(): void {
    this.#swallowBytes -= this.#socket.read(this.#swallowBytes);
    if (this.#swallowBytes === 0) this.#reading = 'stopped';
  }

  #readSlice(): void {
    const { scheduler } = this.#around;
    scheduler.arm(this.#readSlot, scheduler.nowUs + this.#sliceUs);
    if (this.#socket.readableBytes > 0) this.#read(this.#sliceBytes);
    if (this.#fin) this.#closeAtEndOfFile();
  }

  #sendPong(): void {
    const { chronicle, cost } = this.#around;
    const start = this.#path.endOffset;
    chronicle.note(happenings.pongSent);
    cost.ownFrame(false, start, start + CLIENT_PONG_BYTES);
    this.#path.send(CLIENT_PONG_BYTES, Frame.Pong);
  }

  #sendAnswer(): void {
    this.#answerOwed = false;
    // RFC 6455 §5.5.1: after a Close frame no data is sent.
    if (!this.#endpoint.isOpen) return;
    this.#around.chronicle.note(happenings.acknowledgementSent);
    this.#path.send(APPLICATION_ACK_BYTES, this.#answer);
  }

  #closeAtEndOfFile(): void {
    if (!this.#endpoint.isUp || this.#gone || this.#socket.readableBytes > 0) return;
    this.#endpoint.tcpClosed();
  }

  #loadTick(): void {
    if (this.#load.kind !== 'periodic') return;
    const { scheduler, chronicle } = this.#around;
    const nextUs = scheduler.nowUs + this.#load.everyMs * 1000;
    scheduler.arm(this.#loadSlot, this.#timers.runsAtUs(nextUs));
    if (!this.#endpoint.isOpen || this.#paused || this.#uploadLeft > 0) return;
    chronicle.note(happenings.peerMessageSent, this.#load.bytes);
    this.#path.send(this.#load.bytes, Frame.Message);
  }

  #uploadSlice(): void {
    if (!this.#endpoint.isUp) return;
    const { scheduler, chronicle } = this.#around;
    const bytes = Math.min(this.#uploadSliceBytes, this.#uploadLeft);
    this.#uploadLeft -= bytes;
    if (this.#uploadLeft > 0) {
      this.#path.sendBytes(bytes);
      scheduler.arm(this.#uploadSlot, scheduler.nowUs + SLICE_US);
      return;
    }
    this.#path.send(bytes, Frame.Message);
    chronicle.note(happenings.peerMessageSent, bytes);
    for (; this.#pongsOwed > 0; this.#pongsOwed -= 1) this.#sendPong();
  }

  // Ends.

  #stop(): void {
    const { scheduler } = this.#around;
    this.#gone = true;
    this.#reading = 'stopped';
    scheduler.disarm(this.#loadSlot);
    scheduler.disarm(this.#readSlot);
    scheduler.disarm(this.#uploadSlot);
    this.#endpoint.stopClock();
  }
}
