/**
 * Nothing that belongs to the host can end or hang the process: every callback of every entry, in every way in which one
 * can fail. A promise that rejects with nobody listening ends a Node process (and fails this run).
 */
import { once } from 'node:events';
import net, { type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createClient } from '../../adapter/client.ts';
import { attachReaper as attachNode, drain } from '../../adapter/node.ts';
import { attachReaper } from '../../adapter/ws.ts';
import { sleep } from '../support/loopback.ts';

const BOOM = 'the database is down';

/** The ways in which a callback of somebody else's can fail; the last one never says anything. */
const failures: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error(BOOM);
  },
  rejects: async () => {
    await Promise.resolve();
    throw new Error(BOOM);
  },
  'answers a thenable of another library that rejects': () => ({
    // eslint-disable-next-line unicorn/no-thenable
    then: (_done: unknown, failed: (error: Error) => void) => {
      setTimeout(() => {
        failed(new Error(BOOM));
      }, 1);
    },
  }),
  'answers a thenable whose then throws': () => ({
    // eslint-disable-next-line unicorn/no-thenable
    then: () => {
      throw new Error(BOOM);
    },
  }),
  'never settles': () => new Promise(() => undefined),
};

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function webSocketServer(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function netServer(): Promise<{ server: Server; client: net.Socket }> {
  const server = net.createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  const accepted = once(server, 'connection');
  await Promise.all([once(client, 'connect'), accepted]);
  cleanups.push(() => {
    client.destroy();
    server.close();
  });
  return { server, client };
}

const AGE_100 = { name: 'age', mechanisms: [{ kind: 'age', maxMs: 100 }] } as const;
const PINGS = {
  name: 'pings',
  mechanisms: [
    { kind: 'ping', intervalMs: 60, replyTimeoutMs: 60, replyClock: 'written', life: ['any-byte'] },
  ],
} as const;

/** What a case has seen: how often `onError` was told, and what the entry counts itself, where it does. */
interface Seen {
  readonly told: readonly unknown[];
  readonly counted: number | undefined;
}

type Case = (fails: () => unknown) => Promise<Seen>;

const onVerdict =
  (where: 'onReap' | 'observe' | 'onError'): Case =>
  async (fails) => {
    const { server, url } = await webSocketServer();
    const told: unknown[] = [];
    const tell = (error: unknown): unknown => told.push(error);
    const reaper = attachReaper(server, AGE_100, {
      onReap: () => (where === 'onReap' ? fails() : where === 'onError' && boom()),
      onError: where === 'onError' ? fails : tell,
    });
    cleanups.push(() => {
      reaper.detach();
    });
    if (where === 'observe') reaper.observe(fails);
    new WebSocket(url).on('error', () => undefined);
    await expect.poll(() => reaper.reaped).toBe(1);
    await sleep(30);
    return { told, counted: reaper.status.errors };
  };

function boom(): never {
  throw new Error(BOOM);
}

const cases: Readonly<Record<string, Case>> = {
  onReap: onVerdict('onReap'),
  observe: onVerdict('observe'),
  'ping of ghostbound/node': async (fails) => {
    const { server } = await netServer();
    const told: unknown[] = [];
    const options = { ping: fails, onError: (error: unknown) => told.push(error) };
    const reaper = attachNode(server, PINGS, options);
    cleanups.push(() => {
      reaper.detach();
    });
    await expect.poll(() => reaper.status.pings).toBeGreaterThan(0);
    await sleep(30);
    return { told, counted: reaper.status.errors };
  },
  ...Object.fromEntries(
    (['goAway', 'onProgress'] as const).map((name): [string, Case] => [
      `${name} of drain`,
      async (fails) => {
        const { server } = await netServer();
        const told: unknown[] = [];
        const onError = (error: unknown): unknown => told.push(error);
        await drain(server, { deadlineMs: 150, [name]: fails, onError });
        await sleep(30);
        return { told, counted: undefined };
      },
    ]),
  ),
  'listener of a client': async (fails) => {
    const { server, url } = await webSocketServer();
    server.on('connection', (socket) => {
      socket.send('x');
    });
    const client = createClient(url, {}, { WebSocket });
    cleanups.push(() => {
      client.close();
    });
    const told: unknown[] = [];
    client.on('error', (error) => told.push(error));
    let messages = 0;
    client.on('message', fails);
    client.on('message', () => (messages += 1));
    await expect.poll(() => messages).toBe(1);
    await sleep(30);
    return { told, counted: undefined };
  },
  'heartbeat of a client': async (fails) => {
    const { url } = await webSocketServer();
    const heartbeat = { intervalMs: 20, replyTimeoutMs: 5000, message: fails };
    const client = createClient(url, {}, { WebSocket, heartbeat });
    cleanups.push(() => {
      client.close();
    });
    const told: unknown[] = [];
    client.on('error', (error) => told.push(error));
    await expect.poll(() => client.state).toBe('open');
    await sleep(80);
    return { told, counted: undefined };
  },
  'URL of a client': async (fails) => {
    const client = createClient(
      fails as () => string,
      { baseMs: '1h', capMs: '1h' },
      { WebSocket },
    );
    cleanups.push(() => {
      client.close();
    });
    const told: unknown[] = [];
    client.on('error', (error) => told.push(error));
    await sleep(30);
    return { told, counted: undefined };
  },
};

describe.each(Object.entries(cases))('%s', (_name, play) => {
  const { 'never settles': pending, ...failing } = failures;
  it.each(Object.entries(failing))('that %s ends nothing, and is told', async (_how, fails) => {
    const { told, counted = told.length } = await play(fails);
    expect(told.length).toBeGreaterThan(0);
    expect(String(told[0])).toBe(`Error: ${BOOM}`);
    expect(counted).toBe(told.length);
  });

  it('that never settles holds nothing', async () => {
    expect((await play(pending as () => unknown)).told).toEqual([]);
  });
});

describe('onError that fails itself', () => {
  for (const [how, fails] of Object.entries(failures)) {
    it(`${how}: counted, and the process goes on`, async () => {
      const { counted } = await onVerdict('onError')(fails);
      expect(counted).toBe(how === 'never settles' ? 1 : 2);
    });
  }
});

describe('a ping that fails', () => {
  it.each(['throws', 'rejects'])(
    '%s: begins the patience all the same, so no ghost stands for ever',
    async (how) => {
      const { server, client } = await netServer();
      const reaper = attachNode(server, PINGS, { ping: failures[how] as () => unknown });
      cleanups.push(() => {
        reaper.detach();
      });
      client.resume();
      await once(client, 'close');
      const [ping] = reaper.status.mechanisms;
      expect(ping?.refused).toBeGreaterThan(0);
      expect(ping?.lastRefusal).toBe(`the ping failed: Error: ${BOOM}`);
    },
  );
});

describe('a message that no socket takes', () => {
  it('is refused, not said to be sent', async () => {
    const { server, url } = await webSocketServer();
    const got: string[] = [];
    server.on('connection', (socket) => {
      socket.on('message', (data) => got.push(String(data)));
    });
    const client = createClient(url, {}, { WebSocket });
    cleanups.push(() => {
      client.close();
    });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    await expect.poll(() => client.state).toBe('open');
    expect([client.send({ a: 1 }), client.send(Symbol('x')), client.send('x')]).toEqual([
      'refused',
      'refused',
      'sent',
    ]);
    expect(errors).toHaveLength(2);
    await expect.poll(() => got).toEqual(['x']);
  });
});
