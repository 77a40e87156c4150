/**
 * Socket options of tcp(7) and socket(7) as rows of one table: number, range, the sysctl that a new socket takes its value
 * from, effect, and who sets it. The simulated kernel's setsockopt(2), the schemas of a scenario's and a policy's
 * `socketOptions`, docs/kernel-model.md and the production adapter follow from it.
 *
 * Values are those that setsockopt(2) takes: seconds for TCP_KEEPIDLE, bytes before doubling for SO_SNDBUF.
 * Source: include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h, net/core/sock.c sk_setsockopt, net/ipv4/tcp.c
 * do_tcp_setsockopt.
 */
import type { Issue } from '../issue.ts';
import type { KernelProfile, Support, SysctlName, Sysctls } from './sysctls.ts';

/** Who sets it. */
export type SetBy =
  /** `socketOptions` of a policy, `serverSocketOptions` and `clientSocketOptions` of a scenario's kernel. */
  | 'socketOptions'
  /** A mechanism of the policy: two ways to say the same would be one too many. */
  | 'mechanism keepalive'
  | 'mechanism user-timeout'
  /** A verdict whose manner is `reset`. */
  | 'verdict reset'
  /** Recordings and tests of the kernel alone: the opening handshake of a simulated client carries no bytes. */
  | 'recordings';

export interface SocketOption {
  readonly level: 'SOL_SOCKET' | 'IPPROTO_TCP';
  /** What setsockopt(2) calls it on most architectures. */
  readonly number: number;
  readonly min: number;
  readonly max: number;
  /** What a new socket has: the sysctl that it is copied from, or a number. */
  readonly initial: SysctlName | number;
  /** Where one value of the sysctl is this many of the option's units; 1 unless said. */
  readonly perUnit?: number;
  readonly support: Support;
  /** What it does here, in one line. */
  readonly effect: string;
  /** Where the real kernel does it. */
  readonly kernelFunction: string;
  readonly setBy: SetBy;
  /** First profile that has it; absent = both. */
  readonly since?: KernelProfile;
}

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;

const keepalive = { support: 'modelled', setBy: 'mechanism keepalive' } as const;
const free = { support: 'modelled', setBy: 'socketOptions' } as const;

export const socketOptionTable = {
  // Before the next three, as programs do it: TCP_KEEPIDLE then takes what has passed in silence off its time.
  SO_KEEPALIVE: {
    ...keepalive,
    level: 'SOL_SOCKET',
    number: 9,
    min: 0,
    max: 1,
    initial: 0,
    effect: 'arms the keepalive timer',
    kernelFunction: 'tcp_set_keepalive',
  },
  TCP_KEEPIDLE: {
    ...keepalive,
    level: 'IPPROTO_TCP',
    number: 4,
    min: 1,
    max: 32_767,
    initial: 'tcp_keepalive_time',
    effect: 'silence before the first probe, s',
    kernelFunction: 'tcp_sock_set_keepidle_locked',
  },
  TCP_KEEPINTVL: {
    ...keepalive,
    level: 'IPPROTO_TCP',
    number: 5,
    min: 1,
    max: 32_767,
    initial: 'tcp_keepalive_intvl',
    effect: 'time between probes, s',
    kernelFunction: 'tcp_keepalive_timer',
  },
  TCP_KEEPCNT: {
    ...keepalive,
    level: 'IPPROTO_TCP',
    number: 6,
    min: 1,
    max: 127,
    initial: 'tcp_keepalive_probes',
    effect: 'probes before the end, unless a user timeout is set',
    kernelFunction: 'tcp_keepalive_timer',
  },
  TCP_USER_TIMEOUT: {
    level: 'IPPROTO_TCP',
    number: 18,
    min: 0,
    max: INT_MAX,
    initial: 0,
    support: 'modelled',
    effect: 'replaces retry and probe counts by a time, ms',
    kernelFunction: 'tcp_write_timeout',
    setBy: 'mechanism user-timeout',
  },
  TCP_NODELAY: {
    ...free,
    level: 'IPPROTO_TCP',
    number: 1,
    min: 0,
    max: 1,
    initial: 0,
    effect:
      'small segments do not wait (Nagle off); both processes here set it unless told otherwise',
    kernelFunction: 'tcp_nagle_test',
  },
  TCP_CORK: {
    level: 'IPPROTO_TCP',
    number: 3,
    min: 0,
    max: 1,
    initial: 0,
    support: 'modelled',
    effect: 'small segments wait until it is off, or the window probe timer takes them along',
    kernelFunction: '__tcp_sock_set_cork',
    setBy: 'recordings',
  },
  TCP_MAXSEG: {
    level: 'IPPROTO_TCP',
    number: 2,
    min: 88,
    max: 32_767,
    initial: 0,
    support: 'modelled',
    effect: 'of a new connection, no segments larger than this, either way',
    kernelFunction: 'tcp_mss_clamp',
    setBy: 'recordings',
  },
  TCP_NOTSENT_LOWAT: {
    level: 'IPPROTO_TCP',
    number: 25,
    min: 0,
    max: UINT_MAX,
    initial: 'tcp_notsent_lowat',
    support: 'modelled',
    effect: 'no room for a write while so many bytes have not been sent; 0 = as the sysctl says',
    kernelFunction: 'tcp_stream_memory_free',
    setBy: 'recordings',
  },
  SO_SNDBUF: {
    ...free,
    level: 'SOL_SOCKET',
    number: 7,
    min: 1,
    max: 2 ** 30 - 1,
    initial: 'tcp_wmem.1',
    perUnit: 2,
    effect: 'fixes the send buffer at twice so many bytes',
    kernelFunction: 'sk_setsockopt',
  },
  SO_RCVBUF: {
    ...free,
    level: 'SOL_SOCKET',
    number: 8,
    min: 1,
    max: 2 ** 30 - 1,
    initial: 'tcp_rmem.1',
    perUnit: 2,
    effect: 'fixes the receive buffer at twice so many bytes',
    kernelFunction: 'sk_setsockopt',
  },
  SO_LINGER: {
    level: 'SOL_SOCKET',
    number: 13,
    min: 0,
    max: 0,
    initial: 0,
    support: 'modelled',
    effect: '{1, 0} only: close resets',
    kernelFunction: '__tcp_close',
    setBy: 'verdict reset',
  },
  TCP_SYNCNT: {
    ...free,
    level: 'IPPROTO_TCP',
    number: 7,
    min: 1,
    max: 127,
    initial: 'tcp_syn_retries',
    effect: 'retransmissions of a SYN; of a listener, of its SYN-ACKs',
    kernelFunction: 'tcp_write_timeout',
  },
  TCP_DEFER_ACCEPT: {
    level: 'IPPROTO_TCP',
    number: 9,
    min: 0,
    max: INT_MAX,
    initial: 0,
    support: 'modelled',
    effect: 'a listener waits that long for data before it tells the process, s',
    kernelFunction: 'syn_ack_recalc',
    setBy: 'recordings',
  },
  TCP_LINGER2: {
    ...free,
    level: 'IPPROTO_TCP',
    number: 8,
    min: -1,
    max: INT_MAX,
    initial: 'tcp_fin_timeout',
    effect: 'life of an orphan in FIN_WAIT2, s; 120 at most, −1 = none',
    kernelFunction: 'tcp_fin_time',
  },
  TCP_RTO_MAX_MS: {
    ...free,
    level: 'IPPROTO_TCP',
    number: 44,
    min: 1_000,
    max: 120_000,
    initial: 'tcp_rto_max_ms',
    effect: 'largest retransmission timeout (Linux 6.15 and later)',
    kernelFunction: 'tcp_rto_max',
    since: '6.18',
  },
  TCP_RTO_MIN_US: {
    ...free,
    level: 'IPPROTO_TCP',
    number: 45,
    min: 1,
    max: INT_MAX,
    initial: 'tcp_rto_min_us',
    effect: 'floor of the variance term (Linux 6.15 and later)',
    kernelFunction: 'tcp_rto_min',
    since: '6.18',
  },
  TCP_THIN_LINEAR_TIMEOUTS: {
    ...free,
    level: 'IPPROTO_TCP',
    number: 16,
    min: 0,
    max: 1,
    initial: 'tcp_thin_linear_timeouts',
    effect: 'six timeouts without doubling on thin streams',
    kernelFunction: 'tcp_retransmit_timer',
  },
} as const satisfies Record<string, SocketOption>;

export type SocketOptionName = keyof typeof socketOptionTable;

/** Values of some of them, as setsockopt(2) takes them; set in the order in which they stand. */
export type SocketOptionValues = { readonly [Name in SocketOptionName]?: number | undefined };

/** All names, in the order of the table. */
export const socketOptionNames = Object.keys(socketOptionTable) as readonly SocketOptionName[];

/** The names that a scenario's or a policy's `socketOptions` may give. */
export const freeSocketOptions = socketOptionNames.filter(
  (name) => socketOptionTable[name].setBy === 'socketOptions',
);

/** What setsockopt(2) would refuse, and what the kernel of that profile does not have. */
export function socketOptionIssues(options: SocketOptionValues, profile: KernelProfile): Issue[] {
  return Object.entries(options).flatMap(([name, value]): Issue[] => {
    const row: SocketOption = socketOptionTable[name as SocketOptionName];
    if (value === undefined) return [];
    if (row.since === '6.18' && profile === '6.12') {
      return [
        {
          code: 'unsupported',
          path: name,
          expected: 'a socket option that kernel 6.12 has',
          received: name,
          hint: 'it entered with Linux 6.15; choose the profile 6.18',
        },
      ];
    }
    if (Number.isInteger(value) && value >= row.min && value <= row.max) return [];
    const expected = `an integer from ${row.min} to ${row.max}`;
    return [{ code: 'out-of-range', path: name, expected, received: String(value) }];
  });
}

/**
 * The settings under which a socket with these options behaves as one without them: an option whose value a new socket
 * takes from a sysctl is that sysctl for one socket. A fixed buffer is one that cannot grow.
 */
export function withSocketOptions(
  sysctls: Sysctls,
  options: SocketOptionValues,
  isListener: boolean,
): Sysctls {
  const values = { ...sysctls };
  for (const [name, value] of Object.entries(options)) {
    const { initial, perUnit = 1 }: SocketOption = socketOptionTable[name as SocketOptionName];
    if (typeof initial !== 'string' || value === undefined) continue;
    const sysctl = name === 'TCP_SYNCNT' && isListener ? 'tcp_synack_retries' : initial;
    values[sysctl] = Math.max(0, value * perUnit);
    if (name === 'SO_SNDBUF') values['tcp_wmem.2'] = value * perUnit;
    if (name === 'SO_RCVBUF') values['tcp_rmem.2'] = value * perUnit;
  }
  return values;
}
