/**
 * The seed of every property-based test: GHOSTBOUND_SEED where it is set, else one that the commit gives, so that each
 * commit tries other cases and the same commit the same ones. A failure prints seed and path; `GHOSTBOUND_SEED=… npx
 * vitest run FILE` plays it again.
 */
import { execFileSync } from 'node:child_process';

/** Where there is no commit to ask. */
const NO_COMMIT = 20_261_121;

function commitSeed(): number {
  try {
    const head = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' });
    // fast-check takes 32 bits, signed.
    return Number.parseInt(head.slice(0, 7), 16);
  } catch {
    return NO_COMMIT;
  }
}

export const SEED = Number(process.env['GHOSTBOUND_SEED'] ?? commitSeed());

/** Before the workers start: all of them get the same seed, and whoever reads the output can set it. */
export function setup(): void {
  process.env['GHOSTBOUND_SEED'] = String(SEED);
  console.log(`seed of the properties: GHOSTBOUND_SEED=${SEED}`);
}
