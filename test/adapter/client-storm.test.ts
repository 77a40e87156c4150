/** Clients that lost one server together: they come back spread, and as the server asks. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createClient, type ClientEvents, type Clock } from '../../adapter/client.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A clock of many timers that stands still until it is run. */
class Timers implements Clock {
  nowMs = 0;
  #next = 0;
  readonly #due: { atMs: number; id: number; run: () => void }[] = [];
  readonly #cancelled = new Set<number>();

  now(): number {
    return this.nowMs;
  }

  setTimeout(run: () => void, ms: number): number {
    this.#next += 1;
    const timer = { atMs: this.nowMs + ms, id: this.#next, run };
    let [place, end] = [0, this.#due.length];
    while (place < end) {
      const middle = (place + end) >> 1;
      if ((this.#due[middle]?.atMs ?? Infinity) > timer.atMs) end = middle;
      else place = middle + 1;
    }
    this.#due.splice(place, 0, timer);
    return timer.id;
  }

  clearTimeout(timer: unknown): void {
    this.#cancelled.add(timer as number);
  }

  runUntil(endMs: number): void {
    for (
      let first = this.#due[0];
      first !== undefined && first.atMs <= endMs;
      first = this.#due[0]
    ) {
      this.#due.shift();
      this.nowMs = first.atMs;
      if (!this.#cancelled.delete(first.id)) first.run();
    }
    this.nowMs = endMs;
  }
}

describe('the default policy', () => {
  it('spreads 2 000 clients of a server that is down for ten minutes evenly over its waits', async () => {
    const clock = new Timers();
    const attempts = new Map<number, number>();
    class Refused {
      readyState = 0;
      binaryType = 'blob';
      onopen = null;
      onmessage = null;
      onerror = null;
      onclose: ((event: never) => unknown) | null = null;
      constructor() {
        const second = Math.floor(clock.now() / 1000);
        attempts.set(second, (attempts.get(second) ?? 0) + 1);
        clock.setTimeout(() => {
          this.readyState = 3;
          this.onclose?.({ code: 1006, reason: '' } as never);
        }, 1);
      }
      send(): void {}
      close(): void {}
    }
    const clients = Array.from({ length: 2000 }, () =>
      createClient('ws://nowhere', {}, { WebSocket: Refused, clock, hints: false }),
    );
    await Promise.resolve();
    clock.runUntil(660_000);
    const late = [...attempts].flatMap(([second, count]) => (second >= 600 ? [count] : []));
    for (const client of clients) client.close();
    expect(late.length).toBeGreaterThan(50);
    // Waits are even from 0 to 30 s, so each second sees 1 in 15; five standard deviations are 2.8 % of so few.
    expect(Math.max(...late) / clients.length).toBeLessThan(1 / 15 + 0.028);
  }, 30_000);
});

type Told = { [Name in keyof ClientEvents]: [Name, ClientEvents[Name]] }[keyof ClientEvents];

async function http(answer: (server: Server) => void): Promise<string> {
  const server = createServer();
  answer(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The first wait of a client whose first attempt, or connection, ends as the server says. */
async function firstWaitMs(url: string): Promise<number> {
  const policy = { baseMs: 10, capMs: 4000, jitterMs: 0 };
  const client = createClient(url, policy, { WebSocket, random: () => 0.5 });
  cleanups.push(() => {
    client.close();
  });
  const waiting = await new Promise<Told[1]>((resolve) => {
    client.on('waiting', resolve);
  });
  return (waiting as ClientEvents['waiting']).waitMs;
}

describe('what the server asks of those who come back', () => {
  const respond =
    (head: string) =>
    (server: Server): void => {
      server.on('upgrade', (_request, socket) => {
        socket.end(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      });
    };
  const closeWith =
    (code: number) =>
    (server: Server): void => {
      new WebSocketServer({ server }).on('connection', (socket) => {
        socket.close(code);
      });
    };

  it.each([
    ['nothing', respond('500 Internal Server Error'), 10],
    ['Retry-After in seconds', respond('503 Service Unavailable\r\nRetry-After: 7'), 9000],
    ['429 without a time', respond('429 Too Many Requests'), 3000],
    ['503 without a time', respond('503 Service Unavailable'), 3000],
    ['close code 1012', closeWith(1012), 2000],
    ['close code 1013', closeWith(1013), 3000],
    ['close code 1006 alone', closeWith(4000), 10],
  ])('%s', async (_what, answer, expectedMs) => {
    expect(await firstWaitMs(await http(answer))).toBe(expectedMs);
  });

  it('Retry-After as a date', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const head = `503 Service Unavailable\r\nRetry-After: ${inAnHour}`;
    const waitMs = await firstWaitMs(await http(respond(head)));
    expect(waitMs).toBeGreaterThan(3_590_000);
    expect(waitMs).toBeLessThanOrEqual(3_602_000);
  });
});

describe('options of an attempt', () => {
  it('are read at each: protocols by a function, headers for ws; and an aborted signal ends it', async () => {
    const requests: IncomingMessage[] = [];
    const url = await http((server) => {
      const sockets = new WebSocketServer({ server });
      sockets.on('connection', (socket, request) => {
        requests.push(request);
        if (requests.length === 1) socket.terminate();
      });
    });
    const ending = new AbortController();
    let token = 0;
    const client = createClient(
      url,
      { baseMs: 10, capMs: 10 },
      {
        WebSocket,
        protocols: () => [`token-${(token += 1)}`],
        socketOptions: { headers: { 'X-Who': 'test' } },
        signal: ending.signal,
      },
    );
    await expect.poll(() => requests.length).toBe(2);
    const asked = requests.map(({ headers }) => [
      headers['sec-websocket-protocol'],
      headers['x-who'],
    ]);
    expect(asked).toEqual([
      ['token-1', 'test'],
      ['token-2', 'test'],
    ]);
    ending.abort();
    expect(client.state).toBe('stopped');
    const early = createClient(url, {}, { WebSocket, signal: AbortSignal.abort() });
    expect(early.state).toBe('stopped');
  });
});
