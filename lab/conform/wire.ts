/**
 * How long each packet of a recording was on the wire.
 *
 * The wire of a recording is a program, and late by milliseconds when its machine is busy. The arrival is in no
 * recording, but what the other kernel answers at once is: a segment that found nothing left to
 * acknowledge, and was acknowledged sooner than a delayed ACK can be, arrived when its ACK was sent.
 */
import { DELAYED_ACK_MIN_MS } from '../../sim/kernel/constants.ts';
import { seqOffset } from './adoption.ts';
import type { KernelTrace, PacketEntry, Side } from './trace.ts';

/** An answer within this of the nominal arrival did not wait for the delayed-ACK timer. */
const PROMPT_S = DELAYED_ACK_MIN_MS / 2000;

function initialSequence(trace: KernelTrace, side: Side): number {
  const syn = trace.packets.find((packet) => packet.from === side && packet.flags.includes('S'));
  return syn?.seq ?? 0;
}

/** The delay of a segment of which the recording shows it. */
function delayS(
  segment: PacketEntry,
  answers: readonly PacketEntry[],
  nominalS: number,
): number | null {
  const arrivalS = segment.t + nominalS;
  const before = answers.findLast((answer) => answer.t < arrivalS);
  const after = answers.find((answer) => answer.t >= arrivalS);
  if (before === undefined || after === undefined || before.ack !== segment.seq) return null;
  const answersThis = after.ack === (segment.seq + segment.length) % 2 ** 32 && after.length === 0;
  return answersThis && after.t < arrivalS + PROMPT_S ? after.t - segment.t : null;
}

/** Delays by the end of the segment in the stream, for segments that were sent once. */
function delaysOf(trace: KernelTrace, side: Side): ReadonlyMap<number, number> {
  const isn = initialSequence(trace, side);
  const data = trace.packets.filter((packet) => packet.from === side && packet.length > 0);
  const answers = trace.packets.filter(
    (packet) => packet.from !== side && packet.flags.includes('.') && !packet.flags.includes('S'),
  );
  const delays = new Map<number, number>();
  const seen = new Set<number>();
  for (const segment of data) {
    const end = seqOffset(segment.seq + segment.length, isn);
    delays.delete(end);
    if (seen.has(end) || segment.dropped) continue;
    seen.add(end);
    const found = delayS(segment, answers, trace.rttMs / 2000);
    if (found !== null) delays.set(end, Math.round(found * 1e6));
  }
  return delays;
}

/** The recorded delays of both directions. */
export class RecordedDelays {
  private readonly delays: Readonly<Record<Side, ReadonlyMap<number, number>>>;

  constructor(trace: KernelTrace) {
    this.delays = { server: delaysOf(trace, 'server'), client: delaysOf(trace, 'client') };
  }

  /** Microseconds that the segment of `side` ending at stream offset `end` was on the wire; null = not recorded. */
  of(side: Side, end: number): number | null {
    return this.delays[side].get(end) ?? null;
  }
}
