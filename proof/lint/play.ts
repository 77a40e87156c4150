/** Plays what a rule holds to be so: life after life, until one shows it. */
import { assertNever } from '../../model/assert.ts';
import { affordableLives, type Seen, type Trial } from '../../model/lint/index.ts';
import { watchMs } from '../../scenarios/watch.ts';
import type { SeedWords } from '../../sim/random.ts';
import { figureKinds } from '../../sim/world/metrics.ts';
import { RunPlayer, type RunRecord } from '../../sim/world/run.ts';

/** A life that shows it, and which run of the seed it was. */
export interface Shown {
  readonly index: number;
  readonly seen: Seen;
}

function between(fromUs: number, toUs: number): number | null {
  const us = toUs - fromUs;
  return Number.isFinite(us) ? us / 1000 : null;
}

function seenOf(record: RunRecord): Seen {
  const { acceptedAtUs, lastHeardAtUs, faultAtUs, decidedAtUs, by } = record;
  return {
    endedMs: between(acceptedAtUs, decidedAtUs),
    quietMs: between(lastHeardAtUs, decidedAtUs),
    ghostMs: between(faultAtUs, decidedAtUs),
    by,
  };
}

/** Whether a ghost is there: the fault came, and not after the end of the connection. */
function isGhost({ faultAtUs, decidedAtUs }: RunRecord): boolean {
  return faultAtUs !== Infinity && decidedAtUs >= faultAtUs;
}

function cameTrue({ expect, scenario }: Trial, record: RunRecord): boolean {
  switch (expect.kind) {
    case 'ended-alive':
      return record.endedAlive;
    case 'never-noticed':
      return isGhost(record) && record.decidedAtUs === Infinity;
    case 'never-closed':
      return isGhost(record) && record.decidedAtUs < Infinity && record.closedAtUs === Infinity;
    case 'ghost-longer-than':
      return isGhost(record) && record.decidedAtUs - record.faultAtUs > expect.ms * 1000;
    case 'path-forgets':
      return isGhost(record);
    case 'stop-longer-than': {
      const takes = figureKinds(scenario).findIndex(({ name }) => name === 'drain takes');
      return (record.figures[takes] ?? 0) > expect.ms * 1000;
    }
    default:
      return assertNever(expect, 'expectation');
  }
}

/**
 * The lives of a trial in which its expectation came true, as they come.
 *
 * @returns the first run whose story the rule takes for its own; null = none of its lives shows it
 */
export function play(
  trial: Trial,
  seed: SeedWords,
  accept: (shown: Shown) => boolean,
): Shown | null {
  const { policy, scenario } = trial;
  const lives = affordableLives(policy, scenario, trial.lives);
  if (lives === 0) return null;
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  for (let index = 0; index < lives; index += 1) {
    player.play(seed, index);
    if (!cameTrue(trial, player.record)) continue;
    const shown = { index, seen: seenOf(player.record) };
    if (accept(shown)) return shown;
  }
  return null;
}
