/** Chains of timeouts as files: what is read, what is refused, and that parser and schema agree. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineChain, parseChain } from '../../model/chain/index.ts';
import { formatIssue } from '../../model/issue.ts';
import { spoilt } from '../policy/arbitraries.ts';
import { SEED } from '../support/seed.ts';

const full = {
  $schema: 'https://unpkg.com/ghostbound/schema/chain.json',
  schemaVersion: 1,
  name: 'edge',
  title: 'Browser to pod',
  rttMs: 80,
  load: { kind: 'periodic', bytes: 200, everyMs: 20_000, direction: 'both' },
  readerBytesPerSecond: 50_000,
  lint: { off: [{ rule: 'linux-only', because: 'it runs on Linux' }] },
  hops: [
    { kind: 'client', name: 'browser', heartbeatMs: 30_000, timers: 'page', readTimeoutMs: 45_000 },
    { kind: 'middlebox', name: 'carrier NAT', idleMs: 240_000, atExpiry: 'silent' },
    {
      kind: 'proxy',
      name: 'nginx',
      idleMs: 60_000,
      atExpiry: 'close',
      poolIdleMs: null,
      heartbeatMs: 30_000,
      speaks: 'tcp',
    },
    {
      kind: 'server',
      policy: { name: 'mine', mechanisms: [{ kind: 'age', maxMs: 60_000 }] },
      platform: 'linux',
      httpKeepAliveMs: 5_000,
      minPingMs: 5_000,
      readTimeoutMs: 60_000,
      writeWaitMs: 10_000,
      closeTimeoutMs: 30_000,
    },
    { kind: 'orchestrator', name: 'Kubernetes', graceMs: 30_000, preStopMs: 5_000 },
  ],
};

const issues = (json: unknown): readonly string[] => {
  const read = parseChain(json, 'c.json');
  return read.ok ? [] : read.issues.map(formatIssue);
};

const server = { kind: 'server' };

describe('a chain', () => {
  it('is read with its defaults, canonical and frozen', () => {
    const chain = defineChain({
      name: 'small',
      hops: [
        { kind: 'client' },
        { kind: 'middlebox', idleMs: '350s' },
        { kind: 'proxy', idleMs: null },
        { kind: 'server', policy: { name: 'p', mechanisms: [] } },
        { kind: 'orchestrator', graceMs: '30s' },
      ],
    });
    expect(chain).toEqual({
      schemaVersion: 1,
      name: 'small',
      title: 'small',
      rttMs: 50,
      load: { kind: 'idle' },
      readerBytesPerSecond: 100_000,
      hops: [
        { kind: 'client', timers: 'process' },
        { kind: 'middlebox', idleMs: 350_000, atExpiry: 'silent' },
        { kind: 'proxy', idleMs: null, atExpiry: 'close' },
        { kind: 'server', policy: { schemaVersion: 1, name: 'p', title: 'p', mechanisms: [] } },
        { kind: 'orchestrator', graceMs: 30_000, preStopMs: 0 },
      ],
    });
    expect(Object.isFrozen(chain) && chain.hops.every(Object.isFrozen)).toBe(true);
    expect(parseChain(JSON.parse(JSON.stringify(chain)), '')).toEqual({ ok: true, value: chain });
  });

  it.each([
    [
      { name: 'c', hops: [server, { kind: 'client' }] },
      'c.json: hops[1].kind: received client after server; expected hops from the client to the server: client, boxes, server, orchestrator',
    ],
    [
      { name: 'c', hops: [server, server] },
      'c.json: hops[1].kind: received "server"; expected one server at most',
    ],
    [
      { name: 'c', hops: [{ kind: 'client' }] },
      'c.json: hops: received none; expected a hop of kind "server"',
    ],
    [
      {
        name: 'c',
        hops: [{ kind: 'server', preset: 'none', policy: { name: 'p', mechanisms: [] } }],
      },
      'c.json: hops[0].preset: received "none"; expected a preset or a policy, not both',
    ],
    [
      { name: 'c', hops: [{ kind: 'server', preset: 'socket.oi' }] },
      'c.json: hops[0].preset: "socket.oi" is not one of the built-in policies (did you mean "socket.io"?)',
    ],
    [
      { name: 'c', hops: [{ kind: 'server', preset: 'bun(idleTimeuot=30)' }] },
      'c.json: hops[0].preset: there is no option "idleTimeuot"; expected one of idleTimeout, sendPings (did you mean "idleTimeout"?)',
    ],
    [
      { name: 'c', hops: [{ kind: 'proxi', idleMs: 1 }, server] },
      'c.json: hops[0].kind: received "proxi"; expected one of "client", "middlebox", "proxy", "server", "orchestrator" (did you mean "proxy"?)',
    ],
    [
      { name: 'c', hops: [{ kind: 'proxy', idleMS: '60s' }, server] },
      'c.json: hops[0].idleMS: there is no field "idleMS" here; expected only the fields kind, name, idleMs, atExpiry, poolIdleMs, heartbeatMs, speaks (did you mean "idleMs"?)',
    ],
    [
      { name: 'c', hops: [{ kind: 'client', preset: 'aiohttp-client' }, server] },
      'c.json: hops[0].preset: there is no field "preset" here; expected only the fields kind, name, heartbeatMs, timers, readTimeoutMs, poolIdleMs (a chain judges its server, not its client: write how often the client sends (heartbeatMs) and how long it waits for the server (readTimeoutMs), and lint its policy by itself)',
    ],
    [
      { name: 'c', hops: [{ kind: 'proxy', idleMs: '60s', preset: 'nginx' }, server] },
      'c.json: hops[0].preset: there is no field "preset" here; expected only the fields kind, name, idleMs, atExpiry, poolIdleMs, heartbeatMs, speaks (a chain judges its server: write after what time without traffic this box ends or forgets a connection (idleMs), and lint its policy by itself)',
    ],
  ])('%j is refused in words', (json, message) => {
    expect(issues(json)).toEqual([message]);
  });
});

it('the chain in docs/cli.md is one', () => {
  const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const shown = /```json\n(\{[^`]*"hops"[^`]*)```/.exec(page)?.[1] ?? '';
  expect(issues(JSON.parse(shown))).toEqual([]);
});

describe('schema/chain.json', () => {
  const text = readFileSync(new URL('../../schema/chain.json', import.meta.url), 'utf8');
  const ajv = new Ajv2020({ strict: false });
  const validate = ajv.compile(JSON.parse(text) as object);

  it('takes what the parser takes', () => {
    expect(issues(full)).toEqual([]);
    expect(validate(full), ajv.errorsText(validate.errors)).toBe(true);
  });

  it('refuses what the parser refuses for a field of its own', () => {
    // Order, number and names of hops are beyond a schema, and so is what a duration's text means.
    const between = new Set(['bad-order', 'duplicate', 'missing-hop', 'unknown-name']);
    fc.assert(
      fc.property(spoilt(full), (json) => {
        const read = parseChain(json, '');
        const seen = read.ok
          ? []
          : read.issues.filter(
              ({ code, received }) =>
                !between.has(code) && !(code === 'out-of-range' && received.startsWith('"')),
            );
        const field = read.ok || seen.length > 0;
        if (!field || validate(json) === read.ok) return;
        expect.fail(read.ok ? ajv.errorsText(validate.errors) : issues(json).join('; '));
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});
