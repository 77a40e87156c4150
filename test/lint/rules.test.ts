/**
 * Every rule with a case that fires and one beside it that just does not. The limits are the inequalities
 * of the rules' sources; B and T come from the closed forms, which have their own tests.
 */
import { describe, expect, it } from 'vitest';
import { defineChain, type Chain, type ChainInput } from '../../model/chain/index.ts';
import { definePolicy, presets, type MechanismInput } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { chainRules, lint, policyRules, severities, type Finding } from '../../model/lint/index.ts';

const policy = (...mechanisms: readonly MechanismInput[]): Policy =>
  definePolicy({ name: 'under-test', mechanisms });
const preset = (name: string): Policy => {
  const found = presets[name];
  if (found === undefined) throw new Error(`no preset ${name}`);
  return found;
};
const chain = (...hops: ChainInput['hops']): Chain => defineChain({ name: 'under-test', hops });

const named = (subject: Policy | Chain, rule: string): readonly Finding[] =>
  lint(subject).filter((finding) => finding.rule === rule);

const ping = {
  kind: 'ping',
  intervalMs: '25s',
  replyTimeoutMs: '20s',
  life: ['any-byte'],
} as const;
const keepalive = { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 } as const;
const pinging = { kind: 'server', policy: { name: 'pings', mechanisms: [ping] } } as const;
const mute = { kind: 'server', preset: 'none' } as const;
const userTimeout = (timeoutMs: string) => ({ kind: 'user-timeout', timeoutMs }) as const;
const server = (fields: object) => ({ ...pinging, ...fields }) as const;
const drains = (deadlineMs: string | null) =>
  ({
    kind: 'server',
    policy: { name: 'd', mechanisms: [ping, { kind: 'drain', deadlineMs }] },
  }) as const;
const page = (heartbeatMs: string) => ({ kind: 'client', timers: 'page', heartbeatMs }) as const;

interface Case {
  readonly rule: string;
  readonly fires: Policy | Chain;
  readonly path: string;
  /** What the message must say: the numbers. */
  readonly says: RegExp;
  readonly severity?: Finding['severity'];
  readonly holds: Policy | Chain;
}

const cases: readonly Case[] = [
  {
    rule: 'vanished-peer-unseen',
    fires: preset('none'),
    path: 'mechanisms',
    says: /while nothing is sent stands for ever/,
    holds: preset('keepalive-10-5-3'),
  },
  {
    // tcp_retries2 = 15: 924.6 s and more.
    rule: 'left-to-retries2',
    fires: preset('none'),
    path: 'mechanisms',
    says: /tcp_retries2: its ghost lives up to 9\d\ds/,
    holds: policy(userTimeout('20s')),
  },
  {
    rule: 'frozen-peer-unseen',
    fires: preset('keepalive-10-5-3'),
    path: 'mechanisms',
    says: /process is stopped whatever is sent/,
    holds: preset('engine.io-v4-server'),
  },
  {
    rule: 'keepalive-without-user-timeout',
    fires: preset('keepalive-10-5-3'),
    path: 'mechanisms[0]',
    says: /1024 bytes go out every 500ms .* up to 9\d\ds/,
    holds: preset('keepalive-10-5-3-user-timeout-20s'),
  },
  {
    rule: 'user-timeout-without-keepalive',
    fires: preset('user-timeout-20s'),
    path: 'mechanisms[0]',
    says: /user timeout of 20s .* while nothing is sent stands for ever/,
    holds: preset('keepalive-10-5-3-user-timeout-20s'),
  },
  {
    // 10 + 3 · 5 = 25 s: at that very value both say the same.
    rule: 'user-timeout-replaces-probes',
    fires: policy(keepalive, userTimeout('20s')),
    path: 'mechanisms[1].timeoutMs',
    says: /10s and 3 probes of 5s read as 25s, but the user timeout of 20s/,
    holds: policy(keepalive, userTimeout('25s')),
  },
  {
    rule: 'linux-only',
    fires: chain({
      ...pinging,
      platform: 'other',
      policy: { name: 'p', mechanisms: [ping, userTimeout('20s')] },
    }),
    path: 'hops[0].policy.mechanisms[1]',
    says: /does not run on Linux/,
    severity: 'error',
    holds: chain({
      ...pinging,
      platform: 'linux',
      policy: { name: 'p', mechanisms: [ping, userTimeout('20s')] },
    }),
  },
  {
    // The round trip is 50 ms.
    rule: 'kills-healthy-client',
    fires: policy({ ...ping, replyTimeoutMs: 50 }),
    path: 'mechanisms[0]',
    says: /nothing is wrong is reaped while nothing is sent \(ping reply timer\)/,
    // Behind a full send path a ping waits for up to three windows, each a round trip and a delayed ACK (200 ms) long.
    holds: policy({ ...ping, replyTimeoutMs: 1_000 }),
  },
  {
    // One probe; the timeout of 15 s is met by the check at 10 + 5. One second more needs a second probe.
    rule: 'one-lost-packet-kills',
    fires: policy(keepalive, userTimeout('15s')),
    path: 'mechanisms[0]',
    says: /single packet lost while nothing is sent/,
    holds: policy(keepalive, userTimeout('16s')),
  },
  {
    // T = grace − round trip.
    rule: 'kills-paused-client',
    fires: policy({ kind: 'send-stall', progress: 'application-ack', graceMs: '78s' }),
    path: 'mechanisms[0]',
    says: /says nothing for more than 77\.9s is reaped/,
    holds: policy({ kind: 'send-stall', progress: 'application-ack', graceMs: '78.05s' }),
  },
  {
    rule: 'kills-slow-reader',
    fires: preset('engine.io-v4-server'),
    path: 'mechanisms[0]',
    says: /100000 bytes a second of a full send path for more than 18\.4s/,
    // Patience above 75 s of reading, a round trip and the drain of the queue.
    holds: policy({ ...ping, intervalMs: '2m', replyTimeoutMs: '90s' }),
  },
  {
    // 900 kB at 20 kB/s take 45 s; a pong arrives a round trip later.
    rule: 'kills-slow-uploader',
    fires: policy({ ...ping, intervalMs: '60s', replyTimeoutMs: 45_049, life: ['pong'] }),
    path: 'mechanisms[0]',
    says: /takes longer than 44\.9s to upload/,
    holds: policy({ ...ping, intervalMs: '60s', replyTimeoutMs: 45_050, life: ['pong'] }),
  },
  {
    // The pong is a round trip under way when the stall begins.
    rule: 'loop-stall-kills-all',
    fires: policy({ ...ping, replyTimeoutMs: 10_049 }),
    path: 'mechanisms[0]',
    says: /stands still for more than 9\.999s, every client is reaped/,
    holds: policy({ ...ping, replyTimeoutMs: 10_050 }),
  },
  {
    rule: 'sweep-takes-two-intervals',
    fires: preset('alive-flag-sweep'),
    path: 'mechanisms[0].intervalMs',
    says: /A sweep every 30s finds a ghost after up to 60s/,
    holds: preset('sweep-and-pong-timer'),
  },
  {
    rule: 'reply-timeout-not-below-interval',
    fires: policy({ ...ping, replyTimeoutMs: '25s' }),
    path: 'mechanisms[0].replyTimeoutMs',
    says: /every 25s, and its answer is waited for 25s/,
    holds: policy({ ...ping, replyTimeoutMs: 24_999 }),
  },
  {
    rule: 'ping-without-verdict',
    fires: policy({ ...ping, replyTimeoutMs: null }),
    path: 'mechanisms[0].replyTimeoutMs',
    says: /every 25s, and nobody waits/,
    holds: policy(
      { ...ping, replyTimeoutMs: null },
      { kind: 'sweep', intervalMs: '50s', ping: false },
    ),
  },
  {
    rule: 'looks-round-up',
    fires: policy({ kind: 'send-stall', graceMs: '30s', everyMs: '7s' }),
    path: 'mechanisms[0].graceMs',
    says: /30s, looked at every 7s, is 35s in effect/,
    holds: policy({ kind: 'send-stall', graceMs: '35s', everyMs: '7s' }),
  },
  {
    rule: 'mechanism-lost',
    fires: preset('alive-flag-sweep-lost'),
    path: 'mechanisms[0].lost',
    says: /stands for ever; with it, up to 60s/,
    severity: 'error',
    holds: preset('alive-flag-sweep'),
  },
  {
    rule: 'single-mechanism',
    fires: preset('engine.io-v4-server'),
    path: 'mechanisms[0]',
    says: /by ping alone/,
    holds: policy(ping, keepalive),
  },
  {
    rule: 'drain-without-deadline',
    fires: preset('drain-unbounded'),
    path: 'mechanisms[0].deadlineMs',
    says: /for ever/,
    holds: preset('drain-15s'),
  },
  {
    // B = 25 s + 20 s − half a round trip of 50 ms.
    rule: 'drain-shorter-than-ghosts',
    fires: policy(ping, { kind: 'drain', deadlineMs: 44_974 }),
    path: 'mechanisms[1].deadlineMs',
    says: /lives up to 45s, longer than the 44\.974s/,
    holds: policy(ping, { kind: 'drain', deadlineMs: 44_975 }),
  },
  {
    rule: 'path-forgets-before-ping',
    fires: chain({ kind: 'middlebox', name: 'the NAT', idleMs: '25s' }, pinging),
    path: 'hops[0].idleMs',
    says: /only every 25s, and after 25s without traffic the NAT forgets it and tells nobody/,
    holds: chain({ kind: 'middlebox', idleMs: 25_001 }, pinging),
  },
  {
    rule: 'path-idle-below-two-heartbeats',
    fires: chain({ kind: 'proxy', name: 'nginx', idleMs: 49_999 }, pinging),
    path: 'hops[0].idleMs',
    says: /every 25s, and nginx waits 49\.999s/,
    holds: chain({ kind: 'proxy', idleMs: '50s' }, pinging),
  },
  {
    rule: 'pool-outlives-path',
    fires: chain(
      { kind: 'client', name: 'the pool', poolIdleMs: '5m' },
      { kind: 'middlebox', name: 'the NAT', idleMs: '5m' },
      pinging,
    ),
    path: 'hops[0].poolIdleMs',
    says: /the pool keeps an idle connection for up to 5m, but the NAT forgets it after 5m/i,
    // A load balancer of 350 s and a pool of 300 s: fine.
    holds: chain(
      { kind: 'client', poolIdleMs: '300s' },
      { kind: 'middlebox', idleMs: '350s' },
      pinging,
    ),
  },
  {
    // Kestrel waits 130 s against 120 s of the pool: fine.
    rule: 'server-closes-before-pool',
    fires: chain({ kind: 'client', poolIdleMs: '120s' }, server({ httpKeepAliveMs: '120s' })),
    path: 'hops[1].httpKeepAliveMs',
    says: /after 2m, and the client keeps it for up to 2m/,
    holds: chain({ kind: 'client', poolIdleMs: '120s' }, server({ httpKeepAliveMs: '130s' })),
  },
  {
    rule: 'proxy-without-timeout',
    fires: chain({ kind: 'proxy', name: 'HAProxy', idleMs: null }, pinging),
    path: 'hops[0].idleMs',
    says: /HAProxy never ends an idle connection/,
    holds: chain({ kind: 'proxy', idleMs: '1h' }, pinging),
  },
  {
    rule: 'proxy-hides-client',
    fires: chain({ kind: 'proxy', idleMs: null }, { kind: 'server', preset: 'keepalive-10-5-3' }),
    path: 'hops[0].kind',
    says: /one that died behind it is never noticed/,
    holds: chain({ kind: 'proxy', idleMs: null }, pinging),
  },
  {
    // gRPC: MinTime 5 min by default.
    rule: 'ping-faster-than-min-time',
    fires: chain({ kind: 'client', heartbeatMs: 299_999 }, server({ minPingMs: '5m' })),
    path: 'hops[0].heartbeatMs',
    says: /every 299\.999s, and the server forgives one every 5m/,
    holds: chain({ kind: 'client', heartbeatMs: '5m' }, server({ minPingMs: '5m' })),
  },
  {
    // ClientTimeoutInterval 5 s against a heartbeat of 12 s.
    rule: 'limit-not-above-interval',
    fires: chain({ kind: 'client', heartbeatMs: '12s' }, { ...mute, readTimeoutMs: '12s' }),
    path: 'hops[1].readTimeoutMs',
    says: /after 12s without a byte, and the client sends only every 12s/,
    holds: chain({ kind: 'client', heartbeatMs: '12s' }, { ...mute, readTimeoutMs: 12_001 }),
  },
  {
    // gorilla: pongWait 60 s, writeWait 10 s; the ping every 54 s leaves 6 s, one every 50 s leaves 10 s.
    rule: 'margin-below-write-wait',
    fires: chain({
      kind: 'server',
      policy: { name: 'g', mechanisms: [{ ...ping, intervalMs: '54s' }] },
      readTimeoutMs: '60s',
      writeWaitMs: '10s',
    }),
    path: 'hops[0].readTimeoutMs',
    says: /6s remain for ping and pong, while a write may take 10s/,
    holds: chain({
      kind: 'server',
      policy: { name: 'g', mechanisms: [{ ...ping, intervalMs: '50s' }] },
      readTimeoutMs: '60s',
      writeWaitMs: '10s',
    }),
  },
  {
    // Phoenix: 30 s in the page, 60 s at the server; repaired with 70 s.
    rule: 'page-heartbeat-throttled',
    fires: chain(page('30s'), { ...mute, readTimeoutMs: '60s' }),
    path: 'hops[0].heartbeatMs',
    says: /30s comes every 60s in a tab .* waits 60s: hidden tabs are cut off/,
    severity: 'error',
    holds: chain(page('30s'), { ...mute, readTimeoutMs: '70s' }),
  },
  {
    rule: 'pong-is-the-browsers',
    fires: chain({ kind: 'client', timers: 'page' }, pinging),
    path: 'hops[0].timers',
    says: /frozen/,
    holds: chain({ kind: 'client', timers: 'process' }, pinging),
  },
  {
    // Kubernetes: 30 s.
    rule: 'drain-not-below-grace',
    fires: chain(drains('30s'), { kind: 'orchestrator', name: 'Kubernetes', graceMs: '30s' }),
    path: 'hops[1].graceMs',
    says: /drains for up to 30s, but Kubernetes sends SIGKILL 30s after SIGTERM/,
    holds: chain(drains(29_999 as unknown as string), { kind: 'orchestrator', graceMs: '30s' }),
  },
  {
    rule: 'drain-left-to-orchestrator',
    fires: chain(pinging, { kind: 'orchestrator', graceMs: '30s' }),
    path: 'hops[0].policy.mechanisms',
    says: /SIGKILL after 30s/,
    holds: chain(drains('10s'), { kind: 'orchestrator', graceMs: '30s' }),
  },
  {
    // ws waits 30 s for the answer to its Close frame: all that Kubernetes gives.
    rule: 'close-timeout-not-below-drain',
    fires: chain(server({ closeTimeoutMs: '30s' }), { kind: 'orchestrator', graceMs: '30s' }),
    path: 'hops[0].closeTimeoutMs',
    says: /waited for 30s, and the whole shutdown has 30s/,
    holds: chain(server({ closeTimeoutMs: '10s' }), { kind: 'orchestrator', graceMs: '30s' }),
  },
];

describe('each rule', () => {
  it.each(cases.map((one) => [one.rule, one] as const))('%s', (rule, one) => {
    const found = named(one.fires, rule);
    expect(found.map(({ path }) => path)).toContain(one.path);
    const finding = found.find(({ path }) => path === one.path);
    expect(finding?.message).toMatch(one.says);
    const stated = [...policyRules, ...chainRules].find(({ name }) => name === rule)?.severity;
    expect(finding?.severity).toBe(one.severity ?? stated);
    expect(named(one.holds, rule)).toEqual([]);
  });

  it('has a case', () => {
    const rules = [...policyRules, ...chainRules].map(({ name }) => name);
    expect(new Set(rules).size).toBe(rules.length);
    // What a queue's length makes of a living peer is not proved, and no rule speaks of it.
    expect([...cases.map(({ rule }) => rule), 'kills-steady-queue'].toSorted()).toEqual(
      rules.toSorted(),
    );
    expect(named(preset('queue-stall-watchdog'), 'kills-steady-queue')).toEqual([]);
  });

  it('names what it yields to as it is called', () => {
    const rules = [...policyRules, ...chainRules];
    const yielding = rules.flatMap(({ yieldsTo = [] }) => yieldsTo);
    expect(yielding.filter((name) => !rules.some((rule) => rule.name === name))).toEqual([]);
  });
});

describe('rules in circumstances', () => {
  it('counts preStop against the grace', () => {
    const stopping = { kind: 'orchestrator', graceMs: '30s', preStopMs: '10s' } as const;
    expect(named(chain(drains('20s'), stopping), 'drain-not-below-grace')).toHaveLength(1);
    expect(named(chain(drains('19s'), stopping), 'drain-not-below-grace')).toEqual([]);
  });

  it('knows that keepalive probes pass a NAT and stop at a proxy', () => {
    const probing = { kind: 'server', preset: 'keepalive-10-5-3' } as const;
    const nat = { kind: 'middlebox', idleMs: '60s' } as const;
    const proxy = { kind: 'proxy', idleMs: '60s' } as const;
    const rule = 'path-forgets-before-ping';
    expect(named(chain(nat, probing), rule)).toEqual([]);
    expect(named(chain(nat, proxy, probing), rule).map(({ path }) => path)).toEqual([
      'hops[0].idleMs',
      'hops[1].idleMs',
    ]);
  });

  it('warns of a page whose late timer is close to the limit, and is calm where the server pings', () => {
    const rule = 'page-heartbeat-throttled';
    const near = named(chain(page('30s'), { ...mute, readTimeoutMs: '66s' }), rule);
    expect(near.map(({ severity }) => severity)).toEqual(['warning']);
    expect(named(chain(page('30s'), server({ readTimeoutMs: '60s' })), rule)).toEqual([]);
  });

  it('holds a client that listens against what the server sends', () => {
    const listening = { kind: 'client', readTimeoutMs: '20s' } as const;
    const [finding] = named(chain(listening, mute), 'limit-not-above-interval');
    expect(finding?.message).toMatch(/the server need not send anything/);
    expect(named(chain(listening, pinging), 'limit-not-above-interval')).toHaveLength(1);
    const patient = { kind: 'client', readTimeoutMs: '26s' } as const;
    expect(named(chain(patient, pinging), 'limit-not-above-interval')).toEqual([]);
  });

  it('judges a policy by the load and path of its chain', () => {
    const hops = [{ kind: 'server', preset: 'user-timeout-20s' }] as const;
    const load = { kind: 'periodic', bytes: 100, everyMs: 1_000, direction: 'both' } as const;
    const busy = defineChain({ name: 'busy', load, hops });
    expect(named(busy, 'user-timeout-without-keepalive')).toEqual([]);
    const far = { name: 'far', rttMs: 200 } as const;
    const impatient = { kind: 'server', preset: 'grpc-5s-1s' } as const;
    expect(named(defineChain({ ...far, hops: [impatient] }), 'one-lost-packet-kills')).toHaveLength(
      1,
    );
  });

  it('puts the worst first and leaves out what a closer rule says', () => {
    const found = lint(preset('user-timeout-20s'));
    const weights = found.map(({ severity }) => severities.indexOf(severity));
    expect(weights).toEqual(weights.toSorted());
    expect(found.map(({ rule }) => rule)).not.toContain('vanished-peer-unseen');
  });

  it('finds nothing worse than a note in what is well made', () => {
    const well = policy(
      { ...ping, intervalMs: '40s', replyTimeoutMs: '100s', after: 'last-reply' },
      keepalive,
    );
    const fine = chain(
      { kind: 'client', poolIdleMs: '300s', readTimeoutMs: '90s' },
      { kind: 'middlebox', idleMs: '350s' },
      {
        kind: 'server',
        platform: 'linux',
        policy: {
          name: 'well',
          mechanisms: [...well.mechanisms, { kind: 'drain', deadlineMs: '20s' }],
        },
        httpKeepAliveMs: '310s',
        closeTimeoutMs: '5s',
      },
      { kind: 'orchestrator', graceMs: '30s' },
    );
    expect(lint(fine).filter(({ severity }) => severity !== 'note')).toEqual([]);
  });
});
