/** The one-line form: what it reads, that it is printed as it is read, and that its errors point at the word they are about. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../model/issue.ts';
import { formatDuration } from '../../model/duration.ts';
import {
  builtInStacks,
  commonOptions,
  formatStack,
  hopsOf,
  parseExpression,
  parseStack,
  systems,
  writtenStack,
  type Role,
  type System,
} from '../../model/stack/index.ts';
import { SEED } from '../support/seed.ts';
import { stackOf as read } from '../support/stack-of.ts';

const refusal = (line: string): readonly string[] => {
  const stack = parseExpression(line);
  return stack.ok ? [] : stack.issues.map(formatIssue);
};

describe('a line', () => {
  it('is parties, links with their boxes, and who stops the server', () => {
    const stack = read(
      'browser > carrier-nat > aws-alb > path(rtt=2ms, loss=1) > nginx(proxy_read_timeout=75s) > socket.io(pingInterval=25s) @ kubernetes(terminationGracePeriodSeconds=30)',
    );
    expect(stack.parties.map(({ system }) => system)).toEqual([
      'browser',
      'aws-alb',
      'nginx',
      'socket.io',
    ]);
    expect(stack.links).toEqual([
      { rttMs: 50, boxes: [{ system: 'carrier-nat', options: {} }] },
      { rttMs: 2, lossPercent: 1, boxes: [] },
      { rttMs: 1, boxes: [] },
    ]);
    const facts = hopsOf(stack).map(({ role, idleMs, graceMs }) => ({ role, idleMs, graceMs }));
    expect(facts).toEqual([
      { role: 'client' },
      { role: 'box', idleMs: 240_000 },
      { role: 'proxy', idleMs: 60_000 },
      { role: 'proxy', idleMs: 75_000 },
      { role: 'server' },
      { role: 'orchestrator', graceMs: 30_000 },
    ]);
  });

  it('of one word is a server that anybody calls', () => {
    expect(formatStack(read('ws'))).toBe('client > ws');
  });

  it.each([
    ['browser > ngnix > socket.io', 'column 11, ngnix', 'did you mean "nginx"?'],
    ['socket.io > nginx > ws', 'column 1, socket.io', 'which is a server; expected a client'],
    ['browser > nginx', 'column 11, nginx', 'the server behind it is missing'],
    [
      'browser > nginx(proxy_red_timeout=75s) > ws',
      'column 11, nginx(proxy_red_timeout)',
      'did you mean "proxy_read_timeout"?',
    ],
    ['browser > ws(interval=10)', 'column 11, ws', 'did you mean 10s?'],
    ['browser >> ws', 'column 10', 'expected a system'],
    ['browser > ws @ kubernets', 'column 16, kubernets', 'did you mean "kubernetes"?'],
    ['browser > nginx(a) > ws', 'column 11', 'name=value'],
    ['browser > path(rrt=5ms) > ws', 'column 11', 'one of rtt, jitter, loss'],
    ['client(net.ipv4.tcp_retries2=-4) > ws', 'column 1, client', 'from 0 to'],
    ['client > lettuce', 'column 10, lettuce', 'expected a server'],
  ])('%s is refused where it is wrong', (line, place, said) => {
    const [first = '', ...more] = refusal(line);
    expect(more).toEqual([]);
    expect(first).toContain(place);
    expect(first).toContain(said);
  });

  it('names every wrong word at once', () => {
    expect(refusal('brwser > ngnix > wss @ k8')).toHaveLength(1);
    expect(refusal('brwser > nginx > socket.oi @ k8')).toHaveLength(3);
  });
});

/** A value that an option of the system takes: its default, or a time that any time option takes. */
function settings(system: System): fc.Arbitrary<Record<string, string>> {
  const own = system.options.filter((option) => option.default !== '');
  const heartbeat = Object.hasOwn(commonOptions[system.role], 'heartbeat') ? ['heartbeat'] : [];
  return fc
    .record({
      own: fc.subarray([...own]),
      heartbeat: fc.subarray(heartbeat),
      everyMs: fc.integer({ min: 1_000, max: 600_000 }),
      retries2: fc.option(fc.integer({ min: 3, max: 15 }), { nil: undefined }),
    })
    .map((drawn) => ({
      ...Object.fromEntries(drawn.own.map((option) => [option.name, option.default])),
      ...Object.fromEntries(drawn.heartbeat.map((name) => [name, formatDuration(drawn.everyMs)])),
      ...(drawn.retries2 === undefined ? {} : { 'net.ipv4.tcp_retries2': String(drawn.retries2) }),
    }));
}

const element = (role: Role) =>
  fc.constantFrom(...systems.filter((one) => one.role === role)).chain((system) =>
    fc.record(
      {
        system: fc.constantFrom(system.name, ...system.aliases),
        name: fc.constantFrom('the edge', 'pool 1', 'A-B'),
        options: settings(system),
      },
      { requiredKeys: ['system'] },
    ),
  );

const link = fc.record(
  {
    rttMs: fc.integer({ min: 1, max: 500 }),
    jitterMs: fc.integer({ min: 0, max: 50 }),
    lossPercent: fc.integer({ min: 0, max: 5 }),
    boxes: fc.array(element('box'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const drawnStack = fc
  .record({
    client: element('client'),
    proxies: fc.array(element('proxy'), { maxLength: 3 }),
    server: element('server'),
    links: fc.array(link, { minLength: 4, maxLength: 4 }),
    orchestrator: fc.option(element('orchestrator'), { nil: undefined }),
  })
  .map(({ client, proxies, server, links, orchestrator }) => ({
    name: 'drawn',
    parties: [client, ...proxies, server],
    links: links.slice(0, proxies.length + 1),
    ...(orchestrator === undefined ? {} : { orchestrator }),
  }));

describe('any stack', () => {
  it('is printed as a line that reads as the same stack, and as a file that does', () => {
    fc.assert(
      fc.property(drawnStack, (json) => {
        const stack = parseStack(json, '');
        if (!stack.ok) throw new Error(stack.issues.map(formatIssue).join('\n'));
        const line = formatStack(stack.value);
        const again = read(line ?? '');
        expect({ ...again, name: 'drawn', title: 'drawn' }).toEqual(stack.value);
        expect(formatStack(again)).toBe(line);
        expect(parseStack(writtenStack(stack.value), '')).toEqual(stack);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('that is built in can be read', () => {
    const stacks = builtInStacks();
    expect(stacks.length).toBeGreaterThanOrEqual(20);
    expect(new Set(stacks.map(({ name }) => name)).size).toBe(stacks.length);
    for (const stack of stacks) expect(formatStack(stack)).not.toBeNull();
  });
});

it('any text is a stack or a list of issues, and a stack is printed as it is read', () => {
  const pieces = [
    ...'browser|nginx|ws|aws-alb|kubernetes|path|client| > |>|@|(|)|,|=|"|rtt=5ms|75s|%'.split('|'),
    ...'interval=10s|(heartbeat=30s)|"the edge"|./p.json|__proto__'.split('|'),
  ];
  const piece = fc.constantFrom(...pieces);
  const text = fc.oneof(
    fc.string({ maxLength: 60, unit: 'binary' }),
    fc.array(piece, { maxLength: 12 }).map((drawn) => drawn.join('')),
  );
  fc.assert(
    fc.property(text, (line) => {
      const stack = parseExpression(line);
      const printed = stack.ok ? formatStack(stack.value) : null;
      const again = printed === null ? null : parseExpression(printed);
      expect(again?.ok === true ? formatStack(again.value) : null).toBe(printed);
      expect(stack.ok || stack.issues.length > 0).toBe(true);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

it('no word names two systems of one role, and no option hides another', () => {
  const words = systems.flatMap(({ role, name, aliases }) =>
    [name, ...aliases].map((word) => `${role} ${word}`),
  );
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
});
