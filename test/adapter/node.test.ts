/**
 * The policy on real servers of `net`, `http` and `https`. Windows are the policy's own arithmetic plus the tenth of
 * its shortest time within which life is known; SLACK_MS is what a busy test machine may add.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  attachReaper,
  InputError,
  type NodeReaperOptions,
  type ReapEvent,
  type ReaperHandle,
} from '../../adapter/node.ts';
import { attachReaper as attachToWebSockets } from '../../adapter/ws.ts';
import { definePolicy, presets, type MechanismInput } from '../../model/policy/index.ts';
import { sleep } from '../support/loopback.ts';
import {
  bench,
  GET,
  portOf,
  SWITCHING,
  tlsHttpServer,
  UPGRADE,
  type Bench,
} from '../support/servers.ts';
import { socketOptions } from '../support/socket-options.ts';

const SLACK_MS = 400;
/** The test's own clock starts a little after the server's: by so much a wait may look shorter. */
const CLOCKS_APART_MS = 50;
const onLinux = process.platform === 'linux';

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

interface Reaper {
  readonly handle: ReaperHandle;
  readonly events: ReapEvent<Socket>[];
}

function reaper(
  server: Server,
  mechanisms: MechanismInput[],
  options: NodeReaperOptions = {},
): Reaper {
  const events: ReapEvent<Socket>[] = [];
  const policy = definePolicy({ name: 'test', mechanisms });
  const handle = attachReaper(server, policy, {
    onReap: (event) => events.push(event),
    ...options,
  });
  return { handle, events };
}

describe('life by bytes', () => {
  it('puts off the end of an idle connection, and what is silent is closed in an orderly way', async () => {
    const server = await on.listen(createServer());
    const { events } = reaper(server, [{ kind: 'idle', timeoutMs: 400 }]);
    const silent = await on.connect(server);
    const talker = await on.connect(server);
    talker.side.resume();
    const talk = setInterval(() => talker.client.write('x'), 100);
    const endedMs = await silent.ended;
    // 400 ms, known to a tenth
    expect(endedMs).toBeGreaterThanOrEqual(400 - CLOCKS_APART_MS);
    expect(endedMs).toBeLessThan(400 + 40 + SLACK_MS);
    await sleep(500);
    expect(events).toMatchObject([
      { verdict: 'closing', mechanism: 'idle', remoteAddress: '127.0.0.1' },
    ]);
    expect(events[0]?.socket).toBe(silent.side);
    clearInterval(talk);
    await talker.ended;
    expect(events).toHaveLength(2);
  });

  it('is also what the application sends: a download is not idle', async () => {
    const server = await on.listen(createServer());
    const { handle } = reaper(server, [{ kind: 'idle', timeoutMs: 300 }]);
    const download = await on.connect(server);
    const push = setInterval(() => download.side.write('x'), 50);
    await sleep(900);
    clearInterval(push);
    expect(handle.reaped).toBe(0);
    await download.ended;
    expect(handle.reaped).toBe(1);
  });

  it('is read without making a socket flow that nobody reads', async () => {
    const server = await on.listen(createServer());
    const { handle } = reaper(server, [{ kind: 'idle', timeoutMs: 200 }]);
    const { client, side } = await on.connect(server);
    client.write('not for the reaper');
    await sleep(100);
    expect([side.readableFlowing, side.listenerCount('data'), side.bytesRead]).toEqual([
      null,
      0,
      'not for the reaper'.length,
    ]);
    handle.detach();
  });

  it('keeps the HTTP parser on its fast path and an answering client alive', async () => {
    const server = await on.http((_, response) => response.end('ok'));
    const { handle } = reaper(server, [{ kind: 'idle', timeoutMs: 300 }]);
    const { client, side, text } = await on.connect(server, GET('/'));
    for (let i = 0; i < 8; i++) {
      await sleep(100);
      client.write(GET('/'));
    }
    await sleep(50);
    expect(text().match(/200 OK/g)).toHaveLength(9);
    expect([handle.reaped, side.listenerCount('data')]).toEqual([0, 1]); // its own one, of the parser
  });
});

describe('a ping of the application', () => {
  const mechanisms: MechanismInput[] = [
    { kind: 'ping', intervalMs: 200, replyTimeoutMs: 150, life: ['any-byte'] },
  ];

  it.each([undefined, Promise.resolve()])(
    'finds who does not answer, and who answers lives (%s)',
    async (sent) => {
      const server = await on.listen(createServer());
      const { handle, events } = reaper(server, mechanisms, {
        ping: (socket) => {
          socket.write('PING');
          return sent;
        },
      });
      const answering = await on.connect(server);
      answering.client.on('data', () => answering.client.write('PONG'));
      answering.side.resume();
      const mute = await on.connect(server);
      const endedMs = await mute.ended;
      expect(endedMs).toBeGreaterThanOrEqual(200 + 150 - CLOCKS_APART_MS);
      expect(endedMs).toBeLessThan(200 + 150 + SLACK_MS);
      expect(events).toMatchObject([{ verdict: 'destroyed', mechanism: 'ping' }]);
      await sleep(600);
      expect(handle.connections).toBe(1);
    },
  );

  it('is no use of the connection: who only receives it is idle all the same', async () => {
    const server = await on.listen(createServer());
    const { events } = reaper(
      server,
      [
        { kind: 'ping', intervalMs: 50, replyTimeoutMs: null },
        { kind: 'idle', timeoutMs: 400 },
      ],
      { ping: (socket) => socket.write('PING') },
    );
    await (
      await on.connect(server)
    ).ended;
    expect(events.map(({ mechanism }) => mechanism)).toEqual(['idle']);
  });

  it('that throws is contained', async () => {
    const errors: unknown[] = [];
    const server = await on.listen(createServer());
    reaper(server, mechanisms, {
      ping: () => {
        throw new Error('no ping');
      },
      onError: (error) => errors.push(error),
    });
    await (
      await on.connect(server)
    ).ended;
    expect(errors.map(String)).toContain('Error: no ping');
  });

  it('is answered by pong where only a pong counts, and the status says so', async () => {
    const server = await on.listen(createServer());
    const ponging = (handle: () => ReaperHandle) => (socket: Socket) => {
      if (socket.remotePort === answering.client.localPort) setTimeout(() => handle().pong(socket));
    };
    const { handle } = reaper(
      server,
      [{ kind: 'ping', intervalMs: 100, replyTimeoutMs: 90, life: ['pong'] }],
      { ping: (socket) => ponging(() => handle)(socket) },
    );
    const answering = await on.connect(server);
    const mute = await on.connect(server);
    await mute.ended;
    await sleep(300);
    expect([handle.reaped, handle.connections]).toEqual([1, 1]);
    expect(handle.status.mechanisms[0]?.reason).toBe(
      'it sees the answers that are told through pong',
    );
  });
});

describe('what bytes alone cannot do', () => {
  it('is off with its reason, and nobody dies of it', async () => {
    const server = await on.listen(createServer());
    const { handle } = reaper(server, [
      { kind: 'ping', intervalMs: 50, replyTimeoutMs: 40 },
      { kind: 'sweep', intervalMs: 50 },
      { kind: 'sweep', intervalMs: 50, ping: false, life: ['pong'] },
      { kind: 'sweep', intervalMs: '1h', ping: false, life: ['any-byte'] },
      { kind: 'drain', deadlineMs: '15s' },
    ]);
    await on.connect(server);
    await sleep(300);
    expect(handle.connections).toBe(1);
    const ping = 'it needs a ping, and only the application knows one; give it as the option ping';
    expect(handle.status.mechanisms.map(({ state, reason }) => [state, reason])).toEqual([
      ['off', ping],
      ['off', ping],
      ['off', 'among bytes nobody can tell a pong'],
      ['off', 'it counts on pings that are off'],
      ['off', 'it begins when drain() of ghostbound/node stops the server'],
    ]);
    expect(handle.policy.mechanisms.map(({ lost }) => lost)).toEqual([
      'timer',
      'timer',
      'timer',
      'timer',
      undefined,
    ]);
  });

  it('is nothing where the policy itself does not ping', async () => {
    const server = await on.listen(createServer());
    const { handle, events } = reaper(server, [
      { kind: 'receive-deadline', timeoutMs: 300, life: ['any-byte'] },
    ]);
    expect(handle.status.mechanisms[0]?.state).toBe('on');
    const { ended } = await on.connect(server);
    expect(await ended).toBeGreaterThanOrEqual(300 - CLOCKS_APART_MS);
    expect(events[0]?.reason).toBe('no byte for 300 ms');
  });

  it('is said for every built-in policy, and attaching never throws', async () => {
    const server = await on.listen(createServer());
    for (const preset of Object.values(presets)) {
      const handle = attachReaper(server, preset);
      const silent = handle.status.mechanisms.filter(
        ({ state, reason }) => state === 'off' && reason === undefined,
      );
      expect(silent).toEqual([]);
      handle.detach();
    }
  });
});

describe.skipIf(!onLinux)('the kernel', () => {
  it('gets keepalive and user timeout on every socket, also on those that were open before', async () => {
    const server = await on.listen(createServer());
    const early = await on.connect(server);
    const { handle } = reaper(server, [
      { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 },
      { kind: 'user-timeout', timeoutMs: '20s' },
    ]);
    const late = await on.connect(server);
    const set = { keepalive: 1, idleS: 10, intervalS: 5, probes: 3, userTimeoutMs: 20_000 };
    expect(socketOptions(early.side)).toEqual(set);
    expect(socketOptions(late.side)).toEqual(set);
    expect(handle.connections).toBe(2);
  });

  it('tells of a peer that stopped reading', async () => {
    const server = await on.http((_, response) => response.end(Buffer.alloc(64 << 20)));
    const { handle, events } = reaper(server, [{ kind: 'send-stall', graceMs: 600, everyMs: 100 }]);
    const stuck = await on.connect(server, GET('/'));
    stuck.client.pause();
    const alive = await on.connect(server);
    await expect.poll(() => events.length, { timeout: 5000 }).toBe(1);
    expect(events[0]?.socket).toBe(stuck.side);
    expect(events[0]?.openMs).toBeGreaterThanOrEqual(600);
    expect(events[0]?.openMs).toBeLessThan(600 + 100 + 200 + SLACK_MS);
    expect(alive.side.destroyed).toBe(false);
    expect(handle.connections).toBe(1);
  });

  it('tells of a peer that closed while nobody reads: CLOSE_WAIT is counted, and ended', async () => {
    const server = await on.listen(createServer({ pauseOnConnect: true }));
    const { handle, events } = reaper(server, [{ kind: 'peer-closed', everyMs: 300 }]);
    const gone = await on.connect(server);
    const alive = await on.connect(server);
    expect(handle.closeWait()).toBe(0);
    gone.client.end();
    await sleep(50);
    expect(handle.closeWait()).toBe(1);
    await expect.poll(() => events.map(({ mechanism }) => mechanism)).toEqual(['peer-closed']);
    expect([gone.side.destroyed, alive.side.destroyed]).toEqual([true, false]);
    expect(handle.closeWait()).toBe(0);
  });

  it('is not asked where nothing can be', async () => {
    const server = await on.listen(createServer());
    const { handle } = reaper(server, [{ kind: 'idle', timeoutMs: '1h' }]);
    expect(handle.closeWait()).toBeUndefined();
  });
});

describe('an orderly end', () => {
  it('finishes the response under way and says that it was the last', async () => {
    const server = await on.http((_, response) => setTimeout(() => response.end('done'), 500));
    const { events } = reaper(server, [{ kind: 'age', maxMs: 200 }]);
    const { text, ended } = await on.connect(server, GET('/'));
    await ended;
    expect(text()).toMatch(/Connection: close\r\n[^]*done$/);
    expect(events).toMatchObject([{ verdict: 'closing', mechanism: 'age' }]);
  });

  it('has its limit: a peer that does not close its side, and a response without end', async () => {
    const server = await on.http((_, response) => response.write('never done'));
    reaper(server, [{ kind: 'age', maxMs: 100 }], { closeTimeoutMs: 300 });
    const { ended } = await on.connect(server, GET('/'));
    const plain = await on.listen(createServer());
    reaper(plain, [{ kind: 'age', maxMs: 100 }], { closeTimeoutMs: 300 });
    const halfOpen = await on.connect(plain);
    halfOpen.client.allowHalfOpen = true;
    halfOpen.side.resume();
    const closed = once(halfOpen.side, 'close').then(() => performance.now());
    const openedAt = performance.now();
    const endedMs = await ended;
    expect(endedMs).toBeGreaterThanOrEqual(400 - CLOCKS_APART_MS);
    expect(endedMs).toBeLessThan(400 + SLACK_MS);
    expect((await closed) - openedAt).toBeGreaterThanOrEqual(400 - CLOCKS_APART_MS);
    expect(halfOpen.client.readableEnded).toBe(true); // it was told by the FIN at 100 ms, and stayed
  });
});

describe('upgraded sockets', () => {
  it('stay under the same watch', async () => {
    const server = await on.http();
    server.on('upgrade', (_, socket) => socket.write(SWITCHING));
    const { handle, events } = reaper(server, [{ kind: 'idle', timeoutMs: 400 }]);
    const { text, ended } = await on.connect(server, UPGRADE);
    await expect.poll(text).toContain('101');
    expect(handle.connections).toBe(1);
    expect(await ended).toBeGreaterThanOrEqual(400 - CLOCKS_APART_MS);
    expect(events).toHaveLength(1);
  });

  it('may belong to a ws server with a reaper of its own, and neither disturbs the other', async () => {
    const server = await on.http();
    const webSockets = new WebSocketServer({ server });
    const mechanisms: MechanismInput[] = [{ kind: 'ping', intervalMs: 100, replyTimeoutMs: 90 }];
    const policy = definePolicy({ name: 'ws', mechanisms });
    const above = attachToWebSockets(webSockets, policy);
    const below = reaper(server, [{ kind: 'idle', timeoutMs: 600 }]);
    const client = new WebSocket(`ws://127.0.0.1:${portOf(server)}`);
    const arrivals = once(webSockets, 'connection');
    await once(client, 'open');
    const [side] = (await arrivals) as [WebSocket];
    // Pongs are bytes: the connection is not idle below, and its messages are no business of the reaper there.
    await sleep(1000);
    expect([above.connections, below.handle.connections]).toEqual([1, 1]);
    expect(above.status.pings).toBeGreaterThan(4);
    expect([above.reaped, below.handle.reaped]).toEqual([0, 0]);
    below.handle.detach();
    await sleep(300);
    expect(side.readyState).toBe(side.OPEN);
    client.terminate();
    await expect.poll(() => above.connections).toBe(0);
    above.detach();
  });
});

describe('over TLS', () => {
  it('the socket that the application knows is watched, and before the handshake the one below', async () => {
    const server = await on.listen(tlsHttpServer((_, response) => response.end('ok')));
    const { handle, events } = reaper(server, [
      { kind: 'idle', timeoutMs: 500 },
      { kind: 'user-timeout', timeoutMs: '20s' },
    ]);
    const arrivals = once(server, 'secureConnection');
    const client = await on.connectTls(server);
    const [secure] = (await arrivals) as [Socket];
    const { side } = await on.connect(server); // never begins its handshake
    expect(handle.connections).toBe(2);
    const talk = setInterval(() => client.write(GET('/')), 100);
    const setMs = onLinux ? socketOptions(secure).userTimeoutMs : 20_000;
    expect(setMs).toBe(20_000);
    await sleep(900);
    expect(events.map(({ socket }) => socket)).toEqual([side]);
    clearInterval(talk);
    await once(client, 'close');
    expect(events.map(({ socket }) => socket)).toEqual([side, secure]);
    expect(handle.connections).toBe(0);
  });
});

describe('attach and detach', () => {
  it('leave every listener as they found it, and open connections open', async () => {
    const count = (...emitters: NodeJS.EventEmitter[]): string[] =>
      emitters.flatMap((emitter, i) =>
        emitter
          .eventNames()
          .map((name) => `${i} ${String(name)} ${emitter.listenerCount(name)}`)
          .toSorted(),
      );
    const server = await on.http((_, response) => response.end('ok'));
    const { side } = await on.connect(server);
    const before = count(server, side);
    const { handle } = reaper(server, [{ kind: 'idle', timeoutMs: '1h' }]);
    expect(handle.connections).toBe(1);
    expect(count(server, side)).not.toEqual(before);
    handle.detach();
    handle.detach();
    expect(count(server, side)).toEqual(before);
    expect([handle.connections, side.destroyed]).toEqual([0, false]);
  });

  it('refuse wrong arguments, all of them at once', async () => {
    const fails = (attach: () => unknown): string[] => {
      try {
        attach();
      } catch (error) {
        if (error instanceof InputError)
          return error.issues.map(({ code, path }) => `${code} ${path}`);
        throw error;
      }
      return [];
    };
    const policy = { name: 'x', mechanisms: [] };
    const server = await on.listen(createServer());
    const wrong = { closeTimeoutMs: -1, ping: 'PING', pong: 1 } as unknown as NodeReaperOptions;
    expect(fails(() => attachReaper({} as Server, policy))).toEqual(['bad-server server']);
    expect(fails(() => attachReaper(server, policy, wrong))).toEqual([
      'out-of-range options.closeTimeoutMs',
      'bad-type options.ping',
      'unknown-field options.pong',
    ]);
    attachReaper(server, policy);
    expect(fails(() => attachReaper(server, policy))).toEqual(['already-attached server']);
  });

  it('leave errors of a socket to the application', async () => {
    const server = await on.listen(createServer());
    const { events, handle } = reaper(server, [{ kind: 'idle', timeoutMs: '1h' }]);
    const { side } = await on.connect(server);
    expect(side.listenerCount('error')).toBe(0);
    const errors = once(side, 'error');
    side.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' }));
    const closed = new Promise((done) => side.once('close', done));
    await Promise.all([errors, closed]);
    expect(events).toMatchObject([{ verdict: 'kernel', mechanism: 'kernel' }]);
    expect(handle.status.kernelTimeouts).toBe(1);
  });
});
