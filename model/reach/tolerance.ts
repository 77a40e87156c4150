/**
 * T by reachability: a silence begins in every healthy state, at every instant before its next event, and ends at any time; T is the least length of a
 * silence after which an end of the living connection can be reached.
 *
 * The length is a price that grows while the silence lasts (minimal-cost reachability: Larsen et al., "As Cheap as Possible", CAV 2001).
 * A connection that is as it could be without any silence is left alone.
 */
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import type { Policy } from '../policy/types.ts';
import { orderlyEndIsHarmless } from '../scenario/orderly-end.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { endsNothing } from './acting.ts';
import { Answered } from './answered.ts';
import { hearsLoad, withoutLoad } from './behind.ts';
import { blockedSends } from './blocked-sends.ts';
import type { Priced } from './cheapest.ts';
import { explain } from './explain.ts';
import { Healthy } from './healthy.ts';
import { demandsRate } from '../mechanisms/send-stall.ts';
import { areWritesHeard } from './heard.ts';
import { SilentPeer } from './hush.ts';
import { kernelsAlone } from './kernels-alone.ts';
import { NotModelled } from './not-modelled.ts';
import { Product } from './product.ts';
import { asWithoutLimit } from './overtaken.ts';
import { pilesUpAfterUs } from './room.ts';
import { CutOff } from './search.ts';
import type { State } from './state.ts';
import type { Setting } from './setting.ts';
import { waitingPings } from './waiting-pings.ts';
import { WholeStates } from './whole.ts';
import { ShortestSilence, type Found, type Grain, type Ground } from './shortest-silence.ts';
import { quietOf, type Quiet } from './silence.ts';
import { startOf } from './start.ts';
import { exploredOf } from './through.ts';
import type { NotProvedTolerance, ProvedTolerance, ReachTolerance } from './types.ts';
import { NOW } from '../zone.ts';

/** Steps that one question may cost. */
const MOST_WORK = 20_000;

const US_PER_MS = 1_000;

/** After so many of the longest clocks, how long ago the silence was over is no longer followed. */
const ROUNDS_REMEMBERED = 4;

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
  const survived = orNotProved(() => {
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
  return orNotProved(() => {
    const { summed, explored } = partsOf(policy, scenario);
    const process = explored === null ? NOTHING_ENDS_IT : search(explored, { mostWork, asksStart });
    return summed.reduce(noLonger, process);
  });
}

function orNotProved<T>(ask: () => T): T | NotProvedTolerance {
  try {
    return ask();
  } catch (error) {
    if (error instanceof NotModelled || error instanceof CutOff) {
      return { kind: 'not-proved', because: error.message, atLeastMs: 0 };
    }
    throw error;
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

/** Zones of a healthy connection that are kept apart where the joined ones seem to end it. */
const HEALTHY_APART = 64;

/** Silences of about one length, where not many are told apart: the share, and µs. */
const NEARLY_ONE = { near: 0.04, nearUs: 10_000 };

/** After so many times the steps that one exploration may cost there is no other. */
const MOST_IN_ALL = 2.2;

/** A bound from silences that are told apart so well is stated where finer explorations are cut off. */
const NEAR_ENOUGH = 0.1;

const FINEST = {
  ...NEARLY_ONE,
  apart: Infinity,
  apartInHurry: 24,
  bandsSilences: false,
  timeouts: 12,
  peerTimeouts: 6,
};

const COARSE = { apart: 1, apartInHurry: 1, timeouts: 4, peerTimeouts: 3, bandsSilences: true };

/**
 * How finely the explorations go about it, one after the other, and the share of the steps that each may cost. What is joined is more than there is, so
 * each proves that silences up to some length are survived, and the next need not look at these; where one finds no end at all, there is none.
 */
const GRAINS: readonly (Omit<Grain, 'mostWork'> & { readonly work: number })[] = [
  { ...FINEST, apartInHurry: Infinity, work: 1 / 8 },
  { ...COARSE, timeouts: 1, peerTimeouts: 1, near: 0.5, nearUs: 1_000_000, work: 1 / 4 },
  { ...COARSE, near: 0.25, nearUs: 250_000, work: 3 / 4 },
  { ...COARSE, near: 0.1, nearUs: 100_000, work: 3 / 4 },
  { ...COARSE, ...NEARLY_ONE, work: 1 / 2 },
  { ...COARSE, ...NEARLY_ONE, bandsSilences: false, work: 1 / 2 },
  { ...FINEST, work: 1 },
];

/** All that is shorter than one length is of about one length. */
const ALIKE = { near: 0.5, nearUs: Infinity };

/** The same where one length is asked for: most that is survived is so however coarsely it is looked at. */
const COARSE_OF_ONE_LENGTH: typeof GRAINS = [
  { ...COARSE, ...ALIKE, timeouts: 1, peerTimeouts: 1, work: 1 / 2 },
  { ...COARSE, ...ALIKE, work: 1 / 2 },
];

const GRAINS_OF_ONE_LENGTH: typeof GRAINS = [...COARSE_OF_ONE_LENGTH, { ...FINEST, work: 1 }];

/** Lengths that are asked about one after the other: the first, µs, and how near two of them come. */
const FIRST_LENGTH_US = 500_000;
const LENGTHS_APART = 1.03;

/** What is asked about. */
interface Question {
  /** With what makes no difference. */
  readonly stated: Setting;
  /** Without that. */
  readonly setting: Setting;
  readonly scenario: Scenario;
  readonly quiet: Quiet | null;
  /** What the server writes, whether anybody heeds it or not. */
  readonly loads: Setting['writes'];
}

class ToleranceSearch {
  readonly #question: Question;
  readonly #followsAll: boolean;
  readonly #product: Product;
  readonly #healthy: Healthy;
  readonly #asksStart: boolean;
  #work = 0;

  constructor(question: Question, followsAll: boolean, asksStart: boolean) {
    this.#asksStart = asksStart;
    this.#question = question;
    this.#followsAll = followsAll;
    this.#product = new Product(question.setting, null, true);
    this.#healthy = new Healthy(this.#product);
  }

  run(mostWork: number, enoughUs: number): ReachTolerance {
    const ended = this.#endsHealthy(mostWork);
    if (ended !== null) return this.#proved(0, ended, null);
    const { quiet } = this.#question;
    if (quiet === null) return this.#proved(Infinity, 'nothing', null);
    return this.#shortest(this.#groundOf(quiet, mostWork), quiet, mostWork, enoughUs);
  }

  /** Whether no silence that is shorter ends the connection. */
  survives(mostWork: number, lengthUs: number): boolean {
    if (this.#endsHealthy(mostWork) !== null) return false;
    const { quiet } = this.#question;
    if (quiet === null) return true;
    const ground = this.#groundOf(quiet, mostWork);
    return this.#endsBelow(ground, quiet, GRAINS_OF_ONE_LENGTH, mostWork, 0, lengthUs) === null;
  }

  /** What may end the connection in a silence that is shorter; null where nothing does. @param leastUs so long ones are known to be survived */
  #endsBelow(
    ground: Ground,
    quiet: Quiet,
    grains: typeof GRAINS,
    mostWork: number,
    leastUs: number,
    lengthUs: number,
  ): string | null {
    let by: string | null = null;
    for (const { work, ...grain } of grains) {
      const fine: Grain = { ...grain, mostWork: mostWork * work };
      const peer = this.#peerOf(quiet, fine, leastUs);
      const found = new ShortestSilence(ground, peer, fine, lengthUs, true).run();
      this.#work += found.work;
      if (found.givenUp !== null) continue;
      if (found.end === null) return null;
      by = endOf(found);
      if (!found.joined && peer.followsEachTimeout) break;
    }
    return by ?? 'nothing';
  }

  /** A bound of T where its exploration is cut off: whether all shorter silences are survived, asked of one length after the other. */
  #boundOf(
    ground: Ground,
    quiet: Quiet,
    mostWork: number,
    fromUs: number,
    enoughUs: number,
  ): { readonly us: number; readonly by: string } {
    let by = 'nothing';
    let survivedUs = fromUs;
    const isSurvived = (us: number): boolean => {
      const end = this.#endsBelow(ground, quiet, COARSE_OF_ONE_LENGTH, mostWork, survivedUs, us);
      if (end === null) survivedUs = us;
      else by = end;
      return end === null;
    };
    if (isSurvived(enoughUs)) return { us: enoughUs, by };
    let refusedUs = Math.max(2 * fromUs, FIRST_LENGTH_US);
    while (refusedUs < enoughUs && isSurvived(refusedUs)) refusedUs *= 2;
    while (refusedUs > survivedUs * LENGTHS_APART + NEARLY_ONE.nearUs) {
      const us = Math.floor((survivedUs + refusedUs) / 2);
      if (!isSurvived(us)) refusedUs = us;
    }
    return { us: survivedUs, by };
  }

  /** What ends a connection without any silence; null where nothing does. @throws NotModelled where that is not known */
  #endsHealthy(mostWork: number): string | null {
    // Joined, the healthy states are fewer, and more than there are: if none of them ends, the better.
    const first = this.#liveHealthy(mostWork);
    const ended = first === null ? null : this.#liveHealthy(mostWork, HEALTHY_APART);
    if (ended !== null) {
      // How often a full send path moves is not followed: a limit that it may seem to exceed is perhaps none.
      if (this.#question.setting.full !== null)
        throw new NotModelled('a send path that is always full');
    }
    return ended;
  }

  #groundOf(quiet: Quiet, mostWork: number): Ground {
    const starts = this.#healthy.states;
    const { cell } = this.#product;
    cell.aftermath = {
      acknowledges: !quiet.cut,
      resets: null,
      refusal: null,
      oneWay: null,
      said: 'gone',
    };
    const whole = this.#wholeOnes(quiet, starts, mostWork);
    return {
      product: this.#product,
      healthy: this.#healthy,
      starts,
      isWhole: (state, peer) => whole.contains(state, peer),
      rememberUs: ROUNDS_REMEMBERED * longestClockUs(this.#question.setting),
      counts: (end) => this.#counts(end),
    };
  }

  #shortest(ground: Ground, quiet: Quiet, mostWork: number, enoughUs: number): ReachTolerance {
    let best: Found = { us: 0, end: null, givenUp: null, joined: true, work: 0 };
    let givenUp: string | null = null;
    let isFollowed = false;
    let steps = 0;
    for (const { work, ...grain } of GRAINS) {
      const fine: Grain = { ...grain, mostWork: mostWork * work };
      const peer = this.#peerOf(quiet, fine, best.us);
      const found = new ShortestSilence(ground, peer, fine, enoughUs).run();
      this.#work += found.work;
      if (found.us > best.us || (found.us === best.us && found.end !== null)) {
        // How far one came that was given up is proved as well; what ends a longer silence, another has found.
        best = found.end === null && found.us !== Infinity ? { ...found, end: best.end } : found;
      }
      ({ givenUp } = found);
      steps += found.work;
      isFollowed ||= givenUp === null && grain.near <= NEAR_ENOUGH;
      const isExact = !found.joined && peer.followsEachTimeout;
      // What is cut off though much is joined, a finer one does not come to the end of.
      if (givenUp !== null && grain.bandsSilences) break;
      if (givenUp === null && (isExact || found.us === Infinity || found.us >= enoughUs)) break;
      if (steps > MOST_IN_ALL * mostWork) {
        givenUp = `more than ${mostWork} steps`;
        break;
      }
    }
    if (givenUp === null) return this.#proved(best.us, endOf(best), best.end);
    // What is joined may seem to end sooner: a lower bound is a proof, too, if not of more.
    const bound = this.#boundOf(ground, quiet, mostWork / 2, best.us, enoughUs);
    const isEnded = bound.by !== 'nothing' || bound.us === Infinity;
    if (bound.us > best.us && isEnded) return this.#proved(bound.us, bound.by, null);
    if (isFollowed) return this.#proved(best.us, endOf(best), best.end);
    return { kind: 'not-proved', because: givenUp, atLeastMs: bound.us / US_PER_MS };
  }

  #peerOf(
    quiet: Quiet,
    grain: Pick<Grain, 'timeouts' | 'peerTimeouts'>,
    leastUs: number,
  ): SilentPeer {
    return new SilentPeer(this.#product, this.#question.scenario, quiet, {
      followsAll: this.#followsAll,
      leastUs,
      loads: this.#question.loads,
      ...grain,
    });
  }

  /** A connection that lives without any silence: what ends it; null where nothing does. */
  #liveHealthy(mostWork: number, keptApart?: number): string | null {
    let ended: string | null = null;
    this.#healthy.live(
      mostWork,
      (next) => {
        // A probe on a path that works is answered before the next one.
        if (next.end !== null && next.end !== 'keepalive' && this.#counts(next.end)) {
          ended ??= next.end;
        }
        return ended === null;
      },
      this.#loadBeginsUs(),
      keptApart,
    );
    this.#work += this.#healthy.work;
    return ended;
  }

  /**
   * The healthy states, without what makes no difference after a silence; joined, too, to fewer and larger ones, where these can be shown to end nothing.
   */
  #wholeOnes(quiet: Quiet, starts: readonly State[], mostWork: number): WholeStates {
    const { aftermath } = this.#product.cell;
    let joined: readonly State[] = [];
    try {
      if (this.#liveHealthy(mostWork / 4, 1) === null) joined = this.#healthy.states;
    } catch (error) {
      if (!(error instanceof CutOff)) throw error;
    }
    this.#product.cell.aftermath = aftermath;
    const peer = this.#peerOf(quiet, FINEST, 0);
    return new WholeStates(this.#product, [...joined, ...starts], peer);
  }

  /** The load begins within its period; where both sides send, the client half of one after the server. */
  #loadBeginsUs(): number {
    const { load } = this.#question.scenario;
    if (load.kind !== 'periodic') return Infinity;
    return load.everyMs * US_PER_MS * (load.direction === 'both' ? 1.5 : 1);
  }

  /** Whether an end is one of a living peer that loses something by it. */
  #counts(end: string): boolean {
    if (end !== 'idle' && end !== 'age') return true;
    const { policy } = this.#question.setting;
    return !(
      this.#question.scenario.kind === 'live' &&
      orderlyEndIsHarmless(this.#question.scenario, policy)
    );
  }

  #proved(us: number, by: string, end: Priced | null): ReachTolerance {
    return {
      kind: 'proved',
      ms: us / US_PER_MS,
      by,
      path: end === null || end.priceUs !== us ? [] : this.#story(end),
      work: this.#work,
      start:
        this.#asksStart && end !== null && end.priceUs === us
          ? startOf(this.#product, end, Infinity, end.priceUs)
          : null,
    };
  }

  /** The shortest silence that ends the connection, from its beginning to the end. */
  #story(node: Priced): ReturnType<typeof explain> {
    const { fault, over, ended } = this.#product.cell.vars;
    const { zone } = node.state.copy();
    const end = zone.has(over) ? over : ended;
    if (!zone.has(fault)) return [];
    if (!zone.has(end)) return explain(this.#product, node, zone.least(NOW, fault));
    zone.limit(end, fault, node.priceUs);
    return explain(this.#product, node, zone.most(NOW, fault));
  }
}

function endOf({ end }: Found): string {
  return end?.state.end ?? 'nothing';
}

/** The longest that any clock of a cell runs, µs. */
function longestClockUs({ parts, kernel, beats, writes, rttUs }: Setting): number {
  const clocks = parts.flatMap(({ region }) => [...region.clockUs, region.intervalUs]);
  const { keepalive, tickUs } = kernel;
  return Math.max(
    20 * rttUs,
    ...clocks,
    ...beats.map(({ everyUs }) => everyUs),
    writes?.everyUs ?? 0,
    keepalive === null ? 0 : (keepalive.idleJ + keepalive.intervalJ) * tickUs,
  );
}
