/** A run as files for other viewers. Where tshark is at hand it reads the capture, else the bytes are checked here alone. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runToNdjson } from '../../cli/trace/ndjson.ts';
import { runToPcapng } from '../../cli/trace/pcapng.ts';
import { runToPerfetto } from '../../cli/trace/perfetto.ts';
import { tcpFrame } from '../../cli/trace/tcp-frame.ts';
import { packetsOf } from '../../cli/trace/segment.ts';
import { sampleRun } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ndjson', () => {
  it('is one line for the run and one for each event', () => {
    const run = sampleRun();
    const [head, ...events] = runToNdjson(run)
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const { events: expected, ...rest } = run;
    expect(head).toEqual(rest);
    expect(events).toEqual(expected);
  });
});

describe('perfetto', () => {
  const file = JSON.parse(runToPerfetto(sampleRun())) as {
    traceEvents: { ph: string; name: string; ts: number; id?: number; pid: number }[];
  };

  it('marks every event at its microsecond in the process of its place', () => {
    const marks = file.traceEvents.filter(({ ph }) => ph === 'i');
    expect(marks.map(({ ts }) => ts)).toEqual(sampleRun().events.map(({ atMs }) => atMs * 1000));
    const names = new Set(file.traceEvents.filter(({ ph }) => ph === 'M').map(({ pid }) => pid));
    for (const { pid } of marks) expect(names.has(pid)).toBe(true);
  });

  it('opens and closes each stage of the ghost', () => {
    const spans = file.traceEvents.filter(({ ph }) => ph === 'b' || ph === 'e');
    // Unnoticed from 1 s to 61 s; decided, closed and left at one instant; closing until 163.2 s.
    expect(spans.map(({ ph, name, ts }) => [ph, name, ts])).toEqual([
      ['b', 'ghost, unnoticed', 1_000_000],
      ['e', 'ghost, unnoticed', 61_000_000],
      ['b', 'decided, descriptor open', 61_000_000],
      ['e', 'decided, descriptor open', 61_000_000],
      ['b', 'closed, kernel still connected', 61_000_000],
      ['e', 'closed, kernel still connected', 61_000_000],
      ['b', 'kernel closing', 61_000_000],
      ['e', 'kernel closing', 163_200_000],
    ]);
  });
});

/** RFC 1071: a header with its checksum sums up to all ones. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

describe('frames', () => {
  const frames = packetsOf(sampleRun()).map((packet, index) => tcpFrame(packet, true, index));

  it('carry checksums that add up (RFC 791, RFC 9293)', () => {
    for (const { bytes, wireLength } of frames) {
      expect(sumOf(bytes.subarray(0, 20))).toBe(0xffff);
      const tcpLength = wireLength - 20;
      const pseudo = [...bytes.subarray(12, 20), 0, 6, tcpLength >> 8, tcpLength & 0xff];
      expect(sumOf(new Uint8Array([...pseudo, ...bytes.subarray(20)]))).toBe(0xffff);
    }
  });

  it('tell the connections of a fleet apart by the client port', () => {
    const [packet] = packetsOf(sampleRun());
    if (packet === undefined) throw new Error('the sample run has packets');
    const portOf = (connection: number): number =>
      new DataView(tcpFrame({ ...packet, connection }, true, 0).bytes.buffer).getUint16(20);
    expect([portOf(0), portOf(1)]).toEqual([50_000, 50_001]);
  });

  it('are cut after the headers but state the whole length', () => {
    const last = frames.at(-1);
    expect(last?.bytes.length).toBe(40);
    expect(last?.wireLength).toBe(42); // a ping of two bytes
  });
});

const TSHARK = 'tshark';

/** A machine that must have it fails without it; elsewhere the test is skipped. */
const withTshark =
  process.env['GHOSTBOUND_REQUIRE_TSHARK'] === '1' || spawnSync(TSHARK, ['--version']).status === 0;

describe('pcapng', () => {
  const bytes = runToPcapng(sampleRun(), '1.2.3');

  it('is a section header, an interface and a block per packet, each of its stated length', () => {
    const view = new DataView(bytes.buffer);
    const types: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = view.getUint32(at + 4, true);
      expect(length % 4).toBe(0);
      expect(view.getUint32(at + length - 4, true)).toBe(length);
      types.push(view.getUint32(at, true));
      at += length;
    }
    expect(types).toEqual([0x0a0d0d0a, 1, 6, 6, 6, 6]);
  });

  it.skipIf(!withTshark)('says to tshark (skipped where it is not installed) what happened', () => {
    const path = join(folder, 'run.pcapng');
    writeFileSync(path, bytes);
    const fields = [
      'frame.time_epoch',
      'ip.src',
      'tcp.flags',
      'tcp.seq',
      'tcp.len',
      'tcp.window_size',
    ];
    const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE'];
    const asked = [...fields, 'frame.comment', '_ws.expert.message'].flatMap((f) => ['-e', f]);
    const done = spawnSync(TSHARK, ['-r', path, ...checks, '-T', 'fields', ...asked], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    expect(done.status).toBe(0);
    const rows = done.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    const seconds = rows.map(([time]) =>
      time?.includes('T') ? Date.parse(time) / 1000 : Number(time),
    );
    expect(seconds).toEqual([0, 0.025, 0.05, 31]);
    expect(rows.map((row) => row.slice(1, 7))).toEqual([
      ['198.51.100.2', '0x0002', '0', '0', '64256', 'syn'],
      ['192.0.2.1', '0x0012', '0', '0', '64256', 'syn-ack'],
      ['198.51.100.2', '0x0010', '1', '0', '64256', 'ack'], // 64256 = 502 · 2^7
      ['192.0.2.1', '0x0018', '1', '2', '64256', 'data; lost on the way'],
    ]);
    expect(done.stdout).not.toMatch(/checksum|malformed|suspicious/i);
  });
});
