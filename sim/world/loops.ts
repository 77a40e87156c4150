/**
 * Reconnect loops of a storm's clients, each the machine of model/machines/reconnect run by its table. Every client
 * begins with one; a client that does not clean up after itself comes to have more.
 */
import { assert } from '../../model/assert.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import type { Effect } from '../../model/statechart/effects.ts';
import type { Table } from '../../model/statechart/table.ts';
import { backoffMs, reconnectTable } from '../../model/machines/reconnect/index.ts';
import type { ReconnectEventName, ReconnectPolicy } from '../../model/machines/reconnect/index.ts';
import { Stream } from '../random.ts';
import type { Draws } from '../random.ts';

/** Draws of one loop that are its own: after so many they begin anew. */
const DRAWS_PER_LOOP = 4_096;

/** A loop that has neither an opening under way nor a session. */
export const NOWHERE = -1;

export class Loops {
  readonly #policy: ReconnectPolicy;
  readonly #table: Table;
  /** Per cell of the table: whether the step begins a wait. */
  readonly #waits: Uint8Array;
  readonly #rows: number[] = [];
  readonly #retries: number[] = [];
  readonly #drawn: number[] = [];
  readonly #clients: number[] = [];
  readonly #places: number[] = [];
  readonly #tickets: number[] = [];

  constructor(policy: ReconnectPolicy) {
    this.#policy = policy;
    this.#table = reconnectTable(policy);
    this.#waits = waitingCells(this.#table);
  }

  get count(): number {
    return this.#rows.length;
  }

  clear(): void {
    for (const list of [this.#rows, this.#retries, this.#drawn]) list.length = 0;
    for (const list of [this.#clients, this.#places, this.#tickets]) list.length = 0;
  }

  /** A client connects for the first time, and is connected; returns its loop. */
  beginOpen(client: number): number {
    const loop = this.#begin(client, this.#table.initial, 0);
    this.tell(loop, 'CONNECT');
    this.tell(loop, 'OPENED');
    return loop;
  }

  /** A second loop beside another one of the same client, in the same state; returns it. */
  beginBeside(loop: number): number {
    const row = this.#rows[loop] as number;
    return this.#begin(this.clientOf(loop), row, this.#retries[loop] as number);
  }

  #begin(client: number, row: number, retries: number): number {
    this.#rows.push(row);
    this.#retries.push(retries);
    this.#drawn.push(0);
    this.#places.push(NOWHERE);
    this.#tickets.push(0);
    return this.#clients.push(client) - 1;
  }

  clientOf(loop: number): number {
    return this.#clients[loop] as number;
  }

  /** The server at which an opening of the loop is under way, or on which its session is. */
  placeOf(loop: number): number {
    return this.#places[loop] as number;
  }

  goTo(loop: number, server: number): void {
    this.#places[loop] = server;
  }

  /** How many attempts of the loop have begun or ended, so that what is due of an old one is known. */
  ticketOf(loop: number): number {
    return this.#tickets[loop] as number;
  }

  /** An attempt begins. */
  attempt(loop: number): void {
    this.#tickets[loop] = this.ticketOf(loop) + 1;
    this.tell(loop, 'backoff');
  }

  /** The session has lasted: what it took to get it is forgotten. */
  forgetAttempts(loop: number): void {
    this.tell(loop, 'stableTime');
    this.#retries[loop] = 0;
  }

  /** A loop has lost its session or its attempt; returns how long it waits now, µs, or null where it gives up. */
  lose(loop: number, draws: Draws): number | null {
    this.#places[loop] = NOWHERE;
    this.#tickets[loop] = this.ticketOf(loop) + 1;
    if (!this.tell(loop, 'LOST')) return null;
    const retry = this.#retries[loop] as number;
    const drawn = this.#drawn[loop] as number;
    this.#retries[loop] = retry + 1;
    this.#drawn[loop] = drawn + 1;
    const index = loop * DRAWS_PER_LOOP + (drawn % DRAWS_PER_LOOP);
    const chance = draws.share(Stream.ReconnectDelay, index);
    return Math.round(backoffMs(this.#policy, retry, chance) * 1000);
  }

  /** Takes an event; returns whether the loop now waits for its backoff. */
  tell(loop: number, event: ReconnectEventName | 'backoff' | 'stableTime'): boolean {
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
