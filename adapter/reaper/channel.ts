/** The connections of one server as the reaper's host drives them, whatever protocol they speak: `ws`, or bytes alone. */
import type { Socket } from 'node:net';
import type { Watched } from './watched.ts';

export interface Channel<S> {
  /** The TCP socket below; undefined where there is none. */
  rawSocket(socket: S): Socket | undefined;
  /** False once the socket is gone. */
  isOpen(socket: S): boolean;
  /** Whether either side has begun to close, where the protocol has a closing of its own that needs a limit. */
  isClosing(socket: S): boolean;
  /** Whether the process has read bytes that have not become events yet: a queue of messages that are being inflated. */
  isReading(socket: S): boolean;
  /** Begins to tell the host of what happens to a connection. Listeners are shared: one of each kind for all connections. */
  listen(watched: Watched<S>): void;
  /** No more of it; `ended`: the reaper has ended the connection, and its close code is still to come. */
  unlisten(watched: Watched<S>, ended: boolean): void;
  /** No more of any, also of those that the reaper has ended. */
  release(): void;
  /**
   * Sends a ping. `written` is called once the kernel has taken it, and not at all if it never does; `failed`, where
   * whoever makes the ping fails at that. A socket that broke meanwhile says so by its own events.
   */
  ping(watched: Watched<S>, written: () => void, failed: (error: unknown) => void): void;
  /** Ends it now: no close frame, no flush, no waiting. */
  destroy(socket: S): void;
  /** Ends it now with a reset: the kernel forgets it at once. */
  reset(socket: S): void;
  /** Ends it once user space has nothing left to write, however long that takes. */
  flush(socket: S): void;
  /**
   * Ends it in an orderly way, with the protocol's own farewell, and destroys it when that takes longer than `limitMs`;
   * null = for ever, undefined = as the protocol's own library does.
   */
  close(socket: S, code: number, reason: string, limitMs: number | null | undefined): void;
  /** Bytes that user space still holds for the kernel to take. */
  bufferedBytes(socket: S): number;
  /** What was read since the last call, where no event tells: a sum of `LifeBit`, 0 for nothing. */
  readSinceAsked(watched: Watched<S>): number;
  /** Whether the application sent something since the last call, where no event tells. */
  wroteSinceAsked(watched: Watched<S>): boolean;
}
