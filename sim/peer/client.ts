/**
 * The client process: reads, answers pings and messages, and fails in the ways clients fail. What
 * its kernel does meanwhile (acknowledging, closing its window, answering probes) is the kernel's
 * business: a frozen process does not stop its kernel.
 */
import { assert } from '../../model/assert.ts';
import { CloseCode } from '../../model/machines/websocket/index.ts';
import type { Load } from '../../model/scenario/types.ts';
import type { Errno, SocketOwner, TcpSocket } from '../kernel/types.ts';
import { SendPath } from '../server/send-path.ts';
import type { SendPathHost } from '../server/send-path.ts';
import type { Surroundings } from '../server/server.ts';
import { ERRNOS } from '../trace/chronicle.ts';
import { happenings } from '../trace/happenings.ts';
import type { Draws } from '../random.ts';
import { Stream } from '../random.ts';
import {
  APPLICATION_ACK_BYTES,
  APPLICATION_PONG_BYTES,
  CLIENT_CLOSE_BYTES,
  CLIENT_PONG_BYTES,
  Frame,
  REPLY_BYTES,
} from '../world/frames.ts';
import type { FrameCode, PlainFrameCode } from '../world/frames.ts';
import { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { WebSocketHost } from '../websocket/endpoint.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Beat } from './heartbeat.ts';

/** A client that reads or writes at a rate does so in slices this far apart. */
const SLICE_US = 1_000_000;

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** What answers a frame of the server. */
type AnswerCode = typeof Frame.Pong | typeof Frame.ApplicationPong | typeof Frame.Reply;

const BEATS = {
  ping: { happening: happenings.peerPingSent, frame: Frame.Ping },
  pong: { happening: happenings.unsolicitedPongSent, frame: Frame.UnsolicitedPong },
  message: { happening: happenings.heartbeatSent, frame: Frame.Heartbeat },
} as const;

/** How the process takes what its kernel holds for it. */
type Reading = 'eager' | 'paced' | 'stopped';

export class ClientProcess implements SocketOwner, WebSocketHost, SendPathHost {
  readonly #around: Surroundings;
  readonly #load: Load;
  readonly #loadSlot: number;
  readonly #readSlot: number;
  readonly #uploadSlot: number;
  readonly #endpoint: WebSocketEndpoint;
  readonly #heartbeats: readonly Heartbeat[];
  #draws!: Draws;
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
  /** What waits behind the upload, and what waits for the application to run again. */
  readonly #answersBehindUpload: AnswerCode[] = [];
  readonly #beatsBehindUpload: Beat[] = [];
  readonly #answersOwed: AnswerCode[] = [];

  /** @param beats what it sends of its own while it lives */
  constructor(load: Load, beats: readonly Beat[], around: Surroundings) {
    const { scheduler } = around;
    this.#around = around;
    this.#load = load;
    this.#loadSlot = scheduler.slot(() => this.#loadTick());
    this.#readSlot = scheduler.slot(() => this.#readSlice());
    this.#uploadSlot = scheduler.slot(() => this.#uploadSlice());
    this.#endpoint = new WebSocketEndpoint(scheduler, 'client', this);
    this.#heartbeats = beats.map(
      (beat) => new Heartbeat(scheduler, beat, (due) => this.#beatOrOwe(due)),
    );
  }

  attach(socket: TcpSocket): void {
    this.#socket = socket;
    this.#path = new SendPath(this, socket, this.#around.toServer);
  }

  /** A new life; it begins to connect at once. `draws` are the connection's. */
  reset(draws: Draws): void {
    this.#draws = draws;
    this.#reading = 'eager';
    this.#swallowBytes = 0;
    this.#gone = false;
    this.#paused = false;
    this.#answerOwed = false;
    this.#fin = false;
    this.#uploadLeft = 0;
    this.#answersBehindUpload.length = 0;
    this.#beatsBehindUpload.length = 0;
    this.#answersOwed.length = 0;
    for (const heartbeat of this.#heartbeats) heartbeat.reset();
    this.#path.reset();
    this.#endpoint.reset();
    this.#endpoint.begin();
  }

  // What the kernel tells.

  established(): void {
    this.#endpoint.open();
  }

  readable(): void {
    if (this.#endpoint.isUp && this.#reading === 'eager') this.#read(EVERYTHING);
  }

  writable(): void {
    if (this.#endpoint.isUp) this.#path.writable();
  }

  peerFin(): void {
    this.#fin = true;
    if (this.#reading !== 'stopped') this.#closeAtEndOfFile();
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    if (!this.#endpoint.isUp || this.#gone) return;
    this.#around.chronicle.note(happenings.peerFailed, ERRNOS.indexOf(errno));
    this.#endpoint.tcpClosed();
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
    this.#around.chronicle.note(happenings.connected);
    this.#heartbeats.forEach((heartbeat, index) => {
      heartbeat.start(this.#draws.share(Stream.PeerHeartbeatPhase, index));
    });
  }

  pingReceived(): void {
    this.#around.chronicle.note(happenings.pingRead);
    this.#answerOrOwe(Frame.Pong);
  }

  pongReceived(): void {
    this.#around.chronicle.note(happenings.peerPongRead);
  }

  messageReceived(frame: PlainFrameCode): void {
    if (frame === Frame.ApplicationPing) {
      this.#around.chronicle.note(happenings.pingRead);
      this.#answerOrOwe(Frame.ApplicationPong);
    } else if (frame === Frame.Request) {
      this.#answerOrOwe(Frame.Reply);
    } else if (this.#paused) {
      this.#answerOwed = true;
    } else {
      this.#acknowledge();
    }
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
    this.#stopHeartbeats();
    chronicle.note(happenings.peerClosed, this.#endpoint.closeCode);
    this.#path.drop();
    this.#socket.close();
  }

  // What the story makes of it.

  /** Its half of a load that flows both ways, half a period after the server's. */
  startLoad(): void {
    if (this.#load.kind !== 'periodic' || this.#load.direction !== 'both') return;
    const { scheduler } = this.#around;
    scheduler.arm(this.#loadSlot, scheduler.nowUs + this.#load.everyMs * 500);
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
    for (const heartbeat of this.#heartbeats) {
      if (heartbeat.beat.sentBy === 'application') heartbeat.hold();
    }
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
    this.#reading = 'eager';
    this.#around.scheduler.disarm(this.#readSlot);
    if (this.#answerOwed) this.#acknowledge();
    for (const answer of this.#answersOwed) this.#answer(answer);
    this.#answersOwed.length = 0;
    for (const heartbeat of this.#heartbeats) heartbeat.release();
    if (this.#socket.readableBytes > 0) this.#read(EVERYTHING);
    if (this.#fin) this.#closeAtEndOfFile();
  }

  // Reading and answering.

  #read(limit: number): void {
    if (this.#gone) {
      this.#swallow();
      return;
    }
    this.#socket.read(limit);
    const { toClient } = this.#around;
    while (this.#endpoint.isUp) {
      const kind = toClient.take(this.#socket.bytesRead);
      if (kind === 0) return;
      if (kind === Frame.Close) this.#endpoint.closeFrameRead(toClient.closeCode);
      else this.#endpoint.frameRead(kind);
    }
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

  /** An answer cannot pass inside a message, and only an application that runs gives its own. */
  #answerOrOwe(answer: AnswerCode): void {
    if (this.#uploadLeft > 0) this.#answersBehindUpload.push(answer);
    else if (this.#paused && answer !== Frame.Pong) this.#answersOwed.push(answer);
    else this.#answer(answer);
  }

  #answer(answer: AnswerCode): void {
    // RFC 6455 §5.5.1: after a Close frame no data is sent; a pong is none.
    if (answer !== Frame.Pong && !this.#endpoint.isOpen) return;
    if (answer === Frame.Reply) {
      this.#around.chronicle.note(happenings.replySent);
      this.#path.send(REPLY_BYTES, answer);
      return;
    }
    this.#around.chronicle.note(happenings.pongSent);
    this.#sendCounted(answer === Frame.Pong ? CLIENT_PONG_BYTES : APPLICATION_PONG_BYTES, answer);
  }

  #beatOrOwe(beat: Beat): void {
    if (this.#uploadLeft > 0) this.#beatsBehindUpload.push(beat);
    else this.#sendBeat(beat);
  }

  #sendBeat(beat: Beat): void {
    if (!this.#endpoint.isOpen) return;
    const { happening, frame } = BEATS[beat.sign];
    this.#around.chronicle.note(happening, beat.bytes);
    if (beat.counted) this.#sendCounted(beat.bytes, frame);
    else this.#path.send(beat.bytes, frame);
  }

  /** A frame that is there for the policy's sake. */
  #sendCounted(bytes: number, kind: FrameCode): void {
    const start = this.#path.endOffset;
    this.#around.cost.ownFrame(false, start, start + bytes);
    this.#path.send(bytes, kind);
  }

  #acknowledge(): void {
    this.#answerOwed = false;
    // RFC 6455 §5.5.1: after a Close frame no data is sent.
    if (!this.#endpoint.isOpen) return;
    this.#around.chronicle.note(happenings.acknowledgementSent);
    this.#path.send(APPLICATION_ACK_BYTES, Frame.ApplicationAck);
  }

  #closeAtEndOfFile(): void {
    if (!this.#endpoint.isUp || this.#gone || this.#socket.readableBytes > 0) return;
    this.#endpoint.tcpClosed();
  }

  #loadTick(): void {
    if (this.#load.kind !== 'periodic') return;
    const { scheduler, chronicle } = this.#around;
    scheduler.arm(this.#loadSlot, scheduler.nowUs + this.#load.everyMs * 1000);
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
    for (const answer of this.#answersBehindUpload) this.#answer(answer);
    for (const beat of this.#beatsBehindUpload) this.#sendBeat(beat);
    this.#answersBehindUpload.length = 0;
    this.#beatsBehindUpload.length = 0;
  }

  // Ends.

  #stop(): void {
    const { scheduler } = this.#around;
    this.#gone = true;
    this.#reading = 'stopped';
    scheduler.disarm(this.#loadSlot);
    scheduler.disarm(this.#readSlot);
    scheduler.disarm(this.#uploadSlot);
    this.#stopHeartbeats();
    this.#endpoint.stopClock();
  }

  #stopHeartbeats(): void {
    for (const heartbeat of this.#heartbeats) heartbeat.stop();
  }
}
