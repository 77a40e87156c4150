/** The request, checked, with its defaults: what must be found in time, who must be left alone, at what price. */
import { inEnvironment, type Environment } from '../../model/scenario/environment.ts';
import { parseDuration } from '../../model/duration.ts';
import { InputError, type Issue, type Result } from '../../model/issue.ts';
import type { MechanismKind } from '../../model/policy/types.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { FaultScenario, LiveScenario, Scenario, Silence } from '../../model/scenario/types.ts';
import { faultKindOf, silenceKindOf, silenceKinds as silences } from '../../model/faults/index.ts';
import { didYouMean } from '../../model/spelling.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

/** A silence that can be asked for by its length alone. */
export type SilenceKind = Exclude<Silence['kind'], 'none'>;

/** What a policy is wanted for. Durations are milliseconds or text such as `'45s'`. */
export interface TuneRequest {
  /** B: no ghost may live longer, to the decision. */
  readonly maxGhostMs: number | string;
  /** The faults that must be noticed; default: a peer that vanishes or freezes, idle, busy and saturated. */
  readonly faults?: readonly FaultScenario[];
  /** T: how long a living peer may keep a silence of each kind. An outage is survived idle and busy. */
  readonly survive?: { readonly [K in SilenceKind]?: number | string };
  /** Living peers in full, beside those of `survive`. */
  readonly living?: readonly LiveScenario[];
  /** The shortest time after which something on the path forgets an idle connection. */
  readonly pathIdleMs?: number | string;
  /** Round trip, 1 ms to 60 s; default 50 ms. */
  readonly rttMs?: number | string;
  /** Ticks, sysctls and socket options of every demand, in the place of its own. */
  readonly kernels?: Omit<Environment, 'rttMs'>;
  /** Kinds of mechanisms that may be used; default: all that are known to be useful. */
  readonly allow?: readonly MechanismKind[];
  /** Packets per hour of an idle connection that the policy may cost. */
  readonly maxPacketsPerHour?: number;
  /** Random lives that check each demand, at least 1; default 20. */
  readonly runs?: number;
  /** 64 bits: decimal or `0x` hexadecimal text, or the number itself; default 1. */
  readonly seed?: bigint | string;
}

/** A peer that may still be alive, and the silence that it must be granted. */
export interface Demand {
  /** A living peer; or a fault, which might have been the same silence with an end. */
  readonly scenario: Scenario;
  readonly needMs: number;
  /** What is survived, in a word: `outage`, `slow-reader`. */
  readonly what: string;
  /** No patience below this is worth a question: an answer that the silence swallows comes after it. */
  readonly leastPatienceMs: number;
  /** False: nobody asked, but a policy without it kills the healthy. */
  readonly asked: boolean;
}

/** A request, understood. */
export interface Plan {
  readonly maxGhostMs: number;
  readonly faults: readonly FaultScenario[];
  /** The longest silence first. */
  readonly demands: readonly Demand[];
  readonly pathIdleMs: number | null;
  readonly rttMs: number;
  readonly kernels: Omit<Environment, 'rttMs'> | undefined;
  readonly allow: readonly MechanismKind[];
  readonly maxPacketsPerHour: number | null;
  /** Longer patiences are not looked at; null = all are. */
  readonly mostPatienceMs: number | null;
}

/**
 * What is granted without being asked for: of every fault so much that it might have been one lost packet and
 * its first two retransmissions, or the queue of a healthy connection.
 */
const FLOOR_MS = 1_000;

/** The kinds that candidates are made of: what an application and its kernel can do on their own. */
export const usefulKinds: readonly MechanismKind[] = [
  'ping',
  'sweep',
  'keepalive',
  'user-timeout',
  'send-stall',
];

const DEFAULT_FAULTS = ['vanish', 'frozen'].flatMap((fault) =>
  ['idle', 'busy', 'saturated'].map((load) => `${fault}-${load}`),
);

const DEFAULT_RTT_MS = 50;
const MAX_RTT_MS = 60_000;

/** Whether no answer passes what the peer goes through, so that T is never more than the patience. */
function passesNoAnswer(scenario: Scenario): boolean {
  const kind =
    scenario.kind === 'fault' ? faultKindOf(scenario.fault) : silenceKindOf(scenario.silence);
  return kind.passesNoAnswer;
}

function demandOf(scenario: Scenario, needMs: number, what: string, asked: boolean): Demand {
  const leastPatienceMs = passesNoAnswer(scenario) ? needMs : 0;
  return { scenario, needMs, what, asked, leastPatienceMs };
}

/** Every kind of silence that can be asked for by its length. */
export const silenceKinds = Object.keys(silences).filter(
  (kind) => kind !== 'none',
) as readonly SilenceKind[];

/** How long a living peer keeps its silence; 0 where nothing is wrong. */
export function silenceLengthMs({ silence }: LiveScenario): number {
  return silenceKindOf(silence).lengthMs(silence) ?? 0;
}

/** The living peers that a kind of silence of a given length means. */
function livesOf(kind: SilenceKind, lengthMs: number): readonly LiveScenario[] {
  const meant = silences[kind].ofLength(lengthMs);
  if (meant === null) return [];
  const { loads, silence } = meant;
  return loads.map((load) => {
    const during = loads.length > 1 ? `-${load.kind === 'idle' ? 'idle' : 'busy'}` : '';
    const name = `${kind}-${lengthMs}ms${during}`;
    const watchMs = Math.max(180_000, 3 * lengthMs);
    return defineScenario({ kind: 'live', name, silence, load, watchMs }) as LiveScenario;
  });
}

function placed<S extends Scenario>(scenario: S, environment: Environment, issues: Issue[]): S {
  if (Object.keys(environment).length === 0) return scenario;
  const there = inEnvironment(scenario, environment);
  if (there.ok) return there.value as S;
  issues.push(...there.issues);
  return scenario;
}

/** The issues of a request on their way to the end of its reading. */
class Reading {
  readonly issues: Issue[] = [];

  duration(input: number | string | undefined, path: string, maxMs = Infinity): number | undefined {
    if (input === undefined) return undefined;
    const parsed = parseDuration(input, path);
    if (!parsed.ok) {
      this.issues.push(...parsed.issues);
      return undefined;
    }
    if (parsed.value >= 1 && parsed.value <= maxMs) return parsed.value;
    const expected = maxMs === Infinity ? 'a duration of at least 1ms' : `1ms to ${maxMs}ms`;
    this.issues.push({ code: 'out-of-range', path, expected, received: String(input) });
    return undefined;
  }

  kinds(allow: readonly string[]): void {
    for (const kind of allow) {
      if (usefulKinds.some((known) => known === kind)) continue;
      const expected = `one of ${usefulKinds.join(', ')}`;
      const hint = didYouMean(kind, usefulKinds);
      const issue = { code: 'unknown-value', path: 'allow', expected };
      this.issues.push({ ...issue, received: JSON.stringify(kind), ...(hint && { hint }) });
    }
  }

  rate(perHour: number | undefined): void {
    if (perHour === undefined || (Number.isFinite(perHour) && perHour >= 0)) return;
    const path = 'maxPacketsPerHour';
    const expected = 'a number from 0';
    this.issues.push({ code: 'out-of-range', path, expected, received: String(perHour) });
  }

  something(list: readonly unknown[], path: string): void {
    if (list.length > 0) return;
    this.issues.push({ code: 'nothing-asked', path, expected: 'at least one', received: '[]' });
  }
}

/** Reads a request. */
export function parseRequest(request: TuneRequest): Result<Plan> {
  const reading = new Reading();
  const maxGhostMs = reading.duration(request.maxGhostMs, 'maxGhostMs');
  const pathIdleMs = reading.duration(request.pathIdleMs, 'pathIdleMs');
  const rttMs = reading.duration(request.rttMs, 'rttMs', MAX_RTT_MS);
  const { allow = usefulKinds, maxPacketsPerHour, survive = {}, living = [] } = request;
  const faults = request.faults ?? DEFAULT_FAULTS.map((name) => scenarios[name] as FaultScenario);
  reading.kinds(allow);
  reading.rate(maxPacketsPerHour);
  reading.something(faults, 'faults');
  reading.something(allow, 'allow');
  const silent = silenceKinds.flatMap((kind) => {
    const lengthMs = reading.duration(survive[kind], `survive.${kind}`);
    return lengthMs === undefined ? [] : livesOf(kind, lengthMs);
  });
  const { issues } = reading;
  const around = { ...request.kernels, ...(rttMs !== undefined && { rttMs }) };
  const lost = faults.map((fault) => placed(fault, around, issues));
  const kept = [...silent, ...living].map((one) => placed(one, around, issues));
  if (issues.length > 0 || maxGhostMs === undefined) return { ok: false, issues };
  return {
    ok: true,
    value: {
      maxGhostMs,
      faults: lost,
      demands: [
        ...lost.map((scenario) => demandOf(scenario, FLOOR_MS, scenario.fault.kind, false)),
        ...kept.map((scenario) =>
          demandOf(scenario, silenceLengthMs(scenario), scenario.silence.kind, true),
        ),
      ].toSorted((a, b) => b.needMs - a.needMs),
      pathIdleMs: pathIdleMs ?? null,
      rttMs: rttMs ?? DEFAULT_RTT_MS,
      kernels: request.kernels,
      allow,
      maxPacketsPerHour: maxPacketsPerHour ?? null,
      mostPatienceMs: null,
    },
  };
}

/** As {@link parseRequest}, for callers who wrote the request in code. */
export function planOf(request: TuneRequest): Plan {
  const parsed = parseRequest(request);
  if (!parsed.ok) throw new InputError(parsed.issues);
  return parsed.value;
}

/** The same plan with silences of one kind cut down to a length. */
export function withSilence(plan: Plan, { what }: Demand, mostMs: number): Plan {
  const demands = plan.demands.map((one) =>
    one.asked && one.what === what
      ? demandOf(one.scenario, Math.min(one.needMs, mostMs), what, true)
      : one,
  );
  return { ...plan, demands };
}
