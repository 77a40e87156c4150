/** How WebSockets ended, by close code (RFC 6455 §7.4): those that were reaped, too. */
import type { WebSocket } from 'ws';

export class CloseCodes {
  /** Connections by the close code that this side saw; live. */
  readonly counts = new Map<number, number>();
  readonly #unlisten = new Map<WebSocket, () => void>();

  /** Counts how `socket` will have ended. */
  follow(socket: WebSocket): void {
    if (this.#unlisten.has(socket)) return;
    const count = (code: number): void => {
      this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
      this.#unlisten.delete(socket);
    };
    socket.once('close', count);
    this.#unlisten.set(socket, () => socket.off('close', count));
  }

  /** Stops counting. */
  release(): void {
    for (const unlisten of this.#unlisten.values()) unlisten();
    this.#unlisten.clear();
  }
}
