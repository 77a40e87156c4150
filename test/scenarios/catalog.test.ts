/** The built-in scenarios: those that must exist, with the loads, faults and silences they must have. */
import { describe, expect, test } from 'vitest';
import { parseScenario, rareStateNames, type Scenario } from '../../model/scenario/index.ts';
import { scenarios, selectScenarios } from '../../scenarios/catalog/index.ts';

function scenario(name: string): Scenario {
  const found = scenarios[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

const founding = [
  'vanish-idle vanish-busy vanish-saturated frozen-idle frozen-busy frozen-saturated',
  'tunnel-half-open tunnel-half-open-idle nat-forgets reboot close-clean wedged-send-path drain-with-ghosts',
  'descriptor-exhaustion pool-behind-nat live-active live-idle live-paused-78s live-trickle-78s',
  'live-plateau-queue live-starved-lock live-slow-reader live-slow-uploader live-outage-9s',
  'live-outage-29s',
].flatMap((line) => line.split(' '));

describe('catalog', () => {
  test('@founding is the list of the founding scenarios', () => {
    const selected = selectScenarios('@founding');
    expect(selected.ok && selected.value.map(({ name }) => name).toSorted()).toEqual(
      founding.toSorted(),
    );
  });

  test('each says what is claimed, what is true and where it is from, and is in canonical form', () => {
    for (const [name, value] of Object.entries(scenarios)) {
      expect(value.name).toBe(name);
      expect(value.claim && value.truth && value.source, name).toBeTruthy();
      expect(parseScenario(JSON.parse(JSON.stringify(value)), '')).toEqual({ ok: true, value });
    }
  });

  test('wire and kernel are the agreed ones, but where the path or a send buffer is the story', () => {
    for (const { name, path, kernel, tags } of Object.values(scenarios)) {
      expect(tags.includes('path') ? { rttMs: 50 } : path, name).toEqual({ rttMs: 50 });
      expect(kernel).toMatchObject({ hz: 250, profile: '6.18' });
      const changed = Object.keys({ ...kernel.serverSysctls, ...kernel.clientSysctls });
      const buffers = ['wedged-send-path', 'close-unanswered-saturated'];
      expect(changed).toHaveLength(buffers.includes(name) ? 2 : 0);
    }
  });

  test('each names the state that it is there for', () => {
    for (const { name, reaches } of Object.values(scenarios)) {
      expect(rareStateNames, name).toContain(reaches);
    }
  });

  test('tags say kind and load', () => {
    const loadTags = { idle: 'idle', periodic: 'busy', saturated: 'saturated' };
    for (const { name, kind, load, tags } of Object.values(scenarios)) {
      const of = ['fault', 'live', 'idle', 'busy', 'saturated'].filter((tag) => tags.includes(tag));
      expect(of, name).toEqual([kind, loadTags[load.kind]]);
    }
  });

  test('a silence fits into the time its scenario is watched', () => {
    for (const value of Object.values(scenarios)) {
      if (value.kind === 'fault') continue;
      const { silence } = value;
      const lengthMs = 'lengthMs' in silence ? silence.lengthMs : 0;
      expect(lengthMs, value.name).toBeLessThanOrEqual(value.watchMs);
    }
  });
});

describe('stories', () => {
  test.each(['vanish', 'frozen'])('%s: idle, 1 KiB every 500 ms, saturated', (family) => {
    expect(scenario(`${family}-idle`).load).toEqual({ kind: 'idle' });
    expect(scenario(`${family}-busy`).load).toEqual({
      kind: 'periodic',
      bytes: 1_024,
      everyMs: 500,
      direction: 'server',
    });
    expect(scenario(`${family}-saturated`).load.kind).toBe('saturated');
  });

  test('wedged send path: one seat, a lock, about 2.6 MB of send buffer', () => {
    const { server, load, kernel } = scenario('wedged-send-path');
    expect(load.kind).toBe('saturated');
    expect(server.sendPath).toBe('locked');
    expect(server.seats).toBe(1);
    const bytes = kernel.serverSysctls['net.ipv4.tcp_wmem.2'] ?? 0;
    expect(bytes / 1e6).toBeCloseTo(2.6, 1);
  });

  test('middleboxes and fleets', () => {
    expect(scenario('nat-forgets')).toMatchObject({ fault: { idleMs: 300_000 } });
    expect(scenario('pool-behind-nat')).toMatchObject({
      fault: { idleMs: 300_000 },
      story: { kind: 'pool', idleMs: 1_800_000 },
    });
    expect(scenario('drain-with-ghosts')).toMatchObject({ story: { kind: 'drain', ghosts: 2 } });
    const { story, truth } = scenario('descriptor-exhaustion');
    if (story.kind !== 'descriptors') throw new Error('not a story about descriptors');
    expect(story.ghostSharePerHour).toBe(0.2);
    // (1024 - 800) / (0.2 × 800 per hour) = 224 / 160 = 1.4 h
    const ghostsPerHour = story.ghostSharePerHour * story.connections;
    expect((story.descriptorLimit - story.connections) / ghostsPerHour).toBeCloseTo(1.4, 10);
    expect(truth).toContain('1.4 hours');
  });

  test('living clients', () => {
    expect(scenario('live-active')).toMatchObject({
      watchMs: 3_600_000,
      silence: { kind: 'none' },
    });
    expect(scenario('live-idle')).toMatchObject({ watchMs: 3_600_000, load: { kind: 'idle' } });
    expect(scenario('live-paused-78s')).toMatchObject({ silence: { lengthMs: 78_000 } });
    expect(scenario('live-trickle-78s')).toMatchObject({ silence: { lengthMs: 78_000 } });
    expect(scenario('live-slow-reader')).toMatchObject({
      load: { kind: 'saturated' },
      silence: { bytesPerSecond: 100_000 },
    });
    expect(scenario('live-slow-uploader')).toMatchObject({
      silence: { messageBytes: 900_000, bytesPerSecond: 20_000 },
    });
    for (const seconds of [9, 29]) {
      const silence = { kind: 'outage', lengthMs: seconds * 1_000 };
      expect(scenario(`live-outage-${seconds}s`)).toMatchObject({ silence });
    }
  });

  test('the plateau is written as fast as it is read', () => {
    const { load, ...rest } = scenario('live-plateau-queue');
    if (load.kind !== 'periodic') throw new Error('the plateau needs a steady writer');
    const bytesPerSecond = (load.bytes / load.everyMs) * 1_000;
    expect(rest).toMatchObject({ silence: { kind: 'plateau', bytesPerSecond } });
  });
});

describe('parseScenario', () => {
  test('names path, value and what is allowed', () => {
    const parsed = parseScenario(
      {
        kind: 'fault',
        name: 'x',
        fault: { kind: 'vanish', direction: 'bth' },
        load: { kind: 'periodic', bytes: 0, everyMs: '500' },
        kernel: { hz: 300, serverSysctls: { 'net.ipv4.tcp_retries2': 'many', tcp_retries2: 5 } },
        wachMs: '1h',
      },
      's.json',
    );
    expect(parsed.ok ? [] : parsed.issues).toMatchObject([
      { path: 's.json: wachMs', hint: 'did you mean "watchMs"?' },
      {
        path: 's.json: load.bytes',
        received: '0',
        expected: 'a whole number from 1 to 1073741824',
      },
      { path: 's.json: load.everyMs', received: '"500"' },
      { path: 's.json: kernel.hz', received: '300', expected: 'one of 100, 250, 1000' },
      {
        path: 's.json: kernel.serverSysctls.tcp_retries2',
        hint: 'did you mean "net.ipv4.tcp_retries2"?',
      },
      { path: 's.json: kernel.serverSysctls["net.ipv4.tcp_retries2"]', received: '"many"' },
      { path: 's.json: fault.direction', hint: 'did you mean "both"?' },
    ]);
  });

  test('a setting that the kernel version does not have', () => {
    const scenarioOn = (profile: string): unknown => ({
      kind: 'fault',
      name: 'x',
      fault: { kind: 'freeze' },
      kernel: { profile, clientSysctls: { 'net.ipv4.tcp_rto_max_ms': 5_000 } },
    });
    expect(parseScenario(scenarioOn('6.18'), '').ok).toBe(true);
    const parsed = parseScenario(scenarioOn('6.12'), 's.json');
    // tcp_rto_max_ms entered with Linux 6.15.
    expect(parsed.ok ? [] : parsed.issues).toMatchObject([
      { path: 's.json: kernel.clientSysctls["net.ipv4.tcp_rto_max_ms"]', code: 'unsupported' },
    ]);
  });

  test('a fault belongs to a fault scenario, a silence to a living one', () => {
    const mixed = { kind: 'live', name: 'x', silence: { kind: 'none' }, fault: { kind: 'freeze' } };
    const parsed = parseScenario(mixed, '');
    expect(parsed.ok ? [] : parsed.issues).toMatchObject([
      { path: 'fault', code: 'unknown-field' },
    ]);
  });
});

describe('selectScenarios', () => {
  test.each([
    ['vanish-idel', 'unknown-name', 'did you mean "vanish-idle"?'],
    ['@liv', 'unknown-tag', 'did you mean "@live"?'],
  ])('%s', (selector, code, hint) => {
    expect(selectScenarios(selector)).toMatchObject({ ok: false, issues: [{ code, hint }] });
  });

  test('one by name, several by tag', () => {
    expect(selectScenarios('vanish-idle')).toMatchObject({
      ok: true,
      value: [{ name: 'vanish-idle' }],
    });
    const live = selectScenarios('@live');
    const all = Object.values(scenarios).filter(({ kind }) => kind === 'live');
    expect(live).toEqual({ ok: true, value: all });
  });
});
