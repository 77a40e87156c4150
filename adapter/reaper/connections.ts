/** The connections under watch, those that are exempt, and what is asked of all of them. */
import type { Socket } from 'node:net';
import type { Channel } from './channel.ts';
import type { Watched } from './watched.ts';

/** Marks that no reaper has any more: one that is attached anew takes the one before, for engines are slow with ever new names. */
const freeMarks: symbol[] = [];

function takeMark(): symbol {
  return freeMarks.pop() ?? Symbol('ghostbound');
}

type Marked<S> = Socket & Record<symbol, Watched<S> | undefined>;

export class Connections<S extends object> {
  /**
   * Each socket below knows its connection by this mark: most events come of it, and a property is found at once where a map of so many
   * sockets is not. It is as good as gone once the connection is forgotten.
   */
  readonly #mark = takeMark();
  readonly #watched: Watched<S>[] = [];
  #exempt = new WeakSet<S>();
  readonly #channel: Channel<S>;

  constructor(channel: Channel<S>) {
    this.#channel = channel;
  }

  get size(): number {
    return this.#watched.length;
  }

  of(raw: Socket): Watched<S> | undefined {
    return (raw as Marked<S>)[this.#mark];
  }

  get(socket: S): Watched<S> | undefined {
    const raw = this.#channel.rawSocket(socket);
    return raw && this.of(raw);
  }

  /** Whether the reaper was told of this connection, be it exempt. */
  knows(socket: S): boolean {
    return this.get(socket) !== undefined || this.#exempt.has(socket);
  }

  add(watched: Watched<S>): void {
    watched.place = this.#watched.length;
    this.#watched.push(watched);
    (watched.raw as Marked<S>)[this.#mark] = watched;
  }

  /** Those that another one leaves alone are left alone. */
  sparesAs(other: Connections<S>): void {
    this.#exempt = other.#exempt;
  }

  leaveAlone(socket: S): void {
    this.#exempt.add(socket);
  }

  /** Nothing happens to one that was never added. */
  remove(watched: Watched<S>): void {
    const { place, raw } = watched;
    if (this.#watched[place] !== watched) return;
    const last = this.#watched.pop();
    if (last !== undefined && last !== watched) {
      this.#watched[place] = last;
      last.place = place;
    }
    (raw as Marked<S>)[this.#mark] = undefined;
  }

  /** Calls `step` with each that is there before and after it; it may remove any. */
  each(step: (watched: Watched<S>) => void): void {
    // Backwards: what takes the place of one that is removed has had its turn, or has it still to come.
    for (let place = this.#watched.length - 1; place >= 0; place--) {
      const watched = this.#watched[place];
      if (watched !== undefined) step(watched);
    }
  }

  /** None is watched any more, and none will be. */
  release(): void {
    freeMarks.push(this.#mark);
  }

  all(): readonly Watched<S>[] {
    return this.#watched;
  }

  names(): S[] {
    return this.#watched.map(({ socket }) => socket);
  }

  /** The sockets below; with TLS, the TLS socket. */
  sockets(): Socket[] {
    return this.#watched.map(({ raw }) => raw);
  }

  /** Bytes that user space holds. */
  queueBytes(): number {
    let bytes = 0;
    for (const { socket } of this.all()) bytes += this.#channel.bufferedBytes(socket);
    return bytes;
  }
}
