/** The trace format: what it carries is played, what it does not know is named. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformTrace, parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';
import { replay } from '../../lab/conform/replay.ts';
import { timingOf } from '../../lab/conform/timing.ts';
import { actionTable } from '../../model/recording/actions.ts';

type Json = { [key: string]: unknown };

/** A connection with a round trip of 50 ms of which nothing is recorded but what was done. */
function story(config: Json, done: unknown[][]): Json {
  const log = done.map(([t, who, what, ...args]) => ({
    t,
    who,
    what,
    args,
    ev: who === 'server' || who === 'client' ? 'do' : 'act',
  }));
  return { name: 'story', hz: 250, config: { rtt_ms: 50, max_s: 30, ...config }, log };
}

function read(file: Json): KernelTrace {
  const parsed = parseKernelTrace(JSON.stringify(file), 'story.json');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

/** What the simulated kernels do with it. */
function played(config: Json, done: unknown[][]) {
  const trace = read(story(config, done));
  return replay(trace, {
    timing: timingOf(trace),
    jiffiesAtT0: 2 ** 33,
    adoptions: [],
    lateness: null,
    congestionControl: 'cubic',
    sampleTimes: [],
  });
}

/** Instants of what a side sent after t = 0, to a millisecond. */
function sent({ packets }: ReturnType<typeof played>, side: string): number[] {
  return packets.flatMap(({ t, from }) => (from === side && t >= 0 ? [Math.round(t * 1000)] : []));
}

const cut = [0.1, 'wire', 'drop'];
const write = [0.5, 'server', 'write', 100];

describe('what happens on the wire', () => {
  it('delay, of one direction or both, from an instant on', () => {
    const answers = (delay: unknown[]): number[] => sent(played({}, [delay, write]), 'client');
    expect(answers([0.1, 'wire', 'delay', 100])).toEqual([600]);
    expect(answers([0.1, 'wire', 'delay', 100, 'client'])).toEqual([525]);
  });

  it('packets overtake when the delay is lowered', () => {
    const done = [
      [0.1, 'wire', 'delay', 300, 'server'],
      [0.5, 'server', 'write', 100],
      [0.52, 'wire', 'delay', 10, 'server'],
      [0.53, 'server', 'write', 100],
    ];
    const { packets } = played({}, done);
    const acked = packets.flatMap(({ t, from, ack }) => (from === 'client' && t > 0 ? [ack] : []));
    // The second one, first: a duplicate ACK for the hole before it.
    expect(acked[0]).toBe(1);
    expect(acked.at(-1)).toBe(201);
  });

  it('one-way delays that differ', () => {
    expect(sent(played({ rtt_ms: 410, owd_ms: [10, 400] }, [write]), 'client')).toEqual([510]);
  });

  it('the next packets are lost, or arrive twice', () => {
    const lost = played({}, [[0.1, 'wire', 'lose', 1, 'server'], write]);
    const [first, again] = lost.packets.filter(({ from, t }) => from === 'server' && t > 0);
    expect([first?.dropped, again?.dropped, again?.seq]).toEqual([true, false, first?.seq]);
    // RFC 2883: what has been received already is acknowledged at once.
    const twice = played({}, [[0.1, 'wire', 'duplicate', 1, 'server'], write]);
    expect(sent(twice, 'client')).toEqual([525, 525]);
  });

  it.each([
    ['host-unreachable', 'EHOSTUNREACH'],
    ['admin-prohibited', 'EHOSTUNREACH'],
    ['net-prohibited', 'ENETUNREACH'],
  ])('ICMP %s, a round trip after the packet, is what a death reports: %s', (kind, errno) => {
    const icmp = [0.1, 'wire', 'icmp', kind, 'server'];
    const options = { server_sockopts: { user_timeout_ms: 3000 } };
    expect(played(options, [icmp, write]).outcome).toBe(errno);
    expect(played(options, [cut, write]).outcome).toBe('ETIMEDOUT');
  });

  it("one's own queue drops all: no packet is seen", () => {
    const drops = [0.1, 'host', 'qdisc', 'server', 'pfifo limit 0'];
    expect(sent(played({}, [drops, write]), 'server')).toEqual([]);
  });
});

describe('what the programs do', () => {
  it.each([
    // Silent since the handshake at −1 s: a second later the two are over (tcp_sock_set_keepidle_locked).
    ['keepalive', [2, 1, 1], 2],
    ['user_timeout_ms', 2000, 2],
    ['TCP_USER_TIMEOUT', 2000, 2],
  ])('%s set during life', (name, value, atLeastS) => {
    const busy = name === 'keepalive' ? [] : [write];
    const late = [0.2, 'server', 'set', { [name]: value }];
    const { outcome, endS } = played({}, [cut, late, ...busy]);
    expect(outcome).toBe('ETIMEDOUT');
    expect(endS).toBeGreaterThanOrEqual(atLeastS);
    expect(endS).toBeLessThan(atLeastS + 1.5);
    expect(played({}, [cut, ...busy]).outcome).toBe('SURVIVED');
  });

  it.each(['rcvbuf', 'SO_RCVBUF'])('%s fixes the buffer of a socket', (name) => {
    const frozen = [
      [0.1, 'client', 'freeze'],
      [0.2, 'server', 'write', 200_000],
    ];
    const taken = (options: Json): number =>
      played({ client_sockopts: options }, frozen).packets.reduce(
        (most, { from, ack }) => (from === 'client' ? Math.max(most, ack) : most),
        0,
      );
    expect(taken({ [name]: 8192 })).toBeLessThan(taken({}) / 4);
  });

  it('SO_LINGER with a time: close waits, or resets at once', () => {
    const done = [cut, write, [0.6, 'server', 'close']];
    const closed = played({ server_sockopts: { linger: [1, 3] } }, done);
    expect(closed.endS).toBeCloseTo(3.6, 2);
    const reset = played({ server_sockopts: { linger: [1, 0] } }, done);
    expect(reset.packets.at(-1)?.flags).toContain('R');
  });

  it('writes of a pattern and reads of a trickle that were noted happen when they did', () => {
    const file = story({}, [[0, 'server', 'pattern', 1, 50]]);
    const noted = [0.013, 1.2].map((t) => ({ t, who: 'server', ev: 'wrote', args: [50] }));
    const trace = read({ ...file, log: [...(file['log'] as Json[]), ...noted] });
    expect(timingOf(trace).patternTimes.server.map(({ t }) => t)).toEqual([0.013, 1.2]);
  });
});

const act: Json = { t: 1, who: 'wire', ev: 'act', args: [{ at: [1] }] };
const set: Json = { t: 1, who: 'server', ev: 'do', what: 'set' };

describe('what is unknown', () => {
  it.each([
    ['config.colour', (file: Json): void => void ((file['config'] as Json)['colour'] = 'red')],
    ['log[0].mood', (file: Json): void => void (((file['log'] as Json[])[0] as Json)['mood'] = 1)],
    ['weather', (file: Json): void => void (file['weather'] = {})],
    [
      'wire sing',
      (file: Json): void => void (file['log'] as Json[]).push({ ...act, what: 'sing' }),
    ],
    [
      'busy_poll',
      (file: Json): void => void (file['log'] as Json[]).push({ ...set, args: [{ busy_poll: 5 }] }),
    ],
  ] as const)('%s is left out and said', (name, add) => {
    const file = story({}, [write]);
    add(file);
    expect(conformTrace(read(file)).remarks.join('; ')).toContain(name);
  });

  it.each([
    ['log[0]', [0.5, 'wire', 'delay']],
    ['log[0] of "wire delay", argument 1', [0.5, 'wire', 'delay', 'long']],
    ['log[0] of "process set", argument 1: rcvbuf', [0.5, 'server', 'set', { rcvbuf: 'big' }]],
  ])('%s: a wrong argument of a known action is an issue', (path, action) => {
    const result = parseKernelTrace(JSON.stringify(story({}, [action])), 'story.json');
    const issues = result.ok ? [] : result.issues;
    expect(issues.map((issue) => issue.path)).toEqual([`story.json: ${path}`]);
  });

  it('an option that the recorded kernel does not have is an issue', () => {
    const file = { ...story({ server_sockopts: { rto_max_ms: 5000 } }, []), kernel: '6.12.1' };
    expect(parseKernelTrace(JSON.stringify(file), 'x.json').ok).toBe(false);
  });
});

it('every action is described', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8');
  const rows = page.slice(page.indexOf('| action '));
  for (const name of Object.keys(actionTable)) {
    expect(rows).toContain(`\`${name.replace('process ', '')}`);
  }
});
