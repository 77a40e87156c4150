/**
 * Why T is not proved, and of how many cells: built-in policies on the stories of the catalogue that differ in anything but their names.
 *
 *     npx tsx scripts/tolerance-cells.ts [EVERY] [FIRST]     each so many-th policy, from the first-th on; 4 and 0
 *     EXTREMES=48 npx tsx scripts/tolerance-cells.ts         how far T lies below the shortest silence that ends somebody in the
 *                                                            simulator, looked for at so many phases: minutes
 */
import { silenceKindOf } from '../model/faults/index.ts';
import { presets } from '../model/policy/index.ts';
import type { Policy } from '../model/policy/types.ts';
import { reachTolerance } from '../model/reach/index.ts';
import { playPhases } from '../proof/phases.ts';
import { scenarios } from '../scenarios/catalog/index.ts';
import type { LiveScenario, Scenario } from '../model/scenario/types.ts';

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

const phases = Number(process.env['EXTREMES'] ?? 0);

/** Lengths that are tried, each so many times the one before, up to so many times T; and how near two of them come in the end. */
const LONGER = 1.1;
const LONGEST = 3;
const NEAR = 1.01;

/** Three ticks of 4 ms, and a twentieth. */
function isTight(ms: number, extremeMs: number): boolean {
  return ms >= 0.95 * extremeMs - 12;
}

/** The shortest silence, from T on, that ends somebody; Infinity where none does that is looked at. */
function extremeMs(policy: Policy, scenario: LiveScenario, ms: number): number {
  const ends = (lengthMs: number): boolean => {
    const silence = { ...scenario.silence, lengthMs: Math.ceil(lengthMs) };
    return playPhases(policy, { ...scenario, silence } as LiveScenario, phases, 3n).endedAlive > 0;
  };
  let survivedMs = ms;
  let endedMs = ms * LONGER;
  while (!ends(endedMs)) {
    if (endedMs > LONGEST * ms) return Infinity;
    survivedMs = endedMs;
    endedMs *= LONGER;
  }
  while (endedMs / survivedMs > NEAR) {
    const betweenMs = (survivedMs + endedMs) / 2;
    if (ends(betweenMs)) endedMs = betweenMs;
    else survivedMs = betweenMs;
  }
  return endedMs;
}

/** Cells of which an extreme was looked for, by silence: T near below it, further, and none found. */
const extremes = new Map<string, { near: number; far: string[]; none: number }>();

function lookForExtreme(policy: Policy, scenario: Scenario, ms: number): void {
  if (phases === 0 || scenario.kind !== 'live' || ms < 1 || !Number.isFinite(ms)) return;
  if (silenceKindOf(scenario.silence).lengthMs(scenario.silence) === null) return;
  const entry = extremes.get(scenario.silence.kind) ?? { near: 0, far: [], none: 0 };
  extremes.set(scenario.silence.kind, entry);
  const extreme = extremeMs(policy, scenario, ms);
  if (extreme === Infinity) entry.none += 1;
  else if (isTight(ms, extreme)) entry.near += 1;
  else {
    const share = Math.round((100 * ms) / extreme);
    entry.far.push(
      `${policy.name} × ${scenario.name}: ${ms} of ${extreme.toFixed(0)} ms (${share} %)`,
    );
  }
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
      lookForExtreme(policy, scenario, reached.ms);
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
for (const [kind, { near, far, none }] of extremes) {
  console.log(
    `${kind}: ${near} near below the extreme, ${far.length} further, ${none} of which none was found`,
  );
  for (const one of far) console.log(`         ${one}`);
}
