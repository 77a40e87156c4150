/**
 * `lab record` on this machine's kernel and on each user-mode Linux that is built here: what is recorded is a recording, and of a kind that the simulated
 * kernel follows.
 *
 * Skipped with the reason where this machine's cannot be used; failed where GHOSTBOUND_REQUIRE_KERNEL=1 says that this machine's must be.
 */
import { describe, expect, it } from 'vitest';
import { conformTrace, parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';
import {
  kernelTicks,
  orderOf,
  recorderOf,
  type ExperimentConfig,
  type Recorder,
} from '../../lab/recorder/index.ts';

const required = process.env['GHOSTBOUND_REQUIRE_KERNEL'] === '1';
const here = recorderOf(undefined, 'namespaces');

/** One of everything that a plan may do within two seconds, and an end that timers decide. */
const short: ExperimentConfig = {
  rtt_ms: 20,
  max_s: 6,
  server_sockopts: { user_timeout_ms: 900 },
  actions: [
    [0, 'server', 'pattern', 0.1, 300],
    [0.05, 'client', 'write', 5_000],
    [0.31, 'wire', 'lose', 1, 'server'],
    [0.5, 'client', 'freeze'],
    [0.7, 'client', 'thaw'],
    [0.8, 'wire', 'delay', 15],
    [1.02, 'wire', 'drop'],
  ],
};

function recorded(recorder: Recorder, config: ExperimentConfig): KernelTrace {
  const order = orderOf('short', config, recorder.kernel, 'short', 'short.json');
  if (!order.ok) throw new Error(JSON.stringify(order.issues));
  const [text = ''] = recorder.record([order.value]);
  const trace = parseKernelTrace(text, 'short.json');
  if (!trace.ok) throw new Error(JSON.stringify(trace.issues));
  return trace.value;
}

it('has what the tests below need, where they must run', () => {
  expect(required && 'missing' in here ? here.missing : []).toEqual([]);
});

describe.skipIf('missing' in here)('in namespaces', () => {
  it('records a whole connection, with its handshake, packets and end', { timeout: 30_000 }, () => {
    if ('missing' in here) return;
    const trace = recorded(here, short);
    expect(trace.unknown).toEqual([]);
    expect(trace.packets.slice(0, 3).map(({ flags }) => flags)).toEqual(['S', 'S.', '.']);
    expect(trace.packets.filter(({ dropped }) => dropped).length).toBeGreaterThan(3);
    const { outcome } = conformTrace(trace);
    expect(outcome).toEqual({ kernel: 'ETIMEDOUT', sim: 'ETIMEDOUT' });
  });
});

/** The kernels that are built on this machine: `npm run user-mode-linux` builds them, and the night does. */
const built = kernelTicks.flatMap((hz) => {
  const recorder = recorderOf(hz, 'user-mode');
  return 'missing' in recorder ? [] : [{ hz, recorder }];
});

describe.each(built)('user-mode Linux with HZ $hz', ({ recorder }) => {
  it('agrees to the rounding of the file, in virtual time', { timeout: 60_000 }, () => {
    const trace = recorded(recorder, short);
    expect(trace.virtualTime).toBe(true);
    const row = conformTrace(trace);
    expect(row.pass, row.remarks.join('; ')).toBe(true);
    // The same again is the same, to the microseconds that a system call takes: nothing in it depends on what else this machine does.
    const again = recorded(recorder, short);
    expect(again.packets.length).toBe(trace.packets.length);
    const apart = trace.packets.map(({ t }, i) => Math.abs(t - (again.packets[i]?.t ?? NaN)));
    expect(Math.max(...apart)).toBeLessThan(0.000_1);
  });
});
