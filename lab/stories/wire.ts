/**
 * Two hosts on this machine's kernel and the wire between them: namespaces whose only way out is a TUN device, both held by one program
 * (programs/wire.mjs) that delays, loses, cuts and heals. It needs neither netem nor nftables, and goes with the process that holds it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  clientAddress,
  emptyNamespaces,
  run,
  SERVER_ADDRESS,
  type EmptyNamespaces,
} from '../namespaces.ts';
import { programFile } from './processes.ts';

/** What the wire does to all packets. */
export interface WireSetting {
  /** One way, ms. */
  readonly oneWayMs: number;
  /** Share of the packets that are lost. */
  readonly lossShare: number;
  /** Of the losses. */
  readonly seed: number;
}

/** A packet as its sender has put it on the wire. */
export interface WirePacket {
  readonly atMs: number;
  readonly src: 'server' | 'client';
  readonly dropped: boolean;
  readonly flags: string;
  readonly seq: number;
  readonly ack: number;
  readonly len: number;
  readonly win: number;
}

interface WireEvent {
  readonly event: 'ready' | 'done' | 'packets';
  readonly packets?: readonly WirePacket[];
}

/** Two hosts and the wire between them. */
export interface Hosts {
  readonly spawn: EmptyNamespaces['spawn'];
  /** Sets sysctls of one host. */
  sysctls(side: 'server' | 'client', settings: Readonly<Record<string, string>>): void;
  /** From now on nothing passes in these directions between the server and a client; answered when it is so. */
  cut(
    index: number,
    ways: { readonly toClient: boolean; readonly toServer: boolean },
  ): Promise<void>;
  /** It passes again. */
  heal(index: number): Promise<void>;
  /** The packets of this client are kept from now on. */
  record(index: number): Promise<void>;
  packets(): Promise<readonly WirePacket[]>;
  destroy(): void;
}

/** Makes hosts with addresses for so many clients. */
export async function createHosts(clients: number, setting: WireSetting): Promise<Hosts> {
  const namespaces = emptyNamespaces();
  let wire: ChildProcess | undefined;
  const destroy = (): void => {
    wire?.kill('SIGKILL');
    namespaces.destroy();
  };
  try {
    const { server, client } = namespaces.names;
    const number = /-(\d+)-s$/.exec(server)?.[1] ?? '0';
    // IFNAMSIZ: 15 letters.
    const name = `gb${process.pid.toString(36)}-${number}`;
    const devices = { server: `${name}s`, client: `${name}c` };
    const order = JSON.stringify({ devices, ...setting });
    wire = spawn(process.execPath, [programFile('wire'), order], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const orders = talkTo(wire);
    await orders.next();
    layOut(server, devices.server, [SERVER_ADDRESS]);
    layOut(
      client,
      devices.client,
      Array.from({ length: clients }, (_, index) => clientAddress(index)),
    );
    const tell = async (what: object): Promise<void> => void (await orders.ask(what));
    return {
      spawn: namespaces.spawn,
      sysctls(side, settings) {
        for (const [key, value] of Object.entries(settings)) {
          const args = [
            'netns',
            'exec',
            namespaces.names[side],
            'sysctl',
            '-q',
            '-w',
            `${key}=${value}`,
          ];
          run('ip', args);
        }
      },
      cut: (index, ways) => tell({ order: 'cut', client: clientAddress(index), ...ways }),
      heal: (index) => tell({ order: 'heal', client: clientAddress(index) }),
      record: (index) => tell({ order: 'watch', client: clientAddress(index) }),
      async packets() {
        const { packets = [] } = await orders.ask({ order: 'packets' });
        await orders.next();
        return packets;
      },
      destroy,
    };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** Takes a device into a namespace, with its addresses and the route to the others. */
function layOut(namespace: string, device: string, addresses: readonly string[]): void {
  run('ip', ['link', 'set', device, 'netns', namespace]);
  const lines = [
    ...addresses.map((address) => `address add ${address}/24 dev ${device}`),
    `link set ${device} up`,
    'link set lo up',
  ];
  run('ip', ['-n', namespace, '-batch', '-'], lines.join('\n'));
}

/** Orders to a program, and its answers in the same order. */
function talkTo(child: ChildProcess): {
  next(): Promise<WireEvent>;
  ask(what: object): Promise<WireEvent>;
} {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the wire cannot be talked to');
  const told: WireEvent[] = [];
  const waiting: { resolve: (event: WireEvent) => void; reject: (error: Error) => void }[] = [];
  let ended = false;
  createInterface(stdout)
    .on('line', (line) => {
      const event = JSON.parse(line) as WireEvent;
      const first = waiting.shift();
      if (first === undefined) told.push(event);
      else first.resolve(event);
    })
    .on('close', () => {
      ended = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('the wire has ended'));
    });
  const next = (): Promise<WireEvent> =>
    new Promise((resolve, reject) => {
      const event = told.shift();
      if (event !== undefined) resolve(event);
      else if (ended) reject(new Error('the wire has ended'));
      else waiting.push({ resolve, reject });
    });
  return {
    next,
    ask(what) {
      const answer = next();
      stdin.write(`${JSON.stringify(what)}\n`);
      return answer;
    },
  };
}
