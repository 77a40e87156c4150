/**
 * A connection of which only its bytes are known: a socket of `net` or `http`, upgraded or not. It learns of
 * life by the socket's own counters. A listener for `data` would tell at once, but would also make a paused
 * socket flow, and take the HTTP parser off its fast path.
 */
import type { Socket } from 'node:net';
import type { Channel } from './channel.ts';
import { LifeBit } from '../../model/reaper/types.ts';
import { resetSocket } from '../connections/accepted.ts';
import { TIMEOUT_LIMIT_MS } from './alarm.ts';
import { contain } from '../safety/contain.ts';
import { afterLastResponse, responseOn } from '../connections/http.ts';
import { openStreams, sessionOn } from '../connections/http2.ts';

/** What the owner of the server decides about all its connections. */
export interface ByteChannelOptions {
  readonly ping: ((socket: Socket) => unknown) | undefined;
  /** Limit of an orderly end where the policy states none, ms. */
  readonly closeTimeoutMs: number;
  /** Whether bytes that were written count as messages sent. */
  readonly countsWrites: boolean;
}

export class ByteChannel implements Channel {
  readonly #socket: Socket;
  readonly #options: ByteChannelOptions;
  #bytesRead: number;
  #bytesWritten: number;

  constructor(socket: Socket, options: ByteChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#bytesRead = socket.bytesRead;
    this.#bytesWritten = socket.bytesWritten;
  }

  isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Of bytes alone nobody knows whether they are a farewell: every mechanism goes on. */
  isClosing(): boolean {
    return false;
  }

  /** Bytes count as they are read. */
  isReading(): boolean {
    return false;
  }

  ping(written: () => void, failed: (error: unknown) => void): void {
    const send = (): unknown => {
      const before = this.#socket.bytesWritten;
      const sent = this.#options.ping?.(this.#socket);
      // The reaper's own ping is no use that anybody makes of the connection.
      this.#bytesWritten += this.#socket.bytesWritten - before;
      return sent;
    };
    contain(send, failed, written);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    resetSocket(this.#socket);
  }

  flush(): void {
    this.#socket.destroySoon();
  }

  /**
   * Responses that are owed are finished first, within the same limit. The timer never holds the process, and is not
   * taken away by `detach`: a connection that was half closed must not be left like that.
   */
  close(_code: number, _reason: string, limitMs: number | null | undefined): void {
    const socket = this.#socket;
    const session = sessionOn(socket);
    // GOAWAY, and the streams under way to their end (RFC 9113 §6.8).
    if (session !== undefined) session.close();
    else {
      afterLastResponse(socket, () => {
        socket.end();
      });
    }
    // What no timer can wait for is as good as never.
    if (limitMs === null || (limitMs ?? 0) > TIMEOUT_LIMIT_MS) return;
    const destroys = (): void => {
      socket.destroy();
    };
    const limit = setTimeout(destroys, limitMs ?? this.#options.closeTimeoutMs).unref();
    socket.once('close', () => {
      clearTimeout(limit);
    });
  }

  bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  rawSocket(): Socket {
    return this.#socket;
  }

  /** In a stream of bytes whose protocol is not known, any bytes are a message. */
  readSinceAsked(): number {
    const { bytesRead } = this.#socket;
    if (bytesRead === this.#bytesRead) return 0;
    this.#bytesRead = bytesRead;
    return LifeBit.AnyByte | LifeBit.Message;
  }

  wroteSinceAsked(): boolean {
    if (!this.#options.countsWrites) return false;
    const { bytesWritten } = this.#socket;
    const wrote = bytesWritten !== this.#bytesWritten;
    this.#bytesWritten = bytesWritten;
    return wrote || this.#owes();
  }

  /** While the server owes an answer nobody is idle (Node's own keepAliveTimeout does not run then either). */
  #owes(): boolean {
    const session = sessionOn(this.#socket);
    return session === undefined
      ? responseOn(this.#socket) !== undefined
      : openStreams(session) > 0;
  }
}
