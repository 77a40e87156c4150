/**
 * How many calls of the project's own functions a simulated life takes. The same on every machine and in every run, so that a tenth
 * more of them is a finding, where a tenth more time is the weather.
 */
import { Session } from 'node:inspector/promises';
import { seedWords } from '../sim/random.ts';
import { playerOf, LIVES } from './lives.ts';

/** What lives of one cell came to, per life. */
export interface Called {
  readonly name: string;
  readonly calls: number;
}

const SEED = seedWords(1n);
const RUNS = 16;

/** Counts the calls of every cell of the bench. */
export async function countCalls(): Promise<readonly Called[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  const all: Called[] = [];
  for (const [policy, scenario] of LIVES) {
    const player = playerOf(policy, scenario);
    // Healthy lives, and whatever is made on first use.
    player.play(SEED, 0);
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    for (let run = 0; run < RUNS; run += 1) player.play(SEED, run);
    const { result } = await session.post('Profiler.takePreciseCoverage');
    await session.post('Profiler.stopPreciseCoverage');
    const functions = result
      .filter(({ url }) => /\/(sim|model)\//.test(url))
      .flatMap((file) => file.functions);
    const calls = functions.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
    all.push({
      name: `calls: ${scenario} under ${policy}`,
      calls: Math.round(calls / RUNS),
    });
  }
  session.disconnect();
  return all;
}
