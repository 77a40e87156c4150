/**
 * What attaching costs a host: nothing that stays. Listeners go back to what they were, timers go away,
 * errors stay inside, and bad arguments are the only thing that throws.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { setsWholeKeepalive } from '../../adapter/kernel/node.ts';
import { attachReaper, InputError, type ReapEvent, type ReaperOptions } from '../../adapter/ws.ts';
import { definePolicy, presets } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';

const FAST = definePolicy({
  name: 'fast',
  mechanisms: [{ kind: 'ping', intervalMs: 100, replyTimeoutMs: 60, life: ['pong'] }],
});

let loop: Loopback;
beforeEach(async () => {
  loop = await loopback();
});
afterEach(() => loop.close());

interface Emitter {
  eventNames(): (string | symbol)[];
  listenerCount(event: string | symbol): number;
}

/** How many listeners each event of these emitters has. */
function listeners(...emitters: Emitter[]): string[] {
  return emitters.flatMap((emitter, i) =>
    emitter
      .eventNames()
      .map((event) => `${i} ${String(event)} ${emitter.listenerCount(event)}`)
      .toSorted(),
  );
}

function socketOf(side: WebSocket): Emitter {
  return (side as unknown as { _socket: Emitter })._socket;
}

async function side(): Promise<WebSocket> {
  const arrivals = once(loop.server, 'connection');
  await loop.client();
  return (await arrivals)[0] as WebSocket;
}

function fails(attach: () => unknown): InputError {
  try {
    attach();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it did not throw');
}

describe('attach and detach', () => {
  it('leave every listener and timer as they found them, and open connections open', async () => {
    const early = await side();
    const before = listeners(loop.server, early, socketOf(early));
    const handle = attachReaper(loop.server, FAST);
    expect(handle.connections).toBe(1);
    const late = await side();
    expect(handle.connections).toBe(2);
    await sleep(250);
    handle.detach();
    handle.detach();
    expect(listeners(loop.server, early, socketOf(early))).toEqual(before);
    expect(listeners(loop.server, late, socketOf(late))).toEqual(before);
    expect([early.readyState, late.readyState]).toEqual([early.OPEN, early.OPEN]);
    expect(handle.connections).toBe(0);
    expect(handle.status.attached).toBe(false);
  });

  it('never hold the process, and hold no timer once the last connection is gone', async () => {
    const armed: NodeJS.Timeout[] = [];
    const arm = globalThis.setTimeout;
    const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
      ...args: Parameters<typeof arm>
    ) => {
      const timer = arm(...args);
      if (new Error().stack?.includes('alarm.ts')) armed.push(timer);
      return timer;
    }) as typeof arm);
    const handle = attachReaper(loop.server, FAST);
    const client = await loop.client();
    await expect.poll(() => armed.length).toBeGreaterThan(2);
    client.close();
    await once(client, 'close');
    await expect.poll(() => handle.connections).toBe(0);
    spy.mockRestore();
    expect(armed.filter((timer) => timer.hasRef())).toEqual([]);
    // Node marks a timer that has fired or was cleared.
    const pending = armed.filter(
      (timer) => !(timer as unknown as { _destroyed: boolean })._destroyed,
    );
    expect(pending).toEqual([]);
    handle.detach();
  });

  it('watch clients that were connected before, and reap them', async () => {
    const mute = await loop.mute();
    const handle = attachReaper(loop.server, FAST);
    await mute.ended;
    expect(handle.reaped).toBe(1);
  });

  it('can be followed by another attach, but not doubled', async () => {
    const first = attachReaper(loop.server, FAST);
    const { issues } = fails(() => attachReaper(loop.server, FAST));
    expect(issues[0]?.code).toBe('already-attached');
    first.detach();
    const second = attachReaper(loop.server, FAST);
    const mute = await loop.mute();
    await mute.ended;
    expect([first.reaped, second.reaped]).toEqual([0, 1]);
    second.detach();
  });

  it('work from inside onReap, in the middle of a round', async () => {
    const mutes = await Promise.all([loop.mute(), loop.mute(), loop.mute()]);
    let calls = 0;
    const handle = attachReaper(loop.server, FAST, {
      onReap: () => {
        calls += 1;
        handle.detach();
      },
    });
    await Promise.race(mutes.map(({ ended }) => ended));
    await sleep(300);
    // All three are due in the same round; the first verdict ends the reaper.
    expect(calls).toBe(1);
    expect(loop.server.clients.size).toBe(2);
  });

  it('survive a callback that ends every other connection in the middle of a round', async () => {
    const mutes = await Promise.all([loop.mute(), loop.mute(), loop.mute()]);
    const handle = attachReaper(loop.server, FAST, {
      onReap: ({ socket }) => {
        for (const other of loop.server.clients) if (other !== socket) other.terminate();
      },
    });
    await Promise.all(mutes.map(({ ended }) => ended));
    expect(handle.reaped).toBe(1);
    await expect.poll(() => handle.connections).toBe(0);
    expect(handle.status.errors).toBe(0);
  });

  it('ignore what is told about sockets that are not watched, and all calls after detach', async () => {
    const socket = await side();
    const handle = attachReaper(loop.server, FAST);
    handle.detach();
    handle.watch(socket);
    handle.messageSent(socket);
    handle.acknowledged(socket);
    expect(handle.connections).toBe(0);
  });

  it('cover connections handed over by hand, as noServer users do', async () => {
    const socket = await side();
    const detached = new WebSocketServer({ noServer: true });
    const handle = attachReaper(detached, FAST);
    handle.watch(socket);
    handle.watch(socket);
    expect(handle.connections).toBe(1);
    handle.detach();
  });
});

describe('errors', () => {
  it('of onReap and onError are counted and contained, and the next connection is judged', async () => {
    const seen: unknown[] = [];
    const handle = attachReaper(loop.server, FAST, {
      onReap: () => {
        throw new Error('from onReap');
      },
      onError: (error) => {
        seen.push(error);
        throw new Error('from onError');
      },
    });
    const mutes = await Promise.all([loop.mute(), loop.mute()]);
    await Promise.all(mutes.map(({ ended }) => ended));
    expect(handle.reaped).toBe(2);
    expect(seen.map(String)).toEqual(['Error: from onReap', 'Error: from onReap']);
    expect(handle.status.errors).toBe(4); // two of each callback
  });

  it('of a WebSocket whose ping throws are contained, and it is judged all the same', async () => {
    const seen: unknown[] = [];
    const handle = attachReaper(loop.server, FAST, { onError: (error) => seen.push(error) });
    const arrivals = once(loop.server, 'connection');
    const mute = await loop.mute();
    const [socket] = (await arrivals) as [WebSocket];
    socket.ping = () => {
      throw new Error('no ping');
    };
    await mute.ended;
    // On a slow machine a second ping falls due with the verdict.
    expect(new Set(seen.map(String))).toEqual(new Set(['Error: no ping']));
    expect(handle.reaped).toBe(1);
  });

  it('in the arguments are the only ones thrown, all at once, with their paths', () => {
    const wrong = {
      kernal: 'auto',
      kernel: 'kernel',
      onReap: 1,
    } as unknown as ReaperOptions<WebSocket>;
    expect(
      fails(() => attachReaper(loop.server, FAST, wrong)).issues.map(({ path }) => path),
    ).toEqual(['options.kernal', 'options.kernel', 'options.onReap']);
    const notOne = {} as unknown as WebSocketServer;
    expect(fails(() => attachReaper(notOne, FAST)).issues[0]?.code).toBe('bad-server');
    const policy = { name: 'x', mechanisms: [{ kind: 'sweep', intervallMs: 1 }] };
    const { issues } = fails(() => attachReaper(loop.server, policy as unknown as typeof FAST));
    expect(issues.map(({ path }) => path).join(' ')).toContain('mechanisms[0].intervallMs');
    // Nothing of the failed attempts stays.
    attachReaper(loop.server, FAST).detach();
  });
});

describe('what cannot be switched on', () => {
  const policy = definePolicy({
    name: 'kernel',
    mechanisms: [
      { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 },
      { kind: 'user-timeout', timeoutMs: '20s' },
      { kind: 'send-stall', graceMs: '30s' },
      { kind: 'peer-closed', everyMs: '1s' },
      { kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s' },
      { kind: 'sweep', intervalMs: '30s', lost: 'verdict' },
      { kind: 'drain', deadlineMs: '15s' },
    ],
  });

  it('is off with its reason, and lost in the policy that runs', () => {
    const handle = attachReaper(loop.server, policy, { kernel: 'node' });
    expect(handle.status.backend).toBe('node');
    // 5 s and 3 probes: before Node 24, whose setKeepAlive takes them, libuv would take 1 s and 10.
    const takesAll = setsWholeKeepalive(Socket.prototype.setKeepAlive);
    expect(handle.status.mechanisms.map(({ state }) => state)).toEqual([
      takesAll ? 'on' : 'off',
      'off',
      'off',
      'off',
      'on',
      'off',
      'off',
    ]);
    const reasons = handle.status.mechanisms.map(({ reason }) => reason);
    expect(reasons[1]).toBe("it needs koffi, which the option kernel: 'node' excludes");
    expect(reasons[5]).toBe('the policy itself says that its verdict is lost');
    expect(handle.policy.mechanisms.map(({ lost }) => lost)).toEqual([
      takesAll ? undefined : 'timer',
      'timer',
      'timer',
      'timer',
      undefined,
      'verdict',
      undefined,
    ]);
    handle.detach();
  });

  it('is on without koffi where Node does exactly what the policy says', () => {
    const keepalive = { kind: 'keepalive', idleMs: '10s', intervalMs: '1s', probes: 10 } as const;
    const exact = definePolicy({ name: 'libuv', mechanisms: [keepalive] });
    const handle = attachReaper(loop.server, exact, { kernel: 'node' });
    expect(handle.status.mechanisms[0]).toMatchObject({ state: 'on', reason: undefined });
    handle.detach();
  });

  it('is said for every built-in policy on every backend, and attaching never throws', () => {
    for (const preset of Object.values(presets)) {
      for (const kernel of ['auto', 'node', 'none'] as const) {
        const handle = attachReaper(loop.server, preset, { kernel });
        const silent = handle.status.mechanisms.filter(
          ({ state, reason }) => state === 'off' && reason === undefined,
        );
        expect(silent).toEqual([]);
        handle.detach();
      }
    }
  });
});

describe('many connections', () => {
  it('are judged in one round: 400 mute ones reaped, 50 living ones kept', async () => {
    const handle = attachReaper(
      loop.server,
      definePolicy({
        name: 'many',
        mechanisms: [{ kind: 'ping', intervalMs: '2s', replyTimeoutMs: '1s', life: ['pong'] }],
      }),
    );
    const mutes = await Promise.all(Array.from({ length: 400 }, () => loop.mute()));
    await Promise.all(Array.from({ length: 50 }, () => loop.client()));
    expect(handle.connections).toBe(450);
    await Promise.all(mutes.map(({ ended }) => ended));
    await sleep(1200);
    expect([handle.reaped, handle.connections]).toEqual([400, 50]);
  });
});

describe('a connection that the kernel gave up', () => {
  it.each(['ETIMEDOUT', 'EHOSTUNREACH'])('is announced with its errno: %s', async (errno) => {
    const events: ReapEvent<WebSocket>[] = [];
    const handle = attachReaper(loop.server, FAST, { onReap: (event) => events.push(event) });
    const observed: unknown[] = [];
    const unobserve = handle.observe(({ reason }) => observed.push(reason));
    const socket = await side();
    const raw = socketOf(socket) as unknown as Socket;
    // What Node does when read(2) fails so.
    raw.destroy(Object.assign(new Error(`read ${errno}`), { code: errno }));
    await expect.poll(() => handle.connections).toBe(0);
    const reason = `the kernel gave up on the peer: ${errno}`;
    expect(events).toMatchObject([
      { verdict: 'kernel', mechanism: 'kernel', reason, remoteAddress: '127.0.0.1' },
    ]);
    expect(observed).toEqual([reason]);
    expect(handle.status.kernelTimeouts).toBe(1);
    // The policy itself has ended nobody.
    expect(handle.reaped).toBe(0);
    unobserve();
    handle.detach();
  });

  it('is not one that the peer reset', async () => {
    const events: ReapEvent<WebSocket>[] = [];
    const handle = attachReaper(loop.server, FAST, { onReap: (event) => events.push(event) });
    const socket = await side();
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    (socketOf(socket) as unknown as Socket).destroy(reset);
    await expect.poll(() => handle.connections).toBe(0);
    expect(events).toEqual([]);
    handle.detach();
  });
});

describe('close codes', () => {
  it('are counted as this side sees them, of the reaped too, until detach', async () => {
    const handle = attachReaper(loop.server, FAST);
    const arrivals = once(loop.server, 'connection');
    const polite = await loop.client();
    await arrivals;
    polite.close(4000);
    const mute = await loop.mute();
    await mute.ended;
    // RFC 6455 §7.1.5: 1006 where no Close frame was received
    await expect
      .poll(() => [...handle.closeCodes].toSorted())
      .toEqual([
        [1006, 1],
        [4000, 1],
      ]);
    const last = await side();
    const before = [last.listenerCount('close')];
    handle.detach();
    expect(last.listenerCount('close')).toBe((before[0] ?? 0) - 1);
  });
});
