/** Every marked branch (model/rare-paths.ts) is taken by a case made for it. A mark without a case does not compile. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Alarm, nowUs } from '../../adapter/reaper/alarm.ts';
import { contain } from '../../adapter/safety/contain.ts';
import { definePolicy, type PolicyInput } from '../../index.ts';
import { MSS } from '../../model/linux/constants.ts';
import { recordRarePaths, type RarePath } from '../../model/rare-paths.ts';
import { compileReaper, type ReaperInstance } from '../../model/reaper/index.ts';
import type { KernelConfig } from '../../sim/kernel/types.ts';
import { Pair, recordOf, type PairOptions } from '../kernel/pair.ts';

const SECOND = 1_000_000;

function connected(server: PairOptions['server'] = {}, config: Partial<KernelConfig> = {}): Pair {
  return new Pair({ rttUs: 50_000, server, config }).connect();
}

/** The server in TIME_WAIT, its peer played by the test: rcv_nxt is 2, its own FIN was 1. */
function inTimeWait(): Pair {
  const pair = new Pair().connectByHand(1_000);
  pair.server.socket.close();
  pair.inject({ ackSeq: 2 });
  pair.inject({ fin: true, seq: 1, ackSeq: 2 });
  return pair;
}

/** A server that has filled the window of a client which reads nothing. */
function behindShutWindow(
  server: PairOptions['server'] = {},
  config: Partial<KernelConfig> = {},
): Pair {
  const pair = connected(server, config);
  pair.clientOwner.reading = false;
  pair.send(400_000);
  pair.runFor(5 * SECOND);
  return pair;
}

/** A chatty server whose round trip has risen from 50 ms to `rttUs`. */
function risenRoundTrip(rttUs: number): void {
  const pair = connected();
  pair.path.toClient.delayUs = rttUs / 2;
  pair.path.toServer.delayUs = rttUs / 2;
  for (let beat = 0; beat < 20; beat += 1) {
    pair.send(100);
    pair.runFor(SECOND / 2);
  }
}

const retries2 = { sysctls: { 'net.ipv4.tcp_retries2': 3 } };
const keepalive = { keepalive: { idleS: 1, intervalS: 1, probes: 3 } };

/** A reaper that has started, of one connection. */
function started(mechanism: PolicyInput['mechanisms'][number]): ReaperInstance {
  const policy = definePolicy({ name: 'rare', mechanisms: [mechanism] });
  const reaper = compileReaper(policy).instance();
  reaper.start(0, 0, 0.5);
  return reaper;
}

const takenBy: Readonly<Record<RarePath, () => unknown>> = {
  'challenge-ack': () => {
    connected().inject({ syn: true });
  },
  'answer-withheld': () => {
    const pair = connected();
    pair.inject({ syn: true });
    pair.inject({ syn: true });
  },
  'time-wait-assassinated': () => {
    inTimeWait().inject({ rst: true, ack: false, seq: 2 });
  },
  'time-wait-starts-again': () => {
    inTimeWait().inject({ fin: true, seq: 1, ackSeq: 2 });
  },
  'orphan-reset-at-close': () => {
    const sysctls = { 'net.ipv4.tcp_max_orphans': 4 };
    connected({}, { sysctls, otherOrphans: 5 }).server.socket.close();
  },
  'orphan-reset-at-expiry': () => {
    const pair = connected({}, { sysctls: { 'net.ipv4.tcp_max_orphans': 0 } });
    pair.cut();
    pair.server.socket.close();
    pair.runFor(10 * SECOND);
  },
  'orphan-dropped': () => {
    const sysctls = { 'net.ipv4.tcp_max_orphans': 1, 'net.ipv4.tcp_orphan_retries': 9 };
    const pair = connected({}, { sysctls });
    pair.cut();
    pair.server.socket.close();
    pair.runFor(400 * SECOND);
  },
  'orphan-behind-shut-window': () => {
    const pair = behindShutWindow();
    pair.server.socket.close();
    pair.runFor(600 * SECOND);
  },
  'user-timeout-behind-shut-window': () => {
    behindShutWindow({ userTimeoutMs: 5_000 }).runFor(60 * SECOND);
  },
  'window-probes-used-up': () => {
    const pair = behindShutWindow({}, retries2);
    pair.cut();
    pair.runFor(600 * SECOND);
  },
  'probe-not-let-out': () => {
    const pair = behindShutWindow();
    pair.server.setLocalDrop('qdisc');
    pair.runFor(60 * SECOND);
  },
  'keepalive-not-let-out': () => {
    const pair = connected(keepalive);
    pair.server.setLocalDrop('qdisc');
    pair.runFor(5 * SECOND);
  },
  'retransmission-not-let-out': () => {
    const pair = connected();
    pair.cut();
    pair.send(100);
    pair.server.setLocalDrop('qdisc');
    pair.runFor(5 * SECOND);
  },
  'keepalive-under-user-timeout': () => {
    const pair = connected({ ...keepalive, userTimeoutMs: 2_000 });
    pair.cut();
    pair.runFor(10 * SECOND);
  },
  'tail-probe-cuts-segments': () => {
    const pair = connected();
    pair.cut();
    // Whole segments lie together in one buffer; a rest would lie in one of its own.
    pair.send(5 * MSS);
    pair.runFor(SECOND);
  },
  'tail-probe-of-new-data': () => {
    const pair = connected();
    pair.cut();
    // Ten segments leave at once (RFC 6928); the rest waits for an acknowledgement.
    pair.send(30_000);
    pair.runFor(SECOND);
  },
  'retransmission-as-window-probe': () => {
    const pair = new Pair().connectByHand(1_000);
    pair.send(3_000);
    const { sndUna } = recordOf(pair.server);
    pair.inject({ ackSeq: sndUna + 1_000, windowBytes: 0 });
    pair.runFor(10 * SECOND);
  },
  'spurious-timeout': () => {
    risenRoundTrip(600_000);
  },
  'retransmission-counted-twice': () => {
    risenRoundTrip(800_000);
  },
  'tail-probe-repaired-loss': () => {
    const pair = connected();
    pair.cut();
    pair.send(100);
    pair.runFor(SECOND / 10);
    pair.cut(false);
    pair.runFor(SECOND);
    pair.send(100);
    pair.runFor(SECOND);
  },
  'undone-by-duplicates': () => {
    // Without timestamps nothing but the peer's report says that it was unnecessary.
    const pair = connected({}, { sysctls: { 'net.ipv4.tcp_timestamps': 0 } });
    pair.path.toClient.delayUs = 400_000;
    pair.path.toServer.delayUs = 400_000;
    for (let beat = 0; beat < 8; beat += 1) {
      pair.send(100);
      pair.runFor(SECOND / 4);
    }
    pair.runFor(5 * SECOND);
  },
  'timeout-not-doubled': () => {
    const pair = connected({ TCP_THIN_LINEAR_TIMEOUTS: 1 });
    pair.cut();
    pair.send(100);
    pair.runFor(2 * SECOND);
  },
  'reset-for-unread-data': () => {
    const pair = connected();
    pair.serverOwner.reading = false;
    pair.client.socket.write(100);
    pair.runFor(SECOND);
    pair.server.socket.close();
  },
  'syn-received-closed': () => {
    const pair = new Pair();
    pair.cut();
    pair.server.socket.listen();
    pair.inject({ syn: true, ack: false, seq: 0 });
    pair.server.socket.close();
  },
  'received-skips-tick': () => {
    started({ kind: 'sweep', intervalMs: '30s', life: ['pong'], skipAfter: ['any-byte'] }).received(
      -1,
      SECOND,
    );
  },
  'queue-over-soft-limit': () => {
    const reaper = started({
      kind: 'send-queue-limit',
      softBytes: 1_000,
      softForMs: '10s',
      hardBytes: 9_000,
      everyMs: '1s',
    });
    reaper.advance(reaper.deadlineUs);
    reaper.sampled(
      { queueBytes: 0, bytesAcked: 0, established: true, userQueueBytes: 5_000 },
      2 * SECOND,
    );
  },
  'jitter-drawn': () =>
    started({ kind: 'ping', intervalMs: '30s', replyTimeoutMs: '10s', firstJitterMs: '5s' }),
  'reads-on-after-stall': async () => {
    let rung = false;
    const alarm = new Alarm(() => {
      rung = true;
    });
    alarm.setFor(nowUs() + 1_000);
    setTimeout(() => {
      alarm.heard();
    }, 2);
    const untilUs = nowUs() + 100_000;
    while (nowUs() < untilUs);
    await vi.waitFor(() => expect(rung).toBe(true), { timeout: 5_000 });
  },
  'hook-failed': () => {
    contain(
      () => {
        throw new Error('of the host');
      },
      () => undefined,
    );
  },
};

afterEach(() => {
  recordRarePaths(null);
});

describe('a rare path is taken', () => {
  it.each(Object.entries(takenBy))('%s', async (name, drive) => {
    const taken = new Set<string>();
    recordRarePaths((path) => taken.add(path));
    await drive();
    expect([...taken]).toContain(name);
  });
});
