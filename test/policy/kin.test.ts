/** Names that people type and that no built-in policy has are answered by what plays the same part. */
import { describe, expect, it, test } from 'vitest';
import { kin } from '../../model/policy/presets/kin.ts';
import { presets, selectPolicies } from '../../model/policy/index.ts';

function hintOf(selector: string): string | undefined {
  const found = selectPolicies(selector);
  return found.ok ? undefined : found.issues[0]?.hint;
}

describe('a client is not answered by its server', () => {
  test.each([
    [
      'Rueidis',
      'it is a client of Redis; the nearest are ioredis, node-redis, redis-py, go-redis, lettuce, jedis',
    ],
    ['nats.py', 'it is a client of NATS; the nearest are nats.go, nats.js'],
    ['pymongo', 'it is a client of MongoDB; the nearest are mongodb-node'],
    [
      'aws-nlb',
      'it is a box on a link, which stacks have: "ghostbound stacks systems box" lists them; scenarios path-… play it',
    ],
    ['nats.py(timeout=3s)', 'it is a client of NATS; the nearest are nats.go, nats.js'],
  ])('%s', (selector, hint) => {
    expect(hintOf(selector)).toBe(hint);
  });

  test.each([
    'redis-py',
    'ioredis',
    'go-redis',
    'okhttp',
    'uvicorn',
    'grpc-client',
    'nats-client',
    'psycopg',
    'lettuce',
    'kafka',
    'paho',
    'mysql',
    'tomcat',
    'istio',
    'ingress-nginx',
  ])('%s is one itself', (selector) => {
    expect(selectPolicies(selector).ok).toBe(true);
  });
});

it('none of them is the name of a built-in policy, and all that they point to are', () => {
  for (const { names, nearest } of kin) {
    for (const name of names) expect(selectPolicies(name).ok, name).toBe(false);
    for (const name of nearest) expect(presets[name], name).toBeDefined();
  }
  const names = kin.flatMap((group) => group.names);
  expect(names).toEqual([...new Set(names)]);
});
