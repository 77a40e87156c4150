/** What a recording's packets and wire are counted from. */
import { oncePerTrace } from './once.ts';
import { bothSides, type KernelTrace, type Side } from './trace.ts';

/** From `isn` to `seq`; sequence numbers wrap at 32 bits. */
export function seqOffset(seq: number, isn: number): number {
  return (((seq - isn) % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

const initialSequences = oncePerTrace(({ packets }) =>
  bothSides(
    (side) => packets.find(({ from, flags }) => from === side && flags.includes('S'))?.seq ?? 0,
  ),
);

/** The sequence number of a side's SYN; 0 where it is in no recording. */
export function initialSequence(trace: KernelTrace, side: Side): number {
  return initialSequences(trace)[side];
}

const delaysSet = oncePerTrace(({ log }) =>
  log.filter(({ who, what, event }) => who === 'wire' && what === 'delay' && event === 'act'),
);

/** One-way delay of what the side sends at `t`, seconds, as the wire was set. */
export function nominalDelayS(trace: KernelTrace, side: Side, t: number): number {
  const set = delaysSet(trace).findLast(
    ({ t: at, args }) => at <= t && (args[1] === undefined || args[1] === side),
  );
  return (set === undefined ? trace.oneWayMs[side] : Number(set.args[0])) / 1000;
}
