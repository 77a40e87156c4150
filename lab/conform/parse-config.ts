/** The `config` of a trace file: settings of both kernels and sockets, and what was to be done when. */
import { isKnownSysctl, resolveSysctls, type KernelProfile } from '../../model/linux/sysctls.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';
import type { Json, Range, Reader } from './reader.ts';
import type { RecordedAction, RecordedSockopts, Side } from './trace.ts';

/** Seconds of a recording: some before t = 0, where the handshake lies, and at most a day after. */
export const INSTANT_S: Range = { min: -15, max: 1e5 };

/** tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL; TCP_KEEPCNT. */
const KEEPALIVE_S: Range = { min: 1, max: 32_767, integer: true };
const KEEPALIVE_PROBES: Range = { min: 1, max: 127, integer: true };
const INT: Range = { min: 0, max: 2 ** 31 - 1, integer: true };

/** Bytes of one write, and seconds between two: what can be played in reasonable time. */
const BYTES: Range = { min: 1, max: 2 ** 30, integer: true };
const INTERVAL_S: Range = { min: 0.001, max: 1e5 };

const knownSockopts: ReadonlySet<string> = new Set(['keepalive', 'user_timeout_ms', 'nodelay']);

/** The socket options a recorder may have set. */
export function readSockopts(
  read: Reader,
  value: unknown,
  path: string,
  unknown: string[],
): RecordedSockopts {
  const options = read.object(value, path, {});
  let keepalive: RecordedSockopts['keepalive'] = null;
  if (options['keepalive'] !== undefined && options['keepalive'] !== null) {
    const parts = read.list(options['keepalive'], `${path}.keepalive`);
    keepalive = {
      idleS: read.number(parts[0], `${path}.keepalive[0]`, KEEPALIVE_S),
      intervalS: read.number(parts[1], `${path}.keepalive[1]`, KEEPALIVE_S),
      probes: read.number(parts[2], `${path}.keepalive[2]`, KEEPALIVE_PROBES),
    };
  }
  unknown.push(...Object.keys(options).filter((name) => !knownSockopts.has(name)));
  return {
    keepalive,
    userTimeoutMs: read.number(options['user_timeout_ms'], `${path}.user_timeout_ms`, INT, 0),
    nodelay: read.flag(options['nodelay'], `${path}.nodelay`, true),
  };
}

/** What a side's namespace was set to. */
interface RecordedSysctls {
  readonly known: Readonly<Record<string, number>>;
  readonly congestionControl: CongestionControl | null;
}

const CONGESTION_CONTROL = 'net.ipv4.tcp_congestion_control';

function readCongestionControl(
  read: Reader,
  value: unknown,
  path: string,
  unknown: string[],
): CongestionControl | null {
  if (value === undefined) return null;
  const name = read.text(value, path);
  if (name === 'reno' || name === 'cubic' || name === 'bbr') return name;
  unknown.push(`${CONGESTION_CONTROL}=${name}`);
  return null;
}

/** A value is a number, or the three of tcp_rmem and tcp_wmem, which get an index each; null where it is neither. */
function numbersOf(name: string, setting: unknown): [string, number][] | null {
  const parts: readonly unknown[] =
    typeof setting === 'string'
      ? setting.trim().split(/\s+/)
      : Array.isArray(setting)
        ? setting
        : [setting];
  const numbers = parts.map((part) =>
    typeof part === 'number' || (typeof part === 'string' && part !== '') ? Number(part) : NaN,
  );
  if (numbers.length === 0 || numbers.some((number) => !Number.isFinite(number))) return null;
  const [only = 0] = numbers;
  if (numbers.length === 1) return [[name, only]];
  return numbers.map((number, index) => [`${name}.${index}`, number]);
}

/** The settings the simulated kernel has; one that Linux would refuse is an issue, one it does not know is noted. */
export function readSysctls(
  read: Reader,
  value: unknown,
  profile: KernelProfile,
  path: string,
  unknown: string[],
): RecordedSysctls {
  const known: Record<string, number> = {};
  const settings = read.object(value, path, {});
  for (const [name, setting] of Object.entries(settings)) {
    if (name === CONGESTION_CONTROL) continue;
    const numbers = numbersOf(name, setting);
    if (numbers === null && isKnownSysctl(name)) {
      read.complain(`${path}.${name}`, 'a number, or three', setting);
    }
    for (const [full, number] of numbers ?? []) {
      if (!isKnownSysctl(full)) unknown.push(full);
      else known[full] = number;
    }
    if (numbers === null && !isKnownSysctl(name)) unknown.push(name);
  }
  const resolved = resolveSysctls(known, profile);
  if (!resolved.ok) {
    for (const issue of resolved.issues) {
      read.complain(`${path}.${issue.path}`, issue.expected, known[issue.path] ?? issue.received);
    }
  }
  const at = `${path}.${CONGESTION_CONTROL}`;
  return {
    known,
    congestionControl: readCongestionControl(read, settings[CONGESTION_CONTROL], at, unknown),
  };
}

/** Arguments of an action: words and numbers. */
export function readArgs(read: Reader, value: unknown, path: string): (string | number)[] {
  const args: (string | number)[] = [];
  for (const [index, part] of read.list(value ?? [], path).entries()) {
    if (typeof part === 'string' || typeof part === 'number') args.push(part);
    else read.complain(`${path}[${index}]`, 'a string or a number', part);
  }
  return args;
}

/** Numbers that each action of a process takes. */
const processActions: Readonly<Record<string, readonly (readonly [string, Range])[]>> = {
  write: [['bytes', BYTES]],
  pattern: [
    ['interval in seconds', INTERVAL_S],
    ['bytes', BYTES],
  ],
  trickle: [
    ['bytes', BYTES],
    ['interval in seconds', INTERVAL_S],
  ],
  freeze: [],
  thaw: [],
  close: [],
  shutdown: [],
  abort: [],
};

const sides: ReadonlySet<string | number> = new Set(['server', 'client']);

/** Whether the replay can do it; complains about arguments that cannot be. */
export function checkAction(read: Reader, action: RecordedAction, path: string): boolean {
  const { who, what, args } = action;
  if (who === 'wire' || who === 'link') {
    for (const side of args) {
      if (!sides.has(side)) read.complain(path, '"server" or "client"', side);
    }
    return (who === 'wire' ? ['drop', 'pass'] : ['down', 'up']).includes(what);
  }
  const numbers = Object.hasOwn(processActions, what) ? processActions[what] : undefined;
  if (numbers === undefined || !sides.has(who)) return false;
  numbers.forEach(([name, range], index) => read.number(args[index], `${path} (${name})`, range));
  return true;
}

/** What was to be done when. */
export function readActions(read: Reader, config: Json): RecordedAction[] {
  return read.list(config['actions'], 'config.actions', []).map((item, index) => {
    const path = `config.actions[${index}]`;
    const parts = read.list(item, path);
    return {
      t: read.number(parts[0], `${path}[0]`, INSTANT_S),
      who: read.text(parts[1], `${path}[1]`),
      what: read.text(parts[2], `${path}[2]`),
      args: readArgs(read, parts.slice(3), path),
    };
  });
}

/** One value per side. */
export function bothSides<T>(make: (side: Side) => T): Record<Side, T> {
  return { server: make('server'), client: make('client') };
}
