/** Comparing sampled TCP_INFO. */
import type { TcpInfo } from '../../sim/kernel/types.ts';
import type { LogEntry, RecordedInfo } from './trace.ts';

type Field = readonly [keyof RecordedInfo, keyof TcpInfo];

const timerFields = [
  ['state', 'state'],
  ['retransmits', 'retransmits'],
  ['probes', 'probes'],
  ['backoff', 'backoff'],
  ['rtoUs', 'rtoUs'],
] as const satisfies readonly Field[];

/** These move together, with each segment and each ACK. */
const streamFields = [
  ['unacked', 'unacked'],
  ['outq', 'outqBytes'],
  ['bytesAcked', 'bytesAcked'],
] as const satisfies readonly Field[];

/** Whether the stream moved within the readings: an ACK and a write at the same instant come in either order. */
function isMoving(readings: readonly TcpInfo[]): boolean {
  const [first] = readings;
  return (
    first !== undefined &&
    readings.some((reading) => streamFields.some(([, name]) => reading[name] !== first[name]))
  );
}

/** Whether a value lies between the least and the most of the readings. */
function isInRange(value: number, readings: readonly TcpInfo[], name: keyof TcpInfo): boolean {
  const values = readings.map((reading) => reading[name]);
  return value >= Math.min(...values) && value <= Math.max(...values);
}

/**
 * The wire's own jitter shows in the round trip, and rounding to ticks can make a whole tick of timeout of it, which
 * doubles with each retransmission.
 */
function isRounding(recorded: RecordedInfo, readings: readonly TcpInfo[], tickUs: number): boolean {
  const { rtoUs, rttUs } = recorded;
  return readings.some(
    (reading) =>
      rtoUs !== null &&
      rttUs !== reading.rttUs &&
      Math.abs(reading.rtoUs - rtoUs) <= tickUs * 2 ** reading.backoff,
  );
}

/**
 * The fields in which a recorded sample differs from every one of the simulated readings around its
 * instant: a value that changes within two jiffies may be either.
 */
export function differences(
  entry: LogEntry,
  readings: readonly TcpInfo[],
  tickUs: number,
): string[] {
  const recorded = entry.info;
  if (recorded === null || readings.length === 0) return [];
  const isBetween = isMoving(readings);
  const found: string[] = [];
  for (const [ours, theirs] of [...timerFields, ...streamFields]) {
    const value = recorded[ours];
    if (value === null || readings.some((reading) => reading[theirs] === value)) continue;
    if (ours === 'rtoUs' && isRounding(recorded, readings, tickUs)) continue;
    const isOfStream = streamFields.some(([name]) => name === ours);
    if (isOfStream && isBetween && isInRange(value, readings, theirs)) continue;
    const simulated = readings.map((reading) => reading[theirs]);
    const shown = [...new Set(simulated)].join(' or ');
    found.push(`${ours} at ${entry.t} s: kernel ${recorded[ours]}, simulated ${shown}`);
  }
  return found;
}
