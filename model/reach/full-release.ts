/**
 * What follows the decision behind a send path that is always full, where the peer's kernel answers: a goodbye, or the rest of what user space holds, that is not written
 * before the window is shut never is; and the orphan that close(2) leaves is given up by the rules of the window probe.
 */
import type { FaultScenario } from '../scenario/types.ts';
import { isPage, type Strike } from './aftermath.ts';
import type { Cell } from './cell.ts';
import { closingOf, shutOrphan, shutWindowEndUs, type ShutOrphan } from './shut-window.ts';
import { Flow, type State } from './state.ts';
import { NOW } from '../zone.ts';

export class FullRelease {
  readonly #cell: Cell;
  /** From the fault on, until the window is shut, µs. */
  readonly #shutUs: number;
  readonly #orphan: ShutOrphan | null;

  /** @throws NotModelled */
  constructor(cell: Cell, scenario: FaultScenario, strike: Strike) {
    this.#cell = cell;
    const { swallowsBytes } = strike;
    this.#orphan = shutOrphan(cell.setting.kernel, cell.setting);
    this.#shutUs = closingOf(cell.setting, scenario, isPage(strike), swallowsBytes).shutUs;
  }

  /** How long the window may still be open after this state, µs. */
  openUs(state: State): number {
    if (this.#cell.flow?.stage(state) === Flow.Stands) return 0;
    return Math.max(0, this.#shutUs - this.#ageUs(state).lo);
  }

  /** What is to be written may never be: until the kernel ends it. */
  neverWrittenUs(state: State): number {
    const { setting, vars } = this.#cell;
    const end = shutWindowEndUs(setting.kernel, setting);
    if (end === null) return Infinity;
    const { zone } = state;
    return zone.has(vars.shut) ? zone.most(vars.shut, NOW) : this.openUs(state) + end.hi;
  }

  /** From close(2), so long after this state, until the kernel gives the orphan up, µs. */
  orphanUs(state: State, laterUs: number): number {
    const { setting } = this.#cell;
    const ageUs = this.#ageUs(state).lo + laterUs;
    // Counted from when the window was shut; how long ago that was is known within limits.
    const earlierUs = setting.rttUs + (setting.full?.ackDelayUs ?? 0);
    const since = { lo: ageUs - this.#shutUs, hi: this.#ageUs(state).hi + laterUs + earlierUs };
    const orphan = this.#orphan;
    const late = orphan !== null && since.hi >= orphan.soonestUs;
    const own =
      orphan === null ? Infinity : Math.max(orphan.surelyUs - since.lo, late ? orphan.waitUs : 0);
    const end = shutWindowEndUs(setting.kernel, setting);
    const endUs = end === null ? Infinity : Math.max(0, end.hi - since.lo);
    return Math.min(own, endUs);
  }

  #ageUs({ zone }: State): { lo: number; hi: number } {
    const { fault } = this.#cell.vars;
    return { lo: Math.max(0, zone.least(NOW, fault)), hi: zone.most(NOW, fault) };
  }
}
