/**
 * Every rule with a case that fires and one beside it that just does not. The limits are the inequalities of the
 * rules' sources; that it happens is for a simulated life to show (`shown.test.ts`).
 */
import { describe, expect, it } from 'vitest';
import { ruleNames, severities, type Finding } from '../../model/lint/index.ts';
import { stackRules, policyRules, stopRules } from '../../model/lint/registry.ts';
import {
  definePolicy,
  presets,
  selectPolicies,
  type MechanismInput,
} from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Stack } from '../../model/stack/index.ts';
import { lint as judged } from '../../proof/lint/index.ts';
import { share } from '../support/share.ts';
import { stackOf } from '../support/stack-of.ts';

const policy = (...mechanisms: readonly MechanismInput[]): Policy =>
  definePolicy({ name: 'under-test', mechanisms });
const preset = (name: string): Policy => {
  const found = selectPolicies(name);
  if (!found.ok) throw new Error(`no preset ${name}`);
  return found.value[0] as Policy;
};

const judgements = new Map<Policy | Stack, readonly Finding[]>();

/** Each subject is judged once. */
function lint(subject: Policy | Stack): readonly Finding[] {
  const known = judgements.get(subject) ?? judged(subject);
  judgements.set(subject, known);
  return known;
}

const named = (subject: Policy | Stack, rule: string): readonly Finding[] =>
  lint(subject).filter((finding) => finding.rule === rule);

const ping = {
  kind: 'ping',
  intervalMs: '25s',
  replyTimeoutMs: '20s',
  life: ['any-byte'],
} as const;
const keepalive = { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 } as const;
/** A line in which `./pings` is a server that pings every 25 s. */
const stack = (line: string): Stack =>
  stackOf(line, { pings: { name: 'pings', mechanisms: [ping] } });
const userTimeout = (timeoutMs: string) => ({ kind: 'user-timeout', timeoutMs }) as const;
/** The same in which `./d` is a server that drains for so long. */
const drains = (deadlineMs: string | number | null, stop = ''): Stack =>
  stackOf(`client > ./d${stop}`, { d: { name: 'd', mechanisms: [{ kind: 'drain', deadlineMs }] } });

interface Case {
  readonly rule: string;
  readonly fires: Policy | Stack;
  readonly path: string;
  /** What the message must say: the numbers. */
  readonly says: RegExp;
  /** What the remedy must say, where it computes. */
  readonly cures?: RegExp;
  readonly severity?: Finding['severity'];
  readonly holds: Policy | Stack;
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
    // 15 + 3 · 15 = 60 s, on which the bucket of one timer, not a probe, tells the two apart.
    rule: 'user-timeout-replaces-probes',
    fires: preset('reqwest'),
    path: 'mechanisms[2].timeoutMs',
    says: /15s and 3 probes of 15s read as 60s, but the user timeout of 30s/,
    holds: preset('reqwest(tcp_user_timeout=60s)'),
  },
  {
    rule: 'linux-only',
    fires: stack('keepalive-10-5-3-user-timeout-20s(platform=other)'),
    path: 'keepalive-10-5-3-user-timeout-20s: mechanisms[1]',
    says: /does not run on Linux.* is found after .*s; on Linux it is found within/,
    severity: 'warning',
    holds: stack('keepalive-10-5-3-user-timeout-20s(platform=linux)'),
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
    // B = 25 s + 20 s.
    rule: 'drain-shorter-than-ghosts',
    fires: policy(ping, { kind: 'drain', deadlineMs: 44_999 }),
    path: 'mechanisms[1].deadlineMs',
    says: /lives up to 45s, longer than the 44\.999s/,
    holds: policy(ping, { kind: 'drain', deadlineMs: 45_000 }),
  },
  {
    rule: 'server-not-stated',
    fires: stack('client > server'),
    path: 'the server',
    says: /Not stated/,
    holds: stack('client > none'),
  },
  {
    rule: 'path-forgets-before-ping',
    fires: stack('client > nat "the NAT"(idle=25s) > ./pings'),
    path: 'the NAT(idle)',
    says: /only every 25s, and after 25s without traffic the NAT forgets it and tells nobody/,
    cures: /Ping at least every 12s, or raise the idle time of the NAT to 50s/,
    // Below two round trips and 100 ms nothing is left when a ping comes late.
    holds: stack('client > nat(idle=25200ms) > ./pings'),
  },
  {
    rule: 'path-idle-below-two-heartbeats',
    fires: stack('client > nginx(proxy_read_timeout=26s) > ./pings'),
    path: 'nginx(proxy_read_timeout)',
    says: /every 25s, and nginx waits 26s: with a heartbeat that is late by 1s/,
    cures: /wait for 50s at least, or ping every 13s/,
    holds: stack('client > proxy(idle=50s) > ./pings'),
  },
  {
    rule: 'pool-outlives-path',
    fires: stack('client "the pool"(pool=5m) > nat "the NAT"(idle=5m) > none'),
    path: 'the pool(pool)',
    says: /the pool keeps an idle connection for up to 5m, but the NAT forgets it after 5m/i,
    cures: /less than 5m \(e\.g\. 270s\)/,
    // A load balancer of 350 s and a pool of 300 s: fine.
    holds: stack('client(pool=300s) > aws-nat-gateway > none'),
  },
  {
    // Node waits a second more than it tells.
    rule: 'server-closes-before-pool',
    fires: stack('client(pool=60s) > node'),
    path: 'node(keepAliveTimeout)',
    says: /after 6s, and the client keeps it for up to 60s/,
    cures: /wait longer than the pool and a round trip: 65s/,
    holds: stack('client(pool=60s) > node(keepAliveTimeout=65s)'),
  },
  {
    rule: 'proxy-without-timeout',
    fires: stack('client > haproxy "HAProxy" > ./pings'),
    path: 'HAProxy(tunnel)',
    says: /HAProxy never ends an idle connection/,
    cures: /50s, twice the heartbeat/,
    holds: stack('client > haproxy(tunnel=1h) > ./pings'),
  },
  {
    rule: 'proxy-hides-client',
    fires: stack('client > proxy > keepalive-10-5-3'),
    path: 'the proxy',
    says: /one that died behind it is never noticed/,
    holds: stack('client > proxy > ./pings'),
  },
  {
    // gRPC: MinTime 5 min by default; Envoy pings every 30 s.
    rule: 'ping-faster-than-min-time',
    fires: stack('client(heartbeat=30s) > grpc'),
    path: 'client(heartbeat)',
    says: /every 30s, and grpc forgives one every 5m/,
    cures: /every 330s or less often/,
    holds: stack('client(heartbeat=301s) > grpc'),
  },
  {
    // ClientTimeoutInterval 5 s against a heartbeat of 12 s.
    rule: 'limit-not-above-interval',
    fires: stack('client(heartbeat=12s) > none(read_timeout=12s)'),
    path: 'none(read_timeout)',
    says: /after 12s without a sign of life, and the client sends only every 12s/,
    cures: /every 6s, half as long as the limit, or make the limit 24s/,
    holds: stack('client(heartbeat=12s) > none(read_timeout=12001ms)'),
  },
  {
    // mattermost/mattermost#17197: 20 s to the first ping, 20 s for its pong.
    rule: 'awaited-sign-never-comes',
    fires: stack('client(never_sends=pong) > websockets'),
    path: 'websockets: mechanisms[0]',
    says: /that the client never gives: no pong. Every connection is cut, this one 40s after it was opened/,
    holds: stack('client(never_sends=application-pong) > websockets'),
  },
  {
    // nginx/nginx-gateway-fabric#5524: 4.4 s to the next reload, and 60 s for the old worker.
    rule: 'hop-ends-connections',
    fires: stack('client > nginx(reload_every=4400ms, worker_shutdown_timeout=60s) > ./pings'),
    path: 'nginx(reload_every)',
    says: /gets older than 64.4s, .* nginx is reloaded every 4.4s and ends what is left 60s later/,
    cures: /Heartbeats do not help/,
    holds: stack('client > nginx(reload_every=4400ms) > ./pings'),
  },
  {
    // gorilla: pongWait 60 s, writeWait 10 s; the ping every 54 s leaves 6 s, one every 50 s leaves 10 s.
    rule: 'margin-below-write-wait',
    fires: stack('client > gorilla'),
    path: 'gorilla(pongWait)',
    says: /6s remain for ping and pong, while a write may take 10s/,
    cures: /Ping at least every 50s, or wait 64s/,
    holds: stack('client > gorilla(pingPeriod=50s)'),
  },
  {
    // 15 s in the page, 30 s at the server. When throttling begins, a beat of 30 s may come after 30 + 60 s.
    rule: 'page-heartbeat-throttled',
    fires: stack('browser(heartbeat=15s) > signalr'),
    path: 'browser(heartbeat)',
    says: /15s comes every 60s in a tab .* hidden tabs are cut off alive/,
    holds: stack('browser(heartbeat=30s) > phoenix(timeout=91s)'),
  },
  {
    rule: 'pong-is-the-browsers',
    fires: stack('browser > ./pings'),
    path: 'browser',
    says: /frozen/,
    holds: stack('client > ./pings'),
  },
  {
    // Kubernetes: 30 s.
    rule: 'drain-not-below-grace',
    fires: drains('30s', ' @ kubernetes "Kubernetes"'),
    path: 'Kubernetes(terminationGracePeriodSeconds)',
    says: /drains for up to 30s, but Kubernetes sends SIGKILL 30s after SIGTERM/,
    cures: /less than 30s \(e\.g\. 24s\), or give 35s of grace/,
    holds: drains(29_999, ' @ kubernetes'),
  },
  {
    rule: 'drain-left-to-orchestrator',
    fires: stack('./pings @ kubernetes'),
    path: 'pings: mechanisms',
    says: /SIGKILL after 30s/,
    holds: drains('10s', ' @ kubernetes'),
  },
  {
    // ws waits 30 s for the answer to its Close frame: all that Kubernetes gives.
    rule: 'close-timeout-not-below-drain',
    fires: stack('./pings(close_timeout=30s) @ kubernetes'),
    path: 'pings(close_timeout)',
    says: /waited for 30s, and the whole shutdown has 30s/,
    cures: /e\.g\. 10s/,
    holds: stack('./pings(close_timeout=10s) @ kubernetes'),
  },
];

const rules = [...stackRules, ...policyRules, ...stopRules];

describe('each rule', () => {
  it.each(cases.map((one) => [one.rule, one] as const))('%s', (rule, one) => {
    const found = named(one.fires, rule);
    expect(found.map(({ path }) => path)).toContain(one.path);
    const finding = found.find(({ path }) => path === one.path);
    expect(finding?.message).toMatch(one.says);
    expect(finding?.remedy).toMatch(one.cures ?? /./);
    const stated = rules.find(({ name }) => name === rule)?.severity;
    expect(finding?.severity).toBe(one.severity ?? stated);
  });

  it.each(share(cases, 1).map((one) => [one.rule, one] as const))(
    '%s, and not just beside it',
    (rule, { holds }) => {
      expect(named(holds, rule)).toEqual([]);
    },
  );

  it('has a case', () => {
    expect(new Set(ruleNames).size).toBe(ruleNames.length);
    const tried = new Set(cases.map(({ rule }) => rule));
    expect([...tried].toSorted()).toEqual(ruleNames.toSorted());
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
    const stopping = ' @ kubernetes(preStop=10s)';
    expect(named(drains('20s', stopping), 'drain-not-below-grace')).toHaveLength(1);
    expect(named(drains('19s', stopping), 'drain-not-below-grace')).toEqual([]);
  });

  it('takes SIGKILL for the deadline of a drain that has none, and names the one without a drain apart', () => {
    const endless = drains(null, ' @ systemd(TimeoutStopSec=240s)');
    expect(named(drains(null), 'drain-without-deadline')).toHaveLength(1);
    expect(named(endless, 'drain-without-deadline')).toEqual([]);
    const [left] = named(endless, 'drain-left-to-orchestrator');
    expect(left?.severity).toBe('note');
    expect(left?.path).toBe('d: mechanisms[0].deadlineMs');
    expect(left?.message).toMatch(/no deadline.*a living one too.*systemd sends SIGKILL after 4m/);
  });

  it.each([
    // A sweep sends on its own beat, and the answer comes a round trip later: only what is late is too late.
    ['a ping as often as the box forgets', '30s', 'warning'],
    ['a ping a moment sooner', '30050ms', 'warning'],
    ['a ping with two round trips and 100 ms to spare', '30202ms', undefined],
    ['a ping that comes later', '29s', 'error'],
  ] as const)('a box and %s', (_what, idle, severity) => {
    const found = named(stack(`client > haproxy(tunnel=${idle}) > ws`), 'path-forgets-before-ping');
    expect(found.map((one) => one.severity)).toEqual(severity === undefined ? [] : [severity]);
  });

  it('does not say of a server whose protocol has heartbeats that it need not send anything', () => {
    const rule = 'limit-not-above-interval';
    const client = 'client(heartbeat=15s, read_timeout=30s)';
    for (const server of ['signalr', 'spring', 'phoenix', 'rabbitmq']) {
      expect(named(stack(`${client} > ${server}`), rule), server).toEqual([]);
    }
    expect(named(stack(`${client} > none`), rule)).toHaveLength(1);
  });

  it('knows a heartbeat that is put off by what is received, and takes that away', () => {
    const [finding] = named(
      stack('client(heartbeat=30s, heartbeat_put_off_by=received) > phoenix(sends=29s)'),
      'limit-not-above-interval',
    );
    expect(finding?.message).toMatch(/after 66s .* puts its heartbeat of 30s off with everything/);
    expect(finding?.cure).toEqual([
      { op: 'remove', path: '/parties/0/options/heartbeat_put_off_by' },
    ]);
  });

  it('a pool whose heartbeat is as rare as the NAT forgets', () => {
    const of = (heartbeat: string): readonly (string | undefined)[] =>
      named(
        stack(`client(pool=5m, heartbeat=${heartbeat}) > azure-lb > none`),
        'pool-outlives-path',
      ).map((one) => one.severity);
    expect(of('240s')).toEqual(['warning']);
    expect(of('120s')).toEqual([]);
  });

  it('knows that keepalive probes pass a NAT and stop at a proxy', () => {
    const rule = 'path-forgets-before-ping';
    const nat = 'client > nat(idle=60s)';
    expect(named(stack(`${nat} > keepalive-10-5-3`), rule)).toEqual([]);
    const behind = named(stack(`${nat} > nginx > keepalive-10-5-3`), rule);
    expect(behind.map(({ path }) => path)).toEqual(['nat(idle)', 'nginx(proxy_read_timeout)']);
  });

  it('knows that HTTP/2 pings end at a proxy that speaks HTTP/2, and pass one that does not', () => {
    const rule = 'ping-faster-than-min-time';
    const behind = (options: string): Stack =>
      stack(`client(heartbeat=10s) > proxy "Envoy"(idle=1h${options}) > grpc`);
    expect(named(behind(''), rule)).toEqual([]);
    expect(named(behind(', speaks=tcp'), rule)).toHaveLength(1);
    const [own] = named(behind(', heartbeat=30s'), rule);
    expect(own).toMatchObject({ path: 'Envoy(heartbeat)', severity: 'error' });
    expect(own?.message).toMatch(/^Envoy pings every 30s/);
  });

  it('warns of pings just as far apart as MinTime: the delay varies', () => {
    const [equal] = named(
      stack('client(heartbeat=20s) > grpc(MinTime=20s, PermitWithoutStream=true)'),
      'ping-faster-than-min-time',
    );
    expect(equal?.severity).toBe('warning');
    expect(equal?.scenario?.path.jitterMs).toBe(30);
  });

  it('warns of a close that meets a request on its way: 60.05 s behind a pool of 60 s', () => {
    const far = stack('client(pool=60s) > path(rtt=200ms) > node(keep_alive=60050ms)');
    const [finding] = named(far, 'server-closes-before-pool');
    expect(finding?.severity).toBe('warning');
    expect(finding?.message).toMatch(/only 50ms remain .* round trip of 200ms/);
  });

  it('holds a client that listens against what the server sends', () => {
    const rule = 'limit-not-above-interval';
    const [finding] = named(stack('client(read_timeout=20s) > none'), rule);
    expect(finding?.message).toMatch(/none need not send anything/);
    expect(named(stack('client(read_timeout=20s) > ./pings'), rule)).toHaveLength(1);
    expect(named(stack('client(read_timeout=26s) > ./pings'), rule)).toEqual([]);
  });

  it('judges a policy by the load and path of its stack', () => {
    const busy = stack('client > user-timeout-20s(sends=1s)');
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
    const fine = stackOf(
      'client(pool=300s, read_timeout=90s) > aws-nat-gateway > ./well(platform=linux, keep_alive=310s, close_timeout=5s) @ kubernetes',
      {
        well: {
          name: 'well',
          mechanisms: [...well.mechanisms, { kind: 'drain', deadlineMs: '20s' }],
        },
      },
    );
    expect(lint(fine).filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(
      lint(presets['uwebsockets'] as Policy).filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
  });
});
