/**
 * Peers that would be kept for ever: they hold a full send queue and show whatever life costs them nothing. Each is gone in time
 * under a policy that answers it, and the client beside it, which reads and answers, is not. What the server owes grows all the while.
 */
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { attachReaper, type ReapEvent } from '../../adapter/ws.ts';
import type { MechanismInput } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';

const PONG = 0xa;
const PING = 0x9;
const FIN = 0x80;
const SLACK_MS = 1_500;
const onLinux = process.platform === 'linux';

/** RFC 6455 §5.2: a masked frame of less than 126 bytes. */
function frame(opcode: number, payload: Buffer | string = '', fin = FIN): Buffer {
  const text = Buffer.from(payload);
  const mask = randomBytes(4);
  const masked = text.map((byte, at) => byte ^ (mask[at & 3] ?? 0));
  return Buffer.concat([Buffer.from([fin | opcode, 0x80 | text.length]), mask, masked]);
}

let loop: Loopback;
const stops: (() => unknown)[] = [];
beforeEach(async () => {
  loop = await loopback();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await loop.close();
});

function every(ms: number, work: () => unknown): void {
  const timer = setInterval(work, ms);
  stops.push(() => clearInterval(timer));
}

/** Sends until a megabyte waits in user space, again and again. */
function saturate(side: WebSocket): void {
  side.on('error', () => undefined);
  const block = Buffer.alloc(1 << 16);
  every(10, () => {
    while (side.readyState === side.OPEN && side.bufferedAmount < 1 << 20) side.send(block);
  });
}

const ASKS_BY_NONCE: MechanismInput = {
  kind: 'ping',
  intervalMs: 400,
  replyTimeoutMs: 300,
  life: ['matching-pong'],
};
const ANY_LIFE: MechanismInput = { ...ASKS_BY_NONCE, life: ['any-byte'] };
const STALLED: MechanismInput = { kind: 'send-stall', graceMs: 500, everyMs: 100 };

interface Attack {
  readonly mechanisms: MechanismInput[];
  readonly by: MechanismInput['kind'];
  /** The longest that it may stand by the policy's arithmetic, once the queues of both kernels are full. */
  readonly withinMs: number;
  readonly looks?: true;
  plays(socket: Socket): void;
}

const attacks: Readonly<Record<string, Attack>> = {
  'guesses the payload of each ping, and reads nothing': {
    mechanisms: [ASKS_BY_NONCE],
    by: 'ping',
    withinMs: 700,
    plays: (socket) => {
      let guess = 0;
      every(100, () => socket.write(frame(PONG, String((guess += 1)))));
    },
  },
  'sends pongs that nobody asked for, and reads nothing': {
    mechanisms: [ANY_LIFE, STALLED],
    by: 'send-stall',
    withinMs: 600,
    looks: true,
    plays: (socket) => every(100, () => socket.write(frame(PONG, 'hello'))),
  },
  'asks for pongs, and reads none': {
    mechanisms: [ANY_LIFE, STALLED],
    by: 'send-stall',
    withinMs: 600,
    looks: true,
    plays: (socket) => every(50, () => socket.write(frame(PING, 'x'.repeat(125)))),
  },
};

describe.each(Object.entries(attacks))('a peer that %s', (_what, attack) => {
  it('is gone in time, and who reads beside it stays', async (context) => {
    if (attack.looks === true && !onLinux)
      context.skip('SIOCOUTQ and TCP_INFO are numbers of Linux');
    const reaps: ReapEvent<WebSocket>[] = [];
    const policy = { name: 'attacked', mechanisms: attack.mechanisms };
    const reaper = attachReaper(loop.server, policy, { onReap: (event) => reaps.push(event) });
    const arrives = once(loop.server, 'connection');
    const living = await loop.client();
    saturate((await arrives)[0] as WebSocket);
    const attackerArrives = once(loop.server, 'connection');
    const { socket } = await loop.mute(false);
    saturate((await attackerArrives)[0] as WebSocket);
    attack.plays(socket);
    await expect
      .poll(() => reaps.map(({ mechanism }) => mechanism), { timeout: attack.withinMs + SLACK_MS })
      .toEqual([attack.by]);
    expect(reaper.connections).toBe(1);
    await sleep(attack.withinMs);
    expect([living.readyState, reaper.reaped]).toEqual([living.OPEN, 1]);
    reaper.detach();
  });
});

describe('a flood of pongs', () => {
  it('keeps nobody else from being judged, or from living', async () => {
    const reaper = attachReaper(loop.server, { name: 'flooded', mechanisms: [ANY_LIFE] });
    const living = await loop.client();
    const flooding = await loop.mute();
    const pongs = Buffer.concat(Array.from({ length: 1_000 }, () => frame(PONG, 'x'.repeat(100))));
    every(5, () => flooding.socket.writableLength === 0 && flooding.socket.write(pongs));
    const { ended } = await loop.mute();
    expect(await ended).toBeLessThan(700 + SLACK_MS);
    expect([living.readyState, reaper.reaped]).toEqual([living.OPEN, 1]);
    reaper.detach();
  });
});

describe('a control frame in parts', () => {
  it('is against the protocol (RFC 6455 §5.5), and its connection is forgotten', async () => {
    const reaper = attachReaper(loop.server, { name: 'strict', mechanisms: [ANY_LIFE] });
    const arrives = once(loop.server, 'connection');
    const { socket, ended } = await loop.mute();
    ((await arrives)[0] as WebSocket).on('error', () => undefined);
    expect(reaper.connections).toBe(1);
    socket.write(frame(PING, 'x', 0));
    socket.end();
    await ended;
    await expect.poll(() => reaper.connections).toBe(0);
    expect(reaper.status.errors).toBe(0);
    reaper.detach();
  });
});
