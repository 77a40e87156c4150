/** T where the answer can be worked out by hand, and the physical limit for everything built in. */
import { describe, expect, test } from 'vitest';
import { toleranceOf } from '../../model/bounds/tolerance.ts';
import { bounds, preventsFault } from '../../model/bounds/index.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { busy, fault, live } from './scenarios.ts';
import { share } from '../support/share.ts';

const policy = (name: string): Policy => {
  const found = presets[name];
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found;
};
const toleranceMs = (name: string, scenario: Scenario): number | null =>
  toleranceOf(policy(name), scenario).maxMs;

describe('outage', () => {
  const outage = live({ kind: 'outage', lengthMs: '9s' });

  test('a patience of 30 s survives about 16 s, not 30, at 50 ms', () => {
    // Retransmissions at 0.252, 0.504, 1.008 … 8.064, 16.128, 32.256 s and the wheel: 16.128 is the
    // last one that is back before 30 s.
    const tolerance = toleranceMs('alive-flag-sweep', outage);
    expect(tolerance).toBeGreaterThanOrEqual(16_128);
    expect(tolerance).toBeLessThan(16_700);
  });
  test('a patience of 10 s survives about 8 s', () => {
    const tolerance = toleranceMs('sweep-and-pong-timer', outage);
    expect(tolerance).toBeGreaterThanOrEqual(8_064);
    expect(tolerance).toBeLessThan(8_400);
  });
  test('keepalive: from the first answer lost to the last probe, (3 − 1) · 5 s − 25 ms', () => {
    const tolerance = toleranceMs('keepalive-10-5-3', outage);
    expect(tolerance).toBeGreaterThanOrEqual(9_975);
    expect(tolerance).toBeLessThanOrEqual(9_975 + 2 * 256);
  });
  test('keepalive with a user timeout at the first check: one lost probe is death', () => {
    expect(toleranceMs('keepalive-10-5-3-user-timeout-10s', outage)).toBe(0);
  });
  test('nothing in flight, nothing judged', () => {
    expect(toleranceMs('none', outage)).toBeNull();
    expect(toleranceMs('user-timeout-20s', outage)).toBeNull();
  });
  test('user timeout 20 s with data in flight: the retransmission at 16.1 s is the last before it', () => {
    const lost = live({ kind: 'outage', lengthMs: '9s' }, { load: busy });
    const tolerance = toleranceMs('user-timeout-20s', lost);
    expect(tolerance).toBeGreaterThan(15_500);
    expect(tolerance).toBeLessThan(16_700);
  });
});

describe('silences on a path that works', () => {
  const paused = live({ kind: 'application-pause', lengthMs: '78s' }, { load: busy });
  const starved = live({ kind: 'server-starved', lengthMs: '45s' }, { load: busy });
  const uploader = live({
    kind: 'slow-uploader',
    messageBytes: 900_000,
    bytesPerSecond: 20_000,
  });

  test('bytes acked leave a paused client alone; application acknowledgements do not', () => {
    expect(toleranceMs('send-stall-watchdog', paused)).toBeNull();
    // The acknowledgement sent at the end of the pause needs the round trip that the message began.
    expect(toleranceMs('ack-stall-watchdog', paused)).toBe(30_000 - 50);
  });
  test('the library answers pings during a pause', () => {
    expect(toleranceMs('alive-flag-sweep', paused)).toBeNull();
  });
  test('a starved server reads its pongs after its timers', () => {
    expect(toleranceMs('alive-flag-sweep', starved)).toBe(30_000 - 50);
    expect(toleranceMs('ack-stall-watchdog', starved)).toBe(30_000 - 50);
    expect(toleranceMs('send-stall-watchdog', starved)).toBeNull();
  });
  test('an upload holds the pong back, but any byte of it is life where bytes count', () => {
    expect(toleranceMs('engine.io-v4-server', uploader)).toBe(20_000 - 50);
    // Without its age limit, which ends everybody.
    const { mechanisms, ...grpc } = policy('grpc-5s-1s');
    const ageless = mechanisms.filter(({ kind }) => kind === 'ping');
    expect(toleranceOf({ ...grpc, mechanisms: ageless }, uploader).maxMs).toBeNull();
  });
  test('a sweep whose interval is below the round trip kills the healthy', () => {
    const far = live({ kind: 'none' }, { path: { rttMs: '40s' } });
    expect(toleranceMs('alive-flag-sweep', far)).toBe(0);
  });
  test('queue length: looks every second fall into step with writes every half second', () => {
    expect(toleranceMs('queue-stall-watchdog', paused)).toBe(0);
  });
});

describe('over all built-in policies and scenarios', () => {
  const cells = Object.values(presets).flatMap((p, place) =>
    share(Object.values(scenarios), 48, place).map((s) => [p.name, s.name, bounds(p, s)] as const),
  );

  test('no detector has B below T', () => {
    for (const [p, s, { decided, tolerance }] of cells) {
      if (!decided.proved || !tolerance.proved || decided.formula === '0') continue;
      // A goodbye, a supervisor's SIGKILL and a rule about idleness or age are no detectors.
      if (speaks(s) || NO_DETECTORS.has(decided.by) || decided.maxMs === null) continue;
      expect(tolerance.maxMs, `${p} × ${s}`).not.toBeNull();
      expect(decided.maxMs, `${p} × ${s}`).toBeGreaterThanOrEqual(tolerance.maxMs ?? Infinity);
    }
  });

  test('the four instants come in their order', () => {
    for (const [p, s, { decided, closed, kernelClosed, released }] of cells) {
      const four = [decided, closed, kernelClosed, released].filter(({ proved }) => proved);
      four.forEach(({ maxMs }, i) => {
        const before = four[i - 1];
        if (before === undefined) return;
        expect(maxMs ?? Infinity, `${p} × ${s}`).toBeGreaterThanOrEqual(before.maxMs ?? Infinity);
      });
    }
  });

  test('every answer says who, how and why', () => {
    for (const [p, s, all] of cells) {
      for (const { by, formula, derivation } of Object.values(all)) {
        expect(by && formula && derivation, `${p} × ${s}`).toBeTruthy();
      }
    }
  });
});

const NO_DETECTORS = new Set(['SIGKILL at the drain deadline', 'idle', 'age']);

/** Whether the peer, its host or a box in between says that it is gone, or never finished to open. */
function speaks(scenario: string): boolean {
  const found = scenarios[scenario];
  if (found?.kind !== 'fault') return false;
  const { fault: what } = found;
  if (what.kind === 'nat-expiry') return (what.onExpiry ?? 'drop') !== 'drop';
  if (what.kind === 'own-host-sleep') return what.finds === 'reset';
  return [
    'crash',
    'close',
    'reboot',
    'half-close',
    'close-unanswered',
    'handshake-abandoned',
  ].includes(what.kind);
}

test('a probe more often than the middlebox forgets prevents the fault', () => {
  const nat = fault({ fault: { kind: 'nat-expiry', idleMs: '300s' } });
  expect(preventsFault(policy('keepalive-10-5-3'), nat)).toBe(true);
  expect(preventsFault(policy('alive-flag-sweep'), nat)).toBe(true);
  // 7200 s between probes; a sweep that no longer runs.
  expect(preventsFault(policy('keepalive-linux-default'), nat)).toBe(false);
  expect(preventsFault(policy('alive-flag-sweep-lost'), nat)).toBe(false);
  expect(preventsFault(policy('alive-flag-sweep'), fault())).toBe(false);
});
