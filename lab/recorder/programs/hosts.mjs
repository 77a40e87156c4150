// Two hosts: network namespaces of this process, each with one TUN device and nothing else.
import { spawnSync } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { openDevice } from '../../stories/programs/tun.mjs';
import { addresses } from './addresses.mjs';
import { CLONE_NEWNET, close, setns, unshare } from './calls.mjs';

const OWN_NAMESPACE = '/proc/thread-self/ns/net';
const DEVICE = 'wire';
// include/uapi/asm-generic/fcntl.h
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;

function run(command, args, input = '') {
  const { status, error, stderr } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** One host: what is done in it is done in its namespace. */
export class Host {
  #namespace;
  /** The descriptor that is this host's end of the wire. */
  device;

  constructor(side, config, devicePath) {
    const { af = 4, mtu = 1500, offload = false } = config;
    unshare(CLONE_NEWNET);
    this.#namespace = openSync(OWN_NAMESPACE, 'r');
    this.device = openDevice(DEVICE, {
      path: devicePath,
      offload,
      flags: O_RDWR | O_NONBLOCK,
    });
    const { prefix, [side]: address } = addresses[af];
    // No former connection lends its round trip.
    this.sysctl('net.ipv4.tcp_no_metrics_save', 1);
    for (const [name, value] of Object.entries(config[`${side}_sysctls`] ?? {})) {
      this.sysctl(name, value);
    }
    const noDetection = af === 6 ? ' nodad' : '';
    const lines = [
      `address add ${address}/${prefix} dev ${DEVICE}${noDetection}`,
      `link set ${DEVICE} mtu ${mtu} up`,
      'link set lo up',
    ];
    run('ip', ['-batch', '-'], lines.join('\n'));
  }

  /** Makes this host's namespace the thread's. */
  enter() {
    setns(this.#namespace, CLONE_NEWNET);
  }

  /** With its last descriptor the namespace goes, and what is in it. */
  release() {
    close(this.device);
    close(this.#namespace);
  }

  sysctl(name, value) {
    const text = Array.isArray(value) ? value.join(' ') : String(value);
    try {
      writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, text);
    } catch (error) {
      throw new Error(`this kernel refuses ${name} = ${text}`, { cause: error });
    }
  }

  /** Its own interface. */
  link(state) {
    this.enter();
    run('ip', ['link', 'set', DEVICE, state]);
  }

  /** Its own queue, in the words of tc(8). */
  queue(discipline) {
    this.enter();
    const command = discipline === 'none' ? 'delete' : 'replace';
    const words = discipline === 'none' ? [] : discipline.split(' ');
    run('tc', ['qdisc', command, 'dev', DEVICE, 'root', ...words]);
  }

  /** A rule of its own drops what it sends. */
  filter(drops, af) {
    this.enter();
    const family = af === 6 ? 'ip6' : 'ip';
    const policy = drops ? 'drop' : 'accept';
    const chain = `{ type filter hook output priority 0; policy ${policy}; }`;
    run('nft', ['-f', '-'], `table ${family} gate { chain leaving ${chain}; }`);
  }

  /** The state of the socket with these ports in the words of ss(8); `none` once the kernel has forgotten it. */
  socketState(af, port, peerPort) {
    this.enter();
    const hex = (number) => number.toString(16).toUpperCase().padStart(4, '0');
    const rows = readFileSync(`/proc/thread-self/net/tcp${af === 6 ? '6' : ''}`, 'utf8').split(
      '\n',
    );
    const pattern = new RegExp(`:${hex(port)} \\S+:${hex(peerPort)} ([0-9A-F]{2}) `);
    const found = rows.map((row) => pattern.exec(row)?.[1]).find((state) => state !== undefined);
    return found === undefined ? 'none' : (STATES[Number.parseInt(found, 16)] ?? found);
  }
}

// include/net/tcp_states.h, as ss(8) writes them
const STATES = [
  '',
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'UNCONN',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
  'SYN-RECV',
];
