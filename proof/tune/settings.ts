/**
 * The options of the systems that somebody runs, in the place of a policy of one's own: what to set at which party of a stack, so that ghosts are
 * found in time and the living are spared; or that no setting does, and what the nearest comes to.
 *
 * What judges is the server, or a client with a policy; its options are searched, one alone before two together, the cheapest first. What stands
 * between ends quiet connections: its idle limit is set to twice the longest silence, one heartbeat being lost. Of a policy between proxies B and T are
 * those of the two ends: nothing of a WebSocket's pings ends at a proxy.
 */
import { assert } from '../../model/assert.ts';
import { bounds, type Bound } from '../../model/bounds/index.ts';
import { formatDuration } from '../../model/duration.ts';
import { InputError, type Issue } from '../../model/issue.ts';
import { cured, quietAtHop } from '../../model/lint/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { SettingChange, SettingRow, SettingsTuning } from '../../model/results/settings.ts';
import type { FaultScenario } from '../../model/scenario/types.ts';
import {
  endsOf,
  formatStack,
  lineFor,
  settingFor,
  timesOf,
  wayOf,
  wholeRttMs,
  type Hop,
  type Stack,
} from '../../model/stack/index.ts';
import { didYouMean } from '../../model/spelling.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { idleCost } from './cost.ts';
import { HEARTBEATS_PER_IDLE, keepsAwake, spares } from './judge.ts';
import { planOf, type Plan, type TuneRequest } from './plan.ts';

/** Times as people set them. */
const LADDER_MS = [
  1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 25, 30, 35, 40, 45, 50, 60, 75, 90, 120, 150, 180, 240,
  300, 360, 480, 600, 900, 1_200, 1_800, 3_600,
].map((s) => s * 1_000);

/** A heartbeat finds who vanishes and who is frozen while nobody says anything; what else is asked is said. */
const FAULTS: readonly FaultScenario[] = ['vanish-idle', 'frozen-idle'].map(
  (name) => scenarios[name] as FaultScenario,
);

/** What is wanted of a stack's own options. */
export interface SettingsRequest extends Omit<TuneRequest, 'allow' | 'runs' | 'seed'> {
  readonly stack: Stack;
  /** Whose options may be set, as the stack calls them. */
  readonly for: readonly string[];
}

interface Setting {
  readonly hop: Hop;
  readonly option: string;
  readonly ms: number;
}

/** A stack with some settings, and what is proved of those in it that judge. */
interface Tried {
  readonly stack: Stack;
  readonly settings: readonly Setting[];
  readonly rows: readonly SettingRow[];
  readonly cost: number;
}

function hopsFor(stack: Stack, names: readonly string[]): readonly Hop[] {
  const way = wayOf(stack).map(({ hop }) => hop);
  const issues: Issue[] = [];
  const found = names.flatMap((name) => {
    const hops = way.filter(({ called, role }) => called === name || role === name);
    if (hops.length > 0) return hops;
    const known = way.map(({ called }) => called);
    const hint = didYouMean(name, known);
    const expected = `one of ${known.join(', ')}`;
    const issue = { code: 'unknown-name', path: '--for', received: JSON.stringify(name), expected };
    issues.push(hint === undefined ? issue : { ...issue, hint });
    return [];
  });
  if (issues.length > 0) throw new InputError(issues);
  return [...new Set(found)];
}

function withSettings(stack: Stack, settings: readonly Setting[]): Stack | null {
  const patch = settings.map(({ hop, option, ms }) => ({
    op: 'add' as const,
    path: `${hop.place}/options/${option}`,
    value: formatDuration(ms),
  }));
  const read = cured(stack, patch);
  return read.ok ? read.value : null;
}

/** The policies of a stack that judge: of those that may be set, or of its server. */
function judgesIn(stack: Stack, names: ReadonlySet<string>) {
  const ends = endsOf(stack);
  const asked = ends.filter(({ party }) => names.has(party));
  return asked.length > 0 ? asked : ends.slice(0, 1);
}

function rowsOf(policy: Policy, party: string, plan: Plan): readonly SettingRow[] {
  const row = (
    kind: SettingRow['kind'],
    scenario: string,
    limitMs: number,
    { maxMs: statedMs, proved, formula }: Bound,
    holds: boolean,
  ): SettingRow => {
    return { party, scenario, kind, limitMs, statedMs, proved, formula, met: proved && holds };
  };
  const { maxGhostMs, faults, demands } = plan;
  const found = faults.map((fault) => {
    const { decided } = bounds(policy, fault);
    const holds = decided.maxMs !== null && decided.maxMs <= maxGhostMs;
    return row('fault', fault.name, maxGhostMs, decided, holds);
  });
  const spared = demands
    .filter(({ asked }) => asked)
    .map(({ scenario, needMs }) => {
      const { tolerance } = bounds(policy, scenario);
      const holds = tolerance.maxMs === null || tolerance.maxMs >= needMs;
      return row('live', scenario.name, needMs, tolerance, holds);
    });
  return [...found, ...spared];
}

/** The options that are tried, and what the search asks of each stack. */
class Search {
  readonly #stack: Stack;
  readonly #plan: Plan;
  readonly #names: ReadonlySet<string>;
  nearest: Tried | null = null;

  constructor(stack: Stack, plan: Plan, names: ReadonlySet<string>) {
    this.#stack = stack;
    this.#plan = plan;
    this.#names = names;
  }

  /** null where the system takes no such value. */
  tried(settings: readonly Setting[]): Tried | null {
    const stack = withSettings(this.#stack, settings);
    if (stack === null) return null;
    const judges = judgesIn(stack, this.#names);
    const rows = judges.flatMap(({ policy, party }) => rowsOf(policy, party, this.#plan));
    const cost = judges.reduce(
      (sum, { policy }) => sum + idleCost(policy, this.#plan.rttMs).packetsPerHour,
      0,
    );
    const one = { stack, settings, rows, cost };
    const isAwake = judges.every(
      ({ policy }) =>
        keepsAwake(policy, this.#plan) &&
        this.#plan.demands.every((demand) => demand.asked || spares(policy, demand)),
    );
    const isBetter = this.nearest === null || missOf(one) < missOf(this.nearest);
    if (isAwake && isBetter) this.nearest = one;
    return isAwake ? one : null;
  }

  best(tries: Iterable<readonly Setting[]>): Tried | null {
    let best: Tried | null = null;
    for (const settings of tries) {
      const one = this.tried(settings);
      if (one === null || !one.rows.every(({ met }) => met)) continue;
      // Of two that cost the same the more patient one, which comes later.
      if (best === null || one.cost <= best.cost) best = one;
    }
    return best;
  }
}

/** By how much the worst demand is missed, as a ratio; 0 = all are met. */
function missOf({ rows }: Tried): number {
  const misses = rows.map(({ met, kind, statedMs, limitMs, proved }) => {
    if (met) return 0;
    if (statedMs === null || !proved) return Infinity;
    return kind === 'fault' ? statedMs / limitMs : limitMs / Math.max(statedMs, 1);
  });
  return Math.max(0, ...misses);
}

function* alone(hops: readonly Hop[]): Generator<readonly Setting[]> {
  for (const hop of hops) {
    for (const option of timesOf(hop)) for (const ms of LADDER_MS) yield [{ hop, option, ms }];
  }
}

/** Two options: of the second, the longest that still finds every ghost, as it spares the most. */
function* together(hops: readonly Hop[], search: Search): Generator<readonly Setting[]> {
  const all = hops.flatMap((hop) => timesOf(hop).map((option) => ({ hop, option })));
  for (const [index, first] of all.entries()) {
    for (const second of all.slice(index + 1)) {
      for (const ms of LADDER_MS) {
        const of = (other: number): readonly Setting[] => [
          { ...first, ms },
          { ...second, ms: other },
        ];
        const longest = LADDER_MS.toReversed().find((other) => {
          const rows = search.tried(of(other))?.rows ?? [];
          return rows.length > 0 && rows.every(({ kind, met }) => kind === 'live' || met);
        });
        if (longest !== undefined) yield of(longest);
      }
    }
  }
}

/** The shortest time of the ladder that is no shorter. */
function upTo(ms: number): number {
  return LADDER_MS.find((one) => one >= ms) ?? Math.ceil(ms / 3_600_000) * 3_600_000;
}

/** Idle limits on the way that are too short for what the two ends say, and the option that makes each longer. */
function idleLimits(stack: Stack, hops: readonly Hop[]): readonly (Setting | string)[] {
  return hops.flatMap((hop): readonly (Setting | string)[] => {
    if (typeof hop.idleMs !== 'number') return [];
    const quietMs = quietAtHop(stack, hop.place);
    const neededMs = quietMs === null ? null : upTo(HEARTBEATS_PER_IDLE * quietMs);
    if (neededMs !== null && hop.idleMs >= neededMs) return [];
    if (neededMs === null)
      return [
        `${hop.called} ends what is quiet after ${formatDuration(hop.idleMs)}, and nobody says anything`,
      ];
    const found = settingFor(hop, ({ idleMs }) => idleMs, neededMs, 'at-least');
    if (found === undefined) {
      return [
        `${hop.called} has no option that makes its ${formatDuration(hop.idleMs)} at least ${formatDuration(neededMs)}`,
      ];
    }
    return [{ hop, option: found.option, ms: neededMs }];
  });
}

function changeOf({ hop, option, ms }: Setting): SettingChange {
  const usual = hop.system?.options.find(({ name }) => name === option)?.default ?? '';
  const from = hop.settings.get(option) ?? (usual === '' ? 'not set' : usual);
  const to = formatDuration(ms);
  return { party: hop.called, option, from, to, write: lineFor(hop, option, to) };
}

/** What is missed, as inequalities; demands of one sum are said together. */
function missed(rows: readonly SettingRow[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { met, scenario, kind, statedMs, limitMs, proved, formula } of rows) {
    if (met) continue;
    const is = statedMs === null ? 'is without end' : `= ${formatDuration(Math.ceil(statedMs))}`;
    const sign = kind === 'fault' ? '>' : '<';
    const said = proved ? `${is} (${formula}) ${sign} ${formatDuration(limitMs)}` : 'is not proved';
    const key = `${kind === 'fault' ? 'B' : 'T'} ${said}`;
    names.set(key, [...(names.get(key) ?? []), scenario]);
  }
  return [...names].map(([key, of]) => `${key.slice(0, 1)} of ${of.join(', ')} ${key.slice(2)}`);
}

/** The idle limits on the way that nobody may set, at whichever the heartbeats have to come twice as often. */
function shortestFixedMs(stack: Stack, free: readonly Hop[]): number | null {
  const limits = wayOf(stack).flatMap(({ hop }) =>
    typeof hop.idleMs === 'number' && !free.some(({ place }) => place === hop.place)
      ? [hop.idleMs]
      : [],
  );
  return limits.length === 0 ? null : Math.min(...limits);
}

/**
 * Finds what to set at the parties of a stack.
 *
 * @param request what is asked of the ends, and whose options may be set
 * @returns the changes with the line to write for each; where no setting does it, the nearest, and by what it misses
 * @throws InputError when a party is not there, or the request asks for nothing
 * @example
 * const stack = parseExpression('browser > nginx > socket.io').value;
 * const { met, changes } = tuneSettings({ stack, for: ['socket.io'], maxGhostMs: '30s' });
 * met // => true
 * changes[0].option // => 'pingTimeout'
 */
export function tuneSettings(request: SettingsRequest): SettingsTuning {
  const { stack, for: names, ...rest } = request;
  const hops = hopsFor(stack, names);
  const between = hops.filter(({ role }) => role === 'proxy' || role === 'box');
  const ends = hops.filter(({ role }) => role === 'client' || role === 'server');
  const pathIdleMs = rest.pathIdleMs ?? shortestFixedMs(stack, between);
  const plan = planOf({
    ...rest,
    faults: rest.faults ?? FAULTS,
    rttMs: rest.rttMs ?? wholeRttMs(stack),
    ...(pathIdleMs !== null && { pathIdleMs }),
  });
  const search = new Search(stack, plan, new Set(ends.map(({ called }) => called)));
  const today = search.tried([]);
  const isFine = today?.rows.every(({ met }) => met) === true;
  const best = isFine ? today : (search.best(alone(ends)) ?? search.best(together(ends, search)));
  const found = best ?? search.nearest ?? today;
  const base = found?.stack ?? stack;
  const limits = idleLimits(
    base,
    wayOf(base)
      .map(({ hop }) => hop)
      .filter(({ place }) => between.some((one) => one.place === place)),
  );
  const set = limits.filter((one) => typeof one !== 'string');
  const impossible = limits.filter((one) => typeof one === 'string');
  const whole = withSettings(base, set);
  assert(whole !== null, 'an option that was tried is one of the system');
  const rows = found?.rows ?? [];
  const because = [
    ...(found === null
      ? [
          `no setting keeps the way awake, where the shortest idle limit is ${formatDuration(plan.pathIdleMs ?? 0)}, and spares a peer of which one packet is lost`,
        ]
      : []),
    ...missed(rows),
    ...impossible,
  ];
  return {
    schemaVersion: 1,
    stack: stack.name,
    for: hops.map(({ called }) => called),
    maxGhostMs: plan.maxGhostMs,
    met: because.length === 0,
    changes: [...(found?.settings ?? []), ...set].map(changeOf),
    rows,
    because: because.length === 0 ? null : because.join('; '),
    tuned: formatStack(whole),
  };
}
