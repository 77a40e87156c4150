/**
 * T by reachability: a silence begins in every healthy state, at every instant before its next event, and ends at any time; T is the least length of a
 * silence after which an end of the living connection can be reached.
 *
 * The length is a price that grows while the silence lasts (minimal-cost reachability: Larsen et al., "As Cheap as Possible", CAV 2001).
 * A connection that is as it could be without any silence is left alone.
 */
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import type { Policy } from '../policy/types.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { endsNothing } from './acting.ts';
import { Answered } from './answered.ts';
import { hearsLoad, withoutLoad } from './behind.ts';
import { blockedSends } from './blocked-sends.ts';
import { demandsRate } from '../mechanisms/send-stall.ts';
import { areWritesHeard } from './heard.ts';
import { kernelsAlone } from './kernels-alone.ts';
import { NotModelled } from './not-modelled.ts';
import { asWithoutLimit } from './overtaken.ts';
import { pilesUpAfterUs } from './room.ts';
import { CutOff, reasonWords } from './search.ts';
import type { Setting } from './setting.ts';
import { waitingPings } from './waiting-pings.ts';
import { quietOf, type Quiet } from './silence.ts';
import { exploredOf } from './through.ts';
import { ToleranceSearch, type Question } from './tolerance-search.ts';
import type { NotProvedTolerance, ProvedTolerance, ReachTolerance } from './types.ts';

/** Steps that one question may cost. */
const MOST_WORK = 20_000;

const US_PER_MS = 1_000;

/**
 * T of a policy on a scenario: every shorter silence of its kind is survived, whatever the phase. A fault is taken for the silence
 * that it would be if it ended.
 *
 * @param mostWork steps that the answer may cost; one more, and nothing is proved
 * @param asksStart whether a run with the shortest silence that ends somebody is wanted
 * @example
 * // The pong timer runs 10 s from the ping; of the retransmissions, the last that comes sooner leaves after some 8 s.
 * const { kind, ms, by } = reachTolerance(presets['sweep-and-pong-timer'], scenarios['live-outage-9s']);
 * [kind, Math.round(ms / 100), by] // => ['proved', 82, 'pong-timer']
 */
export function reachTolerance(
  policy: Policy,
  scenario: Scenario,
  mostWork: number = MOST_WORK,
  asksStart = false,
): ReachTolerance {
  const known = answered.of(policy, scenario, mostWork, asksStart);
  if (known !== undefined) return known;
  const tolerance = followed(policy, scenario, mostWork, asksStart);
  if (tolerance.kind === 'proved') {
    // How finely it explores hangs on the steps that it may cost.
    const kept = { answer: tolerance, leastWork: mostWork, mostWork, hasStart: asksStart };
    answered.keep(policy, scenario, kept);
  }
  return tolerance;
}

const answered = new Answered<Extract<ReachTolerance, { readonly kind: 'proved' }>>();

/** Steps that one length may cost: candidates are many, and whoever would need more is hardly sure. */
const MOST_WORK_OF_ONE_LENGTH = 3_000;

/**
 * Whether every silence of the scenario's kind that is shorter is proved to be survived: what T is at least, for less than T costs.
 *
 * @example
 * isSurvived(presets['sweep-and-pong-timer'], scenarios['live-outage-9s'], 8_000) // => true
 */
export function isSurvived(
  policy: Policy,
  scenario: Scenario,
  lengthMs: number,
  mostWork: number = MOST_WORK_OF_ONE_LENGTH,
): boolean {
  const survived = orNotProved(mostWork, () => {
    const { summed, explored } = partsOf(policy, scenario);
    if (summed.some(({ ms }) => ms < lengthMs)) return false;
    return explored === null || survives(explored, lengthMs, mostWork);
  });
  return survived === true;
}

function followed(
  policy: Policy,
  scenario: Scenario,
  mostWork: number,
  asksStart: boolean,
): ReachTolerance {
  return orNotProved(mostWork, () => {
    const { summed, explored } = partsOf(policy, scenario);
    const process = explored === null ? NOTHING_ENDS_IT : search(explored, { mostWork, asksStart });
    return summed.reduce(noLonger, process);
  });
}

/** @param mostWork how many steps were allowed in all: a part of the search that was cut off had fewer */
function orNotProved<T>(mostWork: number, ask: () => T): T | NotProvedTolerance {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof NotModelled || error instanceof CutOff)) throw error;
    return { kind: 'not-proved', because: reasonWords(error.message, mostWork), atLeastMs: 0 };
  }
}

const NOTHING_ENDS_IT: ProvedTolerance = {
  kind: 'proved',
  ms: Infinity,
  by: 'nothing',
  path: [],
  work: 1,
  start: null,
};

/** T is the least of these: sums of clocks, and what is explored. */
interface Parts {
  readonly summed: readonly ProvedTolerance[];
  readonly explored: Question | null;
}

/** @throws NotModelled with the reason */
function partsOf(policy: Policy, scenario: Scenario): Parts {
  refuse(policy, scenario);
  const asked = asWithoutLimit(scenario);
  const { setting: stated, scenario: near } = exploredOf(policy, asked, 'earliest');
  if (stated.full === null) return { summed: [], explored: questionOf(stated, near) };
  const quiet = quietOf(near, stated);
  if (asked !== scenario && quiet?.cut === true) {
    throw new NotModelled('more than one message under way as the path is cut');
  }
  const alone = kernelsAlone(stated, stated.full, near, quiet);
  const isLeftToKernels = stated.parts.every(({ region }) => endsNothing(region.program));
  if (isLeftToKernels && !stated.limitsQueue) return { summed: [alone], explored: null };
  const behind = withoutLoad(stated, stated.full, near);
  return {
    summed: [alone, ...ofSendPath(stated, behind, near, asked === scenario)],
    explored: questionOf(behind, near),
  };
}

function questionOf(stated: Setting, scenario: Scenario): Question {
  const quiet = quietOf(scenario, stated);
  const setting = withoutTheUnheeded(stated, quiet);
  return { stated, setting, scenario, quiet, loads: stated.writes };
}

/** What the answer may cost, and whether a run is wanted. */
interface Wanted {
  readonly mostWork: number;
  readonly asksStart: boolean;
}

function search(question: Question, { mostWork, asksStart }: Wanted): ReachTolerance {
  const { stated, scenario, quiet } = question;
  const pilesUpUs = pilesUpAfterUs(stated, scenario, quiet);
  const search = (followsAll: boolean): ReachTolerance =>
    new ToleranceSearch(question, followsAll, asksStart).run(mostWork, pilesUpUs);
  const short = search(false);
  if (pilesUpUs !== Infinity && short.kind === 'proved' && short.ms * US_PER_MS >= pilesUpUs) {
    const because = 'what piles up before a process that stands still';
    return { kind: 'not-proved', because, atLeastMs: pilesUpUs / US_PER_MS };
  }
  return short.kind === 'proved' && isLong(question, short.ms) ? search(true) : short;
}

/** Whether a silence is so long that the peer's own kernel may give up in it, whatever it had sent. */
function isLong({ scenario, quiet }: Question, lengthMs: number): boolean {
  const { tcp_retries2, tcp_rto_max_ms } = sysctlsOf(scenario, 'client');
  // Waits double up to a limit: the last retransmission before the peer's own kernel gives up comes later than this.
  return quiet?.cut === true && lengthMs > givesUpAfterMs(0, tcp_retries2, tcp_rto_max_ms) / 3;
}

function survives(question: Question, lengthMs: number, mostWork: number): boolean {
  const { stated, scenario, quiet } = question;
  const lengthUs = lengthMs * US_PER_MS;
  if (lengthUs > pilesUpAfterUs(stated, scenario, quiet)) return false;
  const search = new ToleranceSearch(question, isLong(question, lengthMs), false);
  return search.survives(mostWork, lengthUs);
}

/** What those survive that judge by how the send path stands. @param isFull the load has no limit: something is handed over whenever there is room */
function ofSendPath(
  stated: Setting,
  cell: Setting,
  scenario: Scenario,
  isFull: boolean,
): ProvedTolerance[] {
  const { behind } = cell;
  if (behind === null) return [];
  const quiet = quietOf(scenario, cell);
  const judges = stated.parts.filter(hearsLoad).map((part) => {
    if (!isFull && part.mechanism.kind !== 'write-deadline') {
      throw new NotModelled('what becomes of messages of which several are under way');
    }
    return blockedSends(cell, behind, part, quiet);
  });
  return cell.limitsQueue ? [...judges, waitingPings(cell, behind, quiet)] : judges;
}

/** The lesser of two. */
function noLonger(tolerance: ReachTolerance, alone: ProvedTolerance): ReachTolerance {
  const ms = tolerance.kind === 'proved' ? tolerance.ms : tolerance.atLeastMs;
  return alone.ms <= ms && alone.ms !== Infinity ? alone : tolerance;
}

/** What the exploration of T does not speak of, beside what none does. */
function refuse({ mechanisms }: Policy, scenario: Scenario): void {
  const { path, server, story, kind } = scenario;
  if ((path.jitterMs ?? 0) > 0) throw new NotModelled('jitter on the path');
  if (path.mtuBytes !== undefined) throw new NotModelled('another MTU than 1500');
  if (path.risesToMs !== undefined) throw new NotModelled('a round trip that rises');
  if ((path.lossPercent ?? 0) > 0) throw new NotModelled('loss on the path');
  if (server.broken?.kind === 'loop-stalled') throw new NotModelled('an event loop that stalls');
  if (story.kind === 'pool') throw new NotModelled('requests of a pool');
  if (kind === 'live' && story.kind !== 'connection') {
    throw new NotModelled('a story of more than one connection');
  }
  for (const mechanism of mechanisms) {
    if (demandsRate(mechanism))
      throw new NotModelled('a rate at which bytes are to be acknowledged');
    if (mechanism.kind !== 'handshake-deadline') continue;
    const leastMs = mechanism.timeoutMs - (mechanism.granularity?.everyMs ?? 0);
    if (leastMs <= 3 * path.rttMs) throw new NotModelled('an opening as long as its deadline');
  }
}

/**
 * Without what makes no difference. On a path that works each keepalive probe is answered; and what the server writes is acknowledged, and matters
 * only to who hears of it, or where a peer that does not read has to make room for it.
 */
function withoutTheUnheeded(setting: Setting, quiet: Quiet | null): Setting {
  if (quiet?.cut === true) return setting;
  const { kernel, rttUs } = setting;
  const isAnswered =
    kernel.keepalive === null || rttUs < (kernel.keepalive.intervalJ - 1) * kernel.tickUs;
  if (!isAnswered) throw new NotModelled('a round trip as long as the time between two probes');
  return {
    ...setting,
    kernel: { ...kernel, keepalive: null },
    writes: areWritesHeard(setting) ? setting.writes : null,
  };
}
