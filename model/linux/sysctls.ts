/**
 * `net.ipv4.*` as the simulated kernel knows it: default, range, and whether it has an effect.
 *
 * Source of defaults and ranges: Documentation/networking/ip-sysctl.rst and net/ipv4/sysctl_net_ipv4.c.
 * The three values of tcp_rmem and tcp_wmem are named with an index: `net.ipv4.tcp_rmem.1`.
 */
import type { Issue, Result } from '../issue.ts';

/** Kernel versions whose differences are modelled. */
export type KernelProfile = '6.12' | '6.18';

/** What the simulated kernel does with a setting. */
export type Support =
  /** Changes behaviour as in the real kernel. */
  | 'modelled'
  /** Accepted and read back, without effect: a run that sets it carries a warning. */
  | 'stored'
  /** An error: the result would be wrong. */
  | 'refused';

interface SysctlEntry {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly support: Support;
  /** What it does here, in one line. */
  readonly effect: string;
  /** First profile that has it; absent = both. */
  readonly since?: KernelProfile;
}

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;

/** Every sysctl the simulated kernel accepts, without the `net.ipv4.` prefix. */
export const sysctlTable = {
  tcp_retries1: entry(3, 0, 255, 'stored', 'routing and path-MTU hints only; no timing effect'),
  tcp_retries2: entry(15, 0, 255, 'modelled', 'how long data is retransmitted, as a time'),
  tcp_syn_retries: entry(6, 1, 127, 'modelled', 'retransmissions of a SYN after the linear ones'),
  tcp_syn_linear_timeouts: entry(4, 0, 127, 'modelled', 'SYN timeouts of 1 s before doubling'),
  tcp_synack_retries: entry(5, 0, 255, 'modelled', 'retransmissions of a SYN-ACK'),
  tcp_keepalive_time: entry(7200, 1, 32767, 'modelled', 'TCP_KEEPIDLE of new sockets, s'),
  tcp_keepalive_intvl: entry(75, 1, 32767, 'modelled', 'TCP_KEEPINTVL of new sockets, s'),
  tcp_keepalive_probes: entry(9, 1, 127, 'modelled', 'TCP_KEEPCNT of new sockets'),
  tcp_fin_timeout: entry(60, 1, INT_MAX, 'modelled', 'life of an orphan in FIN_WAIT2, s'),
  tcp_orphan_retries: entry(0, 0, 255, 'modelled', 'retransmissions of an orphan; 0 means 8'),
  tcp_rto_min_us: entry(200_000, 1, INT_MAX, 'modelled', 'floor of the RTO variance term'),
  tcp_rto_max_ms: {
    ...entry(120_000, 1000, 120_000, 'modelled', 'largest retransmission timeout'),
    since: '6.18' as const,
  },
  tcp_early_retrans: entry(3, 0, 4, 'modelled', 'tail loss probe: 3 and 4 on, others off'),
  tcp_sack: entry(
    1,
    0,
    1,
    'modelled',
    'selective acknowledgement, on which the tail loss probe depends',
  ),
  tcp_timestamps: entry(1, 0, 2, 'modelled', 'round trips measured on retransmitted segments'),
  tcp_thin_linear_timeouts: entry(
    0,
    0,
    1,
    'modelled',
    'six timeouts without doubling on thin streams',
  ),
  tcp_invalid_ratelimit: entry(
    500,
    0,
    INT_MAX,
    'modelled',
    'ms between answers to zero-length probes',
  ),
  tcp_slow_start_after_idle: entry(
    1,
    0,
    1,
    'modelled',
    'congestion window restarts after an idle RTO',
  ),
  tcp_reordering: entry(
    3,
    1,
    127,
    'modelled',
    'duplicate acknowledgements before a segment counts as lost',
  ),
  tcp_rfc1337: entry(0, 0, 1, 'modelled', 'RST does not end TIME_WAIT'),
  'tcp_rmem.0': entry(4096, 1, INT_MAX, 'stored', 'only under memory pressure'),
  'tcp_rmem.1': entry(131_072, 1, INT_MAX, 'modelled', 'receive buffer of new sockets'),
  'tcp_rmem.2': entry(
    33_554_432,
    1,
    INT_MAX,
    'modelled',
    'bounds receive autotuning; sets the window scale',
  ),
  'tcp_wmem.0': entry(4096, 1, INT_MAX, 'stored', 'only under memory pressure'),
  'tcp_wmem.1': entry(16_384, 1, INT_MAX, 'modelled', 'send buffer before the first expansion'),
  'tcp_wmem.2': entry(4_194_304, 1, INT_MAX, 'modelled', 'bounds send autotuning'),
  tcp_notsent_lowat: entry(
    UINT_MAX,
    1,
    UINT_MAX,
    'modelled',
    'TCP_NOTSENT_LOWAT of sockets that do not set it, bytes',
  ),
  tcp_min_tso_segs: entry(2, 1, 255, 'modelled', 'least segments of a burst'),
  tcp_moderate_rcvbuf: entry(1, 0, 1, 'modelled', 'receive autotuning'),
  tcp_no_metrics_save: entry(0, 0, 1, 'stored', 'there is no metrics cache here'),
  // tcp_init: half of the established hash's buckets; so many on a machine of 16 GB.
  tcp_max_orphans: entry(65_536, 0, INT_MAX, 'modelled', 'orphans beyond it are reset'),
  tcp_abort_on_overflow: entry(0, 0, 1, 'stored', 'the accept queue is never full here'),
  tcp_ecn: entry(2, 0, 5, 'stored', 'no congestion marks on the simulated wire'),
  tcp_window_scaling: entry(1, 1, 1, 'refused', 'windows are always scaled'),
  tcp_shrink_window: entry(0, 0, 0, 'refused', 'the window never shrinks here'),
  tcp_tw_reuse: entry(2, 0, 2, 'stored', 'one connection per world'),
} as const satisfies Record<string, SysctlEntry>;

function entry(
  value: number,
  min: number,
  max: number,
  support: Support,
  effect: string,
): SysctlEntry {
  return { default: value, min, max, support, effect };
}

/** Name of a sysctl without the `net.ipv4.` prefix. */
export type SysctlName = keyof typeof sysctlTable;

/** All values in force. */
export type Sysctls = Record<SysctlName, number>;

/** 6.12 has smaller receive buffers by default (net/ipv4/tcp.c, tcp_init). */
const RMEM_MAX_6_12 = 6_291_456;

/**
 * A copy of the table is filled, not an empty object: one that grows key by key becomes a hash map, and the kernel reads these with every packet.
 */
function filled(changed: Partial<Sysctls>): Sysctls {
  const values: Record<SysctlName, SysctlEntry | number> = { ...sysctlTable };
  for (const name of Object.keys(sysctlTable) as SysctlName[])
    values[name] = changed[name] ?? sysctlTable[name].default;
  return values as Sysctls;
}

const defaults: Readonly<Record<KernelProfile, Sysctls>> = {
  '6.12': filled({ 'tcp_rmem.2': RMEM_MAX_6_12 }),
  '6.18': filled({}),
};

/** Values in force when nothing is changed. */
export function defaultSysctls(profile: KernelProfile): Sysctls {
  return { ...defaults[profile] };
}

const PREFIX = 'net.ipv4.';

function shortName(fullName: string): string {
  return fullName.startsWith(PREFIX) ? fullName.slice(PREFIX.length) : fullName;
}

/** Whether the kernel model has a setting of this name, with or without `net.ipv4.`. */
export function isKnownSysctl(fullName: string): boolean {
  return Object.hasOwn(sysctlTable, shortName(fullName));
}

/**
 * Applies changed values over the defaults.
 *
 * @param changes full names (`net.ipv4.tcp_retries2`) to values
 * @returns all values in force, or an issue per name that is unknown, refused or out of range
 */
export function resolveSysctls(
  changes: Readonly<Record<string, number>>,
  profile: KernelProfile,
): Result<Sysctls> {
  const values = defaultSysctls(profile);
  const issues: Issue[] = [];
  for (const [fullName, value] of Object.entries(changes)) {
    const name = shortName(fullName);
    if (!isKnownSysctl(fullName)) {
      issues.push({
        code: 'unknown-name',
        path: fullName,
        expected: 'a net.ipv4.tcp_* setting of the kernel model',
        received: fullName,
      });
      continue;
    }
    const issue = checkValue(fullName, name as SysctlName, value, profile);
    if (issue === null) values[name as SysctlName] = value;
    else issues.push(issue);
  }
  return issues.length === 0 ? { ok: true, value: values } : { ok: false, issues };
}

function checkValue(
  fullName: string,
  name: SysctlName,
  value: number,
  profile: KernelProfile,
): Issue | null {
  const known: SysctlEntry = sysctlTable[name];
  if (known.since === '6.18' && profile === '6.12') {
    return {
      code: 'unsupported',
      path: fullName,
      expected: 'a setting that kernel 6.12 has',
      received: fullName,
      hint: 'it entered with Linux 6.15; choose the profile 6.18',
    };
  }
  if (Number.isInteger(value) && value >= known.min && value <= known.max) return null;
  return {
    code: 'out-of-range',
    path: fullName,
    expected: `an integer from ${known.min} to ${known.max} (${known.effect})`,
    received: String(value),
  };
}
