/** Another policy at run time: who is under watch stays under watch, by the new one. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { attachReaper as attachToNode } from '../../adapter/node.ts';
import { attachReaper, InputError, type ReapEvent, type ReaperHandle } from '../../adapter/ws.ts';
import type { PolicyInput } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';
import { bench, type Bench } from '../support/servers.ts';

const SLOW: PolicyInput = {
  name: 'slow',
  mechanisms: [{ kind: 'ping', intervalMs: '1h', replyTimeoutMs: '1h', life: ['any-byte'] }],
};
const FAST: PolicyInput = {
  name: 'fast',
  mechanisms: [{ kind: 'ping', intervalMs: 200, replyTimeoutMs: 200, life: ['pong'] }],
};
const PONG_AND_MESSAGES: PolicyInput = {
  name: 'messages',
  mechanisms: [{ kind: 'receive-deadline', timeoutMs: 300, life: ['message'] }],
};

let loop: Loopback;
let on: Bench;
beforeEach(async () => {
  loop = await loopback();
  on = bench();
});
afterEach(async () => {
  await loop.close();
  await on.close();
});

function slowly(): { reaper: ReaperHandle; events: ReapEvent<WebSocket>[] } {
  const events: ReapEvent<WebSocket>[] = [];
  const reaper = attachReaper(loop.server, SLOW, {
    label: () => 'guest',
    onReap: (event) => events.push(event),
  });
  return { reaper, events };
}

describe('another policy', () => {
  it('judges whoever is under watch already, from now on', async () => {
    const { reaper, events } = slowly();
    const mute = await loop.mute();
    const client = await loop.client();
    await expect.poll(() => reaper.connections).toBe(2);
    await sleep(300);
    const setMs = performance.now();
    reaper.setPolicy(FAST);
    expect(reaper.policy.name).toBe('fast');
    expect(reaper.connections).toBe(2);
    await mute.ended;
    expect(performance.now() - setMs).toBeGreaterThanOrEqual(398);
    expect(events).toMatchObject([{ mechanism: 'ping', label: 'guest' }]);
    // As old as the connection is, not as the policy is.
    expect(events[0]?.openMs).toBeGreaterThan(650);
    await sleep(300);
    expect(client.readyState).toBe(1);
    expect(reaper.reaped).toBe(1);
    reaper.setPolicy(SLOW);
    expect(reaper.reaped).toBe(1);
    reaper.detach();
    for (const socket of loop.server.clients) {
      expect(socket.listenerCount('pong')).toBe(0);
      expect(socket.listenerCount('message')).toBe(0);
    }
  });

  it('hears the signs that it counts', async () => {
    const { reaper, events } = slowly();
    const client = await loop.client();
    await expect.poll(() => reaper.connections).toBe(1);
    reaper.setPolicy(PONG_AND_MESSAGES);
    const chatter = setInterval(() => {
      client.send('word');
    }, 100);
    await sleep(600);
    expect(events).toEqual([]);
    clearInterval(chatter);
    await once(client, 'close');
    expect(events).toMatchObject([{ mechanism: 'receive-deadline' }]);
  });

  it('is checked first, and nothing changes where it is none', () => {
    const { reaper } = slowly();
    expect(() => {
      reaper.setPolicy({ name: 'x', mechanisms: [{ kind: 'nothing' }] } as unknown as PolicyInput);
    }).toThrow(InputError);
    expect(reaper.policy.name).toBe('slow');
    expect(reaper.status.attached).toBe(true);
  });

  it('comes to nothing after detach', () => {
    const { reaper } = slowly();
    reaper.detach();
    reaper.setPolicy(FAST);
    expect(reaper.status.attached).toBe(false);
    expect(reaper.connections).toBe(0);
  });

  it('may be set from within onReap', async () => {
    const reaper = attachReaper(loop.server, FAST, {
      onReap: () => {
        reaper.setPolicy(SLOW);
      },
    });
    const [first, second] = [await loop.mute(), await loop.mute()];
    await Promise.race([first.ended, second.ended]);
    await sleep(500);
    expect(reaper.status).toMatchObject({ attached: true, errors: 0 });
    expect(reaper.policy.name).toBe('slow');
  });

  it('is polled for as it needs, on a server of bytes', async () => {
    const server = await on.listen(createServer());
    const events: ReapEvent<Socket>[] = [];
    const idle = (timeoutMs: number | string): PolicyInput => ({
      name: 'idle',
      mechanisms: [{ kind: 'idle', timeoutMs }],
    });
    const before = server.listenerCount('connection');
    const reaper = attachToNode(server, idle('1h'), { onReap: (event) => events.push(event) });
    const { side } = await on.connect(server);
    reaper.setPolicy(idle(300));
    await once(side, 'close');
    expect(events).toMatchObject([{ mechanism: 'idle' }]);
    reaper.detach();
    expect(server.listenerCount('connection')).toBe(before);
  });
});
