/**
 * The three backends against one contract: what a backend accepts is really in the kernel afterwards
 * (read back with getsockopt on a path of its own), and what it refuses it leaves alone.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadKoffiBackend } from '../../adapter/kernel/koffi.ts';
import { nodeBackend } from '../../adapter/kernel/node.ts';
import { noBackend } from '../../adapter/kernel/none.ts';
import { isKernelChoice, selectKernel, type KernelChoice } from '../../adapter/kernel/select.ts';
import type { KernelBackend, TcpInfo } from '../../adapter/kernel/types.ts';
import { definePolicy } from '../../model/policy/index.ts';
import { socketOptions } from '../support/socket-options.ts';

const onLinux = process.platform === 'linux';
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Pair {
  readonly server: Server;
  readonly accepted: Socket;
  readonly client: Socket;
}

async function connected(listenOn: string | number): Promise<Pair> {
  const server = net.createServer({ allowHalfOpen: true });
  if (typeof listenOn === 'string') server.listen(listenOn);
  else server.listen(listenOn, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const client =
    typeof address === 'string'
      ? net.connect(address)
      : net.connect((address as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  for (const socket of [accepted, client]) socket.on('error', () => undefined);
  cleanups.push(() => {
    accepted.destroy();
    client.destroy();
    server.close();
  });
  return { server, accepted, client };
}

function koffiBackend(): KernelBackend {
  const loaded = loadKoffiBackend();
  if (!loaded.ok) throw new Error(loaded.why);
  return loaded.backend;
}

function info(kernel: KernelBackend, socket: Socket): TcpInfo {
  const into = { state: 0, bytesAcked: 0 };
  expect(kernel.tcpInfo(socket, into)).toBe(true);
  return into;
}

describe.skipIf(!onLinux)('the koffi backend', () => {
  it('sets keepalive and user timeout, as getsockopt confirms', async () => {
    const { accepted } = await connected(0);
    const kernel = koffiBackend();
    expect(kernel.setKeepalive(accepted, { idleS: 10, intervalS: 5, probes: 3 })).toBeUndefined();
    expect(kernel.setUserTimeout(accepted, 20_000)).toBeUndefined();
    expect(socketOptions(accepted)).toEqual({
      keepalive: 1,
      idleS: 10,
      intervalS: 5,
      probes: 3,
      userTimeoutMs: 20_000,
    });
  });

  it('refuses with the name of the error what the kernel refuses', async () => {
    const { accepted } = await connected(0);
    const kernel = koffiBackend();
    // tcp(7): TCP_KEEPIDLE is at most 32767 s
    const refusal = kernel.setKeepalive(accepted, { idleS: 32_768, intervalS: 1, probes: 1 });
    expect(refusal).toBe('setsockopt(TCP_KEEPIDLE, 32768) failed with EINVAL');
    expect(socketOptions(accepted).keepalive).toBe(0);
  });

  it('sees bytes acknowledged, and a queue that a client which stopped reading leaves behind', async () => {
    const { accepted, client } = await connected(0);
    const kernel = koffiBackend();
    client.resume();
    expect(info(kernel, accepted)).toEqual({ state: 1, bytesAcked: 0 });
    accepted.write(Buffer.alloc(1000));
    await once(client, 'data');
    // 1000 and not 1001: only the side that connected counts its SYN.
    await expect.poll(() => info(kernel, accepted).bytesAcked).toBe(1000);
    expect(kernel.sendQueueBytes(accepted)).toBe(0);

    client.pause();
    accepted.write(Buffer.alloc(16 << 20));
    await expect.poll(() => kernel.sendQueueBytes(accepted) ?? 0).toBeGreaterThan(0);
  });

  it('sees the end of the other side as a state that is not ESTABLISHED', async () => {
    const { accepted, client } = await connected(0);
    const kernel = koffiBackend();
    client.end();
    // include/net/tcp_states.h: 8 is TCP_CLOSE_WAIT
    await expect.poll(() => info(kernel, accepted).state).toBe(8);
  });

  it('touches nothing once a socket is closed, though its number is in use again', async () => {
    const { accepted, client } = await connected(0);
    const kernel = koffiBackend();
    accepted.destroy();
    await once(client, 'close').catch(() => undefined);
    const reuser = await connected(0);
    const before = socketOptions(reuser.accepted);
    expect(kernel.setUserTimeout(accepted, 7)).toBe('the socket has no descriptor of its own');
    expect(kernel.sendQueueBytes(accepted)).toBeUndefined();
    expect(kernel.tcpInfo(accepted, { state: 0, bytesAcked: 0 })).toBe(false);
    expect(socketOptions(reuser.accepted)).toEqual(before);
  });

  it('refuses a Unix-domain socket and leaves it as it was', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ghostbound-'));
    cleanups.push(() => {
      rmSync(folder, { recursive: true });
    });
    const { accepted } = await connected(join(folder, 'socket'));
    const kernel = koffiBackend();
    // 95, EOPNOTSUPP, which libuv calls ENOTSUP: af_unix has no options of the TCP level
    expect(kernel.setKeepalive(accepted, { idleS: 10, intervalS: 5, probes: 3 })).toBe(
      'setsockopt(TCP_KEEPIDLE, 10) failed with ENOTSUP',
    );
    expect(kernel.tcpInfo(accepted, { state: 0, bytesAcked: 0 })).toBe(false);
  });
});

describe('what may be handed in as the option kernel', () => {
  const policy = definePolicy({
    name: 'stall',
    mechanisms: [{ kind: 'send-stall', graceMs: '30s' }],
  });

  it.skipIf(!onLinux)('the package koffi, where a bundle has it', () => {
    const koffi = createRequire(import.meta.url)('koffi') as unknown;
    expect(isKernelChoice(koffi)).toBe(true);
    expect(selectKernel(koffi as KernelChoice, policy).name).toBe('koffi');
  });

  it('a backend of the application itself, and nothing that is none', () => {
    const own = { ...noBackend('WHY'), name: 'addon' };
    expect(isKernelChoice(own)).toBe(true);
    expect(selectKernel(own, policy)).toBe(own);
    for (const wrong of ['addon', {}, null, 3, { load: 1 }]) {
      expect(isKernelChoice(wrong)).toBe(false);
    }
  });
});

describe('the node backend', () => {
  it.skipIf(!onLinux)('sets the keepalive that Node can: 1 s and 10 probes', async () => {
    const { accepted } = await connected(0);
    const options = { idleS: 7, intervalS: 1, probes: 10 };
    expect(nodeBackend('why').setKeepalive(accepted, options)).toBeUndefined();
    expect(socketOptions(accepted)).toMatchObject({ keepalive: 1, ...options });
  });

  it.skipIf(!onLinux)('where Node takes no more, refuses others and does nothing', async () => {
    const { accepted } = await connected(0);
    const options = { idleS: 10, intervalS: 5, probes: 3 };
    expect(nodeBackend('WHY', false).setKeepalive(accepted, options)).toBe(
      `Node ${process.versions.node} by itself would probe every 1 s, 10 times, instead of every 5 s, 3 times (Node 24 can; here WHY)`,
    );
    expect(socketOptions(accepted).keepalive).toBe(0);
  });

  it('where Node takes interval and count, hands them over in its units', () => {
    const given: unknown[] = [];
    const socket = { setKeepAlive: (...all: unknown[]) => given.push(...all) };
    const options = { idleS: 10, intervalS: 5, probes: 3 };
    const refusal = nodeBackend('WHY', true).setKeepalive(socket as unknown as Socket, options);
    expect(refusal).toBeUndefined();
    expect(given).toEqual([true, 10_000, 5_000, 3]);
  });

  it.skipIf(!onLinux)(
    'is right about the Node that runs: what it accepts is in the kernel',
    async () => {
      const { accepted } = await connected(0);
      const options = { idleS: 10, intervalS: 5, probes: 3 };
      const refused = nodeBackend('WHY').setKeepalive(accepted, options) !== undefined;
      const set = socketOptions(accepted);
      expect(set).toMatchObject(refused ? { keepalive: 0 } : { keepalive: 1, ...options });
    },
  );
});

describe.each([
  ['node', nodeBackend('WHY')],
  ['none', noBackend('WHY')],
])('the %s backend', (name, kernel) => {
  it('says why it cannot, instead of answering', async () => {
    const { accepted } = await connected(0);
    expect(kernel.name).toBe(name);
    expect(kernel.userTimeoutRefusal()).toBe('WHY');
    expect(kernel.samplingRefusal()).toBe('WHY');
    expect(kernel.setUserTimeout(accepted, 1000)).toBe('WHY');
    expect(kernel.sendQueueBytes(accepted)).toBeUndefined();
    expect(kernel.tcpInfo(accepted, { state: 0, bytesAcked: 0 })).toBe(false);
  });
});
