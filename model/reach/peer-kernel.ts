/**
 * The peer's kernel while the path is cut: it sends again what it does not know to have arrived, at the same doubling distances as the server's.
 * What it had sent before waits for the next of these, and what it would send meanwhile waits behind it: after a timeout one segment is in flight.
 */
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS, PROBE_SLACK_US } from '../linux/constants.ts';
import { msToJiffies, usToJiffies } from '../linux/jiffies.ts';
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { Operation } from '../reaper/program.ts';
import { LifeBit } from '../reaper/types.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Cell } from './cell.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import { nextExpiries, resendingOf, sourcesOf, type Resending } from './resending.ts';
import { rtoOf, type Setting, type Span } from './setting.ts';
import { GivesUp, Hushed, PeerFlight, Stage, type State } from './state.ts';
import { NOW } from '../zone.ts';

const US_PER_MS = 1_000;

/** What of the peer's kernel is followed, and how finely. */
export interface FollowingPeer {
  /**
   * What has arrived, and only its acknowledgement was lost, too. A peer that sends nothing of its own but answers has it acknowledged by
   * the next question; all that is left is that its kernel may give up, after a long time.
   */
  readonly followsAll: boolean;
  /** Retransmission timeouts that are followed one by one; more are followed in groups. */
  readonly peerTimeouts: number;
}

export class PeerKernel {
  readonly #cell: Cell;
  readonly #rto: Span;
  /** By how much the server's acknowledgements may be late, µs. */
  readonly delayUs: number;

  readonly #followsReceived: boolean;
  readonly #resending: Resending;

  constructor(cell: Cell, scenario: Scenario, { followsAll, peerTimeouts }: FollowingPeer) {
    this.#cell = cell;
    this.#followsReceived = followsAll || cell.setting.beats.length > 0;
    const { setting } = cell;
    const { ackRttUs: rttUs, kernel } = setting;
    const { hz, tickUs } = kernel;
    const values = sysctlsOf(scenario, 'client');
    const rtoMinUs = values.tcp_rto_min_us;
    const rtoMaxJ = msToJiffies(values.tcp_rto_max_ms, hz);
    this.delayUs = delayOf(setting);
    this.#rto = rtoOf(rttUs, this.delayUs, rtoMinUs, rtoMaxJ, hz);
    const crowdedJ = usToJiffies(2 * (rttUs + this.delayUs) + PROBE_SLACK_US, hz);
    const numbers = {
      rto: this.#rto,
      rtoMaxJ,
      tickUs,
      tailLossProbe: values.tcp_early_retrans >= 3 && values.tcp_sack > 0,
      limitUs: US_PER_MS * givesUpAfterMs(0, values.tcp_retries2, values.tcp_rto_max_ms),
      isUserTimeout: false,
      crowdedUs: wheelWindow(1, crowdedJ, 0, tickUs).hiUs,
      answerUs: rttUs + this.delayUs,
      sources: sourcesOf(setting),
    };
    this.#resending = resendingOf(numbers, peerTimeouts);
  }

  /** Whether no two timeouts are followed in one group. */
  get followsEachTimeout(): boolean {
    return this.#resending.isExact;
  }

  /** The longest of its first timeouts, µs. */
  get rtoUs(): number {
    return this.#rto.hi * this.#cell.setting.kernel.tickUs;
  }

  /** What it had sent at `base` and so much is acknowledged by nobody. @param flight one of PeerFlight */
  begin(state: State, base: number, since: Span, flight: number): void {
    if (flight === PeerFlight.Received && !this.#followsReceived) return;
    this.#put(state, Hushed.PeerFlight, flight);
    this.#resends(state, Stage.Probe, base, since, this.#resending.givesUpFromSegment);
  }

  /** What is missing was sent, or sent again for the first time, at `base` and so much; within so long its kernel gives up. */
  #resends(state: State, stage: number, base: number, since: Span, givesUp: Span): void {
    const { peerStamp, peerWrite } = this.#cell.vars;
    this.#put(state, Hushed.Stage, stage);
    state.zone.set(peerStamp, base, since.lo, since.hi);
    state.arm(peerWrite, peerStamp, givesUp.lo, givesUp.hi);
  }

  /** What it sends at `base` and so much is lost. */
  loses(state: State, base: number, sinceUs: number, bits: number): State[] {
    this.#put(state, Hushed.Content, this.#field(state, Hushed.Content) | bits);
    const flight = this.#field(state, Hushed.PeerFlight);
    if (flight === PeerFlight.None) {
      this.begin(state, base, { lo: sinceUs, hi: sinceUs }, PeerFlight.Lost);
      return [state];
    }
    this.#put(state, Hushed.PeerFlight, PeerFlight.Lost);
    switch (this.#field(state, Hushed.Stage)) {
      case Stage.Probe: {
        // After the first retransmission nothing more leaves.
        const { peerStamp } = this.#cell.vars;
        const { first } = this.#resending;
        const late = state.copy();
        const states: State[] = late.zone.limit(peerStamp, NOW, -first.lo) ? [late] : [];
        const agoUs = this.#cell.setting.toServerUs;
        if (!state.zone.limit(NOW, peerStamp, first.hi + agoUs)) return states;
        this.#putOff(state);
        return [...states, state];
      }
      default:
        return [state];
    }
  }

  /** More has left before the first retransmission: that comes at any time within so long of the first segment. */
  #putOff(state: State): void {
    const { peerStamp, peerWrite } = this.#cell.vars;
    const { lo, hi } = this.#resending.putOff;
    this.#put(state, Hushed.Stage, Stage.PutOff);
    state.arm(peerWrite, peerStamp, lo, hi);
    state.zone.limit(NOW, peerWrite, 0);
    state.zone.drop(peerStamp);
  }

  /** Its timer goes off. @param whole nothing keeps what it sends from arriving */
  timer(state: State, whole: boolean): void {
    const stage = this.#field(state, Hushed.Stage);
    if (stage === Stage.Recovering) {
      this.settled(state);
    } else if (!whole && stage === Stage.PutOff) {
      const now = { lo: 0, hi: 0 };
      const { givesUpFromRetransmission } = this.#resending;
      this.#resends(state, Stage.Retransmitting, NOW, now, givesUpFromRetransmission);
    } else if (!whole || (this.#field(state, Hushed.GivesUp) & GivesUp.Peer) !== 0) {
      state.end = 'tcp_retries2 of the peer';
    } else {
      this.#arrives(state);
    }
  }

  /** The silence is over: which of its retransmissions is the next. */
  atEnd(state: State): State[] {
    const { peerStamp, peerWrite } = this.#cell.vars;
    const stage = this.#field(state, Hushed.Stage);
    const isNone = this.#field(state, Hushed.PeerFlight) === PeerFlight.None;
    if (isNone || stage === Stage.Recovering) return [state];
    if (stage === Stage.PutOff) {
      this.#put(state, Hushed.Rounds, this.#roundsAfter(this.#rto.hi));
      return [state];
    }
    const { fromSegment, fromRetransmission } = this.#resending;
    const expiries = stage === Stage.Probe ? fromSegment : fromRetransmission;
    return nextExpiries(state, peerStamp, expiries, peerWrite, (one, next) => {
      this.#put(one, Hushed.Stage, next.early ? Stage.Probe : Stage.Retransmitting);
      this.#put(one, Hushed.Rounds, this.#roundsAfter(next.waitJ));
      if (next.givesUp) {
        this.#put(one, Hushed.GivesUp, this.#field(one, Hushed.GivesUp) | GivesUp.Peer);
      }
      one.zone.drop(peerStamp);
    });
  }

  /** It is heard again: what it still has to say follows, at the latest so long after a timer that runs. */
  recovers(state: State, timer: number, withinUs: number): void {
    const { vars, setting } = this.#cell;
    const isMissing = this.#field(state, Hushed.Content) !== 0 && !state.zone.has(vars.again);
    // What waits behind something that is acknowledged now leaves with that.
    const followsUs = isMissing ? setting.rttUs + this.extraUs(state) : 0;
    if (isMissing) state.armUntil(vars.again, 0, timer, withinUs + followsUs);
    this.#put(state, Hushed.Stage, Stage.Recovering);
    this.#forgetsTimer(state);
    state.zone.drop(vars.peerStamp);
    state.armUntil(vars.peerWrite, 1, timer, Math.max(1, withinUs + followsUs));
    // Heartbeats behind something lost were not followed.
    setting.beats.forEach(({ everyUs }, index) => {
      const v = vars.beats + index;
      const isStopped = this.#field(state, Hushed.Stopped + index) !== 0;
      if (!state.zone.has(v) && !isStopped) state.armFromNow(v, 0, everyUs);
    });
  }

  /** Nothing of it is in flight. */
  settled(state: State): void {
    const { peerStamp, peerWrite } = this.#cell.vars;
    this.#forgetsTimer(state);
    this.#put(state, Hushed.PeerFlight, PeerFlight.None);
    this.#put(state, Hushed.Stage, Stage.Probe);
    state.zone.drop(peerStamp);
    state.zone.drop(peerWrite);
  }

  /** Heartbeats that only join others of their kind behind something lost need no following. */
  forgetsBeats(state: State): void {
    const { peerStamp } = this.#cell.vars;
    const { toServerUs } = this.#cell.setting;
    if (this.#field(state, Hushed.PeerFlight) !== PeerFlight.Lost) return;
    const stage = this.#field(state, Hushed.Stage);
    const isLate =
      stage === Stage.Retransmitting ||
      (stage === Stage.Probe &&
        state.zone.has(peerStamp) &&
        state.zone.least(NOW, peerStamp) > this.#resending.first.hi + toServerUs);
    if (!isLate) return;
    const content = this.#field(state, Hushed.Content);
    this.#cell.setting.beats.forEach(({ bits }, index) => {
      const hasLeft = (this.#field(state, Hushed.LeftBeats) & (1 << index)) !== 0;
      if ((bits & ~content) === 0 && !hasLeft) state.zone.drop(this.#cell.vars.beats + index);
    });
  }

  /** What has to be sent again before the last of it arrives, as round trips: slow start doubles from one segment. */
  extraUs(state: State): number {
    if (this.#field(state, Hushed.Content) === 0) return 0;
    const rounds = Math.max(this.#field(state, Hushed.Rounds), this.#roundsAfter(0));
    return rounds * this.#cell.setting.rttUs;
  }

  /** @param waitJ the timeout in force when the silence was over */
  #roundsAfter(waitJ: number): number {
    const { beats, kernel, parts } = this.#cell.setting;
    const pings = parts.some(({ region }) => region.program.codes.includes(Operation.Ping));
    if (beats.length === 0 || (beats.length === 1 && !pings)) {
      // One thing again and again, and its first is a sign of life like its last.
      if (beats.every(({ everyUs }) => everyUs > 1_000_000)) return 0;
    }
    const lastedUs = 4 * waitJ * kernel.tickUs + 1_000_000;
    const sent = beats.reduce((sum, { everyUs }) => sum + Math.ceil(lastedUs / everyUs) + 1, 2);
    return 1 + Math.ceil(Math.log2(sent + 1));
  }

  /** Something that it sends after the silence arrives: whether nothing lost stands before it. */
  arrives(state: State, bits: number): boolean {
    const { again } = this.#cell.vars;
    const { rttUs, toServerUs } = this.#cell.setting;
    const { zone } = state;
    const flight = this.#field(state, Hushed.PeerFlight);
    const stage = this.#field(state, Hushed.Stage);
    const early = stage === Stage.Probe || stage === Stage.PutOff;
    if (flight === PeerFlight.None || (flight === PeerFlight.Received && early)) {
      if (flight !== PeerFlight.None) this.settled(state);
      return true;
    }
    this.#put(state, Hushed.Content, this.#field(state, Hushed.Content) | bits);
    if (stage === Stage.Recovering) {
      // What stands before it, or itself: whichever comes later.
      const before = zone.has(again) ? zone.copy() : null;
      state.armFromNow(again, 0, rttUs + toServerUs);
      if (before === null) return false;
      before.setBetween(again, NOW, 0, again, 0);
      zone.join(before);
    } else if (early) {
      // What is missing is told, and sent again, at its timer at the latest.
      this.#comesSoon(state);
    }
    return false;
  }

  /** What was lost comes again before the first timeout: at any time until its timer at the latest. */
  arrivesSoon(state: State): void {
    const stage = this.#field(state, Hushed.Stage);
    const isNone = this.#field(state, Hushed.PeerFlight) === PeerFlight.None;
    if (isNone || stage === Stage.Retransmitting || stage === Stage.Recovering) return;
    this.#comesSoon(state);
  }

  /** What is missing comes again from now on, and soon after its timer at the latest. */
  #comesSoon(state: State): void {
    const { vars, setting } = this.#cell;
    const extraUs = this.extraUs(state);
    const mostUs = repairUs(setting) + extraUs;
    state.armUntil(vars.again, 0, vars.peerWrite, mostUs + setting.toServerUs);
    this.recovers(state, vars.peerWrite, mostUs + setting.rttUs);
  }

  /** Its segments get through. */
  #arrives(state: State): void {
    const { toServerUs, rttUs } = this.#cell.setting;
    const extraUs = this.extraUs(state);
    state.armFromNow(this.#cell.vars.again, toServerUs, toServerUs + extraUs);
    this.recovers(state, NOW, rttUs + extraUs);
  }

  #forgetsTimer(state: State): void {
    this.#put(state, Hushed.Rounds, 0);
    const givesUp = this.#field(state, Hushed.GivesUp);
    this.#put(state, Hushed.GivesUp, givesUp & GivesUp.Server);
  }

  #field(state: State, field: number): number {
    return this.#cell.field(state, field);
  }

  #put(state: State, field: number, value: number): void {
    this.#cell.put(state, field, value);
  }
}

/**
 * How soon after the first thing that gets through all before it is there: a probe sends the last segment, and its selective acknowledgement tells what is missing, which is sent
 * again at once or after the reordering timer (RFC 8985 §7.3, §6.2), a quarter of a round trip and two ticks at least.
 */
export function repairUs({ rttUs, kernel }: Setting): number {
  return 3 * rttUs + 8 * kernel.tickUs;
}

/**
 * The server acknowledges at once what comes more seldom than its own timeout, while it sends nothing at about that time (tcp_event_data_recv,
 * tcp_event_data_sent); else it may wait 40 ms, or, where two things may come to it within that (see sample-delay.ts), a round trip with a delay in it
 * (tcp_send_delayed_ack).
 */
function delayOf(setting: Setting): number {
  const { beats, writes, behind, ackRttUs, kernel, through } = setting;
  const comes = sourcesOf({ ...setting, writes: null });
  const isAlone = comes.length <= 1 && comes.every((everyUs) => everyUs > ALONE_US);
  // Pings are answered from behind the proxy: its kernel waits for that with its acknowledgement.
  const answersAtOnce = through === null || beats.every(({ bits }) => (bits & LifeBit.Ping) === 0);
  const sends = writes !== null || behind !== null;
  if (!sends && isAlone && answersAtOnce) return 0;
  const besideMs = isAlone ? 0 : ackRttUs / US_PER_MS;
  const delayMs = Math.min(DELAYED_ACK_MAX_MS, besideMs + DELAYED_ACK_MIN_MS);
  return Math.ceil(delayMs * US_PER_MS) + kernel.tickUs;
}

/** What comes more seldom than this comes more seldom than any timeout of a healthy connection. */
const ALONE_US = 2_000_000;
