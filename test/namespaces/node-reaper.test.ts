/**
 * A real `http` server under a policy, whose clients have upgraded to a protocol that nobody knows, and two real kernels'
 * worth of TCP between them: a wire that is cut, a process that is frozen, and others that live on. Every decision falls
 * into the window that `bounds` states for the same policy and the same fault.
 *
 * Needs Linux, root, `ip` and `nft`; skipped with the reason where they are not, failed where
 * GHOSTBOUND_REQUIRE_KERNEL=1 says that they must be.
 */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MechanismInput } from '../../model/policy/index.ts';
import {
  COMPILED_NODE_ADAPTER,
  spawnNodeServer,
  spawnRawClient,
  type ServerOrder,
  type ServerProcess,
} from '../support/child.ts';
import { sleep } from '../support/loopback.ts';
import {
  clientAddress,
  createNamespaces,
  missingForNamespaces,
  SERVER_ADDRESS,
  type Namespaces,
} from '../../lab/namespaces.ts';
import { clientsOf, during, expectInWindow, SLACK_MS, windowOf } from './stage.ts';

const CLIENTS = 16;
const required = process.env['GHOSTBOUND_REQUIRE_KERNEL'] === '1';
const missing = missingForNamespaces();

let namespaces: Namespaces;
let clientsMade = 0;

interface Client {
  readonly name: string;
  readonly index: number;
  readonly child: ChildProcess;
}

function server(mechanisms: MechanismInput[], more: Partial<ServerOrder> = {}) {
  const policy = { name: 'test', mechanisms };
  const order = { adapter: COMPILED_NODE_ADAPTER, host: SERVER_ADDRESS, policy, ...more };
  return spawnNodeServer(order, (command, args) => namespaces.spawn('server', command, args));
}

async function client(of: ServerProcess, name: string): Promise<Client> {
  const index = clientsMade++;
  const url = `http://${SERVER_ADDRESS}:${of.port}/${name}`;
  const order = { url, localAddress: clientAddress(index) };
  const child = spawnRawClient(order, (command, args) => namespaces.spawn('client', command, args));
  await of.event('connection', name);
  return { name, index, child };
}

if (missing !== undefined) console.warn(`real-kernel tests: ${missing}`);
it('has what the tests below need, where they must run', () => {
  expect(required ? missing : undefined).toBeUndefined();
});

describe.skipIf(missing !== undefined)(
  'an http server with upgraded sockets on a real kernel',
  () => {
    beforeAll(() => {
      namespaces = createNamespaces(CLIENTS);
    });
    afterAll(() => {
      namespaces.destroy();
    });

    it.concurrent('a ping of the application: the vanished and the frozen', async () => {
      const policy: MechanismInput[] = [
        { kind: 'ping', intervalMs: 500, replyTimeoutMs: 400, life: ['any-byte'] },
      ];
      const ghosts = await server(policy);
      const [vanishing, freezing] = await Promise.all([
        client(ghosts, 'vanishing'),
        client(ghosts, 'freezing'),
        client(ghosts, 'living'),
      ]);
      await sleep(1200);
      const cut = during(() => {
        namespaces.cut(vanishing.index);
      });
      const frozen = during(() => {
        freezing.child.kill('SIGSTOP');
      });
      const vanished = await ghosts.event('reap', vanishing.name);
      expectInWindow(vanished, cut, windowOf(policy, 'vanish-idle'));
      const stopped = await ghosts.event('reap', freezing.name);
      expectInWindow(stopped, frozen, windowOf(policy, 'frozen-idle'));
      await sleep(600);
      expect(clientsOf(ghosts, 'close').toSorted()).toEqual(['freezing', 'vanishing']);
    });

    it.concurrent(
      'keepalive, on the upgraded socket: the vanished, announced with its errno',
      async () => {
        const policy: MechanismInput[] = [
          { kind: 'keepalive', idleMs: 1000, intervalMs: 1000, probes: 2 },
        ];
        const ghosts = await server(policy);
        const vanishing = await client(ghosts, 'vanishing');
        await client(ghosts, 'living');
        await sleep(400);
        const fault = during(() => {
          namespaces.cut(vanishing.index);
        });
        const reap = await ghosts.event('reap', vanishing.name);
        expect(reap).toMatchObject({ mechanism: 'kernel', verdict: 'kernel' });
        expectInWindow(reap, fault, windowOf(policy, 'vanish-idle'));
        const { status } = await ghosts.event('close', vanishing.name);
        expect(status).toMatchObject({ kernelTimeouts: 1, backend: 'koffi' });
        expect(clientsOf(ghosts, 'close')).toEqual(['vanishing']);
      },
    );

    it.concurrent('send stall: the saturated ghost, and not the saturated reader', async () => {
      const everyMs = 200;
      const policy: MechanismInput[] = [{ kind: 'send-stall', graceMs: 1000, everyMs }];
      const ghosts = await server(policy, { saturates: true });
      const vanishing = await client(ghosts, 'vanishing');
      await client(ghosts, 'living');
      await sleep(500);
      const fault = during(() => {
        namespaces.cut(vanishing.index);
      });
      const reap = await ghosts.event('reap', vanishing.name);
      // The sender fills its queue in bursts: the last look that saw progress may be everyMs before the fault.
      expectInWindow(reap, fault, windowOf(policy, 'vanish-saturated'), { earlyMs: everyMs });
      await sleep(1500);
      expect(clientsOf(ghosts, 'close')).toEqual(['vanishing']);
    });

    it.concurrent(
      'a drain with ghosts ends at its deadline, and the living went when asked',
      async () => {
        const deadlineMs = 1500;
        const ghosts = await server([{ kind: 'drain', deadlineMs: '1h' }], { drainMs: deadlineMs });
        const [vanishing, freezing] = await Promise.all([
          client(ghosts, 'vanishing'),
          client(ghosts, 'freezing'),
          client(ghosts, 'living'),
        ]);
        namespaces.cut(vanishing.index);
        freezing.child.kill('SIGSTOP');
        ghosts.child.kill('SIGTERM');
        const drained = await ghosts.event('drained');
        expect(drained).toMatchObject({ closed: 1, destroyed: 2 });
        expect(drained.elapsedMs).toBeGreaterThanOrEqual(deadlineMs - 2);
        expect(drained.elapsedMs).toBeLessThan(deadlineMs + SLACK_MS);
        // Nothing holds the process any more.
        await ghosts.event('exit');
      },
    );
  },
);
