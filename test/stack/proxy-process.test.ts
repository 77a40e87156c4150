/** What becomes of a proxy's process and of the links behind it, and what each party then sees. */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import { reachBound } from '../../model/reach/index.ts';
import { defineScenario, type Scenario, type ScenarioInput } from '../../model/scenario/index.ts';
import { isPlayed, endsOf } from '../../model/stack/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { stackOf } from '../support/stack-of.ts';

const none = definePolicy({ name: 'none', mechanisms: [] });
const sweep = definePolicy({
  name: 'sweep',
  mechanisms: [{ kind: 'sweep', intervalMs: '30s' }],
});
const LINE = 'socket.io-client > nginx > socket.io';

const story = (more: object): Scenario =>
  defineScenario({
    kind: 'fault',
    name: 'x',
    fault: { kind: 'freeze' },
    strikesProxy: 0,
    ...more,
  } as ScenarioInput);
const paused = (lengthMs: string, more: object = {}): Scenario =>
  defineScenario({
    kind: 'live',
    name: 'x',
    silence: { kind: 'process-pause', lengthMs },
    strikesProxy: 0,
    ...more,
  } as ScenarioInput);

/** From the fault to the decision of either party, ms; null = never. */
function lives(line: string, told: Scenario, party: string): readonly (number | null)[] {
  return [0, 1, 2, 3, 4, 5].map((run) => {
    const { decidedAtMs, faultAtMs } = simulate(stackOf(line), told, { seed: '11', run, party });
    return decidedAtMs === null ? null : decidedAtMs - Number(faultAtMs);
  });
}

describe("a proxy's process", () => {
  it('that is frozen is found by whoever asks the other application, and by no kernel', () => {
    for (const party of ['socket.io', 'socket.io-client']) {
      for (const ms of lives(LINE, story({}), party)) {
        expect(ms).toBeGreaterThanOrEqual(19_900);
        expect(ms).toBeLessThanOrEqual(45_200);
      }
    }
    expect(
      lives(
        'client > nginx > keepalive-10-5-3-user-timeout-20s',
        story({}),
        'keepalive-10-5-3-user-timeout-20s',
      ),
    ).toEqual(Array(6).fill(null));
  });

  it('that dies is heard of by both parties within half a round trip: its kernels close its sockets', () => {
    const died = story({ fault: { kind: 'crash' } });
    for (const ms of lives(LINE, died, 'socket.io')) expect(ms).toBeLessThanOrEqual(1);
    for (const ms of lives(LINE, died, 'socket.io-client')) expect(Math.round(Number(ms))).toBe(25);
  });

  it('that stands still for less than anybody’s patience is not missed, and for more it is', () => {
    const outcome = (lengthMs: string, run: number): string =>
      simulate(stackOf(LINE), paused(lengthMs), { seed: '2', run, party: 'socket.io' }).outcome;
    const runs = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(new Set(runs.map((run) => outcome('15s', run)))).toEqual(new Set(['survived']));
    expect(new Set(runs.map((run) => outcome('50s', run)))).toEqual(new Set(['reaped']));
  });

  it('hands on what came while it stood still before it looks at its timers', () => {
    const told = (length: string, everyMs: string): string => {
      const load = { kind: 'periodic', bytes: 100, everyMs, direction: 'client' };
      const proxies = [{ name: 'nginx', idleMs: '20s' }];
      const { reason } = simulate(none, paused(length, { load, proxies }), { seed: '5' });
      return reason;
    };
    expect(told('60s', '5s')).toBe('left alone');
    // With nothing in between, what is overdue is ended.
    expect(told('60s', '300s')).toBe('nginx: idle limit');
  });

  it('is not explored: nothing is proved', () => {
    const end = endsOf(stackOf('client > nginx > socket.io'))[0];
    const cell = end?.cellOf(story({}));
    if (end === undefined || cell === undefined || !isPlayed(cell)) throw new Error('not played');
    expect(reachBound(end.policy, cell as never)).toMatchObject({ kind: 'not-proved' });
  });

  it.each([
    [{ strikesProxy: 1, proxies: [{ name: 'p' }] }, 'x: strikesProxy'],
    [{ strikesProxy: 0, proxies: [{ name: 'p' }], strikesLink: 0 }, 'x: strikesProxy'],
    [{ strikesProxy: 0, proxies: [{ name: 'p' }], fault: { kind: 'vanish' } }, 'x: strikesProxy'],
  ])('%j is refused', (more, path) => {
    expect(() => story(more)).toThrow(path.split(' ')[1]);
  });

  it('and a link that only a stack has are refused of a policy by itself', () => {
    expect(() => simulate(none, story({}), { seed: '1' })).toThrow('it is a story for a stack');
    const far = story({ strikesProxy: undefined, strikesLink: 1, fault: { kind: 'vanish' } });
    expect(() => simulate(none, far, { seed: '1' })).toThrow('it is a story for a stack');
    expect(endsOf(stackOf('client > ws'))[0]?.cellOf(far)).toMatchObject({
      because: 'the story is of link 1, and the last one is 0',
    });
    expect(endsOf(stackOf('client > ws'))[0]?.cellOf(story({}))).toMatchObject({
      because: 'the story is of proxy 0, and there are 0',
    });
  });
});

describe('a link behind a proxy', () => {
  const busy = { load: { kind: 'periodic', bytes: 1_000, everyMs: '1s' }, watchMs: '5m' };
  const played = (path: object, proxy: object) =>
    simulate(
      sweep,
      defineScenario({
        kind: 'live',
        name: 'x',
        silence: { kind: 'none' },
        path: { rttMs: 20, ...path },
        proxies: [{ name: 'nginx', rttMs: 20, ...proxy }],
        ...busy,
      } as ScenarioInput),
      { seed: '3', trace: true },
    ).events;
  const lost = (events: ReturnType<typeof played>, where: string): number =>
    events.filter((one) => one.event === 'packet-lost' && one.where === where).length;

  it('loses packets of its own, a share of those that are sent there', () => {
    const far = played({}, { lossPercent: 20 });
    const near = played({ lossPercent: 20 }, {});
    expect([lost(far, 'far-wire'), lost(near, 'wire')]).toEqual([0, 0]);
    for (const [events, where] of [
      [far, 'wire'],
      [near, 'far-wire'],
    ] as const) {
      const sent = events.filter((one) => one.where === where).length;
      expect(lost(events, where) / sent).toBeGreaterThan(0.14);
      expect(lost(events, where) / sent).toBeLessThan(0.26);
    }
  });

  it('is played of a stack, for either party', () => {
    const line = 'socket.io-client > nginx > path(rtt=10ms, jitter=5ms, loss=1) > socket.io';
    const cells = endsOf(stackOf(line)).map(({ cellOf }) => cellOf(paused('10s')));
    expect(cells.map((cell) => isPlayed(cell) && [cell.path, cell.proxies?.[0]])).toMatchObject([
      [{ rttMs: 50 }, { rttMs: 10, jitterMs: 5, lossPercent: 1 }],
      [{ rttMs: 10, jitterMs: 5, lossPercent: 1 }, { rttMs: 50 }],
    ]);
  });
});
