/** Experiments: what is recorded is what was asked for, or it is refused with a reason. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../model/issue.ts';
import { experiments, orderOf, type ExperimentConfig } from '../../lab/recorder/index.ts';

const kernel = { release: '6.12.117', hz: 1000, congestionControl: 'cubic' } as const;

function order(config: ExperimentConfig) {
  return orderOf('mine', config, kernel, 'mine.json', 'out.json');
}

function refusal(config: ExperimentConfig): string {
  const read = order(config);
  return read.ok ? '' : read.issues.map(formatIssue).join('; ');
}

describe('the experiments that have a name', () => {
  it.each(Object.entries(experiments))('%s can be recorded', (_, config) => {
    expect(refusal(config)).toBe('');
  });

  const names = Object.keys(experiments);
  const recorded = names.flatMap((name) =>
    ['', 'k618-', 'k612hz100-', 'k612hz1000-']
      .map((kind) => join(import.meta.dirname, '..', 'kernel-traces', `${kind}${name}.json`))
      .filter((file) => existsSync(file))
      .map((file) => ({ name, file })),
  );

  it('are found among the recordings', () => {
    expect(new Set(recorded.map(({ name }) => name))).toEqual(new Set(names));
  });

  it.each(recorded)('$name does what its recordings of that name do', ({ name, file }) => {
    const { config } = JSON.parse(readFileSync(file, 'utf8')) as {
      config: { actions: unknown[]; rtt_ms: number };
    };
    const mine = experiments[name] as ExperimentConfig;
    const actions = (mine['actions'] ?? []) as unknown[];
    // A wire that answers with ICMP errors passes nothing on; some recorders cut it, too.
    expect(config.actions).toEqual(expect.arrayContaining(actions));
    expect(config.rtt_ms).toBe(mine.rtt_ms);
  });
});

describe('an order', () => {
  it('names options by the numbers of setsockopt(2), SO_KEEPALIVE before its times', () => {
    const read = order({
      rtt_ms: 50,
      max_s: 10,
      server_sockopts: { keepalive: [10, 5, 3], user_timeout_ms: 4000, cc: 'reno' },
      actions: [
        [2, 'server', 'set', { user_timeout_ms: 1000 }],
        [1, 'wire', 'drop'],
      ],
    });
    if (!read.ok) throw new Error(read.issues.map(formatIssue).join());
    const { sockets, actions } = read.value;
    // include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h
    expect(sockets.server).toEqual({
      options: [
        [1, 9, 1],
        [6, 4, 10],
        [6, 5, 5],
        [6, 6, 3],
        [6, 18, 4000],
        [6, 1, 1],
      ],
      congestion: 'reno',
    });
    expect(sockets.client).toEqual({ options: [[6, 1, 1]], congestion: null });
    expect(actions).toEqual([
      { t: 1, who: 'wire', what: 'drop', args: [], written: [] },
      {
        t: 2,
        who: 'server',
        what: 'set',
        args: [[[6, 18, 1000]]],
        written: [{ user_timeout_ms: 1000 }],
      },
    ]);
  });

  it('names the congestion control that the kernel takes where nobody has chosen', () => {
    const read = order({ rtt_ms: 50, max_s: 10 });
    const sysctls = read.ok ? read.value.config['server_sysctls'] : null;
    expect(sysctls).toEqual({ 'net.ipv4.tcp_congestion_control': 'cubic' });
  });

  it.each<[string, ExperimentConfig, string]>([
    ['no end', { rtt_ms: 50 }, 'max_s'],
    ['an action before 0', { rtt_ms: 50, max_s: 5, actions: [[-1, 'wire', 'drop']] }, '-1 s'],
    ['an unknown action', { rtt_ms: 50, max_s: 5, actions: [[0, 'wire', 'melt']] }, 'wire melt'],
    ['an unknown option', { rtt_ms: 50, max_s: 5, server_sockopts: { speed: 9 } }, 'speed'],
    [
      'an unknown sysctl',
      { rtt_ms: 50, max_s: 5, server_sysctls: { 'net.ipv4.tcp_speed': 9 } },
      'tcp_speed',
    ],
    [
      'a close that waits',
      { rtt_ms: 50, max_s: 5, server_sockopts: { linger: [1, 3] } },
      'SO_LINGER',
    ],
    [
      'a setting that came later',
      { rtt_ms: 50, max_s: 5, server_sysctls: { 'net.ipv4.tcp_rto_max_ms': 5000 } },
      'tcp_rto_max_ms',
    ],
  ])('is refused: %s', (_, config, names) => {
    expect(refusal(config)).toContain(names);
  });
});
