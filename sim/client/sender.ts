/**
 * The client's sending side: answers, heartbeats, messages of the load, an upload. Some of it is the library's, some the
 * application's, and the application may be paused, be throttled, or be in the middle of a message that nothing can pass
 * inside of: then what it owes waits.
 */
import type { Load, WithheldSign } from '../../model/scenario/types.ts';
import { Unit, type StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import type { Draws } from '../random.ts';
import { Stream } from '../random.ts';
import type { SendPath } from '../process/send-path.ts';
import type { EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { CostMeter } from '../process/cost-meter.ts';
import {
  APPLICATION_ACK_BYTES,
  APPLICATION_PONG_BYTES,
  CLIENT_PONG_BYTES,
  Frame,
  REPLY_BYTES,
} from '../websocket/frames.ts';
import type { FrameCode } from '../websocket/frames.ts';
import { ApplicationTimers } from './application-timers.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Beat } from './heartbeat.ts';
import { Upload } from './upload.ts';
import type { UploadHost } from './upload.ts';

/** What answers a frame of the server. */
export type AnswerCode = typeof Frame.Pong | typeof Frame.ApplicationPong | typeof Frame.Reply;

const BEATS = {
  ping: { type: eventTypes.peerPingSent, frame: Frame.Ping },
  pong: { type: eventTypes.unsolicitedPongSent, frame: Frame.UnsolicitedPong },
  message: { type: eventTypes.heartbeatSent, frame: Frame.Heartbeat },
} as const;

/** What it needs of the world around. */
interface Around {
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  readonly cost: CostMeter;
}

export class ClientSender implements UploadHost {
  /** The timers of the application. */
  readonly timers: ApplicationTimers;
  readonly #around: Around;
  readonly #load: Load;
  readonly #loadSlot: number;
  /** When the next message of the load is due, whenever the timer for it runs. */
  #loadDueUs = NaN;
  readonly #upload: Upload;
  readonly #heartbeats: readonly Heartbeat[];
  readonly #endpoint: WebSocketEndpoint;
  #path!: SendPath;
  #paused = false;
  #acknowledgementOwed = false;
  /** What waits behind the upload, and what waits for the application to run again. */
  readonly #answersBehindUpload: AnswerCode[] = [];
  readonly #beatsBehindUpload: Beat[] = [];
  readonly #answersOwed: AnswerCode[] = [];
  readonly #neverAnswers: ReadonlySet<AnswerCode>;
  readonly #neverAcknowledges: boolean;

  /**
   * @param beats what it sends of its own while it lives
   * @param neverSends signs that it never gives
   */
  constructor(
    load: Load,
    beats: readonly Beat[],
    endpoint: WebSocketEndpoint,
    around: Around,
    neverSends: readonly WithheldSign[],
  ) {
    this.#neverAnswers = new Set<AnswerCode>([
      ...(neverSends.includes('pong') ? [Frame.Pong] : []),
      ...(neverSends.includes('application-pong') ? [Frame.ApplicationPong] : []),
    ]);
    this.#neverAcknowledges = neverSends.includes('application-ack');
    const { scheduler } = around;
    this.#around = around;
    this.#load = load;
    this.#endpoint = endpoint;
    this.#loadSlot = scheduler.slot(() => this.#loadTick());
    this.#upload = new Upload(scheduler, this);
    this.timers = new ApplicationTimers(scheduler);
    this.#heartbeats = beats.map(
      (beat) => new Heartbeat(scheduler, beat, this.timers, (due) => this.#beatOrOwe(due)),
    );
  }

  attach(path: SendPath): void {
    this.#path = path;
  }

  reset(): void {
    this.#paused = false;
    this.#acknowledgementOwed = false;
    this.#answersBehindUpload.length = 0;
    this.#beatsBehindUpload.length = 0;
    this.#answersOwed.length = 0;
    this.timers.reset();
    this.#upload.reset();
    for (const heartbeat of this.#heartbeats) heartbeat.reset();
  }

  /** Timers of its own, but for the heartbeats, which stand still by `hold`. */
  get slots(): readonly number[] {
    return [this.#loadSlot, this.#upload.slot];
  }

  walk(state: StateWalk): void {
    this.#path.walk(state);
    this.#loadDueUs = state.passed(Unit.Us, this.#loadDueUs);
    for (const heartbeat of this.#heartbeats) heartbeat.walk(state);
  }

  /** In the middle of a message that it sends at a rate. */
  get isUploading(): boolean {
    return this.#upload.isUnderWay;
  }

  // What the process tells.

  /** A message has been read. */
  received(): void {
    for (const heartbeat of this.#heartbeats) heartbeat.received();
  }

  /** The connection is open: heartbeats begin, each so that its last one before `phasesFromUs` is a drawn phase away. */
  opened(draws: Draws, phasesFromUs: number): void {
    this.#heartbeats.forEach((heartbeat, index) => {
      heartbeat.start(phasesFromUs, draws.share(Stream.PeerHeartbeatPhase, index));
    });
  }

  /** Its part of the load: half a period after the server's where both send. */
  startLoad(): void {
    if (this.#load.kind !== 'periodic' || this.#load.direction === 'server') return;
    const { scheduler } = this.#around;
    const afterUs = this.#load.direction === 'both' ? this.#load.everyMs * 500 : 0;
    this.#armLoad(scheduler.nowUs + afterUs);
  }

  #armLoad(dueUs: number): void {
    this.#loadDueUs = dueUs;
    this.#around.scheduler.arm(this.#loadSlot, this.timers.runsAtUs(dueUs));
  }

  /** Sends one message at a rate; nothing can pass inside it. */
  upload(messageBytes: number, bytesPerSecond: number): void {
    this.#upload.start(messageBytes, bytesPerSecond);
  }

  /** The application sends nothing of its own until `resume`; the library answers pings. */
  pause(): void {
    this.#paused = true;
    for (const heartbeat of this.#heartbeats) {
      if (heartbeat.beat.sentBy === 'application') heartbeat.hold();
    }
  }

  /** The application is as it was: what it owes is sent. */
  resume(): void {
    this.#paused = false;
    this.#endThrottle();
    if (this.#acknowledgementOwed) this.#acknowledge();
    for (const answer of this.#answersOwed) this.#answer(answer);
    this.#answersOwed.length = 0;
    for (const heartbeat of this.#heartbeats) heartbeat.release();
  }

  /** Timers of the application run only every `everyUs` from now on; what it is told, it answers. */
  throttle(everyUs: number): void {
    this.timers.throttle(everyUs);
    const dueUs = this.#around.scheduler.dueUs(this.#loadSlot);
    if (dueUs !== Infinity) this.#armLoad(dueUs);
    for (const heartbeat of this.#heartbeats) heartbeat.retime();
  }

  /** Timers run when they are due again, and those that are overdue at once. */
  #endThrottle(): void {
    if (!this.timers.isThrottled) return;
    this.timers.reset();
    const { scheduler } = this.#around;
    if (scheduler.dueUs(this.#loadSlot) === Infinity) return;
    this.#armLoad(Math.max(scheduler.nowUs, this.#loadDueUs));
  }

  /** The whole process stands still. */
  hold(): void {
    for (const heartbeat of this.#heartbeats) heartbeat.hold();
  }

  /** It runs again, after its clock has stood for `stoodUs`. */
  release(stoodUs: number): void {
    for (const heartbeat of this.#heartbeats) {
      heartbeat.postpone(stoodUs);
      heartbeat.release();
    }
  }

  /** It will say nothing any more. */
  stop(): void {
    this.#around.scheduler.disarm(this.#loadSlot);
    this.#upload.stop();
    for (const heartbeat of this.#heartbeats) heartbeat.stop();
  }

  // What it says.

  /** A message that nobody asked anything by: the application acknowledges it. */
  acknowledgeOrOwe(): void {
    if (this.#neverAcknowledges) return;
    if (this.#paused) this.#acknowledgementOwed = true;
    else this.#acknowledge();
  }

  /** An answer cannot pass inside a message, and only an application that runs gives its own. */
  answerOrOwe(answer: AnswerCode): void {
    if (this.#neverAnswers.has(answer)) return;
    if (this.#upload.isUnderWay) this.#answersBehindUpload.push(answer);
    else if (this.#paused && answer !== Frame.Pong) this.#answersOwed.push(answer);
    else this.#answer(answer);
  }

  #answer(answer: AnswerCode): void {
    // RFC 6455 §5.5.1: after a Close frame no data is sent; a pong is none.
    if (answer !== Frame.Pong && !this.#endpoint.isOpen) return;
    if (answer === Frame.Reply) {
      this.#around.eventLog.note(eventTypes.replySent);
      this.#path.send(REPLY_BYTES, answer);
      return;
    }
    this.#around.eventLog.note(eventTypes.pongSent);
    this.#sendCounted(answer === Frame.Pong ? CLIENT_PONG_BYTES : APPLICATION_PONG_BYTES, answer);
  }

  #beatOrOwe(beat: Beat): void {
    if (this.#upload.isUnderWay) this.#beatsBehindUpload.push(beat);
    else this.#sendBeat(beat);
  }

  #sendBeat(beat: Beat): void {
    if (!this.#endpoint.isOpen) return;
    const { type, frame } = BEATS[beat.sign];
    this.#around.eventLog.note(type, beat.bytes);
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
    this.#acknowledgementOwed = false;
    // RFC 6455 §5.5.1: after a Close frame no data is sent.
    if (!this.#endpoint.isOpen) return;
    this.#around.eventLog.note(eventTypes.acknowledgementSent);
    this.#path.send(APPLICATION_ACK_BYTES, Frame.ApplicationAck);
  }

  #loadTick(): void {
    if (this.#load.kind !== 'periodic') return;
    const { scheduler, eventLog } = this.#around;
    this.#armLoad(scheduler.nowUs + this.#load.everyMs * 1000);
    if (!this.#endpoint.isOpen || this.#paused || this.#upload.isUnderWay) return;
    eventLog.note(eventTypes.peerMessageSent, this.#load.bytes);
    this.#path.send(this.#load.bytes, Frame.Message);
  }

  // What the upload asks for.

  canUpload(): boolean {
    return this.#endpoint.isUp;
  }

  uploadPart(bytes: number): void {
    this.#path.sendBytes(bytes);
  }

  uploadEnd(bytes: number): void {
    this.#path.send(bytes, Frame.Message);
    this.#around.eventLog.note(eventTypes.peerMessageSent, bytes);
    for (const answer of this.#answersBehindUpload) this.#answer(answer);
    for (const beat of this.#beatsBehindUpload) this.#sendBeat(beat);
    this.#answersBehindUpload.length = 0;
    this.#beatsBehindUpload.length = 0;
  }
}
