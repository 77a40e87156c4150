/**
 * The peer's kernel while the path is cut: it sends again what it does not know to have arrived, at the same doubling distances as the server's.
 * What it had sent before waits for the next of these, and what it would send meanwhile waits behind it: after a timeout one segment is in flight.
 */
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS, PROBE_SLACK_US } from '../linux/constants.ts';
import { msToJiffies, usToJiffies } from '../linux/jiffies.ts';
import { backedOffJ, givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { Operation } from '../reaper/program.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Cell } from './cell.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import { rtoOf, type Setting, type Span } from './setting.ts';
import { Hushed, PeerFlight, Stage, type State } from './state.ts';
import { NOW } from './zone.ts';

/** Retransmission timeouts that are followed one by one; more are followed in groups. */
const MOST_TIMEOUTS = 6;

const US_PER_MS = 1_000;

/** Four mean deviations of samples that are late by up to one delay (tcp_rtt_estimator: an eighth and a quarter at a time). */
const DEVIATIONS_OF_A_DELAY = 2.25;

const TIMER_FIELDS = [Hushed.PeerRtoLo, Hushed.PeerRtoHi, Hushed.PeerWidth, Hushed.PutOff] as const;

export class PeerKernel {
  readonly #cell: Cell;
  readonly #rto: Span;
  readonly #crowdedHiUs: number;
  readonly #rtoMaxJ: number;
  readonly #limitUs: number;
  /** After so many in a row its timer goes off, if no source speaks twice meanwhile. */
  readonly #mostPutOffs: number;
  /** By how much the server's acknowledgements may be late, µs. */
  readonly delayUs: number;

  /**
   * Whether what has arrived, and only its acknowledgement was lost, is followed, too. A peer that sends nothing of its own but answers has it
   * acknowledged by the next question; all that is left is that its kernel may give up, after a long time.
   */
  readonly #followsReceived: boolean;

  constructor(cell: Cell, scenario: Scenario, followsAll: boolean) {
    this.#cell = cell;
    this.#followsReceived = followsAll || cell.setting.beats.length > 0;
    const { setting } = cell;
    const { rttUs, kernel } = setting;
    const { hz, tickUs } = kernel;
    const values = sysctlsOf(scenario, 'client');
    const rtoMinUs = values.tcp_rto_min_us;
    this.#rtoMaxJ = msToJiffies(values.tcp_rto_max_ms, hz);
    this.delayUs = delayOf(setting);
    const deviationUs = Math.max(rtoMinUs, 2 * rttUs, DEVIATIONS_OF_A_DELAY * this.delayUs);
    this.#rto = {
      lo: rtoOf(rttUs, 0, rtoMinUs, this.#rtoMaxJ, hz).lo,
      hi: Math.min(usToJiffies(Math.ceil(rttUs + this.delayUs + deviationUs), hz), this.#rtoMaxJ),
    };
    const crowdedJ = usToJiffies(2 * (rttUs + this.delayUs) + PROBE_SLACK_US, hz);
    this.#crowdedHiUs = wheelWindow(1, crowdedJ, 0, tickUs).hiUs;
    const sources = setting.beats.length + setting.parts.length;
    const spaced = setting.beats.every(
      ({ everyUs }) => everyUs > (sources + 1) * this.#crowdedHiUs,
    );
    this.#mostPutOffs = spaced ? sources : Infinity;
    this.#limitUs = US_PER_MS * givesUpAfterMs(0, values.tcp_retries2, values.tcp_rto_max_ms);
  }

  /** The longest of its first timeouts, µs. */
  get rtoUs(): number {
    return this.#rto.hi * this.#cell.setting.kernel.tickUs;
  }

  /** What it had sent at `base` and so much is acknowledged by nobody; one state for each timeout. @param flight one of PeerFlight */
  begin(state: State, base: number, since: Span, flight: number): State[] {
    if (flight === PeerFlight.Received && !this.#followsReceived) return [state];
    const { lo, hi } = this.#rto;
    const { tickUs } = this.#cell.setting.kernel;
    const { peerWrite } = this.#cell.vars;
    const width = Math.ceil((hi - lo + 1) / MOST_TIMEOUTS);
    const states: State[] = [];
    for (let from = lo; from <= hi; from += width) {
      const one = state.copy();
      const to = Math.min(hi, from + width - 1);
      const window = wheelWindow(from, to, 0, tickUs);
      this.#put(one, Hushed.PeerFlight, flight);
      this.#put(one, Hushed.Stage, Stage.Probe);
      this.#put(one, Hushed.PeerRtoLo, from);
      this.#put(one, Hushed.PeerRtoHi, to);
      this.#put(one, Hushed.PeerWidth, window.widthJ);
      one.arm(peerWrite, base, window.loUs + since.lo, window.hiUs + since.hi);
      if (one.zone.limit(NOW, peerWrite, 0)) states.push(one);
    }
    return states;
  }

  /** What it sends at `base` and so much is lost. */
  loses(state: State, base: number, sinceUs: number, bits: number): State[] {
    this.#put(state, Hushed.Content, this.#field(state, Hushed.Content) | bits);
    const flight = this.#field(state, Hushed.PeerFlight);
    if (flight === PeerFlight.None) {
      return this.begin(state, base, { lo: sinceUs, hi: sinceUs }, PeerFlight.Lost);
    }
    this.#put(state, Hushed.PeerFlight, PeerFlight.Lost);
    if (this.#field(state, Hushed.Stage) === Stage.Retransmitting) return [state];
    // One more segment is in flight: the probe is awaited anew, or what comes of the one before. Within it each source speaks once.
    const putOff = this.#field(state, Hushed.PutOff);
    if (putOff > this.#mostPutOffs) return [state];
    this.#put(state, Hushed.PutOff, putOff + 1);
    const { peerWrite } = this.#cell.vars;
    const { zone } = state;
    const leastUs = Math.max(0, zone.least(peerWrite, NOW));
    const mostUs = Math.max(zone.most(peerWrite, NOW), this.#crowdedHiUs);
    state.armFromNow(peerWrite, Math.min(leastUs, 1), mostUs);
    return [state];
  }

  /** Its timer goes off. @param whole nothing keeps what it sends from arriving */
  timer(state: State, whole: boolean): State[] {
    const { peerStamp, peerWrite } = this.#cell.vars;
    const { tickUs } = this.#cell.setting.kernel;
    const width = this.#field(state, Hushed.PeerWidth);
    switch (this.#field(state, Hushed.Stage)) {
      case Stage.Recovering:
        this.settled(state);
        return [state];
      case Stage.Probe: {
        if (whole) break;
        this.#put(state, Hushed.Stage, Stage.Timeout);
        const lo = this.#field(state, Hushed.PeerRtoLo);
        const hi = this.#field(state, Hushed.PeerRtoHi);
        this.#arm(state, wheelWindow(lo, hi, width, tickUs));
        return [state];
      }
      case Stage.Timeout:
        if (whole) break;
        this.#put(state, Hushed.Stage, Stage.Retransmitting);
        this.#put(state, Hushed.PutOff, 0);
        state.zone.set(peerStamp, NOW, 0, 0);
        this.#backOff(state, width);
        return [state];
      default: {
        const over = state.copy();
        const states: State[] = [];
        if (over.zone.limit(peerStamp, NOW, -this.#limitUs)) {
          over.end = 'tcp_retries2 of the peer';
          states.push(over);
        }
        if (!state.zone.limit(NOW, peerStamp, this.#limitUs - 1)) return states;
        states.push(state);
        if (whole) this.#arrives(state);
        else this.#backOff(state, width);
        return states;
      }
    }
    this.#arrives(state);
    state.zone.drop(peerWrite);
    this.recovers(state, this.#cell.setting.rttUs + this.extraUs(state));
    return [state];
  }

  /** It is heard again: what it still has to say follows within so long. */
  recovers(state: State, withinUs: number): void {
    const { vars, setting } = this.#cell;
    this.#put(state, Hushed.Stage, Stage.Recovering);
    for (const field of TIMER_FIELDS) this.#put(state, field, 0);
    state.zone.drop(vars.peerStamp);
    state.armFromNow(vars.peerWrite, 1, Math.max(1, withinUs));
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
    for (const field of TIMER_FIELDS) this.#put(state, field, 0);
    this.#put(state, Hushed.PeerFlight, PeerFlight.None);
    this.#put(state, Hushed.Stage, Stage.Probe);
    state.zone.drop(peerStamp);
    state.zone.drop(peerWrite);
  }

  /** The silence is over: each of its timeouts is the last one, and only how long the silence was, about, is still asked. */
  lastTimeout(state: State): void {
    const hi = this.#field(state, Hushed.PeerRtoHi);
    if (hi === 0) return;
    this.#put(state, Hushed.PeerRtoLo, 0);
    this.#put(state, Hushed.PeerWidth, 0);
    this.#put(state, Hushed.PeerRtoHi, 2 ** Math.ceil(Math.log2(hi)));
  }

  /** Heartbeats that only join others of their kind behind something lost need no following. */
  forgetsBeats(state: State): void {
    if (this.#field(state, Hushed.PeerFlight) !== PeerFlight.Lost) return;
    if (this.#field(state, Hushed.Stage) !== Stage.Retransmitting) return;
    const content = this.#field(state, Hushed.Content);
    this.#cell.setting.beats.forEach(({ bits }, index) => {
      const hasLeft = (this.#field(state, Hushed.LeftBeats) & (1 << index)) !== 0;
      if ((bits & ~content) === 0 && !hasLeft) state.zone.drop(this.#cell.vars.beats + index);
    });
  }

  /** What has to be sent again before the last of it arrives, as round trips: slow start doubles from one segment. */
  extraUs(state: State): number {
    const { beats, rttUs, kernel, parts } = this.#cell.setting;
    const content = this.#field(state, Hushed.Content);
    if (content === 0) return 0;
    const pings = parts.some(({ region }) => region.program.codes.includes(Operation.Ping));
    if (beats.length === 0 || (beats.length === 1 && !pings)) {
      // One thing again and again, and its first is a sign of life like its last.
      if (beats.every(({ everyUs }) => everyUs > 1_000_000)) return 0;
    }
    const lastedUs = 4 * this.#field(state, Hushed.PeerRtoHi) * kernel.tickUs + 1_000_000;
    const sent = beats.reduce((sum, { everyUs }) => sum + Math.ceil(lastedUs / everyUs) + 1, 2);
    return rttUs * (1 + Math.ceil(Math.log2(sent + 1)));
  }

  /** The same before its first timeout: at any time until its timer at the latest. */
  arrivesSoon(state: State): void {
    const { vars, setting } = this.#cell;
    const stage = this.#field(state, Hushed.Stage);
    const isNone = this.#field(state, Hushed.PeerFlight) === PeerFlight.None;
    if (isNone || stage === Stage.Retransmitting || stage === Stage.Recovering) return;
    const mostUs = Math.max(0, state.zone.most(vars.peerWrite, NOW)) + this.rtoUs;
    const extraUs = this.extraUs(state);
    state.armFromNow(vars.again, 0, mostUs + setting.toServerUs + extraUs);
    this.recovers(state, mostUs + setting.rttUs + extraUs);
  }

  /** Its segments get through. */
  #arrives(state: State): void {
    const { toServerUs } = this.#cell.setting;
    const { again } = this.#cell.vars;
    state.armFromNow(again, toServerUs, toServerUs + this.extraUs(state));
    if (this.#field(state, Hushed.Stage) === Stage.Retransmitting) {
      this.recovers(state, this.#cell.setting.rttUs + this.extraUs(state));
    }
  }

  #backOff(state: State, width: number): void {
    const lo = backedOffJ(this.#field(state, Hushed.PeerRtoLo), this.#rtoMaxJ);
    const hi = backedOffJ(this.#field(state, Hushed.PeerRtoHi), this.#rtoMaxJ);
    this.#put(state, Hushed.PeerRtoLo, lo);
    this.#put(state, Hushed.PeerRtoHi, hi);
    this.#arm(state, wheelWindow(lo, hi, width, this.#cell.setting.kernel.tickUs));
  }

  #arm(state: State, window: { loUs: number; hiUs: number; widthJ: number }): void {
    state.armFromNow(this.#cell.vars.peerWrite, window.loUs, window.hiUs);
    this.#put(state, Hushed.PeerWidth, window.widthJ);
  }

  #field(state: State, field: number): number {
    return this.#cell.field(state, field);
  }

  #put(state: State, field: number, value: number): void {
    this.#cell.put(state, field, value);
  }
}

/**
 * The server acknowledges at once what comes more seldom than its own timeout, while it sends nothing at about that time (tcp_event_data_recv,
 * tcp_event_data_sent); else it may wait 40 ms, or a round trip with a delay in it (tcp_send_delayed_ack).
 */
function delayOf({ beats, writes, parts, rttUs, kernel }: Setting): number {
  const pingers = parts.filter(({ region }) =>
    region.program.codes.includes(Operation.Ping),
  ).length;
  const sources = beats.length + pingers;
  if (writes === null && sources <= 1 && beats.every(({ everyUs }) => everyUs > 2_000_000))
    return 0;
  const delayMs = Math.min(DELAYED_ACK_MAX_MS, rttUs / US_PER_MS + DELAYED_ACK_MIN_MS);
  return Math.ceil(delayMs * US_PER_MS) + kernel.tickUs;
}
