/**
 * A slow upload of the client: one message at a rate, a slice at a time. Nothing can pass inside it: a WebSocket
 * message of one frame cannot be interrupted (RFC 6455 §5.4).
 */
import { UPLOAD_SLICE_MS } from '../../model/scenario/reading.ts';
import type { Scheduler } from '../clock/types.ts';

/** Slices are so far apart. */
const SLICE_US = 1_000 * UPLOAD_SLICE_MS;

export interface UploadHost {
  /** Whether there is still a connection to send on. */
  canUpload(): boolean;
  uploadPart(bytes: number): void;
  /** The last bytes: the message ends with them. */
  uploadEnd(bytes: number): void;
}

export class Upload {
  /** Where the clock keeps the next slice. */
  readonly slot: number;
  readonly #scheduler: Scheduler;
  readonly #host: UploadHost;
  #leftBytes = 0;
  #sliceBytes = 0;

  constructor(scheduler: Scheduler, host: UploadHost) {
    this.#scheduler = scheduler;
    this.#host = host;
    this.slot = scheduler.slot(() => this.#slice());
  }

  /** In the middle of the message. */
  get isUnderWay(): boolean {
    return this.#leftBytes > 0;
  }

  reset(): void {
    this.#leftBytes = 0;
  }

  start(messageBytes: number, bytesPerSecond: number): void {
    this.#leftBytes = messageBytes;
    this.#sliceBytes = Math.max(1, Math.round((bytesPerSecond * SLICE_US) / 1e6));
    this.#slice();
  }

  stop(): void {
    this.#scheduler.disarm(this.slot);
  }

  #slice(): void {
    if (!this.#host.canUpload()) return;
    const bytes = Math.min(this.#sliceBytes, this.#leftBytes);
    this.#leftBytes -= bytes;
    if (this.#leftBytes === 0) {
      this.#host.uploadEnd(bytes);
      return;
    }
    this.#host.uploadPart(bytes);
    this.#scheduler.arm(this.slot, this.#scheduler.nowUs + SLICE_US);
  }
}
