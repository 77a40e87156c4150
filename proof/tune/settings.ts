/**
 * The options of the systems that somebody runs, in the place of a policy of one's own: what to set at which party of a stack, so that ghosts are
 * found in time and the living are spared; or that no setting does, and what the nearest comes to.
 *
 * What judges is the server, or a client with a policy; its options are searched, one alone before two together, the cheapest first. What stands
 * between ends quiet connections: its idle limit is set to twice the longest silence, one heartbeat being lost. B and T are those of the whole stack with
 * all of these settings: a WebSocket's pings pass a proxy, keepalive ends there.
 */
import { assert } from '../../model/assert.ts';
import { bounds, survives, type Bound, type Bounds } from '../../model/bounds/index.ts';
import { formatDuration } from '../../model/duration.ts';
import { lazily } from '../../model/lazily.ts';
import { kindOf } from '../../model/mechanisms/index.ts';
import { InputError, type Issue } from '../../model/issue.ts';
import { cured, quietAtHop } from '../../model/lint/index.ts';
import type { SettingChange, SettingRow, SettingsTuning } from '../../model/results/settings.ts';
import type { FaultScenario, Scenario } from '../../model/scenario/types.ts';
import {
  endsOf,
  formatStack,
  isPlayed,
  lineFor,
  settingFor,
  timesOf,
  wayOf,
  wholeRttMs,
  withRtt,
  type End,
  type Hop,
  type NotPlayed,
  type Stack,
} from '../../model/stack/index.ts';
import { didYouMean } from '../../model/spelling.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { idleCost } from './cost.ts';
import { HEARTBEATS_PER_IDLE, keepsAwake } from './judge.ts';
import { planOf, type Demand, type Plan, type TuneRequest } from './plan.ts';

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
  /** What the idle limits on the way had to become for them, and what no option does. */
  readonly limits: readonly (Setting | string)[];
  readonly faults: readonly SettingRow[];
  /** T takes longer than B: it is asked for where B lets a candidate matter. */
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

/** A story at an end of a stack whose boxes never forget: whether they do is asked beside. */
function awake({ cellOf }: End, story: Scenario): Scenario | NotPlayed {
  const cell = cellOf(story);
  if (!isPlayed(cell)) return cell;
  const { boxes: _awake, ...rest } = cell;
  return rest;
}

/** What is proved of a story as it happens at an end of the stack; of one that cannot be played there, nothing. */
function provedAt(end: End, story: Scenario): Pick<Bounds, 'decided' | 'tolerance'> {
  const cell = awake(end, story);
  if (isPlayed(cell)) return bounds(end.policy, cell);
  const nothing: Bound = {
    maxMs: null,
    proved: false,
    formula: cell.because,
    by: '',
    derivation: '',
  };
  return { decided: nothing, tolerance: nothing };
}

function rowOf(
  what: Pick<SettingRow, 'party' | 'scenario' | 'kind' | 'limitMs'>,
  { maxMs: statedMs, proved, formula }: Bound,
  holds: boolean,
): SettingRow {
  return { ...what, statedMs, proved, formula, met: proved && holds };
}

/** B of every fault. */
function faultRows(end: End, { maxGhostMs, faults }: Plan): readonly SettingRow[] {
  return faults.map((fault) => {
    const { decided } = provedAt(end, fault);
    const holds = decided.maxMs !== null && decided.maxMs <= maxGhostMs;
    const { party } = end;
    const what = { party, scenario: fault.name, kind: 'fault', limitMs: maxGhostMs } as const;
    return rowOf(what, decided, holds);
  });
}

/** T of every silence that is asked for. */
function liveRows(end: End, { demands }: Plan): readonly SettingRow[] {
  return demands
    .filter(({ asked }) => asked)
    .map(({ scenario, needMs }) => {
      const { tolerance } = provedAt(end, scenario);
      const holds = tolerance.maxMs === null || tolerance.maxMs >= needMs;
      const { party } = end;
      const what = { party, scenario: scenario.name, kind: 'live', limitMs: needMs } as const;
      return rowOf(what, tolerance, holds);
    });
}

function rowsOf(end: End, plan: Plan): readonly SettingRow[] {
  return [...faultRows(end, plan), ...liveRows(end, plan)];
}

/**
 * An end as the search looks at it: with all that stands between as one path, and without what ends at a proxy. What is found so is
 * proved of the whole stack afterwards.
 */
function simplified(end: End, hasProxies: boolean): End {
  const { mechanisms } = end.policy;
  const passing = mechanisms.filter((one) => kindOf(one).socketOptions === undefined);
  const policy = hasProxies ? { ...end.policy, mechanisms: passing } : end.policy;
  return { ...end, policy, cellOf: (story) => story };
}

/** So many of what the search has found are proved, the cheapest first. */
const MOST_PROVED = 12;

/** The options that are tried, and what the search asks of each stack. */
class Search {
  readonly #stack: Stack;
  readonly #plan: Plan;
  readonly #names: ReadonlySet<string>;
  /** Places of the hops on the way whose limits may be set. */
  readonly #between: ReadonlySet<string>;
  nearest: Tried | null = null;

  constructor(stack: Stack, plan: Plan, ends: readonly Hop[], between: readonly Hop[]) {
    this.#stack = stack;
    this.#plan = plan;
    this.#names = new Set(ends.map(({ called }) => called));
    this.#between = new Set(between.map(({ place }) => place));
  }

  /** null where the system takes no such value. */
  tried(settings: readonly Setting[]): Tried | null {
    const set = withSettings(this.#stack, settings);
    if (set === null) return null;
    const limits = idleLimits(set, this.#between);
    const stack = withSettings(
      set,
      limits.filter((one) => typeof one !== 'string'),
    );
    assert(stack !== null, 'an option that was tried is one of the system');
    const hasProxies = wayOf(stack).some(({ hop }) => hop.role === 'proxy');
    const judges = judgesIn(stack, this.#names).map((end) => simplified(end, hasProxies));
    const isAwake =
      staysAwake(stack, this.#between) &&
      judges.every(
        (end) =>
          keepsAwake(end.policy, this.#plan) &&
          this.#plan.demands.every((demand) => demand.asked || sparesAt(end, demand)),
      );
    if (!isAwake) return null;
    const faults = judges.flatMap((end) => faultRows(end, this.#plan));
    const one = lazily<Tried>({
      stack: () => stack,
      settings: () => settings,
      limits: () => limits,
      faults: () => faults,
      rows: () => [...faults, ...judges.flatMap((end) => liveRows(end, this.#plan))],
      cost: () =>
        judges.reduce(
          (sum, { policy }) => sum + idleCost(policy, this.#plan.rttMs).packetsPerHour,
          0,
        ),
    });
    const leastMiss = this.nearest === null ? Infinity : missOf(this.nearest.rows);
    const isBetter =
      this.nearest === null || (missOf(faults) < leastMiss && missOf(one.rows) < leastMiss);
    if (isBetter) this.nearest = one;
    return one;
  }

  /** What is proved of a stack that was found, with everything that stands between. */
  proved({ stack }: Tried): readonly SettingRow[] {
    return judgesIn(stack, this.#names).flatMap((end) => rowsOf(end, this.#plan));
  }

  /** The cheapest that is proved; of two that cost the same the more patient one, which comes later. */
  best(tries: Iterable<readonly Setting[]>): Tried | null {
    const all = [...tries].flatMap((settings) => {
      const one = this.tried(settings);
      return one !== null && areMet(one.faults) && areMet(one.rows) ? [one] : [];
    });
    const cheapest = all.toReversed().toSorted((a, b) => a.cost - b.cost);
    return cheapest.slice(0, MOST_PROVED).find((one) => this.isProved(one)) ?? null;
  }

  isProved(one: Tried): boolean {
    return areMet(this.proved(one));
  }
}

function areMet(rows: readonly SettingRow[]): boolean {
  return rows.every(({ met }) => met);
}

/** By how much the worst demand is missed, as a ratio; 0 = all are met. */
function missOf(rows: readonly SettingRow[]): number {
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
          const one = search.tried(of(other));
          return one !== null && areMet(one.faults);
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
function idleLimits(stack: Stack, places: ReadonlySet<string>): readonly (Setting | string)[] {
  return wayOf(stack).flatMap(({ hop }): readonly (Setting | string)[] => {
    if (typeof hop.idleMs !== 'number' || !places.has(hop.place)) return [];
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

/** The hops whose idle limits nobody may set: heartbeats have to come twice as often. */
function fixedLimits(
  stack: Stack,
  free: ReadonlySet<string>,
): readonly (Hop & { idleMs: number })[] {
  return wayOf(stack).flatMap(({ hop }) =>
    typeof hop.idleMs === 'number' && !free.has(hop.place) ? [{ ...hop, idleMs: hop.idleMs }] : [],
  );
}

function shortestOf(hops: readonly { readonly idleMs: number }[]): number | null {
  return hops.length === 0 ? null : Math.min(...hops.map(({ idleMs }) => idleMs));
}

/** Whether what is seen at each of them comes often enough, one of two being lost; probes of a kernel are not seen at a proxy. */
function staysAwake(stack: Stack, free: ReadonlySet<string>): boolean {
  return fixedLimits(stack, free).every(({ place, idleMs }) => {
    const quietMs = quietAtHop(stack, place);
    return quietMs !== null && HEARTBEATS_PER_IDLE * quietMs <= idleMs;
  });
}

/** Whether a living peer is left alone at an end of the stack for as long as is asked. */
function sparesAt(end: End, { scenario, needMs }: Demand): boolean {
  const cell = awake(end, scenario);
  return isPlayed(cell) && survives(end.policy, cell, needMs);
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
  const { stack: stated, for: names, ...rest } = request;
  const hops = hopsFor(stated, names);
  const between = hops.filter(({ role }) => role === 'proxy' || role === 'box');
  const ends = hops.filter(({ role }) => role === 'client' || role === 'server');
  const plan = planOf({
    ...rest,
    faults: rest.faults ?? FAULTS,
    rttMs: rest.rttMs ?? wholeRttMs(stated),
  });
  const stack = rest.rttMs === undefined ? stated : withRtt(stated, plan.rttMs);
  const search = new Search(stack, plan, ends, between);
  const today = search.tried([]);
  const isFine = today !== null && search.isProved(today);
  const best = isFine ? today : (search.best(alone(ends)) ?? search.best(together(ends, search)));
  const found = best ?? search.nearest ?? today;
  const whole = found?.stack ?? stack;
  const limits = found?.limits ?? [];
  const set = limits.filter((one) => typeof one !== 'string');
  const impossible = limits.filter((one) => typeof one === 'string');
  const rows = found === null ? [] : search.proved(found);
  const fixed = fixedLimits(stack, new Set(between.map(({ place }) => place)));
  const shortestMs = plan.pathIdleMs ?? shortestOf(fixed);
  const because = [
    ...(found === null
      ? [
          `no setting keeps the way awake, where the shortest idle limit is ${formatDuration(shortestMs ?? 0)}, and spares a peer of which one packet is lost`,
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
