/** Every recorded kernel trace against the simulated kernel: the recordings are the expectation. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformTrace, parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';

const folder = join(import.meta.dirname, '..', 'kernel-traces');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(file: string): KernelTrace {
  const parsed = parseKernelTrace(readFileSync(join(folder, file), 'utf8'), file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

describe('recorded traces', () => {
  it('are all there', () => {
    expect(files).toHaveLength(27);
  });

  it.each(files)('%s', (file) => {
    const row = conformTrace(read(file));
    expect(row.pass, row.remarks.join('; ')).toBe(true);
    expect(row.outcome.sim).toBe(row.outcome.kernel);
    // Two ticks of 4 ms; an end that was polled for is judged within the polling.
    expect(row.errorMs).toBeLessThanOrEqual(8);
    expect(row.samples.agreed).toBe(row.samples.compared);
  });

  it('without a phase the window of all phases holds the recorded end', () => {
    const trace = { ...read('idle-keepalive-10-5-3.json'), jiffiesAtT0: null };
    const row = conformTrace(trace);
    expect(row.pass, row.remarks.join('; ')).toBe(true);
  });
});

describe('a trace that does not agree', () => {
  const trace = read('busy-retries2-5.json');

  it('fails by its outcome', () => {
    const log = trace.log.map((line) => (line.error === null ? line : { ...line, error: 'EPIPE' }));
    expect(conformTrace({ ...trace, log }).pass).toBe(false);
  });

  it('fails by its end', () => {
    // Three ticks off: one more than two.
    const log = trace.log.map((line) =>
      line.error === null ? line : { ...line, t: line.t - 0.02 },
    );
    expect(conformTrace({ ...trace, log }).pass).toBe(false);
  });

  it('fails by a retransmission that never was', () => {
    const last = trace.packets[trace.packets.length - 1];
    if (last === undefined) throw new Error('no packets');
    const packets = [...trace.packets, { ...last, t: last.t + 1 }];
    expect(conformTrace({ ...trace, packets }).pass).toBe(false);
  });

  it('fails by a sample', () => {
    const log = trace.log.map((line) =>
      line.info === null || line.t < 3 ? line : { ...line, info: { ...line.info, backoff: 9 } },
    );
    expect(conformTrace({ ...trace, log }).pass).toBe(false);
  });
});

describe('files that are no traces', () => {
  const whole = readFileSync(join(folder, 'reboot-rst-on-write.json'), 'utf8');

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('cut after %s tenths: issues, no exception', (tenths) => {
    const parsed = parseKernelTrace(whole.slice(0, (whole.length * tenths) / 10), 'cut.json');
    const issues = parsed.ok ? [] : parsed.issues;
    expect(issues[0]?.path).toContain('cut.json');
  });

  it('names the field that is wrong', () => {
    const broken = JSON.parse(whole) as { hz: unknown; packets: { src: unknown }[] };
    broken.hz = 300;
    const first = broken.packets[0];
    if (first !== undefined) first.src = 'router';
    const parsed = parseKernelTrace(JSON.stringify(broken), 'x.json');
    const issues = parsed.ok ? [] : parsed.issues;
    expect(issues.map((issue) => issue.path)).toEqual(['x.json: hz', 'x.json: packets[0].src']);
  });
});
