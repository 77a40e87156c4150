/**
 * Every rule with a case that fires and one beside it that just does not. The limits are the inequalities of the
 * rules' sources; that it happens is for a simulated life to show (`shown.test.ts`).
 */
import { describe, expect, it } from 'vitest';
import { defineChain, type Chain, type ChainInput } from '../../model/chain/index.ts';
import { ruleNames, severities, type Finding } from '../../model/lint/index.ts';
import { chainRules, policyRules, stopRules } from '../../model/lint/registry.ts';
import {
  definePolicy,
  presets,
  selectPolicies,
  type MechanismInput,
} from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { lint } from '../../proof/lint/index.ts';

const policy = (...mechanisms: readonly MechanismInput[]): Policy =>
  definePolicy({ name: 'under-test', mechanisms });
const preset = (name: string): Policy => {
  const found = selectPolicies(name);
  if (!found.ok) throw new Error(`no preset ${name}`);
  return found.value[0] as Policy;
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
const drains = (deadlineMs: string | number | null, ...more: readonly MechanismInput[]) =>
  ({
    kind: 'server',
    policy: { name: 'd', mechanisms: [...more, { kind: 'drain', deadlineMs }] },
  }) as const;
const page = (heartbeatMs: string) => ({ kind: 'client', timers: 'page', heartbeatMs }) as const;

interface Case {
  readonly rule: string;
  readonly fires: Policy | Chain;
  readonly path: string;
  /** What the message must say: the numbers. */
  readonly says: RegExp;
  /** What the remedy must say, where it computes. */
  readonly cures?: RegExp;
  readonly severity?: Finding['severity'];
  readonly holds: Policy | Chain;
}

const cases: readonly Case[] = [
  {
    rule: 'vanished-peer-unseen',
    fires: preset('none'),
    path: 'mechanisms',
    says: /while nothing is sent stands for ever/,
    cures: /30s, 10s and 60s/,
    holds: preset('keepalive-10-5-3'),
  },
  {
    // tcp_retries2 = 15: 924.6 s and more.
    rule: 'left-to-retries2',
    fires: preset('none'),
    path: 'mechanisms',
    says: /tcp_retries2: its ghost lives 9\d\ds and longer/,
    holds: policy(userTimeout('20s')),
  },
  {
    rule: 'frozen-peer-unseen',
    fires: preset('keepalive-10-5-3'),
    path: 'mechanisms',
    says: /process is stopped while nothing is sent is never noticed/,
    holds: preset('engine.io-v4-server'),
  },
  {
    // 10 + 3 · 5.
    rule: 'keepalive-without-user-timeout',
    fires: preset('keepalive-10-5-3'),
    path: 'mechanisms[0]',
    says: /1024 bytes go out every 500ms .* 9\d\ds and longer/,
    cures: /e\.g\. 25s/,
    holds: preset('keepalive-10-5-3-user-timeout-20s'),
  },
  {
    rule: 'user-timeout-without-keepalive',
    fires: preset('user-timeout-20s'),
    path: 'mechanisms[0]',
    says: /user timeout of 20s .* while nothing is sent stands for ever/,
    cures: /after 10s, every 3s/,
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
    fires: chain({ ...mute, preset: 'keepalive-10-5-3-user-timeout-20s', platform: 'other' }),
    path: 'hops[0].preset: mechanisms[1]',
    says: /does not run on Linux.* is found after .*s; on Linux it is found within/,
    severity: 'warning',
    holds: chain({ ...mute, preset: 'keepalive-10-5-3-user-timeout-20s', platform: 'linux' }),
  },
  {
    // The round trip is 50 ms.
    rule: 'kills-healthy-client',
    fires: policy({ ...ping, replyTimeoutMs: 50 }),
    path: 'mechanisms[0]',
    says: /nothing is wrong is ended while nothing is sent, .* by ping/,
    cures: /longer than the 50ms/,
    // Behind a full send path a ping waits for up to three windows, each a round trip and a delayed ACK (200 ms) long.
    holds: policy({ ...ping, replyTimeoutMs: 1_000 }),
  },
  {
    rule: 'ends-quiet-client',
    fires: policy({ kind: 'idle', timeoutMs: '1s' }),
    path: 'mechanisms[0].timeoutMs',
    says: /hung up on after 1s without a message \(seen 1s after it had connected/,
    // Closing what rests is what a pool's idle limit is for.
    holds: policy(ping),
  },
  {
    rule: 'ends-young-connections',
    fires: policy({ kind: 'age', maxMs: '1s' }),
    path: 'mechanisms[0].maxMs',
    says: /hung up on at the age of 1s/,
    holds: policy(ping),
  },
  {
    // One probe; the timeout of 15 s is met by the check at 10 + 5. One second more needs a second probe.
    rule: 'one-lost-packet-kills',
    fires: policy(keepalive, userTimeout('15s')),
    path: 'mechanisms[1]',
    says: /single packet lost while nothing is sent ends a living client/,
    holds: policy(keepalive, userTimeout('16s')),
  },
  {
    rule: 'kills-paused-client',
    fires: policy({ kind: 'send-stall', progress: 'application-ack', graceMs: '30s' }),
    path: 'mechanisms[0]',
    says: /says nothing for 78s is ended \(by send-stall\)/,
    holds: policy({ kind: 'send-stall', progress: 'application-ack', graceMs: '79s' }),
  },
  {
    rule: 'kills-steady-queue',
    fires: preset('queue-stall-watchdog'),
    path: 'mechanisms[0]',
    says: /though its bytes are acknowledged all along/,
    holds: preset('send-stall-watchdog'),
  },
  {
    rule: 'kills-slow-reader',
    fires: preset('engine.io-v4-server'),
    path: 'mechanisms[0]',
    says: /100000 bytes a second of a full send path is ended alive \(by ping/,
    // Patience above 75 s of reading, a round trip and the drain of the queue.
    holds: policy({ ...ping, intervalMs: '2m', replyTimeoutMs: '90s' }),
  },
  {
    // 900 kB at 20 kB/s take 45 s; a pong arrives a round trip later.
    rule: 'kills-slow-uploader',
    fires: policy({ ...ping, life: ['pong'] }),
    path: 'mechanisms[0].life',
    says: /900 kB in 45s is ended while it sends \(by ping\)/,
    holds: policy({ ...ping, intervalMs: '60s', replyTimeoutMs: 45_051, life: ['pong'] }),
  },
  {
    // 25 s and a round trip between two pongs, 10 s of stall, 2 s to spare in what is proposed.
    rule: 'loop-stall-kills-all',
    fires: policy(
      { ...ping, replyTimeoutMs: null },
      { kind: 'receive-deadline', timeoutMs: '30s', life: ['pong'] },
    ),
    path: 'mechanisms[1]',
    says: /server itself stands still for 10s, connections whose sign of life is due .* \(by receive-deadline\)/,
    cures: /Wait for 38s instead of 30s/,
    holds: policy(
      { ...ping, replyTimeoutMs: null },
      { kind: 'receive-deadline', timeoutMs: '38s', life: ['pong'] },
    ),
  },
  {
    rule: 'sweep-takes-two-intervals',
    fires: preset('alive-flag-sweep'),
    path: 'mechanisms[0].intervalMs',
    says: /A sweep every 30s finds a ghost after up to 2 · 30s = 60s/,
    cures: /Sweep every 15s to find it within 30s/,
    holds: preset('sweep-and-pong-timer'),
  },
  {
    rule: 'reply-timeout-not-below-interval',
    fires: policy({ ...ping, replyTimeoutMs: '60s' }),
    path: 'mechanisms[0].replyTimeoutMs',
    says: /every 25s, and its answer is waited for 60s: up to 3 are under way/,
    holds: policy({ ...ping, replyTimeoutMs: '25s' }),
  },
  {
    rule: 'ping-without-verdict',
    fires: policy({ ...ping, replyTimeoutMs: null }),
    path: 'mechanisms[0].replyTimeoutMs',
    says: /every 25s, and nobody waits for its pong: .* after 9\d\ds/,
    cures: /e\.g\. 12s/,
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
    // nodejs/node#27363.
    rule: 'headers-timeout-below-keepalive',
    fires: preset('node(keepAliveTimeout=65s,headersTimeout=40s)'),
    path: 'mechanisms[1].timeoutMs',
    says: /kept for 66s, and headers may take 40s/,
    holds: preset('node(keepAliveTimeout=65s,headersTimeout=67s)'),
  },
  {
    rule: 'mechanism-lost',
    fires: preset('alive-flag-sweep-lost'),
    path: 'mechanisms[0].lost',
    says: /is never noticed; with it, within 60s/,
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
    // A sweep that looks only at open connections, and a closing handshake without a limit.
    rule: 'close-handshake-unlimited',
    fires: policy(
      { kind: 'sweep', intervalMs: '220s' },
      { kind: 'close-handshake', timeoutMs: null },
    ),
    path: 'mechanisms[1].timeoutMs',
    says: /never answers the Close frame keeps its descriptor for ever/,
    cures: /\(e\.g\. 30s\), or let the sweep look at closing connections, too \(whileClosing\)/,
    holds: policy(
      { kind: 'sweep', intervalMs: '220s', whileClosing: true },
      { kind: 'close-handshake', timeoutMs: null },
    ),
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
    rule: 'server-not-stated',
    fires: chain({ kind: 'client' }, { kind: 'server' }),
    path: 'hops[1]',
    says: /Not stated/,
    holds: chain({ kind: 'client' }, mute),
  },
  {
    rule: 'path-forgets-before-ping',
    fires: chain({ kind: 'middlebox', name: 'the NAT', idleMs: '25s' }, pinging),
    path: 'hops[0].idleMs',
    says: /only every 25s, and after 25s without traffic the NAT forgets it and tells nobody/,
    cures: /Ping at least every 12s, or raise the idle time of the NAT to 50s/,
    // Below two round trips and 100 ms nothing is left when a ping comes late.
    holds: chain({ kind: 'middlebox', idleMs: 25_200 }, pinging),
  },
  {
    rule: 'path-idle-below-two-heartbeats',
    fires: chain({ kind: 'proxy', name: 'nginx', idleMs: '26s' }, pinging),
    path: 'hops[0].idleMs',
    says: /every 25s, and nginx waits 26s: with a heartbeat that is late by 1s/,
    cures: /wait for 50s at least, or ping every 13s/,
    holds: chain({ kind: 'proxy', idleMs: '50s' }, pinging),
  },
  {
    rule: 'pool-outlives-path',
    fires: chain(
      { kind: 'client', name: 'the pool', poolIdleMs: '5m' },
      { kind: 'middlebox', name: 'the NAT', idleMs: '5m' },
      mute,
    ),
    path: 'hops[0].poolIdleMs',
    says: /the pool keeps an idle connection for up to 5m, but the NAT forgets it after 5m/i,
    cures: /less than 5m \(e\.g\. 270s\)/,
    // A load balancer of 350 s and a pool of 300 s: fine.
    holds: chain(
      { kind: 'client', poolIdleMs: '300s' },
      { kind: 'middlebox', idleMs: '350s' },
      mute,
    ),
  },
  {
    // Node waits a second more than it tells.
    rule: 'server-closes-before-pool',
    fires: chain({ kind: 'client', poolIdleMs: '60s' }, { ...mute, preset: 'node' }),
    path: 'hops[1].preset: mechanisms[0].timeoutMs',
    says: /after 6s, and the client keeps it for up to 60s/,
    cures: /wait longer than the pool and a round trip: 65s/,
    holds: chain(
      { kind: 'client', poolIdleMs: '60s' },
      { ...mute, preset: 'node(keepAliveTimeout=65s)' },
    ),
  },
  {
    rule: 'proxy-without-timeout',
    fires: chain({ kind: 'proxy', name: 'HAProxy', idleMs: null }, pinging),
    path: 'hops[0].idleMs',
    says: /HAProxy never ends an idle connection/,
    cures: /50s, twice the heartbeat/,
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
    // gRPC: MinTime 5 min by default; Envoy pings every 30 s.
    rule: 'ping-faster-than-min-time',
    fires: chain({ kind: 'client', heartbeatMs: '30s' }, { ...mute, preset: 'grpc' }),
    path: 'hops[0].heartbeatMs',
    says: /every 30s, and the server forgives one every 5m/,
    cures: /every 330s or less often/,
    holds: chain({ kind: 'client', heartbeatMs: '301s' }, { ...mute, preset: 'grpc' }),
  },
  {
    // ClientTimeoutInterval 5 s against a heartbeat of 12 s.
    rule: 'limit-not-above-interval',
    fires: chain({ kind: 'client', heartbeatMs: '12s' }, { ...mute, readTimeoutMs: '12s' }),
    path: 'hops[1].readTimeoutMs',
    says: /after 12s without a sign of life, and the client sends only every 12s/,
    cures: /every 6s, half as long as the limit, or make the limit 24s/,
    holds: chain({ kind: 'client', heartbeatMs: '12s' }, { ...mute, readTimeoutMs: 12_001 }),
  },
  {
    // gorilla: pongWait 60 s, writeWait 10 s; the ping every 54 s leaves 6 s, one every 50 s leaves 10 s.
    rule: 'margin-below-write-wait',
    fires: chain({ kind: 'client' }, { ...mute, preset: 'gorilla' }),
    path: 'hops[1].preset: mechanisms[1].timeoutMs',
    says: /6s remain for ping and pong, while a write may take 10s/,
    cures: /Ping at least every 50s, or wait 64s/,
    holds: chain({ kind: 'client' }, { ...mute, preset: 'gorilla(pingPeriod=50s)' }),
  },
  {
    // 15 s in the page, 30 s at the server. When throttling begins, a beat of 30 s may come after 30 + 60 s.
    rule: 'page-heartbeat-throttled',
    fires: chain(page('15s'), { ...mute, preset: 'signalr' }),
    path: 'hops[0].heartbeatMs',
    says: /15s comes every 60s in a tab .* hidden tabs are cut off alive/,
    holds: chain(page('30s'), { ...mute, preset: 'phoenix(timeout=91s)' }),
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
    cures: /less than 30s \(e\.g\. 24s\), or give 35s of grace/,
    holds: chain(drains(29_999), { kind: 'orchestrator', graceMs: '30s' }),
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
    fires: chain({ ...pinging, closeTimeoutMs: '30s' }, { kind: 'orchestrator', graceMs: '30s' }),
    path: 'hops[0].closeTimeoutMs',
    says: /waited for 30s, and the whole shutdown has 30s/,
    cures: /e\.g\. 10s/,
    holds: chain({ ...pinging, closeTimeoutMs: '10s' }, { kind: 'orchestrator', graceMs: '30s' }),
  },
];

const rules = [...chainRules, ...policyRules, ...stopRules];

describe('each rule', () => {
  it.each(cases.map((one) => [one.rule, one] as const))('%s', (rule, one) => {
    const found = named(one.fires, rule);
    expect(found.map(({ path }) => path)).toContain(one.path);
    const finding = found.find(({ path }) => path === one.path);
    expect(finding?.message).toMatch(one.says);
    expect(finding?.remedy).toMatch(one.cures ?? /./);
    const stated = rules.find(({ name }) => name === rule)?.severity;
    expect(finding?.severity).toBe(one.severity ?? stated);
    expect(named(one.holds, rule)).toEqual([]);
  });

  it('has a case', () => {
    expect(new Set(ruleNames).size).toBe(ruleNames.length);
    expect(cases.map(({ rule }) => rule).toSorted()).toEqual(ruleNames.toSorted());
  });

  it('yields to rules that were asked before it', () => {
    const late = rules.flatMap(({ name, yieldsTo = [] }) =>
      yieldsTo
        .filter((other) => !ruleNames.slice(0, ruleNames.indexOf(name)).includes(other))
        .map((other) => `${name} yields to ${other}`),
    );
    expect(late).toEqual([]);
  });

  it('says nothing that is not computed: no null, no undefined, no NaN', () => {
    const texts = cases.flatMap(({ fires }) => lint(fires)).map((one) => one.message + one.remedy);
    expect(texts.filter((text) => /\bnull\b|undefined|NaN|Infinity/.test(text))).toEqual([]);
  });
});

describe('rules in circumstances', () => {
  it('counts preStop against the grace', () => {
    const stopping = { kind: 'orchestrator', graceMs: '30s', preStopMs: '10s' } as const;
    expect(named(chain(drains('20s'), stopping), 'drain-not-below-grace')).toHaveLength(1);
    expect(named(chain(drains('19s'), stopping), 'drain-not-below-grace')).toEqual([]);
  });

  it('takes SIGKILL for the deadline of a drain that has none, and names the one without a drain apart', () => {
    const stopping = { kind: 'orchestrator', name: 'systemd', graceMs: '240s' } as const;
    const endless = chain(drains(null), stopping);
    expect(named(chain(drains(null)), 'drain-without-deadline')).toHaveLength(1);
    expect(named(endless, 'drain-without-deadline')).toEqual([]);
    const [left] = named(endless, 'drain-left-to-orchestrator');
    expect(left?.severity).toBe('note');
    expect(left?.path).toBe('hops[0].policy.mechanisms[0].deadlineMs');
    expect(left?.message).toMatch(/no deadline.*a living one too.*systemd sends SIGKILL after 4m/);
  });

  it.each([
    // A sweep sends on its own beat, and the answer comes a round trip later: only what is late is too late.
    ['a ping as often as the box forgets', { idleMs: '30s' }, 'ws', 'warning'],
    ['a ping a moment sooner', { idleMs: 30_050 }, 'ws', 'warning'],
    ['a ping with two round trips and 100 ms to spare', { idleMs: 30_200 }, 'ws', undefined],
    ['a ping that comes later', { idleMs: '29s' }, 'ws', 'error'],
  ] as const)('a box and %s', (_what, box, preset, severity) => {
    const hop = { kind: 'proxy', name: 'HAProxy', ...box } as const;
    const found = named(chain(hop, { kind: 'server', preset }), 'path-forgets-before-ping');
    expect(found.map((one) => one.severity)).toEqual(severity === undefined ? [] : [severity]);
  });

  it('does not say of a server whose protocol has heartbeats that it need not send anything', () => {
    const rule = 'limit-not-above-interval';
    const client = { kind: 'client', heartbeatMs: '15s', readTimeoutMs: '30s' } as const;
    for (const preset of ['signalr', 'spring', 'phoenix', 'rabbitmq']) {
      expect(named(chain(client, { kind: 'server', preset }), rule), preset).toEqual([]);
    }
    expect(named(chain(client, mute), rule)).toHaveLength(1);
  });

  it('a pool whose heartbeat is as rare as the NAT forgets', () => {
    const client = { kind: 'client', poolIdleMs: '5m' } as const;
    const nat = { kind: 'middlebox', idleMs: '240s' } as const;
    const of = (heartbeatMs: string): readonly (string | undefined)[] =>
      named(chain({ ...client, heartbeatMs }, nat, mute), 'pool-outlives-path').map(
        (one) => one.severity,
      );
    expect(of('240s')).toEqual(['warning']);
    expect(of('120s')).toEqual([]);
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

  it('knows that HTTP/2 pings end at a proxy that speaks HTTP/2, and pass one that does not', () => {
    const rule = 'ping-faster-than-min-time';
    const client = { kind: 'client', heartbeatMs: '10s' } as const;
    const envoy = { kind: 'proxy', name: 'Envoy', idleMs: '1h' } as const;
    const grpc = { kind: 'server', preset: 'grpc' } as const;
    expect(named(chain(client, envoy, grpc), rule)).toEqual([]);
    expect(named(chain(client, { ...envoy, speaks: 'tcp' }, grpc), rule)).toHaveLength(1);
    const [own] = named(chain(client, { ...envoy, heartbeatMs: '30s' }, grpc), rule);
    expect(own).toMatchObject({ path: 'hops[1].heartbeatMs', severity: 'error' });
    expect(own?.message).toMatch(/^Envoy pings every 30s/);
  });

  it('warns of pings just as far apart as MinTime: the delay varies', () => {
    const [equal] = named(
      chain(
        { kind: 'client', heartbeatMs: '20s' },
        { kind: 'server', preset: 'grpc(MinTime=20s,PermitWithoutStream=true)' },
      ),
      'ping-faster-than-min-time',
    );
    expect(equal?.severity).toBe('warning');
    expect(equal?.scenario?.path.jitterMs).toBe(30);
  });

  it('warns of a close that meets a request on its way: 60.05 s behind a pool of 60 s', () => {
    const far = defineChain({
      name: 'far',
      rttMs: 200,
      hops: [
        { kind: 'client', poolIdleMs: '60s' },
        { kind: 'server', preset: 'node', httpKeepAliveMs: 60_050 },
      ],
    });
    const [finding] = named(far, 'server-closes-before-pool');
    expect(finding?.severity).toBe('warning');
    expect(finding?.message).toMatch(/only 50ms remain .* round trip of 200ms/);
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
  });

  it('says nothing of what no knob can do, and names the side that can', () => {
    for (const name of ['socket.io', 'phoenix', 'signalr']) {
      const [paused] = named(preset(name), 'kills-paused-client');
      expect(paused).toMatchObject({ rule: 'kills-paused-client', severity: 'note' });
      expect(paused?.remedy).toContain("client's application");
    }
  });

  it('speaks of client policies as clients: they judge their server', () => {
    const found = lint(preset('phoenix-client'));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ message }) => /\ba client\b/i.test(message))).toEqual([]);
    expect(found.some(({ message }) => /\ba server\b/i.test(message))).toBe(true);
  });

  it('takes closing as harmless where connections carry requests', () => {
    for (const name of ['pgbouncer-server-pool', 'node', 'kestrel', 'grpc-5s-1s']) {
      const [idle] = named(preset(name), 'ends-quiet-client');
      expect(idle?.severity, name).toBe('note');
    }
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
    expect(
      lint(presets['uwebsockets'] as Policy).filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
  });
});
