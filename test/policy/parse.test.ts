/** What the parser makes of good policies, and what it says about bad ones. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIssue, InputError, type Issue } from '../../model/issue.ts';
import {
  canonicalPolicyText,
  definePolicy,
  parsePolicy,
  presets,
  selectPolicies,
  type MechanismInput,
} from '../../model/policy/index.ts';
import { policyJson, shuffled } from './arbitraries.ts';
import { cases } from '../support/property.ts';

function issuesOf(json: unknown, origin = ''): readonly Issue[] {
  const parsed = parsePolicy(json, origin);
  return parsed.ok ? [] : parsed.issues;
}

const objectContaining = (part: object): unknown => expect.objectContaining(part);

function mechanismIssue(mechanism: unknown): Issue | undefined {
  const issues = issuesOf({ name: 'x', mechanisms: [mechanism] });
  expect(issues).toHaveLength(1);
  return issues[0];
}

describe('canonical form', () => {
  test('fills in defaults and turns text into milliseconds', () => {
    const policy = definePolicy({
      name: 'mine',
      mechanisms: [
        { kind: 'sweep', intervalMs: '30s' },
        { kind: 'ping', intervalMs: '1.5m', replyTimeoutMs: null, life: ['any-byte', 'pong'] },
        { kind: 'send-stall', graceMs: 30_000 },
        { kind: 'peer-closed' },
      ],
    });
    expect(policy).toEqual({
      schemaVersion: 1,
      name: 'mine',
      title: 'mine',
      mechanisms: [
        { kind: 'sweep', intervalMs: 30_000, timer: 'shared', ping: true, life: ['pong'] },
        {
          kind: 'ping',
          intervalMs: 90_000,
          after: 'last-ping',
          replyTimeoutMs: null,
          replyClock: 'enqueued',
          life: ['pong', 'any-byte'],
        },
        { kind: 'send-stall', progress: 'bytes-acked', graceMs: 30_000, everyMs: 1_000 },
        { kind: 'peer-closed', everyMs: 1_000 },
      ],
    });
    expect(Object.isFrozen(policy) && Object.isFrozen(policy.mechanisms[0])).toBe(true);
  });

  test('parsing it again changes nothing, whatever the order of the keys was', () => {
    const ordered = policyJson.chain((json) => fc.tuple(fc.constant(json), shuffled(json)));
    fc.assert(
      fc.property(ordered, ([json, reordered]) => {
        const once = parsePolicy(json, '');
        if (!once.ok) throw new InputError(once.issues);
        const text = canonicalPolicyText(once.value);
        const again = parsePolicy(JSON.parse(text), '');
        expect(again).toEqual(once);
        const other = parsePolicy(reordered, '');
        expect(other.ok && canonicalPolicyText(other.value)).toBe(text);
      }),
      cases(100),
    );
  });

  test('an editor may name the schema', () => {
    const parsed = parsePolicy({ $schema: './policy.json', name: 'x', mechanisms: [] }, '');
    expect(parsed.ok && Object.keys(parsed.value)).toEqual([
      'schemaVersion',
      'name',
      'title',
      'mechanisms',
    ]);
  });
});

describe('bad input', () => {
  test('every fault is reported, with the file and the path of the field', () => {
    const json = {
      name: 'Big Name',
      mechanisms: [
        { kind: 'sweep', intervalMs: '30 parsecs' },
        { kind: 'keepalive', idleMs: '1.5s', intervalMs: '5s', probes: 128 },
      ],
    };
    expect(issuesOf(json, 'mine.json').map(({ path }) => path)).toEqual([
      'mine.json: name',
      'mine.json: mechanisms[0].intervalMs',
      'mine.json: mechanisms[1].idleMs',
      'mine.json: mechanisms[1].probes',
    ]);
  });

  test('one line says where, what was there, what is allowed, and what was meant', () => {
    const [issue] = issuesOf({ name: 'x', mechanisms: [{ kind: 'keepalve' }] }, 'mine.json');
    expect(issue && formatIssue(issue)).toBe(
      'mine.json: mechanisms[0].kind: received "keepalve"; expected one of "sweep", "ping", ' +
        '"pong-timer", "receive-deadline", "write-deadline", "send-queue-limit", "ping-strikes", ' +
        '"handshake-deadline", "request-deadline", "borrow-check", "close-handshake", "keepalive", "user-timeout", "send-stall", "peer-closed", "idle", "age", "drain" ' +
        '(did you mean "keepalive"?)',
    );
  });

  const sweep = { kind: 'sweep', intervalMs: '30s' };
  const keepalive = { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 };
  const part = (path: string): string => `mechanisms[0]${path}`;
  test.each<[string, unknown, Partial<Issue>]>([
    ['not an object', 7, { path: part(''), code: 'wrong-type', received: '7' }],
    ['no kind', {}, { path: part('.kind'), code: 'missing-field', received: 'nothing' }],
    [
      'a misspelt field, once',
      { kind: 'sweep', interval: '30s' },
      {
        path: part('.interval'),
        code: 'unknown-field',
        received: '"interval"',
        expected:
          'only the fields kind, intervalMs, timer, ping, life, misses, skipAfter, skipsFirst, whileClosing, verdict, lost',
        hint: 'did you mean "intervalMs"?',
      },
    ],
    [
      'a missing field',
      { kind: 'idle' },
      {
        path: part('.timeoutMs'),
        code: 'missing-field',
        received: 'nothing',
        expected: 'a duration from 1ms to 8760h, such as "30s", or milliseconds as a number',
      },
    ],
    ['zero interval', { kind: 'sweep', intervalMs: 0 }, { code: 'out-of-range', received: '0' }],
    [
      'null interval',
      { kind: 'sweep', intervalMs: null },
      { code: 'wrong-type', received: 'null' },
    ],
    ['negative', { kind: 'sweep', intervalMs: -5 }, { code: 'out-of-range', received: '-5' }],
    [
      'a number without unit as text',
      { kind: 'sweep', intervalMs: '30' },
      { code: 'bad-duration', received: '"30"', hint: 'add a unit: "30ms" or "30s"' },
    ],
    [
      'seconds where milliseconds are meant',
      { ...keepalive, intervalMs: 5 },
      { code: 'out-of-range', hint: 'a number is milliseconds; for seconds write "5s"' },
    ],
    // tcp(7): MAX_TCP_KEEPIDLE and MAX_TCP_KEEPINTVL are 32767 s, MAX_TCP_KEEPCNT is 127.
    ['keepalive idle', { ...keepalive, idleMs: '32768s' }, { path: part('.idleMs') }],
    ['keepalive probes 0', { ...keepalive, probes: 0 }, { path: part('.probes') }],
    ['keepalive probes 2.5', { ...keepalive, probes: 2.5 }, { code: 'out-of-range' }],
    // An int of milliseconds: 2^31 does not fit.
    ['user timeout', { kind: 'user-timeout', timeoutMs: 2 ** 31 }, { path: part('.timeoutMs') }],
    [
      'drain',
      { kind: 'drain', deadlineMs: 'never' },
      {
        expected:
          'a duration from 0s to 8760h, such as "30s", or milliseconds as a number, or null (for ever)',
      },
    ],
    ['no life', { ...sweep, life: [] }, { code: 'bad-length', path: part('.life') }],
    ['life twice', { ...sweep, life: ['pong', 'pong'] }, { path: part('.life[1]') }],
    ['life', { ...sweep, life: ['pnog'] }, { hint: 'did you mean "pong"?' }],
    ['lost', { ...sweep, lost: 'timr' }, { hint: 'did you mean "timer"?' }],
    ['a flag as text', { ...sweep, ping: 'yes' }, { expected: 'true or false' }],
    ['a key of Object', { ...sweep, constructor: 1 }, { path: part('.constructor') }],
    ['a key with spaces', { ...sweep, 'a b': 1 }, { path: part('["a b"]') }],
  ])('%s', (_what, mechanism, expected) => {
    expect(mechanismIssue(mechanism)).toMatchObject(expected);
  });

  test('16 mechanisms are enough, 17 are too many', () => {
    const many = Array.from({ length: 17 }, () => sweep);
    expect(issuesOf({ name: 'x', mechanisms: many.slice(1) })).toEqual([]);
    const [issue] = issuesOf({ name: 'x', mechanisms: many });
    expect(issue).toMatchObject({
      path: 'mechanisms',
      code: 'bad-length',
      received: 'a list of length 17',
      expected: 'a list of 0 to 16 items',
    });
  });

  test('what an object inherits is not part of it', () => {
    const heir: unknown = Object.create({ name: 'x', mechanisms: [] });
    expect(issuesOf(heir).map(({ code }) => code)).toEqual(['missing-field', 'missing-field']);
  });

  test('limits themselves are allowed', () => {
    const limits: MechanismInput[] = [
      { kind: 'keepalive', idleMs: '32767s', intervalMs: '1s', probes: 127 },
      { kind: 'user-timeout', timeoutMs: 2 ** 31 - 1 },
      { kind: 'drain', deadlineMs: 0 },
    ];
    expect(issuesOf({ name: 'x', mechanisms: limits })).toEqual([]);
  });

  test('what a socket has once can be said once', () => {
    const twice = [1, 2].map(() => ({ kind: 'user-timeout', timeoutMs: '20s' }));
    const [issue, ...others] = issuesOf({ name: 'x', mechanisms: twice });
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ path: 'mechanisms[1].kind', code: 'duplicate' });
  });

  test.each([null, undefined, 7, 'none', [], () => 1, 1n, Symbol('x')])(
    'a policy is not %s',
    (json) => {
      const [issue] = issuesOf(json, 'p.json');
      expect(issue).toMatchObject({ path: 'p.json', code: 'wrong-type', expected: 'an object' });
    },
  );

  test('other versions of the format are refused', () => {
    const [issue] = issuesOf({ schemaVersion: 2, name: 'x', mechanisms: [] });
    expect(issue).toMatchObject({ path: 'schemaVersion', received: '2', expected: '1' });
  });

  test('definePolicy throws them all', () => {
    const define = (): unknown =>
      definePolicy({ name: '', mechanisms: [{ kind: 'age', maxMs: '' }] });
    expect(define).toThrow(InputError);
    const issues = [{ path: 'name' }, { path: 'mechanisms[0].maxMs' }];
    expect(define).toThrow(expect.objectContaining({ issues: issues.map(objectContaining) }));
  });
});

describe('selectPolicies', () => {
  test('finds every built-in policy by its name', () => {
    for (const policy of Object.values(presets)) {
      expect(selectPolicies(policy.name)).toEqual({ ok: true, value: [policy] });
    }
  });

  test('names the nearest one', () => {
    expect(selectPolicies('socket-io')).toMatchObject({
      ok: false,
      issues: [
        { code: 'unknown-name', received: '"socket-io"', hint: 'did you mean "socket.io"?' },
      ],
    });
    expect(selectPolicies('constructor')).toMatchObject({ ok: false });
  });
});
