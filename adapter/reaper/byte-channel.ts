/**
 * Connections of which only their bytes are known: sockets of `net` or `http`, upgraded or not. They learn of
 * life by the socket's own counters. A listener for `data` would tell at once, but would also make a paused
 * socket flow, and take the HTTP parser off its fast path.
 */
import type { Socket } from 'node:net';
import type { Channel } from './channel.ts';
import type { Watched } from './watched.ts';
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

export class ByteChannel implements Channel<Socket> {
  readonly #options: ByteChannelOptions;
  readonly #onClose: (this: Socket) => void;

  /** @param closed told of each connection that has ended */
  constructor(options: ByteChannelOptions, closed: (socket: Socket) => void) {
    this.#options = options;
    this.#onClose = function onClose(this: Socket): void {
      closed(this);
    };
  }

  rawSocket(socket: Socket): Socket {
    return socket;
  }

  isOpen(socket: Socket): boolean {
    return !socket.destroyed;
  }

  /** Of bytes alone nobody knows whether they are a farewell: every mechanism goes on. */
  isClosing(): boolean {
    return false;
  }

  /** Bytes count as they are read. */
  isReading(): boolean {
    return false;
  }

  listen(watched: Watched<Socket>): void {
    const { socket } = watched;
    watched.bytesRead = socket.bytesRead;
    watched.bytesWritten = socket.bytesWritten;
    socket.on('close', this.#onClose);
  }

  unlisten({ socket }: Watched<Socket>): void {
    socket.off('close', this.#onClose);
  }

  release(): void {
    // Nothing is listened to but what is watched.
  }

  ping(watched: Watched<Socket>, written: () => void, failed: (error: unknown) => void): void {
    const { socket } = watched;
    const send = (): unknown => {
      const before = socket.bytesWritten;
      const sent = this.#options.ping?.(socket);
      // The reaper's own ping is no use that anybody makes of the connection.
      if (watched.watching) watched.bytesWritten += socket.bytesWritten - before;
      return sent;
    };
    contain(send, failed, written);
  }

  destroy(socket: Socket): void {
    socket.destroy();
  }

  reset(socket: Socket): void {
    resetSocket(socket);
  }

  flush(socket: Socket): void {
    socket.destroySoon();
  }

  /**
   * Responses that are owed are finished first, within the same limit. The timer never holds the process, and is not
   * taken away by `detach`: a connection that was half closed must not be left like that.
   */
  close(socket: Socket, _code: number, _reason: string, limitMs: number | null | undefined): void {
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

  bufferedBytes(socket: Socket): number {
    return socket.writableLength;
  }

  /** In a stream of bytes whose protocol is not known, any bytes are a message. */
  readSinceAsked(watched: Watched<Socket>): number {
    const { bytesRead } = watched.socket;
    if (bytesRead === watched.bytesRead) return 0;
    watched.bytesRead = bytesRead;
    return LifeBit.AnyByte | LifeBit.Message;
  }

  wroteSinceAsked(watched: Watched<Socket>): boolean {
    if (!this.#options.countsWrites) return false;
    const { bytesWritten } = watched.socket;
    const wrote = bytesWritten !== watched.bytesWritten;
    watched.bytesWritten = bytesWritten;
    return wrote || owes(watched.socket);
  }
}

/** While the server owes an answer nobody is idle (Node's own keepAliveTimeout does not run then either). */
function owes(socket: Socket): boolean {
  const session = sessionOn(socket);
  return session === undefined ? responseOn(socket) !== undefined : openStreams(session) > 0;
}
