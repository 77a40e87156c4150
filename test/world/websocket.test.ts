/**
 * The WebSocket machine as the simulated processes run it: the endpoint alone under a virtual clock, and whole
 * stories read from their timelines. Codes are those of RFC 6455 §7.4.1, 30 s is `closeTimeout` of ws
 * (lib/websocket.js).
 */
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../model/assert.ts';
import type { WebSocketRole } from '../../model/machines/websocket/index.ts';
import { definePolicy, presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { RunEvent, RunResult } from '../../model/results/types.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import type { Scheduler } from '../../sim/clock/types.ts';
import { WebSocketEndpoint } from '../../sim/websocket/endpoint.ts';
import type { WebSocketHost } from '../../sim/websocket/endpoint.ts';
import { Frame } from '../../sim/websocket/frames.ts';

const CLOSE_TIMEOUT_US = 30_000_000;
const SECOND_US = 1_000_000;

interface Bench {
  readonly scheduler: Scheduler;
  readonly endpoint: WebSocketEndpoint;
  /** What the process was asked for, and when, in s. */
  readonly asked: string[];
}

/** An endpoint whose process writes down what it is asked for; `react` is what it does at once. */
function bench(role: WebSocketRole, react: Partial<WebSocketHost> = {}): Bench {
  const scheduler = createScheduler();
  const asked: string[] = [];
  const write =
    (name: string) =>
    (...args: number[]): void => {
      asked.push([name, ...args, `at ${scheduler.nowUs / SECOND_US}`].join(' '));
    };
  const host: WebSocketHost = {
    opened: write('opened'),
    pingReceived: write('ping'),
    pongReceived: write('pong'),
    messageReceived: write('message'),
    sendClose: write('send'),
    closeTcp: write('closeTcp'),
    closeDescriptor: () => write('closed')(endpoint.closeCode),
    closeTimedOut: write('timedOut'),
    ...react,
  };
  const endpoint = new WebSocketEndpoint(scheduler, role, host);
  endpoint.reset();
  return { scheduler, endpoint, asked };
}

function opened(role: WebSocketRole, react?: Partial<WebSocketHost>): Bench {
  const made = bench(role, react);
  made.endpoint.begin();
  made.endpoint.open();
  made.asked.length = 0;
  return made;
}

describe('an endpoint', () => {
  it('is neither open nor up until the handshake has succeeded, and gives it 30 s', () => {
    const { scheduler, endpoint, asked } = bench('client');
    endpoint.begin();
    expect([endpoint.isUp, endpoint.isOpen]).toEqual([false, false]);
    scheduler.run(60 * SECOND_US);
    expect(asked).toEqual(['closed 1006 at 30']);
  });

  it('asked to close: one Close frame, still up, no longer open; 30 s later it is destroyed with 1006', () => {
    const { scheduler, endpoint, asked } = opened('server');
    scheduler.run(5 * SECOND_US);
    endpoint.close(1001);
    endpoint.close(1000);
    expect([endpoint.isUp, endpoint.isOpen]).toEqual([true, false]);
    scheduler.run(100 * SECOND_US);
    expect(asked).toEqual(['send 1001 at 5', 'timedOut at 35', 'closed 1006 at 35']);
    expect(endpoint.isUp).toBe(false);
  });

  it('§7.1.1: the server closes TCP after the peer’s Close frame, the client waits for that', () => {
    const server = opened('server');
    server.endpoint.closeFrameRead(1000);
    server.endpoint.tcpClosed();
    expect(server.asked).toEqual(['send 1000 at 0', 'closeTcp at 0', 'closed 1000 at 0']);
    const client = opened('client');
    client.endpoint.closeFrameRead(1000);
    expect(client.asked).toEqual(['send 1000 at 0']);
    client.endpoint.tcpClosed();
    expect(client.asked.at(-1)).toBe('closed 1000 at 0');
  });

  it('the peer’s Close frame does not prolong the closing: 30 s from its own, with the peer’s code', () => {
    const { scheduler, endpoint, asked } = opened('server');
    endpoint.close(1001);
    scheduler.run(20 * SECOND_US);
    endpoint.closeFrameRead(1000);
    scheduler.run(100 * SECOND_US);
    expect(asked.slice(1)).toEqual(['closeTcp at 20', 'timedOut at 30', 'closed 1000 at 30']);
  });

  it('§7.1.5: 1005 for a Close frame without a code, 1006 for none', () => {
    const silent = opened('client');
    silent.endpoint.closeFrameRead(1005);
    silent.endpoint.tcpClosed();
    expect(silent.asked.at(-1)).toBe('closed 1005 at 0');
    for (const end of ['tcpClosed', 'destroy'] as const) {
      const { endpoint, asked } = opened('client');
      endpoint[end]();
      expect(asked).toEqual(['closed 1006 at 0']);
    }
  });

  it('what a step brings about comes after it: no timer outlives a TCP closed within the step', () => {
    const { scheduler, endpoint, asked } = opened('server', {
      closeTcp: () => endpoint.tcpClosed(),
    });
    endpoint.closeFrameRead(1000);
    scheduler.run(2 * CLOSE_TIMEOUT_US);
    expect(asked).toEqual(['send 1000 at 0', 'closed 1000 at 0']);
  });

  it('§5.5.1: after the peer’s Close frame nothing it sends counts; before it, everything does', () => {
    const { endpoint, asked } = opened('client');
    endpoint.close(1000);
    const all = [Frame.Ping, Frame.Pong, Frame.Message, Frame.ApplicationAck] as const;
    for (const frame of all) endpoint.frameRead(frame);
    const messages = [`message ${Frame.Message} at 0`, `message ${Frame.ApplicationAck} at 0`];
    expect(asked.slice(1)).toEqual(['ping at 0', 'pong 2 at 0', ...messages]);
    endpoint.closeFrameRead(1000);
    for (const frame of all) endpoint.frameRead(frame);
    expect(asked).toHaveLength(5);
  });

  it('a process that stands still has no timers', () => {
    const { scheduler, endpoint, asked } = opened('client');
    endpoint.close(1000);
    endpoint.stopClock();
    scheduler.run(2 * CLOSE_TIMEOUT_US);
    expect(asked).toEqual(['send 1000 at 0']);
  });

  it('an event that is impossible in its state is a bug, and one that comes too late is not', () => {
    const early = bench('server');
    early.endpoint.begin();
    expect(() => early.endpoint.frameRead(Frame.Message)).toThrow(InternalError);
    const { endpoint, asked } = opened('server');
    expect(() => endpoint.open()).toThrow(InternalError);
    const late = opened('server');
    late.endpoint.destroy();
    late.endpoint.tcpClosed();
    late.endpoint.close(1000);
    expect(late.asked).toEqual(['closed 1006 at 0']);
    expect(() => late.endpoint.frameRead(Frame.Message)).toThrow(InternalError);
    expect(asked).toEqual([]);
  });
});

function story(policy: Policy, scenario: Scenario): RunResult {
  return simulate(policy, scenario, { seed: 11n, trace: true });
}

function preset(name: string): Policy {
  const policy = presets[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

function named(name: string): Scenario {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
}

/** Closing events as `who event code`, in order. */
function closing(events: readonly RunEvent[]): string[] {
  return events
    .filter(({ event }) => /^(close-frame|closing-handshake|descriptor-closed)/.test(event))
    .map((event) => [event.where, event.event, event['code'] ?? ''].join(' ').trim());
}

function atMs(events: readonly RunEvent[], where: string, event: string): number {
  const found = events.find((each) => each.where === where && each.event === event);
  if (found === undefined) throw new Error(`no ${event} at ${where}`);
  return found.atMs;
}

describe('close codes in a timeline', () => {
  it('client closes: 1000 on both sides, and the server’s descriptor goes first', () => {
    expect(closing(story(preset('none'), named('close-clean')).events)).toEqual([
      'peer-app closing-handshake 1000',
      'server-app close-frame-read 1000',
      'server-app descriptor-closed 1000',
      'peer-app descriptor-closed 1000',
    ]);
  });

  it('server lets an idle connection go: 1001 on both sides; closed, and no false reap', () => {
    const policy = preset('grpc-5s-1s');
    const scenario = named('live-idle');
    const result = story(policy, scenario);
    expect(result.outcome).toBe('closed');
    expect(closing(result.events)).toEqual([
      'server-app closing-handshake 1001',
      'peer-app closing-handshake 1001',
      'server-app close-frame-read 1001',
      'server-app descriptor-closed 1001',
      'peer-app descriptor-closed 1001',
    ]);
    const { rows } = compare({ policies: [policy], scenarios: [scenario], runs: 20, seed: 11n });
    expect(rows[0]?.falseReaps).toMatchObject({ count: 0, samples: 20 });
  });

  it('both at once: each reads the other’s Close frame, answers none, and keeps the other’s code', () => {
    // Accepted 75 ms after the first SYN, so the server's Close frame leaves 10 ms before the client's
    // at 1 h, and needs 25 ms to arrive.
    const policy = definePolicy({
      name: 'age',
      mechanisms: [{ kind: 'age', maxMs: 3_600_000 - 85 }],
    });
    const scenario = defineScenario({
      name: 'leaves-after-an-hour',
      kind: 'live',
      silence: { kind: 'none' },
      watchMs: '1h',
      endsWith: 'close',
    });
    const { events } = story(policy, scenario);
    expect(closing(events)).toEqual([
      'server-app closing-handshake 1001',
      'peer-app closing-handshake 1000',
      'server-app close-frame-read 1000',
      'server-app descriptor-closed 1000',
      'peer-app descriptor-closed 1001',
    ]);
  });

  it.each([
    ['a verdict', 'alive-flag-sweep', 'vanish-idle'],
    ['end of file without a Close frame', 'none', 'crash'],
    ['a reset', 'alive-flag-sweep', 'reboot'],
    ['a kernel timer', 'keepalive-10-5-3', 'vanish-idle'],
    ['SIGKILL', 'drain-15s', 'drain-with-ghosts'],
  ])('%s: 1006', (_what, policy, scenario) => {
    const own = closing(story(preset(policy), named(scenario)).events).filter((line) =>
      line.startsWith('server-app'),
    );
    expect(new Set(own)).toEqual(new Set(['server-app descriptor-closed 1006']));
  });

  it('a Close frame that nobody answers: 30 s, then 1006', () => {
    const policy = definePolicy({
      name: 'idle',
      mechanisms: [{ kind: 'idle', timeoutMs: 15_000 }],
    });
    const { events, outcome, faultAtMs } = story(policy, named('vanish-busy'));
    expect(outcome).toBe('closed');
    const beganMs = atMs(events, 'server-app', 'closing-handshake');
    expect(beganMs).toBeGreaterThan(faultAtMs ?? Infinity);
    expect(closing(events)).toEqual([
      'server-app closing-handshake 1001',
      'server-app closing-handshake-timed-out',
      'server-app descriptor-closed 1006',
    ]);
    expect(atMs(events, 'server-app', 'descriptor-closed') - beganMs).toBe(30_000);
  });
});

describe('the closing handshake', () => {
  it('§5.5.1: who has sent a Close frame sends no data after it', () => {
    // Messages come every 20 ms and are answered; the client's Close frame is 25 ms on its way.
    const scenario = defineScenario({
      name: 'leaves-while-talked-to',
      kind: 'fault',
      fault: { kind: 'close' },
      load: { kind: 'periodic', bytes: 100, everyMs: 20, direction: 'both' },
    });
    const { events } = story(preset('ack-stall-watchdog'), scenario);
    const beganMs = atMs(events, 'peer-app', 'closing-handshake');
    const sent = events.filter(({ event }) => /^(acknowledgement|message)-sent$/.test(event));
    expect(sent.length).toBeGreaterThan(20);
    expect(sent.at(-1)?.atMs).toBeLessThanOrEqual(beganMs);
  });

  it('§7.1.1: the server’s own Close frame goes out behind all that waits, and TCP ends after it', () => {
    const scenario = defineScenario({
      name: 'leaves-in-mid-stream',
      kind: 'fault',
      fault: { kind: 'close' },
      load: { kind: 'saturated', messageBytes: 65_536 },
    });
    const { events, outcome } = story(preset('none'), scenario);
    expect(outcome).toBe('closed');
    const readMs = atMs(events, 'server-app', 'close-frame-read');
    const closedMs = atMs(events, 'server-app', 'descriptor-closed');
    // User space waited for acknowledgements: at least the next of them had to come.
    expect(closedMs).toBeGreaterThan(readMs);
    // Everything was delivered: a client that reads eagerly never sees a reset, and its code is the server's.
    expect(closing(events).at(-1)).toBe('peer-app descriptor-closed 1000');
    expect(events.filter(({ event }) => event === 'socket-error')).toEqual([]);
  });
});
