/**
 * Mechanisms that can do nothing any more: behind a send path that stands nothing is sent, taken or acknowledged, and once nobody speaks their tables are
 * left with their own clocks. Where no row of them ends anything or sends a ping, their clocks need no following.
 */
import { actsFrom, sendsPings, type Happening } from './acting.ts';
import { ANSWERS_UNDER_WAY, type Cell } from './cell.ts';
import type { State } from './state.ts';

export class Idle {
  readonly #cell: Cell;
  readonly #happening: Happening;
  /** Whether a part in a state of its table is idle, by both. */
  readonly #known: (boolean | undefined)[][];

  constructor(cell: Cell) {
    this.#cell = cell;
    const { parts } = cell.setting;
    this.#happening = {
      pings: parts.some(({ region }) => sendsPings(region)),
      writes: false,
      drains: false,
      queued: true,
      asks: false,
      arrivals: [],
      // It may be found in any state.
      leavesEstablished: true,
    };
    this.#known = parts.map(() => []);
  }

  /** The clocks of idle mechanisms go. */
  reduce({ control, zone }: State): void {
    const { vars, setting } = this.#cell;
    for (let v = vars.beats; v < vars.pongs + ANSWERS_UNDER_WAY; v += 1) if (zone.has(v)) return;
    setting.parts.forEach(({ region }, part) => {
      const at = control[part] as number;
      const known = this.#known[part] as (boolean | undefined)[];
      known[at] ??= !actsFrom(region, at, this.#happening);
      if (!known[at]) return;
      const first = vars.clocks[part] as number;
      for (let clock = 0; clock < region.program.clocks.length; clock += 1)
        zone.drop(first + clock);
    });
  }
}
