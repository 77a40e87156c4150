/**
 * Requests of a pool: somebody takes a rested entry, the policy may have it tested first, then the query leaves and its answer is awaited. One query in a
 * life, and a fault comes before it, while the entry rests; only a box chooses its own instant.
 */
import { Column } from '../reaper/program.ts';
import type { Cell } from './cell.ts';
import type { Reaper } from './reaper.ts';
import { Field, type State } from './state.ts';
import type { Traffic } from './traffic.ts';
import { NOW } from '../zone.ts';

export class Requests {
  readonly #cell: Cell;
  readonly #reaper: Reaper;
  readonly #traffic: Traffic;
  readonly #hear: (batch: State[], state: State) => void;

  /** @param hear an answer is read */
  constructor(
    cell: Cell,
    reaper: Reaper,
    traffic: Traffic,
    hear: (batch: State[], state: State) => void,
  ) {
    this.#cell = cell;
    this.#reaper = reaper;
    this.#traffic = traffic;
    this.#hear = hear;
  }

  /** The connection opens: the query comes when its entry has settled and rested. */
  opened({ zone }: State): void {
    const { query } = this.#cell.setting;
    if (query === null) return;
    // It settles from the first SYN on, and the server has it established within two round trips.
    const { restUs, settleUs } = query;
    const { rttUs } = this.#cell.setting;
    zone.set(this.#cell.vars.query, NOW, restUs + settleUs - 2 * rttUs, restUs + settleUs);
  }

  /** Whether the fault can strike now: while the entry rests; a box may strike after the query as well. */
  mayStrike({ zone }: State): boolean {
    const { setting, vars, idleFlowUs } = this.#cell;
    if (setting.query === null || idleFlowUs !== null) return true;
    return zone.has(vars.query) && zone.limit(vars.query, NOW, setting.query.restUs);
  }

  /** Carries out the query, or its answer; false = it is another timer. */
  fires(batch: State[], state: State, v: number): boolean {
    if (v === this.#cell.vars.query) this.#borrow(batch);
    else if (v === this.#cell.vars.reply) this.#answered(batch, state);
    else return false;
    return true;
  }

  /** Somebody takes the entry. */
  #borrow(batch: State[]): void {
    this.#reaper.stepAll(batch, Column.Borrowed, ['loop']);
    this.#ask(batch);
  }

  #answered(batch: State[], state: State): void {
    const wasTest = this.#cell.field(state, Field.Testing) === 1;
    this.#hear(batch, state);
    this.#reaper.stepAll(batch, Column.Replied, ['loop']);
    if (!wasTest) return;
    for (const one of batch) this.#cell.put(one, Field.Testing, 0);
    this.#ask(batch);
  }

  /** The query leaves, if no test has to be answered first. */
  #ask(batch: State[]): void {
    for (const state of batch.slice()) {
      if (state.end !== null || this.#cell.field(state, Field.Testing) === 1) continue;
      const one = [state];
      this.#traffic.request(state);
      this.#reaper.stepAll(one, Column.MessageSent, ['loop', 'write', 'watchdog']);
      this.#reaper.stepAll(one, Column.Requested, ['loop']);
      batch.splice(batch.indexOf(state), 1, ...one);
    }
  }
}
