/** What the server sends, and what becomes of it: an answer, an acknowledgement, or nothing. */
import { wheelWindow } from '../linux/wheel-window.ts';
import { ANSWERS_UNDER_WAY, type Cell } from './cell.ts';
import type { Kernel } from './kernel.ts';
import { NotModelled } from './not-modelled.ts';
import type { Part, Span } from './setting.ts';
import { Field, Flight, Silent, type State } from './state.ts';
import { NOW } from '../zone.ts';

export class Traffic {
  readonly cell: Cell;
  readonly #kernel: Kernel;

  constructor(cell: Cell, kernel: Kernel) {
    this.cell = cell;
    this.#kernel = kernel;
  }

  ping(state: State, part: number): void {
    const { setting } = this.cell;
    const forApplication = (setting.parts[part] as Part).pingsApplication;
    if (this.cell.field(state, Field.Blocked) === 1) {
      // It waits in user space, and what waits there is part of the queue.
      this.cell.put(state, Field.Written, this.cell.lookers());
      return;
    }
    if (this.cell.flow?.pings(state, forApplication) === true) return;
    if (this.cell.hush?.pings(state, forApplication) === true) return;
    const silent = this.cell.field(state, Field.Silent);
    const answers = (silent & (forApplication ? Silent.Application : Silent.Answers)) === 0;
    if (answers) this.answerComes(state, forApplication, false);
    this.transmit(state, answers ? 0 : setting.ackDelayUs);
  }

  /** A message of the load leaves. */
  message(state: State): void {
    const { answersMessages, ackDelayUs } = this.cell.setting;
    if (this.cell.hush?.writes(state) === true) return;
    const answers =
      answersMessages && (this.cell.field(state, Field.Silent) & Silent.Application) === 0;
    if (answers) this.answerComes(state, true, true);
    this.transmit(state, answers ? 0 : ackDelayUs);
  }

  /** A request of a pool leaves, or a test of its entry. */
  request(state: State): void {
    const { rttUs, ackDelayUs } = this.cell.setting;
    const isAnswered = (this.cell.field(state, Field.Silent) & Silent.Application) === 0;
    if (isAnswered) state.armFromNow(this.cell.vars.reply, rttUs, rttUs);
    this.transmit(state, isAnswered ? 0 : ackDelayUs);
  }

  /** What has just been sent will be answered. */
  answerComes(state: State, byApplication: boolean, acknowledges: boolean): void {
    const { rttUs, behind } = this.cell.setting;
    const within = { lo: rttUs, hi: rttUs + (behind?.takesUs ?? 0) };
    this.answerIn(state, byApplication, acknowledges, within);
  }

  /** An answer arrives so much later; the latest is counted from a timer that runs. */
  answerIn(
    state: State,
    byApplication: boolean,
    acknowledges: boolean,
    within: Span,
    timer: number = NOW,
  ): void {
    const { vars } = this.cell;
    let slot = 0;
    while (slot < ANSWERS_UNDER_WAY && state.zone.has(vars.pongs + slot)) slot += 1;
    if (slot === ANSWERS_UNDER_WAY)
      throw new NotModelled('more answers under way than are followed');
    state.armUntil(vars.pongs + slot, within.lo, timer, within.hi);
    const bit = 1 << slot;
    if (byApplication)
      this.cell.put(
        state,
        Field.ForApplication,
        this.cell.field(state, Field.ForApplication) | bit,
      );
    if (acknowledges) {
      this.cell.put(
        state,
        Field.Acknowledgements,
        this.cell.field(state, Field.Acknowledgements) | bit,
      );
    }
  }

  /** Payload leaves. @param delayUs by how much its acknowledgement may be later than a round trip */
  transmit(state: State, delayUs: number): void {
    if (this.cell.flow?.transmits(state) === true) return;
    if (this.cell.hush?.transmits(state) === true) return;
    // It is one of many segments in flight.
    if (this.cell.setting.behind !== null) return;
    const { vars, setting } = this.cell;
    const { zone } = state;
    const flight = this.cell.field(state, Field.Flight);
    this.cell.put(state, Field.Written, this.cell.lookers());
    const struck = this.cell.field(state, Field.Struck) === 1;
    if (!struck || this.cell.aftermath?.acknowledges === true) {
      const busy = zone.has(vars.ack);
      if (!busy) zone.set(vars.oldest, NOW, 0, 0);
      this.cell.put(state, Field.Several, busy ? 1 : 0);
      state.armFromNow(vars.ack, setting.ackRttUs, setting.ackRttUs + delayUs);
      this.cell.packets(state, setting.toClientUs);
      return;
    }
    // Behind what is sent again nothing leaves; where that is not followed, nothing leaves behind the first write.
    const leaves = this.cell.followsFlight
      ? flight !== Flight.Retransmitting
      : flight === Flight.Quiet;
    if (leaves) state.packet = true;
    if (!this.cell.followsFlight) {
      if (flight !== Flight.Quiet) return;
      zone.set(vars.oldest, NOW, 0, 0);
      const isUnsent = this.cell.aftermath?.refusal === 'interface';
      this.cell.put(state, Field.Flight, isUnsent ? Flight.Unsent : Flight.Timeout);
      return;
    }
    if (flight === Flight.Quiet) this.#kernel.beginFlight(state);
    else if (flight !== Flight.Retransmitting) this.#kernel.putOffProbe(state, flight);
  }

  /** All that was under way is acknowledged. */
  acknowledged(state: State): void {
    const { vars, setting } = this.cell;
    if (setting.kernel.keepalive !== null) state.zone.set(vars.heard, NOW, 0, 0);
    this.cell.put(state, Field.ProbesOut, 0);
    this.cell.put(state, Field.Acked, this.cell.lookers());
    const flight = this.cell.field(state, Field.Flight);
    if (this.cell.hush?.acknowledged(state) === true) return;
    if (flight === Flight.Quiet) {
      state.zone.drop(vars.oldest);
      this.cell.put(state, Field.Several, 0);
    } else if (this.cell.followsFlight) {
      // Something was written meanwhile: its probe is awaited from now on.
      this.cell.put(state, Field.Flight, Flight.Probe);
      const { kernel } = setting;
      const lo = Math.min(kernel.crowdedProbe.lo, this.#kernel.rtoLo(state));
      this.#kernel.armWrite(
        state,
        NOW,
        wheelWindow(lo, this.#kernel.rtoHi(state), 0, kernel.tickUs),
      );
    }
  }
}
