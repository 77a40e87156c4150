/** Every recorded kernel trace against the simulated kernel: the recordings are the expectation. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformTrace, parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';
import { share } from '../support/share.ts';
import { unmodelled } from './unmodelled.ts';

const folder = join(import.meta.dirname, '..', 'kernel-traces');
const recorded = readdirSync(folder).filter((name) => name.endsWith('.json'));
const lacking = new Set(Object.keys(unmodelled).map((name) => `${name}.json`));
const files = recorded.filter((name) => !lacking.has(name));
/** Those of the first recordings, all at HZ 250; every phase of the others would take minutes. */
const first = files.filter((name) => !/^k6\d+/.test(name));

function read(file: string): KernelTrace {
  const parsed = parseKernelTrace(readFileSync(join(folder, file), 'utf8'), file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

describe('recorded traces', () => {
  it('are all there', () => {
    expect(recorded.filter((name) => !/^k6\d+/.test(name))).toHaveLength(78);
    expect(recorded).toHaveLength(151);
    expect([...lacking].filter((name) => !recorded.includes(name))).toEqual([]);
  });

  it.each(share([...lacking], 3))('%s: not followed yet', (file) => {
    expect(conformTrace(read(file)).pass).toBe(false);
  });

  it.each(files)('%s', (file) => {
    const row = conformTrace(read(file));
    expect(row.pass, row.remarks.join('; ')).toBe(true);
    expect(row.outcome.sim).toBe(row.outcome.kernel);
    // Two ticks; an end that was polled for is judged within the polling.
    expect(row.errorMs).toBeLessThanOrEqual(2000 / read(file).hz);
    expect(row.samples.agreed).toBe(row.samples.compared);
  });

  it.each(share(first, 3))('%s: without a phase some phase gives every recorded packet', (file) => {
    const row = conformTrace({ ...read(file), jiffiesAtT0: null });
    expect(row.pass, row.remarks.join('; ')).toBe(true);
  });

  it('a phase that is one jiffy off is found', () => {
    const trace = read('busy-retries2-8.json');
    const jiffiesAtT0 = (trace.jiffiesAtT0 ?? 0) + 1;
    const row = conformTrace({ ...trace, jiffiesAtT0 });
    expect(row.pass, row.remarks.join('; ')).toBe(true);
  });
});

describe('the two profiles', () => {
  const other = (trace: KernelTrace): KernelTrace => ({
    ...trace,
    profile: trace.profile === '6.12' ? '6.18' : '6.12',
  });
  // Windows of 6.12 are scaled by 7, those of 6.18 by 10 (RECEIVE_BUFFER_MAX_BYTES).
  const short = ['k612hz1000-lose-1-data-ut6.json', 'k612hz1000-reboot-rst-on-write.json'];
  it.each([...short, 'k618-lose-1-data-ut6.json'])('%s fails under the other', (file) => {
    expect(conformTrace(read(file)).pass).toBe(true);
    expect(conformTrace(other(read(file))).pass).toBe(false);
  });

  it('how a receive buffer grows decides when a frozen peer is given up', () => {
    // tcp_rcvbuf_grow: a cushion of 16 segments until 6.16; under 6.18 the window shuts at another write.
    const trace = read('k612hz1000-frozen-low-rate-2048B-1000ms-rtt10-cut-ut6.json');
    expect(conformTrace(trace).pass).toBe(true);
    expect(conformTrace(other(trace)).errorMs).toBeGreaterThan(2000 / trace.hz);
  });
});

describe('what a recording decides and no rule', () => {
  it('a timer that ran a tick late moves the next one into another bucket', () => {
    // The probe due at jiffy …248 left at …249; 63 jiffies later then lies in level 1, whose buckets are 8 wide.
    const row = conformTrace(read('keepalive-5-2-3-usertimeout-12-write.json'));
    expect(row.pass).toBe(true);
    expect(row.remarks.join()).toContain('ran late');
  });

  it('a transfer is taken over, not reproduced: the comparison begins when the window shuts', () => {
    const trace = read('frozen-peer-usertimeout-10.json');
    // Nothing of the transfer itself is compared: other packets before the window shuts change nothing.
    const packets = trace.packets.filter((packet) => packet.t < 0.21 || packet.t > 0.7);
    const row = conformTrace({ ...trace, packets });
    expect(row.pass, row.remarks.join('; ')).toBe(true);
    // Five probes, five answers.
    expect(row.packets.kernel).toBe(10);
  });

  it('bbr lets 18 segments out before the first timeout of a sender that never filled its window', () => {
    // bbr_set_cwnd: one more for each segment delivered before the tenth, the SYN being the first: 10 + 8.
    const trace = read('chatty-100ms-usertimeout-6.json');
    const cut = trace.packets.filter((packet) => packet.dropped && packet.from === 'server');
    const fresh = new Set(cut.filter((packet) => packet.length === 200).map(({ seq }) => seq));
    // The first of the 18 left before the cut, its ACK did not arrive.
    expect(fresh.size).toBe(17);
    expect(conformTrace(trace).pass).toBe(true);
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

  it('fails by retransmissions that are often late', () => {
    let n = 0;
    const packets = trace.packets.map((packet) => {
      n += packet.dropped ? 1 : 0;
      return packet.dropped && n % 2 === 0 ? { ...packet, t: packet.t + 0.02 } : packet;
    });
    expect(conformTrace({ ...trace, packets }).pass).toBe(false);
  });

  it('fails by a retransmission that is early', () => {
    const packets = trace.packets.map((packet) =>
      packet.dropped && packet.t > 5 ? { ...packet, t: packet.t - 0.02 } : packet,
    );
    expect(conformTrace({ ...trace, packets }).pass).toBe(false);
  });

  it('fails by a retransmission that never was', () => {
    const last = trace.packets[trace.packets.length - 1];
    if (last === undefined) throw new Error('no packets');
    const packets = [...trace.packets, { ...last, t: last.t + 1 }];
    expect(conformTrace({ ...trace, packets }).pass).toBe(false);
  });

  it('counts and names the samples that differ', () => {
    const log = trace.log.map((line) =>
      line.info === null || line.t < 3 ? line : { ...line, info: { ...line.info, backoff: 9 } },
    );
    const late = log.filter((line) => line.event === 'sample' && line.t >= 3).length;
    const { samples, remarks } = conformTrace({ ...trace, log });
    expect(samples.compared - samples.agreed).toBe(late);
    expect(remarks.join('; ')).toContain('backoff at');
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
