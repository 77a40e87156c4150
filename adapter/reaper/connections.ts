/** The connections under watch, those that are exempt, and what is asked of all of them. */
import type { Socket } from 'node:net';
import type { Watched } from './watched.ts';

export class Connections<S extends object> {
  readonly #watched = new Map<S, Watched<S>>();
  readonly #exempt = new WeakSet<S>();

  get size(): number {
    return this.#watched.size;
  }

  get(socket: S): Watched<S> | undefined {
    return this.#watched.get(socket);
  }

  /** Whether the reaper was told of this connection, be it exempt. */
  knows(socket: S): boolean {
    return this.#watched.has(socket) || this.#exempt.has(socket);
  }

  add(watched: Watched<S>): void {
    this.#watched.set(watched.socket, watched);
  }

  leaveAlone(socket: S): void {
    this.#exempt.add(socket);
  }

  remove({ socket }: Watched<S>): void {
    this.#watched.delete(socket);
  }

  all(): IterableIterator<Watched<S>> {
    return this.#watched.values();
  }

  names(): S[] {
    return [...this.#watched.keys()];
  }

  /** The sockets below; with TLS, the TLS socket. */
  sockets(): Socket[] {
    return [...this.all()].flatMap(({ channel }) => channel.rawSocket() ?? []);
  }

  /** Bytes that user space holds. */
  queueBytes(): number {
    let bytes = 0;
    for (const { channel } of this.all()) bytes += channel.bufferedBytes();
    return bytes;
  }
}
