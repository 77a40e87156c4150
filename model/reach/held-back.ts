/** What the steps of a silence share: what is held up of whom, what the peer owes, what it had sent before. */
import { LifeBit } from '../reaper/types.ts';
import { receivedColumn } from './acting.ts';
import type { Cell } from './cell.ts';
import type { Product } from './product.ts';
import type { Beat, Setting } from './setting.ts';
import type { Held, Quiet, Source } from './silence.ts';
import { Field, Hushed, Owed, type State } from './state.ts';
import { NOW } from '../zone.ts';

/** Bits of LeftBeats that are of answers, not of heartbeats. */
export const ANSWERS_SHIFT = 8;

/** A stopped clock is so exactly known, as a share of its rhythm. */
export const SLICES = 64;

export class HeldBack {
  readonly quiet: Quiet;
  readonly product: Product;
  readonly cell: Cell;
  readonly setting: Setting;
  /**
   * Whether what follows hangs on the instant of the silence's end. After a cut path all comes with the next retransmission, whose instant
   * was set before; only a clock that stood goes on from the end.
   */
  readonly remembersEnd: boolean;
  readonly #areBytesHeard: boolean;

  constructor(product: Product, quiet: Quiet) {
    this.quiet = quiet;
    this.product = product;
    this.cell = product.cell;
    this.setting = product.cell.setting;
    this.#areBytesHeard = this.setting.parts.some(
      ({ region }) => region.program.hears[receivedColumn(region, LifeBit.AnyByte)] === 1,
    );
    this.remembersEnd = !quiet.cut || (quiet.sleeps && this.setting.beats.length > 0);
  }

  /** The next bytes of a message arrive, after so long at least; only where somebody takes them for something. */
  bytesFollow(state: State, leastUs: number): void {
    const { upload } = this.quiet;
    if (upload === null || !this.#areBytesHeard) return;
    state.armFromNow(this.cell.vars.upload, leastUs, Math.max(leastUs, upload.everyUs));
  }

  owe(state: State, owed: number): void {
    this.put(state, Hushed.Owed, this.field(state, Hushed.Owed) | owed);
  }

  /** All that is owed is answered, at the latest so long after a timer that runs. */
  answerOwed(state: State, leastUs: number, mostUs: number, timer: number = NOW): void {
    const { traffic } = this.product;
    const owed = this.field(state, Hushed.Owed);
    this.put(state, Hushed.Owed, 0);
    const within = { lo: leastUs, hi: Math.max(leastUs, mostUs) };
    if ((owed & Owed.Pong) !== 0) traffic.answerIn(state, false, false, within, timer);
    if ((owed & Owed.ApplicationPong) !== 0) traffic.answerIn(state, true, false, within, timer);
    if ((owed & Owed.Acknowledgement) !== 0) traffic.answerIn(state, true, true, within, timer);
  }

  answerHeld(state: State, slot: number): Held {
    const byApplication = (this.cell.field(state, Field.ForApplication) & (1 << slot)) !== 0;
    if (!byApplication && this.field(state, Hushed.Full) === 1) return 'held';
    return this.quiet.answers[byApplication ? 'application' : 'library'];
  }

  /** Takes an answer out of its place. */
  takeAnswer(state: State, slot: number): { readonly bits: number; readonly owed: number } {
    const bit = 1 << slot;
    const acknowledgements = this.field(state, Field.Acknowledgements);
    const forApplication = this.field(state, Field.ForApplication);
    this.put(state, Field.Acknowledgements, acknowledgements & ~bit);
    this.put(state, Field.ForApplication, forApplication & ~bit);
    if ((acknowledgements & bit) !== 0) {
      const bits = LifeBit.AnyByte | LifeBit.Message | LifeBit.ApplicationAck;
      return { bits, owed: Owed.Acknowledgement };
    }
    const owed = (forApplication & bit) !== 0 ? Owed.ApplicationPong : Owed.Pong;
    return { bits: LifeBit.AnyByte | LifeBit.Pong, owed };
  }

  beat(index: number): Beat {
    const beat = this.setting.beats[index];
    if (beat === undefined) throw new Error('a heartbeat of the peer');
    return beat;
  }

  heldOf(index: number): Held {
    return this.quiet.beats[sourceOf(this.beat(index))];
  }

  /** Where a stopped clock stood, as a stretch of its rhythm. @param slice from 1 on */
  sliceUs(slice: number, everyUs: number): { readonly from: number; readonly to: number } {
    return {
      from: Math.floor(((slice - 1) * everyUs) / SLICES),
      to: Math.ceil((slice * everyUs) / SLICES),
    };
  }

  field(state: State, field: number): number {
    return this.cell.field(state, field);
  }

  put(state: State, field: number, value: number): void {
    this.cell.put(state, field, value);
  }
}

function sourceOf({ byApplication, name }: Beat): Source {
  if (!byApplication) return 'library';
  return name === 'the client’s next message' ? 'load' : 'application';
}
