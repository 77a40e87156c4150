/**
 * The reconnecting client against real `ws` servers that die, refuse, hang and close with codes; and, where the
 * instants matter, against sockets and a clock that the test holds.
 */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  createClient,
  InputError,
  type ClientEvents,
  type ClientOptions,
  type ReconnectingClient,
  type ReconnectPolicyInput,
  type UrlSource,
  type WebSocketConstructor,
} from '../../adapter/client.ts';
import { sleep } from '../support/loopback.ts';
import { cases } from '../support/property.ts';

const QUICK: ReconnectPolicyInput = { baseMs: 50, capMs: 200, jitterMs: 0, stableMs: 100 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Told = { [Name in keyof ClientEvents]: [Name, ClientEvents[Name]] }[keyof ClientEvents];

interface Watched {
  readonly client: ReconnectingClient;
  readonly told: Told[];
  names(): string[];
  event<Name extends keyof ClientEvents>(name: Name, nth?: number): Promise<ClientEvents[Name]>;
}

function start(
  url: UrlSource,
  policy: ReconnectPolicyInput = QUICK,
  options: ClientOptions = {},
): Watched {
  const client = createClient(url, policy, { WebSocket, ...options });
  cleanups.push(() => {
    client.close();
  });
  const told: Told[] = [];
  const names = ['open', 'message', 'lost', 'waiting', 'gaveUp', 'refused', 'stopped', 'error'];
  for (const name of names as (keyof ClientEvents)[]) {
    client.on(name, (detail) => told.push([name, detail] as Told));
  }
  return {
    client,
    told,
    names: () => told.map(([name]) => name),
    async event(name, nth = 1) {
      const all = (): Told[] => told.filter(([one]) => one === name);
      await expect.poll(() => all().length, { timeout: 5000 }).toBeGreaterThanOrEqual(nth);
      return all()[nth - 1]?.[1] as never;
    },
  };
}

async function serve(port = 0): Promise<{ server: WebSocketServer; port: number; url: string }> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  cleanups.push(() => kill(server));
  return { server, port: bound, url: `ws://127.0.0.1:${bound}` };
}

async function kill(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => {
    server.close(resolve);
  });
}

/** A server that accepts TCP and then says nothing. */
async function deaf(): Promise<{ url: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = net.createServer((socket) =>
    sockets.push(socket.on('error', () => undefined).resume()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

describe('a server that dies', () => {
  it('is found again, and what was sent meanwhile arrives in order, after the greeting', async () => {
    const first = await serve();
    const { client, event, told } = start(first.url);
    client.on('open', ({ attempts }) => client.send(`hello ${attempts > 0 ? 'again' : ''}`));
    await event('open');
    await kill(first.server);
    expect(await event('lost')).toMatchObject({ cause: 'closed', code: 1006, wasOpen: true });
    expect([client.send('one'), client.send('two')]).toEqual(['queued', 'queued']);
    await event('lost', 2); // nobody listens there
    const second = await serve(first.port);
    const got: string[] = [];
    second.server.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => got.push(data.toString())),
    );
    await event('open', 2);
    expect(client.send('three')).toBe('sent');
    await expect.poll(() => got).toEqual(['hello again', 'one', 'two', 'three']);
    expect(client.queued).toBe(0);
    expect(told.filter(([name]) => name === 'error')).toEqual([]);
  });

  it('is tried again at longer and longer waits, and for ever where the policy has no limit', async () => {
    const { port, server } = await serve();
    await kill(server);
    const { told, event } = start(`ws://127.0.0.1:${port}`, { ...QUICK, maxAttempts: null });
    await event('waiting', 6);
    // min(50 · 2ⁿ, 200)
    const waits = told.flatMap(([name, detail]) => (name === 'waiting' ? [detail.waitMs] : []));
    expect(waits.slice(0, 6)).toEqual([50, 100, 200, 200, 200, 200]);
  });

  it('is given up after the limit, and connect() begins anew', async () => {
    const { port, server } = await serve();
    await kill(server);
    const { client, event, names } = start(`ws://127.0.0.1:${port}`, { ...QUICK, maxAttempts: 2 });
    expect(await event('gaveUp')).toEqual({ attempts: 2 });
    expect(names()).toEqual(['lost', 'waiting', 'lost', 'waiting', 'lost', 'gaveUp']);
    expect(client.state).toBe('gaveUp');
    expect(client.send('still welcome')).toBe('queued');
    const back = await serve(port);
    const got: string[] = [];
    back.server.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => got.push(data.toString())),
    );
    client.connect();
    await event('open');
    await expect.poll(() => got).toEqual(['still welcome']);
  });
});

describe('a server that hangs', () => {
  it('is left after the connect timeout: one socket at a time', async () => {
    const { url, sockets } = await deaf();
    const { event } = start(url, { ...QUICK, connectTimeoutMs: 150 });
    expect(await event('lost')).toMatchObject({ cause: 'connect-timeout', wasOpen: false });
    await event('lost', 3);
    const open = sockets.filter(({ destroyed, readyState }) => !destroyed && readyState === 'open');
    expect(sockets.length).toBeGreaterThanOrEqual(3);
    expect(open.length).toBeLessThanOrEqual(1);
  });

  it('is found by a heartbeat without an answer, and one that answers lives', async () => {
    const { server, url } = await serve();
    let answers = true;
    server.on('connection', (socket) =>
      socket.on('message', () => {
        if (answers) socket.send('pong');
      }),
    );
    const heartbeat = { intervalMs: 100, replyTimeoutMs: 80, message: () => 'ping' };
    const { event, names } = start(url, QUICK, { heartbeat });
    await event('open');
    await sleep(500);
    expect(names()).not.toContain('lost');
    answers = false;
    expect(await event('lost')).toMatchObject({ cause: 'no-reply', wasOpen: true });
    await event('open', 2);
  });

  it('is found by its own silence', async () => {
    const { server, url } = await serve();
    server.on('connection', (socket) => {
      const beat = setInterval(() => {
        socket.send('beat');
      }, 50);
      setTimeout(() => {
        clearInterval(beat);
      }, 400);
      socket.on('close', () => {
        clearInterval(beat);
      });
    });
    const startedAt = performance.now();
    const { event } = start(url, QUICK, { silenceMs: '200ms' });
    expect(await event('lost')).toMatchObject({ cause: 'silent', wasOpen: true });
    // It beats for 400 ms, the last beat at 350 … 400; then 200 ms of silence.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(350 + 200 - 10);
  });
});

describe('a server that closes', () => {
  it.each([1001, 1011, 1012, 4000])('with %i is met again', async (code) => {
    const { server, url } = await serve();
    server.once('connection', (socket) => {
      socket.close(code, 'later');
    });
    const { event } = start(url);
    expect(await event('lost')).toEqual({
      cause: 'closed',
      code,
      reason: 'later',
      wasOpen: true,
    });
    await event('open', 2);
  });

  it.each([
    [1000, undefined],
    [1008, undefined],
    [4401, [4401]],
  ])('with %i is not asked again, until connect() says so', async (code, finalCodes) => {
    const { server, url } = await serve();
    server.once('connection', (socket) => {
      socket.close(code, 'go away');
    });
    const { client, event, names } = start(url, QUICK, finalCodes && { finalCodes });
    expect(await event('refused')).toEqual({ code, reason: 'go away' });
    await sleep(200);
    expect(names()).toEqual(['open', 'lost', 'refused']);
    expect(client.state).toBe('refused');
    client.connect();
    await event('open', 2);
  });

  it('right after the opening, again and again, is not tried at the shortest wait for ever', async () => {
    const { server, url } = await serve();
    server.on('connection', (socket) => {
      socket.close(1011);
    });
    const { told, event } = start(url, { ...QUICK, maxAttempts: 3 });
    await event('gaveUp');
    const waits = told.flatMap(([name, detail]) => (name === 'waiting' ? [detail.waitMs] : []));
    expect(waits).toEqual([50, 100, 200]);
  });

  it('after it has lasted is a first loss again', async () => {
    const { server, url } = await serve();
    server.on('connection', (socket) => setTimeout(() => socket.close(1011), 250));
    const { told, event } = start(url, { ...QUICK, maxAttempts: 1 });
    await event('open', 3);
    const waits = told.flatMap(([name, detail]) => (name === 'waiting' ? [detail.waitMs] : []));
    expect(waits).toEqual([50, 50]);
  });
});

describe('the URL', () => {
  it('is read at each attempt, may be a promise, and may fail', async () => {
    const { server, url } = await serve();
    const seen: (string | undefined)[] = [];
    server.on('connection', (socket, request) => {
      seen.push(request.url);
      socket.terminate();
    });
    let tokens = 0;
    const { event, told } = start(() => {
      tokens += 1;
      if (tokens === 2) throw new Error('no token');
      if (tokens === 3) return Promise.reject(new Error('no token yet'));
      return tokens === 1 ? `${url}/1` : Promise.resolve(new URL(`${url}/${tokens}`));
    });
    await event('open', 2);
    expect(seen.slice(0, 2)).toEqual(['/1', '/4']);
    const errors = told.flatMap(([name, detail]) => (name === 'error' ? [String(detail)] : []));
    expect(errors).toEqual(['Error: no token', 'Error: no token yet']);
    const causes = told.flatMap(([name, detail]) => (name === 'lost' ? [detail.cause] : []));
    expect(causes.slice(0, 3)).toEqual(['closed', 'url', 'url']);
  });

  it('that no socket takes is a failed attempt and not an exception', async () => {
    const { event } = start('not a url', { ...QUICK, maxAttempts: 1 });
    expect(await event('lost')).toMatchObject({ cause: 'url' });
    expect(String(await event('error'))).toContain('Invalid URL');
    await event('gaveUp');
  });

  it('that never comes is left after the connect timeout, and ignored when it comes late', async () => {
    const { server, url } = await serve();
    let late: (url: string) => void = () => undefined;
    let asked = 0;
    const { event } = start(
      () => {
        asked += 1;
        return asked === 1 ? new Promise<string>((resolve) => (late = resolve)) : url;
      },
      { ...QUICK, connectTimeoutMs: 100 },
    );
    expect(await event('lost')).toMatchObject({ cause: 'connect-timeout' });
    await event('open');
    late(url);
    await sleep(100);
    expect(server.clients.size).toBe(1);
  });
});

describe('close()', () => {
  it('is final, tells the server 1000, and forgets the queue and the listeners', async () => {
    const { server, url } = await serve();
    const arrives = once(server, 'connection');
    const { client, event, names } = start(url);
    await event('open');
    const [socket] = (await arrives) as [WebSocket];
    client.close();
    client.close();
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1000);
    client.connect();
    expect([client.send('x'), client.queued, client.state]).toEqual(['refused', 0, 'stopped']);
    await sleep(200);
    expect(names()).toEqual(['open', 'stopped']);
  });

  it('takes a code of the application', async () => {
    const { server, url } = await serve();
    const arrives = once(server, 'connection');
    const { client, event } = start(url);
    await event('open');
    const [socket] = (await arrives) as [WebSocket];
    client.close(4001, 'logged out');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4001, 'logged out']);
  });

  it.each(['at once', 'while connecting', 'while waiting', 'from a listener'])(
    'leaves no timer and no socket %s',
    async (when) => {
      const { url } = await deaf();
      const timers = (): number =>
        process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
      const before = timers();
      const { client, event } = start(url, { ...QUICK, connectTimeoutMs: 100, baseMs: 150 });
      if (when === 'while connecting') await sleep(20);
      if (when === 'while waiting') await event('waiting');
      if (when === 'from a listener') {
        client.on('lost', () => {
          client.close();
        });
        await event('lost');
      }
      client.close();
      await sleep(300);
      expect(client.state).toBe('stopped');
      expect(timers()).toBeLessThanOrEqual(before);
    },
  );
});

describe('the queue', () => {
  it('has a limit', async () => {
    const { url } = await deaf();
    const { client } = start(url, QUICK, { queueLimit: 2 });
    expect(['a', 'b', 'c'].map((text) => client.send(text))).toEqual([
      'queued',
      'queued',
      'refused',
    ]);
    expect(client.queued).toBe(2);
  });

  it('has a limit in bytes, too', async () => {
    const { url } = await deaf();
    const { client } = start(url, QUICK, { queueLimitBytes: 4 });
    const told = ['ab', 'cde', '€', 'cd'].map((text) => client.send(text));
    expect(told).toEqual(['queued', 'refused', 'refused', 'queued']);
    expect([client.queued, client.queuedBytes]).toEqual([2, 4]);
  });

  it('keeps what a socket that is closing would lose', async () => {
    const { server, url } = await serve();
    const got: string[] = [];
    server.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => got.push(data.toString())),
    );
    const made: WebSocket[] = [];
    class Spied extends WebSocket {
      constructor(address: string, protocols?: string | string[]) {
        super(address, protocols);
        made.push(this);
      }
    }
    const { client, event } = start(url, QUICK, { WebSocket: Spied });
    await event('open');
    made[0]?.close(4000);
    expect(made[0]?.readyState).toBe(WebSocket.CLOSING);
    expect(client.send('not lost')).toBe('queued');
    await expect.poll(() => got).toEqual(['not lost']);
  });
});

describe('listeners', () => {
  it('that throw hurt nobody, and are told to the listener for errors', async () => {
    const { server, url } = await serve();
    server.on('connection', (socket) => {
      socket.send('x');
    });
    const { client, event } = start(url);
    const seen: unknown[] = [];
    client.on('message', () => {
      throw new Error('from a listener');
    });
    client.on('message', (data) => seen.push(String(data)));
    expect(String(await event('error'))).toBe('Error: from a listener');
    expect(seen).toEqual(['x']);
  });

  it('are not told any more once taken off', async () => {
    const { server, url } = await serve();
    const { client, event } = start(url);
    let calls = 0;
    const off = client.on('message', () => (calls += 1));
    await event('open');
    off();
    for (const socket of server.clients) socket.send('x');
    await event('message');
    expect(calls).toBe(0);
  });
});

/** A WebSocket that does what the test says, and counts how many of its kind are not closed. */
class HeldSocket {
  static made: HeldSocket[] = [];
  readyState = 0;
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: unknown[] = [];
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    HeldSocket.made.push(this);
  }

  static live(): number {
    return HeldSocket.made.filter(({ readyState }) => readyState < 2).length;
  }

  send(message: unknown): void {
    this.sent.push(message);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  end(code: number): void {
    this.readyState = 3;
    this.onerror?.();
    this.onclose?.({ code, reason: '' });
  }
}

/** A clock that stands until it is told to go on. */
class HeldClock {
  #nowMs = 0;
  #id = 0;
  readonly #timers = new Map<number, { dueMs: number; run: () => void }>();

  now = (): number => this.#nowMs;
  setTimeout = (run: () => void, ms: number): number => {
    this.#timers.set(++this.#id, { dueMs: this.#nowMs + ms, run });
    return this.#id;
  };
  clearTimeout = (id: unknown): void => {
    this.#timers.delete(id as number);
  };

  get armed(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [id, next] = [...this.#timers].toSorted(([, a], [, b]) => a.dueMs - b.dueMs)[0] ?? [];
      if (id === undefined || next === undefined || next.dueMs > endMs) break;
      this.#timers.delete(id);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = endMs;
  }

  /** Time passes and no timer runs: the machine slept. */
  sleep(ms: number): void {
    this.#nowMs += ms;
  }
}

function held(policy: ReconnectPolicyInput, options: ClientOptions = {}) {
  HeldSocket.made = [];
  const clock = new HeldClock();
  const WebSocketClass = HeldSocket as unknown as WebSocketConstructor;
  const watched = start('ws://test', policy, { WebSocket: WebSocketClass, clock, ...options });
  watched.client.connect();
  const socket = (): HeldSocket => {
    const last = HeldSocket.made.at(-1);
    if (last === undefined) throw new Error('no socket was made');
    return last;
  };
  return { ...watched, clock, socket };
}

describe('by the clock', () => {
  it('waits min(base · factorⁿ + draw · jitter, cap)', () => {
    const draws = [0, 0.5, 0.25, 0.75];
    let drawn = 0;
    const { clock, socket, told } = held(
      { baseMs: 100, factor: 3, capMs: 1000, jitterMs: 80 },
      { random: () => draws[drawn++ % 4] ?? 0 },
    );
    for (let i = 0; i < 5; i++) {
      socket().end(1006);
      clock.advance(1000);
    }
    // 100, 300 + 40, 900 + 20, then the cap
    const waits = told.flatMap(([name, detail]) => (name === 'waiting' ? [detail.waitMs] : []));
    expect(waits).toEqual([100, 340, 920, 1000, 1000]);
    expect(HeldSocket.made).toHaveLength(6);
  });

  it('draws nonsense as one half, and says what random threw', () => {
    const { socket, told, names } = held(
      { baseMs: 100, jitterMs: 80 },
      {
        random: () => {
          throw new Error('no entropy');
        },
      },
    );
    socket().end(1006);
    expect(told.find(([name]) => name === 'waiting')?.[1]).toEqual({ attempt: 1, waitMs: 140 });
    expect(names()).toContain('error');
  });

  it('sends a heartbeat only where the server is quiet, and takes any message for an answer', () => {
    const heartbeat = { intervalMs: 1000, replyTimeoutMs: 300, message: () => 'ping' };
    const { clock, socket, told } = held(QUICK, { heartbeat });
    socket().open();
    clock.advance(900);
    socket().onmessage?.({ data: 'x' });
    clock.advance(999);
    expect(socket().sent).toEqual([]);
    clock.advance(1);
    expect(socket().sent).toEqual(['ping']);
    clock.advance(299);
    socket().onmessage?.({ data: 'anything' });
    clock.advance(1000);
    expect(socket().sent).toEqual(['ping', 'ping']);
    clock.advance(300);
    expect(told.find(([name]) => name === 'lost')?.[1]).toMatchObject({ cause: 'no-reply' });
  });

  it('reads what had come before it judges, after a sleep', () => {
    const heartbeat = { intervalMs: 1000, replyTimeoutMs: 300, message: () => 'ping' };
    const { clock, socket, names } = held(QUICK, { heartbeat });
    socket().open();
    clock.advance(1000);
    expect(socket().sent).toEqual(['ping']);
    clock.sleep(60_000);
    const deliver = clock.setTimeout;
    // Messages that wait are told between the late timer and the judgement.
    clock.setTimeout = (run, ms) =>
      deliver(() => {
        if (ms === 0) socket().onmessage?.({ data: 'pong' });
        run();
      }, ms);
    clock.advance(0);
    expect(names()).not.toContain('lost');
  });

  it('holds one socket and leaks no timer, whatever happens, and ends when told', () => {
    const steps = fc.array(
      fc.oneof(
        fc.constantFrom('open', 'end', 'refuse', 'connect', 'message', 'send', 'stale'),
        fc.integer({ min: 1, max: 3000 }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 3, null), (script, maxAttempts) => {
        const heartbeat = { intervalMs: 700, replyTimeoutMs: 300, message: () => 'ping' };
        const { client, clock, socket } = held(
          { ...QUICK, maxAttempts, connectTimeoutMs: 1000 },
          { heartbeat, silenceMs: 5000, queueLimit: 5 },
        );
        for (const step of script) {
          if (typeof step === 'number') clock.advance(step);
          else if (step === 'connect') client.connect();
          else if (step === 'send') client.send('x');
          else if (step === 'open' && socket().readyState === 0) socket().open();
          else if (step === 'message') socket().onmessage?.({ data: 'x' });
          else if (step === 'end' && socket().readyState < 2) socket().end(1006);
          else if (step === 'refuse' && socket().readyState === 1) socket().end(1008);
          else if (step === 'stale') HeldSocket.made[0]?.onclose?.({ code: 1006, reason: '' });
          expect(HeldSocket.live()).toBeLessThanOrEqual(1);
          expect(client.queued).toBeLessThanOrEqual(5);
          // Connect timeout, or stable time and heartbeat, or backoff.
          expect(clock.armed).toBeLessThanOrEqual(2);
          expect(clock.armed).toBeGreaterThanOrEqual(client.state === 'waiting' ? 1 : 0);
        }
        client.close();
        expect([HeldSocket.live(), clock.armed, client.state]).toEqual([0, 0, 'stopped']);
      }),
      cases(100),
    );
  });
});

describe('in a browser', () => {
  it('a network or a tab that comes back ends the waiting, and tests an open connection', () => {
    const listeners = new Map<string, Set<() => void>>();
    const source = {
      visibilityState: 'visible',
      addEventListener: (name: string, listener: () => void) => {
        listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
      },
      removeEventListener: (name: string, listener: () => void) => {
        listeners.get(name)?.delete(listener);
      },
    };
    vi.stubGlobal('document', source);
    vi.stubGlobal('addEventListener', source.addEventListener);
    vi.stubGlobal('removeEventListener', source.removeEventListener);
    cleanups.push(() => vi.unstubAllGlobals());
    const tell = (name: string): void => {
      listeners.get(name)?.forEach((listener) => {
        listener();
      });
    };
    const heartbeat = { intervalMs: 60_000, replyTimeoutMs: 300, message: () => 'ping' };
    const { client, clock, socket } = held({ ...QUICK, maxAttempts: 0 }, { heartbeat });
    socket().end(1006);
    expect(client.state).toBe('gaveUp');
    tell('offline');
    expect(client.state).toBe('gaveUp');
    tell('online');
    expect(client.state).toBe('connecting');
    socket().open();
    clock.advance(1000);
    tell('visibilitychange');
    expect(socket().sent).toEqual(['ping']);
    socket().onmessage?.({ data: 'pong' });
    clock.advance(1000);
    expect(client.state).toBe('open');
    tell('offline');
    clock.advance(300);
    expect(client.state).toBe('gaveUp');
    client.close();
    expect([...listeners.values()].map(({ size }) => size)).toEqual([0, 0, 0]);
  });
});

describe('wrong arguments', () => {
  const fails = (...args: Parameters<typeof createClient>): string[] => {
    try {
      createClient(...args).close();
    } catch (error) {
      if (error instanceof InputError)
        return error.issues.map(({ code, path }) => `${code} ${path}`);
      throw error;
    }
    return [];
  };

  it('are told all at once', () => {
    expect(
      fails(
        7 as unknown as string,
        {
          baseMs: '1s',
          capMs: 10,
          factor: 1.01,
          maxAttempts: 1000,
          cap: 1,
        } as ReconnectPolicyInput,
        {
          WebSocket,
          queueLimit: -1,
          finalCodes: ['1000'],
          heartbeat: { intervalMs: '1', replyTimeoutMs: 1 },
          clock: {},
          random: 4,
          hints: 1,
          url: '',
        } as unknown as ClientOptions,
      ),
    ).toEqual([
      'bad-type url',
      'bad-type options.queueLimit',
      'bad-type options.finalCodes',
      'bad-type options.clock',
      'bad-type options.random',
      'bad-type options.hints',
      'unknown-field options.url',
      'unknown-field policy.cap',
      'out-of-range policy.factor',
      'out-of-range policy.maxAttempts',
      'out-of-range policy.capMs',
      'bad-type options.heartbeat.message',
      'bad-duration options.heartbeat.intervalMs',
    ]);
    expect(fails('ws://x', null as unknown as object, { WebSocket })).toEqual(['bad-type policy']);
  });

  it('include a runtime without a WebSocket of its own', () => {
    vi.stubGlobal('WebSocket', undefined);
    cleanups.push(() => vi.unstubAllGlobals());
    expect(fails('ws://x')).toEqual(['no-websocket options.WebSocket']);
  });
});
