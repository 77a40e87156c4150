/** The swarm's scenarios by their names, and the plainest of one that still breaks a statement. */
import type { Scenario } from '../../model/scenario/types.ts';
import { drawScenario, swarmName, swarmParts, type SwarmPart } from './draw.ts';

const NAME = /^swarm-(\d{1,10})(?:-plain((?:-[a-z]+)+))?$/;
const LAST_INDEX = 2 ** 31 - 1;

/** What a name of the swarm says. */
interface Drawn {
  readonly index: number;
  readonly plain: readonly SwarmPart[];
}

function readName(name: string): Drawn | null {
  const match = NAME.exec(name);
  const index = Number(match?.[1] ?? Infinity);
  if (match === null || index > LAST_INDEX) return null;
  const words = match[2]?.slice(1).split('-') ?? [];
  const plain = swarmParts.filter((part) => words.includes(part));
  return swarmName(index, plain) === name ? { index, plain } : null;
}

/**
 * The scenario of the swarm that a name means under a seed.
 *
 * @param name `swarm-` and an index, and the parts that are plain: `swarm-17`, `swarm-17-plain-load-path`
 * @returns null where the name is none of the swarm's
 * @example
 * swarmScenario(1n, 'swarm-3').name // => 'swarm-3'
 * swarmScenario(1n, 'swarm-3-plain-load').load // => { kind: 'idle' }
 * swarmScenario(1n, 'vanish-idle') // => null
 */
export function swarmScenario(seed: bigint, name: string): Scenario | null {
  const drawn = readName(name);
  return drawn === null ? null : drawScenario(seed, drawn.index, drawn.plain);
}

/**
 * The first scenarios of a seed's swarm.
 *
 * @param count how many, at least 1
 * @example
 * swarmScenarios(1n, 2).map(({ name }) => name) // => ['swarm-0', 'swarm-1']
 */
export function swarmScenarios(seed: bigint, count: number): readonly Scenario[] {
  return Array.from({ length: count }, (_, index) => drawScenario(seed, index));
}

/**
 * The plainest scenario that still breaks: parts are made plain one after the other, and stay so where it breaks
 * without them.
 *
 * @param name a scenario of the swarm that breaks
 * @param breaks whether a scenario does
 */
export function shrinkSwarm(
  seed: bigint,
  name: string,
  breaks: (scenario: Scenario) => boolean,
): Scenario | null {
  const drawn = readName(name);
  if (drawn === null) return null;
  let plain = drawn.plain;
  for (const part of swarmParts) {
    if (plain.includes(part)) continue;
    const plainer = [...plain, part];
    if (breaks(drawScenario(seed, drawn.index, plainer))) plain = plainer;
  }
  return drawScenario(seed, drawn.index, plain);
}
