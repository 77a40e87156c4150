/**
 * `ws` itself, server and client, on timers that @sinonjs/fake-timers moves on: a pair of streams is the connection, 25 ms apart, and
 * there is no TCP. The server's sweep is that of the README of `ws`. A life ends with the server's decision.
 */
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRequire } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';
import type { WebSocket } from 'ws';
import { DELAY_US, SWEEP_US, type Life } from './story.ts';

/** Not in its index: a WebSocket around a stream that somebody else has opened. */
type Bare = new (
  address: null,
  protocols?: undefined,
  options?: object,
) => WebSocket & {
  setSocket(socket: Duplex, head: Buffer, options: object): void;
};
const { WebSocket: Bare } = createRequire(import.meta.url)('ws') as { WebSocket: Bare };

const US_PER_MS = 1000;
const LONGEST_MS = 700_000;
/** How far the timers move on in one turn of the loop. */
const TURN_MS = 5_000;

type Clock = ReturnType<typeof FakeTimers.createClock>;

/** One end of a stream whose other end is 25 ms away. */
class Pipe extends Duplex {
  readonly #clock: Clock;
  readonly #isCut: () => boolean;
  other: Pipe | null = null;

  constructor(clock: Clock, isCut: () => boolean) {
    super();
    this.#clock = clock;
    this.#isCut = isCut;
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    const { other } = this;
    if (!this.#isCut() && other !== null) {
      this.#clock.setTimeout(() => other.push(chunk), DELAY_US / US_PER_MS);
    }
    written();
  }
}

function open(pipe: Pipe, isServer: boolean): WebSocket {
  const socket = new Bare(null, undefined, { autoPong: true });
  Object.assign(socket, { _isServer: isServer });
  socket.setSocket(pipe, Buffer.alloc(0), { allowSynchronousEvents: true });
  socket.on('error', () => undefined);
  return socket;
}

/** Plays many at once, so that what the timers cost is shared. */
export async function playFakeTimers(
  lives: readonly { readonly cutUs: number; readonly firstSweepUs: number }[],
): Promise<Life[]> {
  const clock = FakeTimers.createClock();
  const played = lives.map(({ cutUs, firstSweepUs }) => {
    const life: Life = { decidedUs: Infinity, releasedUs: NaN };
    const isCut = (): boolean => clock.now * US_PER_MS >= cutUs;
    const [server, client] = [new Pipe(clock, isCut), new Pipe(clock, isCut)];
    server.other = client;
    client.other = server;
    const [socket] = [open(server, true), open(client, false)];
    let isAlive = true;
    socket.on('pong', () => {
      isAlive = true;
    });
    const sweep = (): void => {
      if (!isAlive) {
        life.decidedUs = clock.now * US_PER_MS;
        clock.clearInterval(sweeping);
        socket.terminate();
        client.destroy();
        return;
      }
      isAlive = false;
      socket.ping();
    };
    let sweeping = clock.setTimeout(() => {
      sweeping = clock.setInterval(sweep, SWEEP_US / US_PER_MS);
      sweep();
    }, firstSweepUs / US_PER_MS);
    return life;
  });
  // Streams begin to flow, and forget what was written, in a later turn.
  for (let ms = 0; ms < LONGEST_MS; ms += TURN_MS) {
    await nextTurn();
    clock.tick(TURN_MS);
  }
  return played;
}
