/**
 * The policy on a real `ws` server, with real clients over loopback and real time. Windows are the
 * policy's own arithmetic, written beside each; SLACK_MS is what a busy test machine may add.
 */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { noBackend } from '../../adapter/kernel/none.ts';
import type { KernelBackend } from '../../adapter/kernel/types.ts';
import { attachReaper, type ReapEvent } from '../../adapter/ws.ts';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { spawnClient } from '../support/child.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';
import { socketOptions } from '../support/socket-options.ts';

const SLACK_MS = 400;
/** The client counts from when it hears that it is connected: later than the server, on a busy machine by tens of ms. */
const CLOCKS_APART_MS = 50;
const onLinux = process.platform === 'linux';

let loop: Loopback;
beforeEach(async () => {
  loop = await loopback();
});
afterEach(() => loop.close());

interface Reaper {
  readonly handle: ReturnType<typeof attachReaper>;
  readonly events: ReapEvent<WebSocket>[];
  readonly errors: unknown[];
}

function reaper(...mechanisms: MechanismInput[]): Reaper {
  const events: ReapEvent<WebSocket>[] = [];
  const errors: unknown[] = [];
  const handle = attachReaper(loop.server, definePolicy({ name: 'test', mechanisms }), {
    onReap: (event) => events.push(event),
    onError: (error) => errors.push(error),
  });
  return { handle, events, errors };
}

async function accepted(): Promise<WebSocket> {
  const [socket] = (await once(loop.server, 'connection')) as [WebSocket];
  return socket;
}

describe('a client that stopped answering', () => {
  it('is reaped by a sweep after one to two intervals, and an answering one is not', async () => {
    const { handle, events } = reaper({ kind: 'sweep', intervalMs: 300, life: ['pong'] });
    const living = await loop.client();
    const mute = await loop.mute();
    const endedMs = await mute.ended;
    // The flag is true from the start: false at the first tick (0 … 300 ms), reaped at the second.
    expect(endedMs).toBeGreaterThanOrEqual(300 - CLOCKS_APART_MS);
    expect(endedMs).toBeLessThan(600 + SLACK_MS);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      verdict: 'destroyed',
      mechanism: 'sweep',
      mechanismIndex: 0,
      reason: 'no pong between two sweeps 300 ms apart',
      sample: undefined,
      remoteAddress: '127.0.0.1',
    });
    await sleep(700);
    expect(living.readyState).toBe(living.OPEN);
    expect(handle.connections).toBe(1);
    expect(handle.reaped).toBe(1);
    expect(handle.status.mechanisms[0]).toMatchObject({ state: 'on', reaped: 1, refused: 0 });
  });

  it.each(['enqueued', 'written'] as const)(
    'is reaped one reply timeout after its first ping (%s)',
    async (replyClock) => {
      const { events } = reaper({
        kind: 'ping',
        intervalMs: 200,
        replyTimeoutMs: 150,
        replyClock,
        life: ['pong'],
      });
      const mute = await loop.mute();
      const endedMs = await mute.ended;
      expect(endedMs).toBeGreaterThanOrEqual(200 + 150 - CLOCKS_APART_MS);
      expect(endedMs).toBeLessThan(200 + 150 + SLACK_MS);
      expect(events[0]).toMatchObject({
        mechanism: 'ping',
        reason: 'no pong within 150 ms of a ping',
      });
    },
  );

  it('lives by any byte where the policy says so, and dies by pong alone', async () => {
    const { handle } = reaper({
      kind: 'ping',
      intervalMs: 100,
      replyTimeoutMs: 200,
      life: ['any-byte'],
    });
    const mute = await loop.mute();
    // RFC 6455 §5.2: the first two bytes of a masked binary frame of 100 bytes, then its mask, then
    // its payload a byte at a time: the message never becomes complete.
    const frame = Buffer.concat([Buffer.from([0x82, 0x80 | 100, 1, 2, 3, 4]), Buffer.alloc(100)]);
    let at = 0;
    const trickle = setInterval(() => {
      mute.socket.write(frame.subarray(at, at + 1));
      at += 1;
    }, 50);
    await sleep(900);
    expect(handle.reaped).toBe(0);
    clearInterval(trickle);
    await mute.ended;
    expect(handle.reaped).toBe(1);
  });

  it('is reaped after the grace when it stops reading, and the slow reader beside it is left alone', async (context) => {
    if (!onLinux) context.skip('SIOCOUTQ and TCP_INFO are of Linux');
    const { handle, events } = reaper({ kind: 'send-stall', graceMs: 600, everyMs: 100 });
    expect(handle.status.backend).toBe('koffi');
    const backlog = Buffer.alloc(32 << 20);
    const stuckArrives = accepted();
    await loop.mute(false);
    (await stuckArrives).send(backlog);
    const slowArrives = accepted();
    const slow = await loop.mute(false);
    const slowSide = await slowArrives;
    slowSide.send(backlog);
    // One buffer at a time, about 3 MB/s: something waits for this one, too, all the time.
    const reading = setInterval(() => slow.socket.read(), 20);
    // A client that does not read never learns of its end: the server's own account is what counts.
    await expect.poll(() => events.length, { timeout: 5000 }).toBe(1);
    const openMs = events[0]?.openMs;
    // graceMs is a multiple of everyMs: at most grace + every after the kernel buffers filled.
    expect(openMs).toBeGreaterThanOrEqual(600);
    expect(openMs).toBeLessThan(600 + 100 + SLACK_MS);
    expect(events[0]?.sample?.queueBytes).toBeGreaterThan(1 << 20);
    await sleep(1500);
    clearInterval(reading);
    expect(handle.reaped).toBe(1);
    expect(slowSide.bufferedAmount).toBeGreaterThan(0);
  });
});

describe('a peer that takes a byte now and then', () => {
  /** A kernel whose sockets have a megabyte to send, of which a byte is acknowledged at each look. */
  function trickling(): KernelBackend {
    let acked = 0;
    return {
      ...noBackend('not asked'),
      name: 'trickling',
      samplingRefusal: () => undefined,
      sendQueueBytes: () => 1_000_000,
      tcpInfo: (_socket, into) => {
        into.state = 1;
        into.bytesAcked = acked += 1;
        return true;
      },
    };
  }

  it.each([
    [undefined, []],
    [
      1_000,
      [
        "less than 1000 bytes were acknowledged by the peer's kernel within 300 ms with more waiting",
      ],
    ],
  ])('where so many bytes are progress: %s', async (minBytes, reasons) => {
    const stall = { kind: 'send-stall', graceMs: 300, everyMs: 50 } as const;
    const mechanisms = [minBytes === undefined ? stall : { ...stall, minBytes }];
    const events: ReapEvent<WebSocket>[] = [];
    const handle = attachReaper(loop.server, definePolicy({ name: 'test', mechanisms }), {
      kernel: trickling(),
      onReap: (event) => events.push(event),
    });
    const mute = await loop.mute();
    await sleep(700);
    expect(events.map(({ reason }) => reason)).toEqual(reasons);
    expect(handle.reaped).toBe(reasons.length);
    mute.socket.destroy();
  });
});

describe('a living client', () => {
  it('closes cleanly and is forgotten', async () => {
    const { handle, events } = reaper({ kind: 'sweep', intervalMs: 200, life: ['pong'] });
    const client = await loop.client();
    expect(handle.connections).toBe(1);
    client.close(1000);
    await once(client, 'close');
    await expect.poll(() => handle.connections).toBe(0);
    await sleep(500);
    expect(events).toEqual([]);
  });

  it('is left alone while it pauses reading, as long as nothing waits for it', async (context) => {
    if (!onLinux) context.skip('SIOCOUTQ and TCP_INFO are of Linux');
    const { handle } = reaper(
      { kind: 'send-stall', graceMs: 300, everyMs: 100 },
      { kind: 'peer-closed', everyMs: 100 },
    );
    const arrivals = accepted();
    const client = await loop.client();
    const side = await arrivals;
    client.pause();
    const chatter = setInterval(() => side.send('tick'), 50);
    await sleep(1000);
    clearInterval(chatter);
    expect(handle.reaped).toBe(0);
    expect(client.readyState).toBe(client.OPEN);
  });

  it('is left alone by a server whose own event loop was blocked past every deadline', async () => {
    const { handle } = reaper({
      kind: 'ping',
      intervalMs: 100,
      replyTimeoutMs: 150,
      life: ['pong'],
    });
    // This process is the server, so the client must be another: it answers while this loop is blocked.
    const arrivals = accepted();
    const child = spawnClient({ url: `ws://127.0.0.1:${loop.port}` });
    const side = await arrivals;
    const ping = side.ping.bind(side);
    let stalls = 0;
    const stall = (): void => {
      stalls += 1;
      const until = performance.now() + 400;
      while (performance.now() < until);
    };
    // Past the reply timeout, at once or as soon as the round of pings is over: either way the loop comes
    // to its timers before it comes to the pong.
    side.ping = () => {
      ping();
      if (stalls % 2 === 0) stall();
      else process.nextTick(stall);
    };
    await expect.poll(() => stalls, { timeout: 5000 }).toBeGreaterThanOrEqual(6);
    child.kill('SIGKILL');
    expect(handle.reaped).toBe(0);
    expect(handle.status.longestStallMs).toBeGreaterThan(100);
  });
});

describe('a socket that the application has paused', () => {
  const PAUSED: MechanismInput = {
    kind: 'ping',
    intervalMs: 400,
    replyTimeoutMs: 300,
    life: ['any-byte'],
  };

  it('keeps a client that uploads and one that answers, as the kernel hears of them', async (context) => {
    if (!onLinux) context.skip('TCP_INFO is of Linux');
    const { handle, errors } = reaper(PAUSED);
    const arrives = accepted();
    const uploading = await loop.client();
    (await arrives).pause();
    const block = Buffer.alloc(1 << 16);
    const upload = setInterval(
      () => uploading.bufferedAmount < 1 << 20 && uploading.send(block),
      20,
    );
    const answersArrive = accepted();
    await loop.client();
    (await answersArrive).pause();
    await sleep(2_500);
    clearInterval(upload);
    expect([handle.reaped, errors]).toEqual([0, []]);
  });

  it('does not keep one that says nothing for more than twice the bound', async () => {
    const { handle } = reaper(PAUSED);
    const arrives = accepted();
    const mute = await loop.mute();
    (await arrives).pause();
    expect(await mute.ended).toBeLessThan(2 * 700 + SLACK_MS);
    expect(handle.reaped).toBe(1);
  });

  it('counts as silence where the kernel may not be asked', async () => {
    const events: unknown[] = [];
    attachReaper(loop.server, definePolicy({ name: 'test', mechanisms: [PAUSED] }), {
      kernel: 'none',
      onReap: (event) => events.push(event),
    });
    const arrives = accepted();
    await loop.client();
    (await arrives).pause();
    await expect.poll(() => events.length, { timeout: 700 + SLACK_MS }).toBe(1);
  });
});

describe('an orderly end', () => {
  it('comes as a close frame with 1001 by the mechanisms idle and age', async () => {
    const { events } = reaper({ kind: 'idle', timeoutMs: 400 }, { kind: 'age', maxMs: 700 });
    const [idle, talker] = [await loop.client(), await loop.client()];
    const talk = setInterval(() => talker.send('x'), 100);
    const [idleCode] = (await once(idle, 'close')) as [number];
    const [ageCode] = (await once(talker, 'close')) as [number];
    clearInterval(talk);
    // RFC 6455 §7.4.1: 1001, going away
    expect([idleCode, ageCode]).toEqual([1001, 1001]);
    expect(events.map(({ mechanism, verdict }) => [mechanism, verdict])).toEqual([
      ['idle', 'closing'],
      ['age', 'closing'],
    ]);
  });
});

describe('a verdict', () => {
  it('sends no Close frame: both sides report 1006', async () => {
    const { events } = reaper({ kind: 'sweep', intervalMs: 200, life: ['message'] });
    const arrivals = accepted();
    const client = await loop.client();
    const side = await arrivals;
    const codes = await Promise.all([once(client, 'close'), once(side, 'close')]);
    // RFC 6455 §7.1.5: no Close frame was received
    expect(codes.map(([code]: number[]) => code)).toEqual([1006, 1006]);
    expect(events.map(({ verdict }) => verdict)).toEqual(['destroyed']);
  });
});

describe('acknowledgements of the application', () => {
  it('are counted as the host reports them', async () => {
    const { handle, events } = reaper({
      kind: 'send-stall',
      progress: 'application-ack',
      graceMs: 200,
      everyMs: 50,
    });
    const arrivals = accepted();
    await loop.client();
    const side = await arrivals;
    handle.messageSent(side);
    await sleep(100);
    handle.acknowledged(side);
    await sleep(300);
    expect(events).toEqual([]);
    handle.messageSent(side);
    await expect.poll(() => events.length).toBe(1);
    expect(events[0]?.mechanism).toBe('send-stall');
  });
});

describe.skipIf(!onLinux)('kernel options', () => {
  it('are on every accepted socket, as getsockopt confirms', async () => {
    const { handle } = reaper(
      { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 },
      { kind: 'user-timeout', timeoutMs: '20s' },
    );
    const arrivals = accepted();
    await loop.client();
    const socket = (await arrivals) as WebSocket & { _socket: Parameters<typeof socketOptions>[0] };
    expect(socketOptions(socket._socket)).toEqual({
      keepalive: 1,
      idleS: 10,
      intervalS: 5,
      probes: 3,
      userTimeoutMs: 20_000,
    });
    expect(handle.status.mechanisms.map(({ state, refused }) => [state, refused])).toEqual([
      ['on', 0],
      ['on', 0],
    ]);
  });
});
