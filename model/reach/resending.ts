/**
 * What a kernel sends again while a path is cut, as one schedule from the first segment that is lost (RFC 6298 §5, tcp_retransmit_timer): nothing hangs on an
 * expiry before the path is whole again but when the next one comes, so none is stepped through before that. For each timeout that the estimator may
 * stand at there is a schedule of its own; near ones are followed in groups.
 */
import { INITIAL_CWND } from '../linux/constants.ts';
import { backedOffJ } from '../linux/retransmit-timer.ts';
import { wheelGranularity } from '../linux/wheel.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { Operation } from '../reaper/program.ts';
import type { Setting, Span } from './setting.ts';
import type { State } from './state.ts';
import { NOW } from '../zone.ts';

/** One expiry of the timer, µs after the first segment or after the first retransmission. */
export interface Expiry extends Span {
  /** The one before it comes no sooner than this. */
  readonly afterUs: number;
  /** Nothing was retransmitted before it but a probe. */
  readonly early: boolean;
  /** The wait that ends with it, about, jiffies. */
  readonly waitJ: number;
  /** The kernel gives the connection up. */
  readonly givesUp: boolean;
}

/** A kernel's numbers. */
export interface ResendingNumbers {
  readonly rto: Span;
  readonly rtoMaxJ: number;
  readonly tickUs: number;
  readonly tailLossProbe: boolean;
  /** Time since the first retransmission after which an expiry gives up, µs; whether it is a user timeout, which cuts the last wait short. */
  readonly limitUs: number;
  readonly isUserTimeout: boolean;
  /** The longest wait for a probe of several segments, µs. */
  readonly crowdedUs: number;
  /** An acknowledgement of what is sent again comes so late at most, µs. */
  readonly answerUs: number;
  /** What sends: how often each of it, µs. */
  readonly sources: readonly number[];
}

export interface Resending {
  /** From the first segment on, if nothing has put the timer off. */
  readonly fromSegment: readonly Expiry[];
  readonly givesUpFromSegment: Span;
  /** From the first retransmission on. */
  readonly fromRetransmission: readonly Expiry[];
  readonly givesUpFromRetransmission: Span;
  /** When the first retransmission comes after the first segment. */
  readonly first: Span;
  /** The same where more was sent before it, whatever and whenever. */
  readonly putOff: Span;
  /** After an acknowledgement of what was before the first segment; and how much later it comes where more is sent after that. */
  readonly anewUs: number;
  readonly moreUs: number;
  /** No two timeouts are followed in one group. */
  readonly isExact: boolean;
}

/** Kernels that were asked about: policies, silences and explorations of one cell mostly have the same two. */
const kept = new Map<string, Resending>();
const MOST_KEPT = 500;

/** @param most groups of timeouts */
export function resendingOf(numbers: ResendingNumbers, most: number): Resending {
  const key = `${most} ${JSON.stringify(numbers)}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const resending = scheduled(numbers, most);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, resending);
  return resending;
}

function scheduled(numbers: ResendingNumbers, most: number): Resending {
  const groups = groupsOf(numbers.rto, most);
  const later = groups.map((group) => retransmissions(group, numbers));
  const early = groups.map((group) => beforeTheFirst(group, numbers));
  const fromRetransmission = later.flat();
  const fromSegment = groups.flatMap((_, at) => {
    const before = early[at] as readonly Expiry[];
    const first = before.at(-1) as Expiry;
    const after = (later[at] as readonly Expiry[]).map((one) => ({
      ...one,
      lo: first.lo + one.lo,
      hi: first.hi + one.hi,
      afterUs: first.lo + one.afterUs,
    }));
    return [...before, ...after];
  });
  const { rto, tickUs } = numbers;
  const firsts = early.map((before) => before.at(-1) as Expiry);
  const anewUs = 2 * wheelWindow(rto.hi, rto.hi, 0, tickUs).hiUs + tickUs;
  const moreUs = mostPutOffs(numbers) * (numbers.crowdedUs + 2 * tickUs);
  return {
    fromSegment,
    givesUpFromSegment: hull(fromSegment.filter(({ givesUp }) => givesUp)),
    fromRetransmission,
    givesUpFromRetransmission: hull(fromRetransmission.filter(({ givesUp }) => givesUp)),
    first: hull(firsts),
    putOff: { lo: Math.max(0, (rto.lo - 1) * tickUs), hi: anewUs + moreUs },
    anewUs,
    moreUs,
    isExact: groups.every(({ lo, hi }) => lo === hi),
  };
}

/** All that makes a kernel send, of one side or in answer to the other, µs. */
export function sourcesOf({ beats, writes, parts }: Setting): readonly number[] {
  const pings = parts
    .filter(({ region }) => region.program.codes.includes(Operation.Ping))
    .map(({ region }) =>
      Math.min(...[...region.clockUs, region.intervalUs].filter((us) => us > 0)),
    );
  return [
    ...beats.map(({ everyUs }) => everyUs),
    ...pings,
    ...(writes === null ? [] : [writes.everyUs]),
  ];
}

/**
 * How often what is sent puts the first retransmission off. Each time the probe is awaited anew, no longer than the timeout of the oldest segment is away (tcp_schedule_loss_probe), which
 * is counted from it, or from the one probe that sends it again. Only what is sent when that time has passed, and the timer has not gone off, puts it off
 * by a probe's wait: sources that are far apart do that once each, others until the congestion window is full.
 */
function mostPutOffs({ sources, crowdedUs }: ResendingNumbers): number {
  const isSpaced = sources.every((everyUs) => everyUs > (sources.length + 1) * crowdedUs);
  return isSpaced ? sources.length : Math.max(INITIAL_CWND, 2 * (sources.length + 2));
}

function hull(spans: readonly Span[]): Span {
  return {
    lo: Math.min(...spans.map(({ lo }) => lo)),
    hi: Math.max(...spans.map(({ hi }) => hi)),
  };
}

/** Groups of timeouts, each as wide as the others for its length. */
function groupsOf({ lo, hi }: Span, most: number): readonly Span[] {
  const groups: Span[] = [];
  let from = lo;
  for (let left = Math.min(most, hi - lo + 1); from <= hi; left -= 1) {
    const wide = Math.floor(from * ((hi + 1) / from) ** (1 / Math.max(1, left))) - 1;
    const to = left <= 1 ? hi : Math.min(Math.max(from, wide), hi - left + 1);
    groups.push({ lo: from, hi: to });
    from = to + 1;
  }
  return groups;
}

/** The tail loss probe, and the first retransmission. */
function beforeTheFirst(
  { lo, hi }: Span,
  { tickUs, tailLossProbe }: ResendingNumbers,
): readonly Expiry[] {
  const armed = wheelWindow(lo, hi, 0, tickUs);
  const common = { early: true, waitJ: hi, givesUp: false };
  const probe = { ...common, lo: armed.loUs, hi: armed.hiUs, afterUs: -Infinity };
  if (!tailLossProbe) return [probe];
  const next = wheelWindow(lo, hi, armed.widthJ, tickUs);
  const timeout = { lo: probe.lo + next.loUs, hi: probe.hi + next.hiUs, afterUs: probe.lo };
  return [probe, { ...common, ...timeout }];
}

/** Every retransmission after the first, to the one that gives up. */
function retransmissions(group: Span, numbers: ResendingNumbers): readonly Expiry[] {
  const { rtoMaxJ, tickUs, limitUs, isUserTimeout, answerUs } = numbers;
  const expiries: Expiry[] = [];
  let { lo: loJ, hi: hiJ } = group;
  let width = wheelGranularity(loJ - 1);
  let before = { lo: 0, hi: 0 };
  let afterUs = -Infinity;
  for (;;) {
    loJ = backedOffJ(loJ, rtoMaxJ);
    hiJ = backedOffJ(hiJ, rtoMaxJ);
    const { loUs, hiUs, widthJ } = wheelWindow(loJ, hiJ, width, tickUs);
    width = widthJ;
    const lo = before.lo + loUs;
    const hi = before.hi + hiUs;
    const common = { afterUs: before.lo, early: false, waitJ: hiJ };
    if (hi >= limitUs) {
      const leftJ = Math.min(hiJ, Math.ceil((limitUs - before.lo) / tickUs));
      const cutUs = limitUs + (wheelGranularity(leftJ) + 1) * tickUs;
      const end = isUserTimeout ? { lo: limitUs, hi: cutUs } : { lo: Math.max(lo, limitUs), hi };
      // What was sent again just before arrives, and is acknowledged too late.
      const isTooLate = isUserTimeout && limitUs - before.hi <= answerUs;
      if (isTooLate) expiries.push({ ...common, ...end, afterUs, givesUp: true });
      else expiries.push({ ...common, ...end, givesUp: true });
    }
    if (lo >= limitUs) return expiries;
    afterUs = before.lo;
    before = { lo, hi: Math.min(hi, limitUs - 1) };
    expiries.push({ ...common, ...before, givesUp: false });
  }
}

/**
 * The path is whole again now: which expiry is the next, one state for each that it can be.
 *
 * @param base the instant that the expiries are counted from
 * @param timer waits for it from now on
 */
export function nextExpiries(
  state: State,
  base: number,
  expiries: readonly Expiry[],
  timer: number,
  note: (one: State, expiry: Expiry) => void,
): State[] {
  const leastUs = state.zone.least(NOW, base);
  const mostUs = state.zone.most(NOW, base);
  const states: State[] = [];
  for (const expiry of expiries) {
    if (mostUs < expiry.afterUs || leastUs > expiry.hi) continue;
    const one = state.copy();
    if (expiry.afterUs > 0 && !one.zone.limit(base, NOW, -expiry.afterUs)) continue;
    one.arm(timer, base, expiry.lo, expiry.hi);
    if (!one.zone.limit(NOW, timer, 0)) continue;
    note(one, expiry);
    states.push(one);
  }
  return states;
}
