/**
 * The search for T: explorations of one cell, each finer than the one before, and never of silences that are known to be survived. Where the finest is cut
 * off, it is asked of one length after the other whether all shorter silences are survived: that costs less, and is a bound.
 */
import { orderlyEndIsHarmless } from '../scenario/orderly-end.ts';
import type { Scenario } from '../scenario/types.ts';
import { NOW } from '../zone.ts';
import type { Priced } from './cheapest.ts';
import { explain } from './explain.ts';
import { Healthy } from './healthy.ts';
import { SilentPeer } from './hush.ts';
import { NotModelled } from './not-modelled.ts';
import { Product } from './product.ts';
import { CutOff, OUT_OF_STEPS, reasonWords } from './search.ts';
import type { Setting } from './setting.ts';
import { ShortestSilence, type Found, type Grain, type Ground } from './shortest-silence.ts';
import type { Quiet } from './silence.ts';
import { startOf } from './start.ts';
import type { State } from './state.ts';
import type { ReachTolerance } from './types.ts';
import { WholeStates } from './whole.ts';

const US_PER_MS = 1_000;

/** After so many of the longest clocks, how long ago the silence was over is no longer followed. */
const ROUNDS_REMEMBERED = 4;

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
export interface Question {
  /** With what makes no difference. */
  readonly stated: Setting;
  /** Without that. */
  readonly setting: Setting;
  readonly scenario: Scenario;
  readonly quiet: Quiet | null;
  /** What the server writes, whether anybody heeds it or not. */
  readonly loads: Setting['writes'];
}

/** T of one question: coarse, then fine; and whether one length is survived. */
export class ToleranceSearch {
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
        givenUp = OUT_OF_STEPS;
        break;
      }
    }
    if (givenUp === null) return this.#proved(best.us, endOf(best), best.end);
    // What is joined may seem to end sooner: a lower bound is a proof, too, if not of more.
    const bound = this.#boundOf(ground, quiet, mostWork / 2, best.us, enoughUs);
    const isEnded = bound.by !== 'nothing' || bound.us === Infinity;
    if (bound.us > best.us && isEnded) return this.#proved(bound.us, bound.by, null);
    if (isFollowed) return this.#proved(best.us, endOf(best), best.end);
    const because = reasonWords(givenUp, mostWork);
    return { kind: 'not-proved', because, atLeastMs: bound.us / US_PER_MS };
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
