#!/usr/bin/env node
// Drawn policies on drawn scenarios, cell by cell, against what is stated of them: `npm run -s swarm -- --cells 20000`.
// Prints broken cells per thousand; a broken one is shrunk and told with the commands that show it. The seed is that of
// --seed, or the commit's; builds nothing: `npm run build` first.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { bounds } from '../dist/model/bounds/index.js';
import {
  brokenRun,
  shrinkPolicy,
  swarmPolicy,
  swarmScenario,
} from '../dist/scenarios/swarm/index.js';

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '1000' },
    first: { type: 'string', default: '0' },
    runs: { type: 'string', default: '4' },
    seed: { type: 'string' },
  },
});

/** The first 16 digits of the commit; 1 where there is none. */
function commitSeed() {
  try {
    const head = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' });
    return BigInt(`0x${head.slice(0, 16)}`);
  } catch {
    return 1n;
  }
}

const first = Number(values.first);
const cells = Number(values.cells);
const runs = Number(values.runs);
const seed = values.seed === undefined ? commitSeed() : BigInt(values.seed);
console.log(`seed ${seed}: ${cells} cells of ${runs} lives, from cell ${first} on`);

let proved = 0;
let broken = 0;
for (let index = first; index < first + cells; index += 1) {
  const policy = swarmPolicy(seed, `swarm-policy-${index}`);
  const scenario = swarmScenario(seed, `swarm-${index}`);
  const stated = Object.values(bounds(policy, scenario));
  if (stated.some((one) => one.proved)) proved += 1;
  const found = brokenRun(policy, scenario, seed, runs);
  if (found === null) continue;
  broken += 1;
  const { json } = shrinkPolicy(
    policy,
    (one) => brokenRun(one, scenario, seed, runs)?.what === found.what,
  );
  console.log(`✗ swarm-policy-${index} on ${scenario.name}: ${found.what}
    echo '${JSON.stringify(json)}' > counterexample.policy.json
    ghostbound run --policy counterexample.policy.json --scenario ${scenario.name} --seed ${seed} --index ${found.run}`);
}
const rate = ((1000 * broken) / Math.max(1, cells)).toFixed(2);
console.log(
  `seed ${seed}: ${broken} of ${cells} cells broken, ${rate} per thousand; something is proved in ${proved}`,
);
process.exitCode = broken === 0 ? 0 : 1;
