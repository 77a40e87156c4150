/**
 * Why T is not proved, and of how many cells: built-in policies on the stories of the catalogue that differ in anything but their names.
 *
 *     npx tsx scripts/tolerance-cells.ts [EVERY] [FIRST]     each so many-th policy, from the first-th on; 4 and 0
 */
import { presets } from '../model/policy/index.ts';
import { reachTolerance } from '../model/reach/index.ts';
import { scenarios } from '../scenarios/catalog/index.ts';
import type { Scenario } from '../model/scenario/types.ts';

const every = Number(process.argv[2] ?? 4);
const first = Number(process.argv[3] ?? 0);

/** Stories that differ. */
function stories(): Scenario[] {
  const seen = new Map<string, Scenario>();
  for (const scenario of Object.values(scenarios)) {
    const { name: _name, note: _note, ...rest } = scenario as Scenario & { note?: string };
    const key = JSON.stringify(rest);
    if (!seen.has(key)) seen.set(key, scenario);
  }
  return [...seen.values()];
}

const counts = new Map<string, { cells: number; examples: string[] }>();
let cells = 0;
let proved = 0;
const all = Object.values(presets).filter((_, index) => index % every === first);
const times: number[] = [];
for (const policy of all) {
  for (const scenario of stories()) {
    cells += 1;
    const before = process.cpuUsage().user;
    const reached = reachTolerance(policy, scenario);
    const us = process.cpuUsage().user - before;
    times.push(us);
    if (reached.kind === 'proved') {
      proved += 1;
      if (process.env['ALL'])
        console.log(`P ${policy.name} ${scenario.name} ${reached.ms} ${reached.by}`);
      continue;
    }
    const entry = counts.get(reached.because) ?? { cells: 0, examples: [] };
    entry.cells += 1;
    entry.examples.push(`${policy.name} × ${scenario.name} ≥${reached.atLeastMs}`);
    counts.set(reached.because, entry);
  }
}
console.log(`${all.length} policies, ${cells} cells, ${proved} proved`);
for (const [because, { cells: n, examples }] of [...counts].toSorted(
  (a, b) => b[1].cells - a[1].cells,
)) {
  console.log(`${String(n).padStart(5)}  ${because}`);
  const many = process.env['ALL'] ? Infinity : 6;
  for (const example of examples.slice(0, many)) console.log(`         ${example}`);
}
times.sort((a, b) => a - b);
const at = (share: number): number => (times[Math.floor(share * (times.length - 1))] ?? 0) / 1000;
console.log(`µs→ms median ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, most ${at(1)}`);
