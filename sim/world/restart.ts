/**
 * A server restarts and every client comes back at once: the reconnect storm.
 *
 * All connections are lost at 0. Each client is the machine of model/machines/reconnect: it waits its backoff
 * and tries again. While the server is away an attempt is refused, a round trip later. When it is back it takes openings
 * in the order in which they came, so many a second; a client that has waited its patience gives the attempt
 * up, but the server only finds that out when its turn comes, and the turn is lost.
 *
 * Where a client leaves its listeners on the socket that it gave up, the socket's end is a second loss: from then on
 * it tries in two loops that know nothing of each other, and ends with a session from each.
 */
import { assert } from '../../model/assert.ts';
import { NO_EDGE } from '../../model/compile/table.ts';
import type { Effect } from '../../model/compile/effects.ts';
import type { Table } from '../../model/compile/table.ts';
import { backoffMs, reconnectTable } from '../../model/machines/reconnect/index.ts';
import type { ReconnectEventName } from '../../model/machines/reconnect/machine.ts';
import type { ReconnectPolicy } from '../../model/machines/reconnect/index.ts';
import type { Story } from '../../model/scenario/types.ts';
import { Stream } from '../random.ts';
import type { Draws } from '../random.ts';

export type RestartStory = Omit<Extract<Story, { readonly kind: 'restart' }>, 'kind'>;

/** What a storm comes to. Times in µs after the loss of the connections. */
export interface Storm {
  /** When the last client that comes back is served; Infinity where none does. */
  readonly allServedUs: number;
  /** When half of all clients are served; Infinity where fewer come back. */
  readonly halfServedUs: number;
  /** Clients that have used up their attempts. */
  readonly gaveUp: number;
  /** Openings the server finished for clients that had gone by then. */
  readonly wasted: number;
  /** Sessions beyond the first of each client; Infinity where they grow without end. */
  readonly surplus: number;
}

/** Patience of a client for one attempt: what `ws` users and browsers' libraries commonly allow. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Retries of one client that have a draw of their own: later ones wait the longest anyway. */
const MOST_RETRIES_DRAWN = 4_096;

/** Beyond this many clients each one simulated stands for several: the server is slower by as much. */
const MOST_SIMULATED = 1_024;

/** A storm that has grown to so many loops of attempts for each client grows for ever. */
const MOST_LOOPS_PER_CLIENT = 8;

/** So many attempts in all, and whoever is not served by then is taken to wait for ever. */
const MOST_ATTEMPTS = 1_000_000;

/** Attempts in order of time: a binary heap of (instant, loop). */
class Agenda {
  readonly #atUs: number[] = [];
  readonly #loops: number[] = [];

  get isEmpty(): boolean {
    return this.#atUs.length === 0;
  }

  clear(): void {
    this.#atUs.length = 0;
    this.#loops.length = 0;
  }

  push(atUs: number, loop: number): void {
    let place = this.#atUs.length;
    this.#atUs.push(atUs);
    this.#loops.push(loop);
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#sooner(place, above)) break;
      this.#swap(place, above);
      place = above;
    }
  }

  /** Takes the first: its loop; its instant is `firstUs` before. */
  pop(): number {
    const loop = this.#loops[0] as number;
    const lastUs = this.#atUs.pop() as number;
    const lastLoop = this.#loops.pop() as number;
    if (this.#atUs.length > 0) {
      this.#atUs[0] = lastUs;
      this.#loops[0] = lastLoop;
      this.#sink();
    }
    return loop;
  }

  get firstUs(): number {
    return this.#atUs[0] as number;
  }

  #sink(): void {
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= this.#atUs.length) return;
      const right = left + 1;
      const below = right < this.#atUs.length && this.#sooner(right, left) ? right : left;
      if (!this.#sooner(below, place)) return;
      this.#swap(below, place);
      place = below;
    }
  }

  /** Equal instants go by loop, so that the order never hangs on the heap. */
  #sooner(a: number, b: number): boolean {
    const difference = (this.#atUs[a] as number) - (this.#atUs[b] as number);
    if (difference !== 0) return difference < 0;
    return (this.#loops[a] as number) < (this.#loops[b] as number);
  }

  #swap(a: number, b: number): void {
    [this.#atUs[a], this.#atUs[b]] = [this.#atUs[b] as number, this.#atUs[a] as number];
    [this.#loops[a], this.#loops[b]] = [this.#loops[b] as number, this.#loops[a] as number];
  }
}

/** Plays storms of one story, one after the other. */
export class RestartPlayer {
  readonly #story: RestartStory;
  readonly #policy: ReconnectPolicy;
  readonly #table: Table;
  readonly #simulated: number;
  readonly #serviceUs: number;
  readonly #rttUs: number;
  /** Per loop of attempts: its client's row in the table, retries so far, and the client. The first ones have one each. */
  readonly #rows: number[] = [];
  readonly #retries: number[] = [];
  readonly #clients: number[] = [];
  readonly #hasSession: Uint8Array;
  readonly #agenda = new Agenda();
  /** When each client that came back was served, in order. */
  readonly #servedUs: number[] = [];
  /** When the server is done with all that stand in its queue. */
  #freeUs = NaN;
  #wasted = 0;
  #gaveUp = 0;
  #surplus = 0;
  /** Per cell of the table: whether the step begins a wait. */
  readonly #waits: Uint8Array;

  constructor(story: RestartStory, rttMs: number) {
    this.#story = story;
    this.#rttUs = rttMs * 1000;
    this.#policy = {
      baseMs: story.baseMs,
      // The story's clients double their wait.
      factor: 2,
      capMs: story.maxMs,
      jitterMs: story.jitterMs,
      maxAttempts: story.attempts,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      // The story ends with the opening: whoever is served stays.
      stableMs: 1,
    };
    this.#table = reconnectTable(this.#policy);
    this.#simulated = Math.min(story.clients, MOST_SIMULATED);
    this.#hasSession = new Uint8Array(this.#simulated);
    this.#waits = waitingCells(this.#table);
    this.#serviceUs = (1_000_000 / story.acceptsPerSecond) * (story.clients / this.#simulated);
  }

  /** When each client of the last storm that came back was served, in order, µs. */
  get servedUs(): readonly number[] {
    return this.#servedUs;
  }

  /** How many clients each simulated one stands for. */
  get each(): number {
    return this.#story.clients / this.#simulated;
  }

  play(draws: Draws): Storm {
    this.#begin(draws);
    const upUs = this.#story.downMs * 1000;
    for (let attempt = 0; !this.#isOver && attempt < MOST_ATTEMPTS; attempt += 1) {
      const nowUs = this.#agenda.firstUs;
      const loop = this.#agenda.pop();
      this.#step(loop, 'backoff');
      if (nowUs < upUs) this.#lose(loop, nowUs + this.#rttUs, draws);
      else this.#queue(loop, nowUs, draws);
    }
    const ended = this.#agenda.isEmpty;
    const share = this.#story.clients / this.#simulated;
    const scaled = (count: number): number => Math.round(count * share);
    const half = Math.ceil(this.#simulated / 2);
    return {
      allServedUs: ended ? Math.round(this.#servedUs.at(-1) ?? Infinity) : Infinity,
      halfServedUs: Math.round(this.#servedUs[half - 1] ?? Infinity),
      gaveUp: scaled(this.#gaveUp),
      wasted: scaled(this.#wasted),
      surplus: ended ? scaled(this.#surplus) : Infinity,
    };
  }

  /** Nobody tries any more, or it will never end. */
  get #isOver(): boolean {
    return this.#agenda.isEmpty || this.#rows.length > MOST_LOOPS_PER_CLIENT * this.#simulated;
  }

  /** Everybody is connected, and then nobody is. */
  #begin(draws: Draws): void {
    this.#agenda.clear();
    this.#servedUs.length = 0;
    this.#freeUs = this.#story.downMs * 1000;
    this.#wasted = 0;
    this.#gaveUp = 0;
    this.#surplus = 0;
    this.#hasSession.fill(0);
    for (const list of [this.#rows, this.#retries, this.#clients]) list.length = 0;
    for (let client = 0; client < this.#simulated; client += 1) {
      this.#beginLoop(client, this.#table.initial, 0);
      this.#step(client, 'CONNECT');
      this.#step(client, 'OPENED');
      this.#lose(client, 0, draws);
    }
  }

  /** @returns the loop's number */
  #beginLoop(client: number, row: number, retries: number): number {
    this.#rows.push(row);
    this.#retries.push(retries);
    return this.#clients.push(client) - 1;
  }

  /** An attempt stands in the server's queue until its turn comes, whether its client still waits or not. */
  #queue(loop: number, nowUs: number, draws: Draws): void {
    this.#freeUs = Math.max(this.#freeUs, nowUs) + this.#serviceUs;
    const client = this.#clients[loop] as number;
    if (this.#freeUs - nowUs <= CONNECT_TIMEOUT_MS * 1000) {
      this.#step(loop, 'OPENED');
      this.#serve(client);
      return;
    }
    this.#wasted += 1;
    const goneUs = nowUs + CONNECT_TIMEOUT_MS * 1000;
    if (this.#story.teardown === 'leaky') {
      const row = this.#rows[loop] as number;
      this.#lose(this.#beginLoop(client, row, this.#retries[loop] as number), goneUs, draws);
    }
    this.#lose(loop, goneUs, draws);
  }

  #serve(client: number): void {
    if (this.#hasSession[client] === 1) {
      this.#surplus += 1;
      return;
    }
    this.#hasSession[client] = 1;
    this.#servedUs.push(this.#freeUs);
  }

  /** A loop has lost its connection or its attempt: it waits, or it gives up. */
  #lose(loop: number, nowUs: number, draws: Draws): void {
    if (!this.#step(loop, 'LOST')) {
      this.#gaveUp += 1;
      return;
    }
    const retry = this.#retries[loop] as number;
    this.#retries[loop] = retry + 1;
    const index = loop * MOST_RETRIES_DRAWN + Math.min(retry, MOST_RETRIES_DRAWN - 1);
    const chance = draws.below(Stream.ReconnectDelay, index, 2 ** 32) / 2 ** 32;
    const waitUs = Math.round(backoffMs(this.#policy, retry, chance) * 1000);
    this.#agenda.push(nowUs + waitUs, loop);
  }

  /** Takes an event; returns whether the loop now waits for its backoff. */
  #step(loop: number, event: ReconnectEventName | 'backoff'): boolean {
    const table = this.#table;
    const column = table.eventIndex[event] as number;
    const cell = (this.#rows[loop] as number) * table.events.length + column;
    const next = table.next[cell] as number;
    assert(next !== NO_EDGE, 'the story only tells a loop what can happen to it');
    this.#rows[loop] = next;
    return this.#waits[cell] === 1;
  }
}

function waitingCells(table: Table): Uint8Array {
  const waits = (effects: readonly Effect[]): boolean =>
    effects.some((effect) => effect.kind === 'arm' && effect.delay === 'backoff');
  const lists = table.effectLists.map(waits);
  return Uint8Array.from(table.effectList, (list) => (lists[list] === true ? 1 : 0));
}
