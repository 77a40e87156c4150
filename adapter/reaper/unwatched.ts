/**
 * Clients of a WebSocket server that its reaper was never told of: in `noServer` mode nobody announces a connection unless the
 * application emits `connection`, and socket.io's engine does not. `ws` tells of each upgrade by its event `headers`, whoever handles it.
 */
import type { WebSocket, WebSocketServer } from 'ws';

/** An application may ask a database about a client before it announces it. */
const ANNOUNCED_WITHIN_MS = 5_000;
const OPEN = 1;

export class Unwatched {
  readonly #server: WebSocketServer;
  readonly #knows: (socket: WebSocket) => boolean;
  readonly #found: (count: number) => void;
  /** Upgrades less announcements, for servers that keep no list of their clients. */
  #unannounced = 0;
  #timer: NodeJS.Timeout | undefined;
  #told = false;

  /** @param found called once, with how many there are */
  constructor(
    server: WebSocketServer,
    knows: (socket: WebSocket) => boolean,
    found: (count: number) => void,
  ) {
    this.#server = server;
    this.#knows = knows;
    this.#found = found;
    server.on('headers', this.#upgraded);
  }

  /** Open connections that nobody watches; where the server keeps no list (`clientTracking: false`), all that were never announced. */
  get count(): number {
    // Absent with `clientTracking: false`, whatever the types say.
    const clients = this.#server.clients as Set<WebSocket> | undefined;
    if (clients === undefined) return Math.max(0, this.#unannounced);
    let count = 0;
    for (const client of clients) {
      if (client.readyState === OPEN && !this.#knows(client)) count += 1;
    }
    return count;
  }

  /** A connection was announced. */
  announced(): void {
    this.#unannounced -= 1;
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#server.off('headers', this.#upgraded);
  }

  readonly #upgraded = (): void => {
    this.#unannounced += 1;
    if (this.#told || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const { count } = this;
      if (count === 0) return;
      this.#told = true;
      this.#found(count);
    }, ANNOUNCED_WITHIN_MS).unref();
  };
}

export function unwatchedMessage(count: number): string {
  return (
    `${count} of this server's clients are not watched: it never emitted 'connection' for them. ` +
    "Emit it after handleUpgrade, or hand each WebSocket to the handle's watch(); " +
    "of socket.io: io.engine.on('connection', ({ transport }) => reaper.watch(transport.socket))"
  );
}
