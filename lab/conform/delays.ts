/**
 * How long each packet of a recording was on the wire.
 *
 * The wire of a recording is a program, and late by milliseconds when its machine is busy. The arrival is in no
 * recording, but what the other kernel answers at once is: a segment that found nothing left to
 * acknowledge, and was acknowledged sooner than a delayed ACK can be, arrived when its ACK was sent.
 */
import { DELAYED_ACK_MIN_MS } from '../../model/linux/constants.ts';
import { initialSequence, nominalDelayS, seqOffset } from './trace.ts';
import type { KernelTrace, PacketEntry, Side } from './trace.ts';

/** An answer within this of the nominal arrival did not wait for the delayed-ACK timer. */
const PROMPT_S = DELAYED_ACK_MIN_MS / 2000;

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
    const found = delayS(segment, answers, nominalDelayS(trace, side, segment.t));
    if (found !== null) delays.set(end, Math.round(found * 1e6));
  }
  return delays;
}

/** A bare probe that was answered at once. */
interface AnsweredProbe {
  readonly t: number;
  readonly seq: number;
  readonly delayUs: number;
}

/** Probes are below what was sent, have no payload, and are answered by an ACK that says nothing new. */
function probesOf(trace: KernelTrace, side: Side): AnsweredProbe[] {
  const isn = initialSequence(trace, side);
  const answers = trace.packets.filter((packet) => packet.from !== side && packet.length === 0);
  let highest = 0;
  return trace.packets.flatMap((packet) => {
    if (packet.from !== side || packet.flags.includes('R')) return [];
    const seq = seqOffset(packet.seq, isn);
    const isProbe = packet.length === 0 && seq === highest - 1;
    highest = Math.max(highest, seq + packet.length);
    if (!isProbe || packet.dropped) return [];
    const arrivalS = packet.t + nominalDelayS(trace, side, packet.t);
    const answer = answers.find((one) => one.t >= arrivalS);
    if (answer === undefined || answer.t >= arrivalS + PROMPT_S) return [];
    return [{ t: packet.t, seq, delayUs: Math.round((answer.t - packet.t) * 1e6) }];
  });
}

/** The recorded delays of both directions. */
export class RecordedDelays {
  private readonly delays: Readonly<Record<Side, ReadonlyMap<number, number>>>;
  private readonly probes: Readonly<Record<Side, readonly AnsweredProbe[]>>;

  constructor(trace: KernelTrace) {
    this.delays = { server: delaysOf(trace, 'server'), client: delaysOf(trace, 'client') };
    this.probes = { server: probesOf(trace, 'server'), client: probesOf(trace, 'client') };
  }

  /** Microseconds that a segment sent at `t` by `side` was on the wire, from stream offset `seq`; null = not recorded. */
  of(side: Side, t: number, seq: number, length: number): number | null {
    if (length > 0) return this.delays[side].get(seq + length) ?? null;
    const probe = this.probes[side].find(
      (one) => one.seq === seq && Math.abs(one.t - t) < PROMPT_S,
    );
    return probe?.delayUs ?? null;
  }
}
