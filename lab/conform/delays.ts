/**
 * How long each packet of a recording was on the wire.
 *
 * The wire of a recording is a program, and late by milliseconds when its machine is busy. The arrival is in no
 * recording, but what the other kernel answers at once is: a segment that found nothing left to
 * acknowledge, and was acknowledged sooner than a delayed ACK can be, arrived when its ACK was sent, and so did
 * one that came before its turn (RFC 5681 §4.2: a duplicate ACK at once).
 */
import { DELAYED_ACK_MIN_MS } from '../../model/linux/constants.ts';
import { initialSequence, nominalDelayS, seqOffset } from './numbers.ts';
import { bothSides, type KernelTrace, type PacketEntry, type Side } from './trace.ts';

/** An answer within this of the nominal arrival did not wait for the delayed-ACK timer. */
export const PROMPT_S = DELAYED_ACK_MIN_MS / 2000;

/** Sequence numbers that a segment takes: its bytes, and its FIN. */
function sizeOf({ length, flags }: PacketEntry): number {
  return length + (flags.includes('F') ? 1 : 0);
}

/** What of a segment's arrival the recording shows, seconds from when it was sent. */
interface Shown {
  /** How long it took, where the answer came at once. */
  readonly delayS: number | null;
  /** It had not arrived so long after it was sent: what its receiver sent then does not acknowledge it. */
  readonly longerThanS: number;
}

/** What the answers to a segment show. */
function shownBy(
  segment: PacketEntry,
  answers: readonly PacketEntry[],
  nominalS: number,
  promptS: number,
): Shown {
  const arrivalS = segment.t + nominalS;
  const end = (segment.seq + sizeOf(segment)) % 2 ** 32;
  let before: PacketEntry | undefined;
  let longerThanS = 0;
  for (const answer of answers) {
    if (answer.t < arrivalS) {
      before = answer;
      continue;
    }
    if (before === undefined || answer.t >= arrivalS + promptS) break;
    const isNext = before.ack === segment.seq;
    const isBeyond = !isNext && seqOffset(segment.seq, before.ack) < 2 ** 31;
    const acked = isNext ? end : before.ack;
    if ((isNext || isBeyond) && answer.length === 0 && answer.ack === acked) {
      return { delayS: answer.t - segment.t, longerThanS };
    }
    // Data on its way back acknowledges whatever has arrived (RFC 9293 §3.10.7.4).
    if (answer.length === 0 || answer.ack !== before.ack || !isNext) break;
    longerThanS = answer.t - segment.t;
  }
  return { delayS: null, longerThanS };
}

/** A stretch of the stream. */
function partOf(seq: number, size: number): string {
  return `${seq}+${size}`;
}

/** Delays by what the segment holds of the stream, for segments that were sent once. */
function delaysOf(trace: KernelTrace, side: Side, promptS: number): ReadonlyMap<string, number> {
  const isn = initialSequence(trace, side);
  const data = trace.packets.filter(
    (packet) => packet.from === side && sizeOf(packet) > 0 && !/[SR]/.test(packet.flags),
  );
  const answers = trace.packets.filter(
    (packet) => packet.from !== side && packet.flags.includes('.') && !packet.flags.includes('S'),
  );
  const delays = new Map<string, number>();
  const seen = new Set<string>();
  let last: { readonly t: number; readonly delayS: number } | null = null;
  for (const segment of data) {
    const part = partOf(seqOffset(segment.seq, isn), sizeOf(segment));
    delays.delete(part);
    if (seen.has(part) || segment.dropped) continue;
    seen.add(part);
    const shown = shownBy(segment, answers, nominalDelayS(trace, side, segment.t), promptS);
    let { delayS } = shown;
    // What left together arrives together.
    if (delayS === null && last !== null && segment.t - last.t < TOGETHER_S) delayS = last.delayS;
    if (delayS === null && shown.longerThanS > 0) delayS = shown.longerThanS + JUST_AFTER_S;
    if (delayS !== null) delays.set(part, Math.round(delayS * 1e6));
    last = delayS === null ? null : { t: segment.t, delayS };
  }
  return delays;
}

/** Segments of one transmission leave within so much. */
const TOGETHER_S = 0.000_3;

/** From a packet that shows that a segment had not arrived to its arrival. */
const JUST_AFTER_S = 0.000_05;

/** A bare probe that was answered at once. */
interface AnsweredProbe {
  readonly t: number;
  readonly seq: number;
  readonly delayUs: number;
}

/** Probes are below what was sent, have no payload, and are answered by an ACK that says nothing new. */
function probesOf(trace: KernelTrace, side: Side, promptS: number): AnsweredProbe[] {
  const isn = initialSequence(trace, side);
  const answers = trace.packets.filter((packet) => packet.from !== side && packet.length === 0);
  let highest = 0;
  return trace.packets.flatMap((packet) => {
    if (packet.from !== side || packet.flags.includes('R')) return [];
    const seq = seqOffset(packet.seq, isn);
    const isProbe = sizeOf(packet) === 0 && seq === highest - 1;
    highest = Math.max(highest, seq + sizeOf(packet) + (packet.flags.includes('S') ? 1 : 0));
    if (!isProbe || packet.dropped) return [];
    const arrivalS = packet.t + nominalDelayS(trace, side, packet.t);
    const answer = answers.find((one) => one.t >= arrivalS);
    if (answer === undefined || answer.t >= arrivalS + promptS) return [];
    return [{ t: packet.t, seq, delayUs: Math.round((answer.t - packet.t) * 1e6) }];
  });
}

/** The recorded delays of both directions. */
export class RecordedDelays {
  private readonly delays: Readonly<Record<Side, ReadonlyMap<string, number>>>;
  private readonly probes: Readonly<Record<Side, readonly AnsweredProbe[]>>;

  /** @param promptS an answer within this of the nominal arrival shows it; later ones may have waited */
  constructor(trace: KernelTrace, promptS = PROMPT_S) {
    this.delays = bothSides((side) => delaysOf(trace, side, promptS));
    this.probes = bothSides((side) => probesOf(trace, side, promptS));
  }

  /** Microseconds that a segment sent at `t` by `side` was on the wire, from stream offset `seq`, with so many sequence numbers; null = not recorded. */
  of(side: Side, t: number, seq: number, size: number): number | null {
    if (size > 0) return this.delays[side].get(partOf(seq, size)) ?? null;
    const probe = this.probes[side].find(
      (one) => one.seq === seq && Math.abs(one.t - t) < PROMPT_S,
    );
    return probe?.delayUs ?? null;
  }
}
