/** How long segments of a recording were on the wire, read off the answers of the other kernel. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';
import { RecordedDelays } from '../../lab/conform/delays.ts';

const folder = join(import.meta.dirname, '..', 'kernel-traces');

/** A 50 ms round trip, the handshake, and then `packets` (time, side, sequence number, length, acknowledged). */
function recording(
  packets: [t: number, from: 'server' | 'client', seq: number, length: number, ack: number][],
): KernelTrace {
  const text = readFileSync(join(folder, 'busy-retries2-5.json'), 'utf8');
  const parsed = parseKernelTrace(text, 'x.json');
  if (!parsed.ok) throw new Error('no trace');
  const plain = { dropped: false, window: 64 };
  const shake = [
    { ...plain, t: -1.05, from: 'client' as const, flags: 'S', seq: 100, ack: 0, length: 0 },
    { ...plain, t: -1.025, from: 'server' as const, flags: 'S.', seq: 200, ack: 101, length: 0 },
    { ...plain, t: -1, from: 'client' as const, flags: '.', seq: 101, ack: 201, length: 0 },
  ];
  const more = packets.map(([t, from, seq, length, ack]) => ({
    ...plain,
    t,
    from,
    seq,
    length,
    ack,
    flags: '.',
  }));
  return { ...parsed.value, rttMs: 50, packets: [...shake, ...more] };
}

describe('time on the wire', () => {
  it('is from a segment to the ACK it provoked at once', () => {
    const delays = new RecordedDelays(
      recording([
        [1, 'server', 201, 100, 101],
        [1.031, 'client', 101, 0, 301],
      ]),
    );
    // Relative to the SYN the segment ends at 101: 6 ms later than half of 50 ms.
    expect(delays.of('server', 1, 1, 100)).toBe(31_000);
  });

  it('is unknown behind a delayed ACK, behind an unacknowledged segment, and for one sent twice', () => {
    const delays = new RecordedDelays(
      recording([
        [1, 'server', 201, 100, 101],
        // 40 ms after the arrival: the delayed-ACK timer.
        [1.065, 'client', 101, 0, 301],
        [2, 'server', 301, 10, 101],
        [2.001, 'server', 311, 10, 101],
        [2.027, 'client', 101, 0, 321],
        [3, 'server', 321, 5, 101],
        [3.3, 'server', 321, 5, 101],
        [3.326, 'client', 101, 0, 326],
      ]),
    );
    expect(delays.of('server', 1, 1, 100)).toBeNull();
    expect(delays.of('server', 2.001, 111, 10)).toBeNull();
    expect(delays.of('server', 3, 121, 5)).toBeNull();
  });

  it('of a probe is up to its answer', () => {
    const delays = new RecordedDelays(
      recording([
        [1, 'server', 201, 100, 101],
        [1.025, 'client', 101, 0, 301],
        [6, 'server', 300, 0, 101],
        [6.034, 'client', 101, 0, 301],
      ]),
    );
    // The probe is one below what was sent: at 100 in the stream.
    expect(delays.of('server', 6.002, 100, 0)).toBe(34_000);
    expect(delays.of('server', 7, 100, 0)).toBeNull();
  });
});
