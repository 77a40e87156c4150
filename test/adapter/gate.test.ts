/** What stands between a verdict and the end: the cap, the question whether it is this server that is cut off, exemptions; and labels. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { Gate } from '../../adapter/reaper/gate.ts';
import { attachReaper, type ReapEvent, type ReaperOptions } from '../../adapter/ws.ts';
import { definePolicy } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';

const PING = definePolicy({
  name: 'ping',
  mechanisms: [{ kind: 'ping', intervalMs: 100, replyTimeoutMs: 100, life: ['any-byte'] }],
});

describe('a gate', () => {
  const S = 1_000_000;
  const silentFor = (...seconds: number[]) =>
    seconds.map((s) => ({ lastReceivedUs: 100 * S - s * S }));
  const victim = { lastReceivedUs: 60 * S };
  const NOW_US = 100 * S;

  it('lets so many through in a second, and saves up for one second at the most', () => {
    const gate = new Gate({ maxReapsPerSecond: 2 });
    const lets = (atUs: number) => gate.lets(victim, atUs, [], atUs);
    expect([lets(NOW_US), lets(NOW_US), lets(NOW_US)]).toEqual([true, true, false]);
    expect(lets(NOW_US + 0.4 * S)).toBe(false);
    expect([lets(NOW_US + 0.5 * S), lets(NOW_US + 0.5 * S)]).toEqual([true, false]);
    const late = NOW_US + 60 * S;
    expect([lets(late), lets(late), lets(late)]).toEqual([true, true, false]);
  });

  const gate = new Gate({ ownOutage: { share: 0.5, holdMs: 60_000 } });
  const lets = (everybody: ReturnType<typeof silentFor>, sinceUs = NOW_US) =>
    gate.lets(victim, sinceUs, everybody, NOW_US);

  it('waits where half of all have been silent for half as long, and no longer than it may', () => {
    const half = silentFor(40, 39, 30, 25, 20, 1, 1, 1, 1, 1);
    expect(lets(half)).toBe(false);
    expect(lets(half, NOW_US - 59 * S)).toBe(false);
    expect(lets(half, NOW_US - 60 * S)).toBe(true);
  });

  it('does not where fewer are, or where there are too few to tell', () => {
    expect(lets(silentFor(40, 39, 30, 25, 19, 1, 1, 1, 1, 1))).toBe(true);
    expect(lets(silentFor(40, 40, 40))).toBe(true);
  });
});

describe('on a server', () => {
  let loop: Loopback;
  beforeEach(async () => {
    loop = await loopback();
  });
  afterEach(() => loop.close());

  function reaper(options: ReaperOptions<WebSocket>) {
    const events: ReapEvent<WebSocket>[] = [];
    const handle = attachReaper(loop.server, PING, {
      ...options,
      onReap: (event) => events.push(event),
    });
    return { events, handle };
  }

  it('all who fall silent at once are kept for a while, and who is heard again is spared', async () => {
    const { events, handle } = reaper({ ownOutage: { share: 0.5, holdMs: 1_500 } });
    const clients = await Promise.all(Array.from({ length: 12 }, () => loop.mute()));
    await sleep(700);
    expect(events).toEqual([]);
    // An empty unmasked text frame would be a fault: this is a masked pong without a payload (RFC 6455 §5.2).
    const spared = clients[0];
    const says = setInterval(() => spared?.socket.write(Buffer.from([0x8a, 0x80, 1, 2, 3, 4])), 50);
    await expect.poll(() => events.length, { timeout: 5_000 }).toBe(11);
    await sleep(300);
    clearInterval(says);
    expect(events).toHaveLength(11);
    expect(handle.connections).toBe(1);
  });

  it('no more than so many are ended in a second', async () => {
    const { events } = reaper({ maxReapsPerSecond: 2 });
    await Promise.all(Array.from({ length: 6 }, () => loop.mute()));
    await sleep(900);
    expect(events.length).toBeGreaterThanOrEqual(2);
    expect(events.length).toBeLessThanOrEqual(4);
    await expect.poll(() => events.length, { timeout: 5_000 }).toBe(6);
  });

  it('the exempt are left alone, and others have their name', async () => {
    const { events, handle } = reaper({
      exempt: (_, request) => request?.url === '/',
      label: () => 'never asked',
    });
    await loop.mute();
    await sleep(500);
    expect(events).toEqual([]);
    expect(handle.connections).toBe(0);
    expect(handle.status.unwatched).toBe(0);
  });

  it('a label is told with the verdict; one that cannot be had is none', async () => {
    let asked = 0;
    const { events, handle } = reaper({
      label: (_, request) => {
        asked += 1;
        if (asked === 2) throw new Error('no name');
        return `user of ${request?.url}`;
      },
    });
    await loop.mute();
    await loop.mute();
    await expect.poll(() => events.length).toBe(2);
    // Both fall due at about the same time: who is first is not said.
    expect(new Set(events.map(({ label }) => label))).toEqual(new Set(['user of /', undefined]));
    expect(handle.status.errors).toBe(1);
  });
});
