/** One connection as the reaper's host drives it, whatever protocol it speaks: `ws`, or bytes alone. */
import type { Socket } from 'node:net';

export interface Channel {
  /** False once the socket is gone. */
  isOpen(): boolean;
  /** Whether either side has begun to close, where the protocol has a closing of its own that needs a limit. */
  isClosing(): boolean;
  /** Whether the process has read bytes that have not become events yet: a queue of messages that are being inflated. */
  isReading(): boolean;
  /**
   * Sends a ping. `written` is called once the kernel has taken it, and not at all if it never does; `failed`, where
   * whoever makes the ping fails at that. A socket that broke meanwhile says so by its own events.
   */
  ping(written: () => void, failed: (error: unknown) => void): void;
  /** Ends it now: no close frame, no flush, no waiting. */
  destroy(): void;
  /** Ends it now with a reset: the kernel forgets it at once. */
  reset(): void;
  /** Ends it once user space has nothing left to write, however long that takes. */
  flush(): void;
  /**
   * Ends it in an orderly way, with the protocol's own farewell, and destroys it when that takes longer than `limitMs`;
   * null = for ever, undefined = as the protocol's own library does.
   */
  close(code: number, reason: string, limitMs: number | null | undefined): void;
  /** Bytes that user space still holds for the kernel to take. */
  bufferedBytes(): number;
  /** The TCP socket below; undefined where there is none. */
  rawSocket(): Socket | undefined;
  /** What was read since the last call, where no event tells: a sum of `LifeBit`, 0 for nothing. */
  readSinceAsked(): number;
  /** Whether the application sent something since the last call, where no event tells. */
  wroteSinceAsked(): boolean;
}
