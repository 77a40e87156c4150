/**
 * A round trip that rises: the timeout is spurious, and what its undo leaves behind ends the connection in the next short outage. The
 * figures are recordings of Linux 6.18 at HZ 250 and of 6.12 at HZ 1000 (RTT 50 ms, then higher; 100 bytes every 500 ms).
 */
import { describe, expect, it } from 'vitest';
import type { KernelConfig } from '../../sim/kernel/types.ts';
import { Pair, recordOf, type PairSocket } from './pair.ts';
import { windowOver } from './reference.ts';

const SECOND = 1_000_000;

interface Story {
  readonly risesToMs: number;
  readonly cutS: number;
  readonly healsS: number;
  readonly maxS: number;
  readonly server?: PairSocket;
  readonly config?: Partial<KernelConfig>;
}

/** Plays a story; its zero is one second after the connection was opened. */
function play(story: Story, phase: number): { pair: Pair; diedS: number } {
  const pair = new Pair({
    rttUs: 50_000,
    ...(story.server && { server: story.server }),
    config: { ...story.config, jiffiesAtZero: phase },
  }).connect();
  const zeroUs = pair.scheduler.nowUs;
  const at = (s: number): boolean => (pair.scheduler.nowUs - zeroUs) / SECOND === s;
  for (let beat = 0; beat * 0.5 < story.maxS; beat += 1) {
    if (at(3)) {
      pair.path.toClient.delayUs = story.risesToMs * 500;
      pair.path.toServer.delayUs = story.risesToMs * 500;
    }
    if (at(story.cutS)) pair.cut();
    if (at(story.healsS)) pair.cut(false);
    if (pair.serverOwner.failure) break;
    pair.send(100);
    pair.runFor(SECOND / 2);
  }
  return { pair, diedS: ((pair.serverOwner.failure?.atUs ?? Infinity) - zeroUs) / SECOND };
}

const ut20 = { userTimeoutMs: 20_000 };
const hz1000: Partial<KernelConfig> = { hz: 1000, profile: '6.12' };

describe('a living client whose round trip has risen, then an outage of 2 s', () => {
  it.each([
    ['a user timeout of 20 s, 800 ms', { risesToMs: 800, cutS: 30, server: ut20 }, 31.35],
    [
      'nothing set at all, after 17 minutes',
      { risesToMs: 800, cutS: 1030, config: hz1000 },
      1033.3641,
    ],
    [
      'tcp_retries2 = 8',
      { risesToMs: 800, cutS: 115, config: { sysctls: { 'net.ipv4.tcp_retries2': 8 } } },
      118.34,
    ],
  ] as const)('%s: given up', (_name, story, recordedS) => {
    const outage = { healsS: story.cutS + 2, maxS: story.cutS + 30 };
    const { min, max } = windowOver(8, (phase) => play({ ...story, ...outage }, phase).diedS);
    expect(recordedS).toBeGreaterThanOrEqual(min - 0.008);
    expect(recordedS).toBeLessThanOrEqual(max + 0.008);
  });

  it.each([
    ['that has always been 800 ms', 50, 50],
    [
      'that rises to 300 ms: one timeout in the first new round trip, nothing counted twice',
      300,
      300,
    ],
  ])('a round trip %s: survives', (_name, risesToMs) => {
    const story = { risesToMs, cutS: 30, healsS: 32, maxS: 60, server: ut20 };
    expect(play(story, 0).diedS).toBe(Infinity);
  });
});

describe('what is left behind', () => {
  it('one retransmission for ever, the state Disorder, and the stamp of the first one', () => {
    const { pair } = play({ risesToMs: 800, cutS: 99, healsS: 99, maxS: 20 }, 0);
    const sk = recordOf(pair.server);
    expect(sk.retransOut).toBe(1);
    expect(sk.congestion).toBe(1);
    expect(sk.retransStampMs).toBeLessThan(6_000);
    // Something counts as lost, so no tail loss probe is sent (tcp_schedule_loss_probe).
    expect(pair.fromServer(10 * SECOND, 'tlp')).toEqual([]);
  });

  it('is forgotten once nothing is in flight', () => {
    const { pair } = play({ risesToMs: 800, cutS: 99, healsS: 99, maxS: 20 }, 0);
    pair.runFor(2 * SECOND);
    pair.send(100);
    pair.runFor(2 * SECOND);
    const sk = recordOf(pair.server);
    expect([sk.retransOut, sk.congestion, sk.retransStampMs]).toEqual([0, 0, -1]);
  });
});
