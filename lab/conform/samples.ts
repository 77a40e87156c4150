/** Comparing sampled TCP_INFO. */
import type { TcpInfo } from '../../sim/kernel/types.ts';
import type { LogEntry, RecordedInfo } from './trace.ts';

const fields = [
  ['state', 'state'],
  ['retransmits', 'retransmits'],
  ['probes', 'probes'],
  ['backoff', 'backoff'],
  ['unacked', 'unacked'],
  ['outq', 'outqBytes'],
  ['bytesAcked', 'bytesAcked'],
  ['rtoUs', 'rtoUs'],
] as const satisfies readonly (readonly [keyof RecordedInfo, keyof TcpInfo])[];

/**
 * The fields in which a recorded sample differs from every one of the simulated readings around its
 * instant: a value that changes within two jiffies may be either.
 */
export function differences(entry: LogEntry, readings: readonly TcpInfo[]): string[] {
  const recorded = entry.info;
  if (recorded === null || readings.length === 0) return [];
  const found: string[] = [];
  for (const [ours, theirs] of fields) {
    if (readings.some((reading) => reading[theirs] === recorded[ours])) continue;
    const simulated = readings.map((reading) => reading[theirs]);
    const shown = [...new Set(simulated)].join(' or ');
    found.push(`${ours} at ${entry.t} s: kernel ${recorded[ours]}, simulated ${shown}`);
  }
  return found;
}
