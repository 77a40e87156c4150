/**
 * Two network namespaces on this machine's real kernel, joined by a veth pair: the server's host and the
 * clients' host. The wire to one client is cut on the clients' side, where the server's kernel cannot see
 * it: packets arrive there and vanish before the client's TCP. (Dropped in the server's own OUTPUT hook,
 * they would fail to leave, and the server's kernel would take the path of a local failure instead,
 * `tcp_retransmit_timer`.)
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';

export const SERVER_ADDRESS = '10.99.0.1';

/** The address of client number `index`, 0 … 199. */
export function clientAddress(index: number): string {
  return `10.99.0.${11 + index}`;
}

const WIRE = `
table ip wire {
  set gone { type ipv4_addr; }
  chain arriving {
    type filter hook prerouting priority -300;
    ip daddr @gone drop;
  }
  chain leaving {
    type filter hook output priority -300;
    ip saddr @gone drop;
  }
}
`;

export interface Namespaces {
  /** Starts a process in the server's or the clients' namespace; it is killed by `destroy`. */
  spawn(
    side: 'server' | 'client',
    command: string,
    args: readonly string[],
    cwd?: string,
  ): ChildProcess;
  /** Brings the server's loopback interface up: a proxy and what stands behind it talk over it. */
  loopback(): void;
  /** From now on nothing passes between the server and this client, for ever, and nobody is told. */
  cut(index: number): void;
  destroy(): void;
}

export function run(command: string, args: readonly string[], input = ''): void {
  execFileSync(command, args, { input, stdio: ['pipe', 'ignore', 'pipe'] });
}

/** A command as it runs inside a namespace. `ip netns exec` becomes the command: its pid is the command's own. */
function inside(namespace: string, command: string, args: readonly string[]): [string, string[]] {
  return ['ip', ['netns', 'exec', namespace, command, ...args]];
}

/** Why this machine cannot run these tests; undefined when it can. */
export function missingForNamespaces(): string | undefined {
  if (process.platform !== 'linux')
    return `network namespaces are Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const tool of ['ip', 'nft']) {
    const found = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'].some((dir) =>
      existsSync(`${dir}/${tool}`),
    );
    if (!found) return `the program ${tool} is missing (Debian: apt-get install iproute2 nftables)`;
  }
  try {
    createNamespaces(1).destroy();
    return undefined;
  } catch (error) {
    return `this machine refuses: ${String(error).split('\n').slice(0, 2).join(' ')}`;
  }
}

let created = 0;

/** Two namespaces with nothing in them. */
export interface EmptyNamespaces extends Pick<Namespaces, 'spawn' | 'destroy'> {
  /** Their names for ip(8). */
  readonly names: Readonly<Record<'server' | 'client', string>>;
}

/** What a process of this kind that was killed could not take away. */
function removeLeftovers(): void {
  const names = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const [name, pid] of names.matchAll(/^gb-(\d+)-\d+-[sc]\b/gm)) {
    if (!existsSync(`/proc/${pid}`)) run('ip', ['netns', 'delete', name]);
  }
}

/** Both, under names of this process's own. */
export function emptyNamespaces(): EmptyNamespaces {
  removeLeftovers();
  created += 1;
  const name = `gb-${process.pid}-${created}`;
  const names = { server: `${name}-s`, client: `${name}-c` };
  const { server, client } = names;
  const children: ChildProcess[] = [];
  const destroy = (): void => {
    process.off('exit', destroy);
    for (const child of children) child.kill('SIGKILL');
    for (const namespace of [server, client]) {
      try {
        run('ip', ['netns', 'delete', namespace]);
      } catch {
        // never made, or gone already
      }
    }
  };
  process.on('exit', destroy);
  try {
    run('ip', ['netns', 'add', server]);
    run('ip', ['netns', 'add', client]);
  } catch (error) {
    destroy();
    throw error;
  }
  return {
    names,
    spawn(side, command, args, cwd) {
      const child = spawn(...inside(names[side], command, args), {
        stdio: ['pipe', 'pipe', 'inherit'],
        ...(cwd === undefined ? {} : { cwd }),
      });
      children.push(child);
      return child;
    },
    destroy,
  };
}

/** Makes the pair with addresses for so many clients. */
export function createNamespaces(clients: number): Namespaces {
  const { names, spawn: spawnIn, destroy } = emptyNamespaces();
  const { server, client } = names;
  try {
    const addresses = Array.from({ length: clients }, (_, index) => clientAddress(index));
    run(
      'ip',
      ['-n', server, '-batch', '-'],
      [
        `link add veth0 type veth peer name veth0 netns ${client}`,
        `address add ${SERVER_ADDRESS}/24 dev veth0`,
        'link set veth0 up',
      ].join('\n'),
    );
    run(
      'ip',
      ['-n', client, '-batch', '-'],
      [
        ...addresses.map((address) => `address add ${address}/24 dev veth0`),
        'link set veth0 up',
      ].join('\n'),
    );
    run(...inside(client, 'nft', ['-f', '-']), WIRE);
  } catch (error) {
    destroy();
    throw error;
  }
  return {
    spawn: spawnIn,
    loopback: () => run('ip', ['-n', server, 'link', 'set', 'lo', 'up']),
    cut(index) {
      const element = `{ ${clientAddress(index)} }`;
      run(...inside(client, 'nft', ['add', 'element', 'ip', 'wire', 'gone', element]));
    },
    destroy,
  };
}
