/** What is said of the stacks of public bug reports: errors and warnings, by rule, no more and no less. */
import { expect, it } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import { lint } from '../../proof/lint/index.ts';
import { stacks } from './public-stacks.ts';

/** `error rule path` of all that is worse than a note. */
const heavy = (name: string): readonly string[] => {
  const stack = stacks[name];
  if (stack === undefined) throw new Error(`no stack ${name}`);
  return lint(stack)
    .filter(({ severity }) => severity !== 'note')
    .map(({ severity, rule, path }) => `${severity} ${rule} ${path}`);
};

const none = [
  'error vanished-peer-unseen none: mechanisms',
  'warning left-to-retries2 none: mechanisms',
  'warning frozen-peer-unseen none: mechanisms',
];

it.each([
  ['client-in-time', []],
  ['client-too-slow', ['error limit-not-above-interval phoenix(timeout)']],
  ['mosquitto', ['error limit-not-above-interval mosquitto(keepAlive)']],
  ['hidden-tab', ['error page-heartbeat-throttled browser(heartbeat)']],
  ['hidden-tab-phoenix', ['error page-heartbeat-throttled browser(heartbeat)']],
  ['unstated', []],
  ['supabase', ['error limit-not-above-interval phoenix(timeout)']],
  // Whoever says nothing of what the server sends may be sent anything.
  ['supabase-quiet', ['error kills-healthy-client phoenix: mechanisms[0]']],
  [
    'no-pong',
    [
      'error awaited-sign-never-comes websockets: mechanisms[0]',
      'warning left-to-retries2 websockets: mechanisms',
      'warning frozen-peer-unseen websockets: mechanisms',
    ],
  ],
  // As without it: nobody waits for that sign.
  [
    'no-pong-of-the-application',
    [
      'warning left-to-retries2 websockets: mechanisms',
      'warning frozen-peer-unseen websockets: mechanisms',
    ],
  ],
  ['nginx-reloads', ['warning hop-ends-connections nginx(reload_every)']],
  ['nginx-reloads-unlimited', []],
  ['every-20-minutes', ['warning hop-ends-connections proxy(reload_every)']],
  ['mattermost-alb-300', []],
  ['kestrel', ['error server-closes-before-pool kestrel(KeepAliveTimeout)']],
  ['mattermost-alb', ['error path-forgets-before-ping aws-alb(idle_timeout)']],
  ['envoy-grpc', ['error ping-faster-than-min-time Envoy(heartbeat)']],
  ['grpc-equal', ['warning ping-faster-than-min-time client(heartbeat)']],
  // grpc/grpc-go#6250: Go's listener and Timeout 20 s. The client's pings end at Envoy, and are no data to it.
  [
    'ping-behind-envoy',
    [
      'error path-forgets-before-ping Envoy(idle)',
      'warning one-lost-packet-kills grpc: mechanisms[1]',
    ],
  ],
  ['harp', ['error path-forgets-before-ping haproxy(tunnel)', ...none]],
  ['http-jl', ['error pool-outlives-path HTTP.jl(pool)', ...none]],
  ['node-behind-alb', ['error server-closes-before-pool node(keepAliveTimeout)']],
  ['harp-ws', ['warning path-forgets-before-ping haproxy(tunnel)']],
  // Its stop takes 240 s, and then systemd ends it: a note.
  ['uvicorn', []],
  ['node-65-behind-alb', []],
  ['node-headers', []],
  ['node-far-away', ['warning server-closes-before-pool node(keep_alive)']],
] as const)('%s', (name, expected) => {
  expect(heavy(name)).toEqual(expected);
});

it('square/okhttp#3197: mend the ping that nobody waits for first', () => {
  const okhttp = definePolicy({
    name: 'okhttp-3.6-ping-5s',
    mechanisms: [
      { kind: 'ping', intervalMs: '5s', replyTimeoutMs: null },
      { kind: 'write-deadline', timeoutMs: '10s' },
    ],
  });
  expect(lint(okhttp)[0]?.rule).toBe('ping-without-verdict');
  expect(lint(okhttp).map(({ rule }) => rule)).not.toContain('kills-healthy-client');
});

it('a sweep that forgives three ticks: (3 + 1) · 30 s, and how to find it sooner', () => {
  const sweep = definePolicy({
    name: 'sweep-30s-three-misses',
    mechanisms: [{ kind: 'sweep', intervalMs: '30s', misses: 3 }],
  });
  const finding = lint(sweep).find(({ rule }) => rule === 'sweep-takes-two-intervals');
  expect(finding?.message).toContain('(3 + 1) · 30s = 2m');
  expect(finding?.remedy).toContain('Forgive fewer ticks (with 2 it is 90s)');
});

it('cowboy takes any byte: an upload keeps it', () => {
  expect(
    lint(
      definePolicy({
        name: 'c',
        mechanisms: [{ kind: 'receive-deadline', timeoutMs: '60s', life: ['any-byte'] }],
      }),
    ).map(({ rule }) => rule),
  ).not.toContain('kills-slow-uploader');
});
