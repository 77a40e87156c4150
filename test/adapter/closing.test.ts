/**
 * A connection is watched until its socket is gone: whoever begins to close it, and however, a limit ends it. `ws` itself
 * has none for a FIN behind a full send queue.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { attachReaper, type ReapEvent } from '../../adapter/ws.ts';
import type { PolicyInput } from '../../model/policy/index.ts';
import { loopback, muteClient, type Loopback, type RawClient } from '../support/loopback.ts';

const LIMIT_MS = 300;
/** Looks often, judges nobody that is open, and says how long a closing may take. */
const LIMITED: PolicyInput = {
  name: 'limited',
  mechanisms: [
    { kind: 'sweep', intervalMs: 50, life: ['any-byte'], misses: 100, ping: false },
    { kind: 'close-handshake', timeoutMs: LIMIT_MS },
  ],
};

let loop: Loopback;
beforeEach(async () => {
  loop = await loopback();
});
afterEach(() => loop.close());

interface Pair {
  readonly peer: RawClient;
  readonly side: WebSocket;
  readonly raw: Socket;
}

async function pair(reads: boolean): Promise<Pair> {
  const arrivals = once(loop.server, 'connection');
  const peer = await muteClient(loop.port, '127.0.0.1', reads);
  const side = (await arrivals)[0] as WebSocket;
  side.on('error', () => undefined);
  return { peer, side, raw: (side as unknown as { _socket: Socket })._socket };
}

/** More than both kernels hold. */
function fill(side: WebSocket): void {
  const block = Buffer.alloc(1 << 20);
  for (let i = 0; i < 24; i++) side.send(block);
}

/** RFC 6455 §5.2: masked by four zero bytes. */
const CLOSE_1000 = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
const RESERVED_OPCODE = Buffer.from([0x83, 0x80, 0, 0, 0, 0]);

const ways: Readonly<Record<string, (pair: Pair) => void>> = {
  'the application closes': ({ side }) => {
    side.close();
  },
  'the peer sends a Close frame': ({ peer }) => peer.socket.write(CLOSE_1000),
  'the peer sends FIN': ({ peer }) => peer.socket.end(),
  'the peer breaks the protocol': ({ peer }) => peer.socket.write(RESERVED_OPCODE),
  'the application ends the socket below': ({ raw }) => raw.end(),
};

describe.each(Object.entries(ways))('%s', (_way, begin) => {
  for (const queue of ['empty', 'full'] as const) {
    for (const peerReads of [true, false]) {
      it(`with ${queue} queue before a peer that ${peerReads ? 'reads' : 'reads nothing'}: gone within the limit`, async () => {
        const { peer, side, raw } = await pair(peerReads);
        const reaps: ReapEvent<WebSocket>[] = [];
        const reaper = attachReaper(loop.server, LIMITED, { onReap: (event) => reaps.push(event) });
        expect(reaper.connections).toBe(1);
        if (queue === 'full') fill(side);
        const from = performance.now();
        const closed = once(raw, 'close');
        begin({ peer, side, raw });
        await closed;
        expect(performance.now() - from).toBeLessThan(LIMIT_MS + 400);
        await expect.poll(() => reaper.connections).toBe(0);
        const words = reaps.map(({ mechanism, reason }) => `${mechanism}: ${reason}`);
        const limit = 'close-handshake: its closing took longer than it may';
        // Only what nobody else ends is ended by the limit.
        const mustBeEnded = queue === 'full' && !peerReads;
        expect(mustBeEnded ? [[limit]] : [[limit], []]).toContainEqual(words);
        reaper.detach();
      });
    }
  }
});

describe('a peer that sends FIN behind a full queue', () => {
  const policies: Readonly<Record<string, PolicyInput['mechanisms']>> = {
    'send-stall': [{ kind: 'send-stall', graceMs: 200, everyMs: 50 }],
    'send-queue-limit': [
      {
        kind: 'send-queue-limit',
        everyMs: 50,
        softBytes: 1 << 20,
        softForMs: 100,
        hardBytes: 2 ** 30,
      },
    ],
    'peer-closed': [{ kind: 'peer-closed', everyMs: 100 }],
    age: [{ kind: 'age', maxMs: 400 }],
  };
  it.each(Object.entries(policies))('is judged by %s', async (kind, mechanisms) => {
    const reaps: ReapEvent<WebSocket>[] = [];
    const reaper = attachReaper(
      loop.server,
      { name: kind, mechanisms },
      { onReap: (event) => reaps.push(event) },
    );
    const { peer, side } = await pair(false);
    fill(side);
    peer.socket.end();
    await expect
      .poll(() => reaps.map(({ mechanism }) => mechanism), { timeout: 3000 })
      .toEqual([kind]);
    await expect.poll(() => reaper.connections).toBe(0);
    reaper.detach();
  });

  it('is counted in CLOSE_WAIT meanwhile', async () => {
    const reaper = attachReaper(loop.server, LIMITED);
    const { peer, side } = await pair(false);
    fill(side);
    if (reaper.closeWait() === undefined) return;
    peer.socket.end();
    await expect.poll(() => reaper.closeWait(), { timeout: LIMIT_MS, interval: 10 }).toBe(1);
    reaper.detach();
  });
});
