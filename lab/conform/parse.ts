/**
 * Reading a trace file. A file that is cut short or malformed yields issues that name the field,
 * never an exception.
 */
import type { Issue, Result } from '../../model/issue.ts';
import { isKnownSysctl, resolveSysctls, type KernelProfile } from '../../model/linux/sysctls.ts';
import type {
  KernelTrace,
  LogEntry,
  PacketEntry,
  RecordedAction,
  RecordedInfo,
  RecordedSockopts,
  Side,
} from './trace.ts';

type Json = Record<string, unknown>;

/** More complaints than this about one file help nobody. */
const MOST_ISSUES = 20;

/** Collects what is wrong, field by field. */
class Reader {
  readonly issues: Issue[] = [];

  complain(path: string, expected: string, received: unknown): void {
    if (this.issues.length >= MOST_ISSUES) return;
    const shown = received === undefined ? 'nothing' : (JSON.stringify(received) ?? 'nothing');
    this.issues.push({
      code: received === undefined ? 'missing-field' : 'bad-value',
      path,
      expected,
      received: shown.length > 80 ? `${shown.slice(0, 77)}...` : shown,
    });
  }

  object(value: unknown, path: string): Json {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
    this.complain(path, 'an object', value);
    return {};
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.complain(path, 'an array', value);
    return [];
  }

  number(value: unknown, path: string, fallback?: number): number {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (value === undefined && fallback !== undefined) return fallback;
    this.complain(path, 'a number', value);
    return 0;
  }

  text(value: unknown, path: string): string {
    if (typeof value === 'string') return value;
    this.complain(path, 'a string', value);
    return '';
  }

  flag(value: unknown, path: string, fallback: boolean): boolean {
    if (typeof value === 'boolean') return value;
    if (value === undefined) return fallback;
    this.complain(path, 'true or false', value);
    return fallback;
  }

  side(value: unknown, path: string): Side {
    if (value === 'server' || value === 'client') return value;
    this.complain(path, '"server" or "client"', value);
    return 'server';
  }
}

function readSockopts(read: Reader, value: unknown, path: string): RecordedSockopts {
  const options = value === undefined ? {} : read.object(value, path);
  let keepalive: RecordedSockopts['keepalive'] = null;
  if (options['keepalive'] !== undefined && options['keepalive'] !== null) {
    const parts = read.list(options['keepalive'], `${path}.keepalive`);
    keepalive = {
      idleS: read.number(parts[0], `${path}.keepalive[0]`),
      intervalS: read.number(parts[1], `${path}.keepalive[1]`),
      probes: read.number(parts[2], `${path}.keepalive[2]`),
    };
  }
  return {
    keepalive,
    userTimeoutMs: read.number(options['user_timeout_ms'], `${path}.user_timeout_ms`, 0),
    nodelay: read.flag(options['nodelay'], `${path}.nodelay`, true),
  };
}

/** The settings the simulated kernel has; a value that Linux would refuse is an issue. */
function knownSysctls(
  read: Reader,
  values: Readonly<Record<string, number>>,
  profile: KernelProfile,
  path: string,
): Record<string, number> {
  const known: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) {
    if (!isKnownSysctl(name)) continue;
    const resolved = resolveSysctls({ [name]: value }, profile);
    if (resolved.ok) known[name] = value;
    else read.complain(`${path}.${name}`, resolved.issues[0]?.expected ?? 'another value', value);
  }
  return known;
}

/** Values are numbers, or the three numbers of tcp_rmem and tcp_wmem, which get an index each. */
function readSysctls(read: Reader, value: unknown, path: string): Record<string, number> {
  const values: Record<string, number> = {};
  if (value === undefined) return values;
  for (const [name, setting] of Object.entries(read.object(value, path))) {
    const at = `${path}.${name}`;
    const parts =
      typeof setting === 'string'
        ? setting.trim().split(/\s+/)
        : Array.isArray(setting)
          ? setting
          : [setting];
    const numbers = parts.map((part: unknown) => (part === '' ? Number.NaN : Number(part)));
    if (numbers.some((number) => !Number.isFinite(number))) {
      read.complain(at, 'a number, or three', setting);
    } else if (numbers.length === 1) {
      values[name] = numbers[0] as number;
    } else {
      numbers.forEach((number, index) => (values[`${name}.${index}`] = number));
    }
  }
  return values;
}

function readArgs(read: Reader, value: unknown, path: string): (string | number)[] {
  const args: (string | number)[] = [];
  if (value === undefined) return args;
  for (const [index, part] of read.list(value, path).entries()) {
    if (typeof part === 'string' || typeof part === 'number') args.push(part);
    else read.complain(`${path}[${index}]`, 'a string or a number', part);
  }
  return args;
}

function readActions(read: Reader, value: unknown): RecordedAction[] {
  return read.list(value ?? [], 'config.actions').map((item, index) => {
    const path = `config.actions[${index}]`;
    const parts = read.list(item, path);
    return {
      t: read.number(parts[0], `${path}[0]`),
      who: read.text(parts[1], `${path}[1]`),
      what: read.text(parts[2], `${path}[2]`),
      args: readArgs(read, parts.slice(3), path),
    };
  });
}

function readInfo(read: Reader, value: unknown, path: string): RecordedInfo | null {
  if (value === undefined || value === null) return null;
  const info = read.object(value, path);
  const field = (name: string): number => read.number(info[name], `${path}.${name}`);
  return {
    state: field('state'),
    retransmits: field('retransmits'),
    probes: field('probes'),
    backoff: field('backoff'),
    rtoUs: field('rto_us'),
    unacked: field('unacked'),
    rttUs: field('rtt_us'),
    rttvarUs: read.number(info['rttvar_us'], `${path}.rttvar_us`, 0),
    bytesAcked: field('bytes_acked'),
    outq: field('outq'),
  };
}

function readLog(read: Reader, value: unknown): LogEntry[] {
  return read.list(value, 'log').map((item, index) => {
    const path = `log[${index}]`;
    const entry = read.object(item, path);
    const optional = (name: string): string | null =>
      entry[name] === undefined || entry[name] === null
        ? null
        : read.text(entry[name], `${path}.${name}`);
    return {
      t: read.number(entry['t'], `${path}.t`),
      who: read.text(entry['who'], `${path}.who`),
      event: read.text(entry['ev'], `${path}.ev`),
      what: optional('what'),
      args: readArgs(read, entry['args'], `${path}.args`),
      error: optional('error'),
      state: optional('state'),
      info: readInfo(read, entry['info'], `${path}.info`),
    };
  });
}

function readPackets(read: Reader, value: unknown): PacketEntry[] {
  return read.list(value, 'packets').map((item, index) => {
    const path = `packets[${index}]`;
    const packet = read.object(item, path);
    return {
      t: read.number(packet['t'], `${path}.t`),
      from: read.side(packet['src'], `${path}.src`),
      dropped: read.flag(packet['dropped'], `${path}.dropped`, false),
      flags: read.text(packet['flags'], `${path}.flags`),
      seq: read.number(packet['seq'], `${path}.seq`),
      ack: read.number(packet['ack'], `${path}.ack`, 0),
      length: read.number(packet['len'], `${path}.len`),
      window: read.number(packet['win'], `${path}.win`, 0),
    };
  });
}

function readHz(read: Reader, value: unknown): 100 | 250 | 1000 {
  if (value === 100 || value === 250 || value === 1000) return value;
  read.complain('hz', '100, 250 or 1000', value);
  return 250;
}

/** rtoMax and the larger receive buffers came with the kernels after 6.12's line. */
export function profileOf(kernel: string): KernelProfile {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major < 6 || (major === 6 && minor < 15) ? '6.12' : '6.18';
}

function readTrace(read: Reader, value: unknown): KernelTrace {
  const file = read.object(value, 'trace');
  const config = read.object(file['config'], 'config');
  const kernel = read.text(file['kernel'], 'kernel');
  const profile = profileOf(kernel);
  const server = readSysctls(read, config['server_sysctls'], 'config.server_sysctls');
  const client = readSysctls(read, config['client_sysctls'], 'config.client_sysctls');
  const names = [...Object.keys(server), ...Object.keys(client)];
  const jiffies = file['jiffies_at_t0'];
  const watch = config['watch'];
  return {
    name: read.text(file['name'], 'name'),
    kernel,
    hz: readHz(read, file['hz']),
    jiffiesAtT0:
      jiffies === undefined || jiffies === null ? null : read.number(jiffies, 'jiffies_at_t0'),
    sockopts: {
      server: readSockopts(read, config['server_sockopts'], 'config.server_sockopts'),
      client: readSockopts(read, config['client_sockopts'], 'config.client_sockopts'),
    },
    sysctls: {
      server: knownSysctls(read, server, profile, 'config.server_sysctls'),
      client: knownSysctls(read, client, profile, 'config.client_sysctls'),
    },
    unknownSysctls: names.filter((name) => !isKnownSysctl(name)),
    congestionControl: { server: 'bbr', client: 'bbr' },
    rttMs: read.number(config['rtt_ms'], 'config.rtt_ms'),
    maxS: read.number(config['max_s'], 'config.max_s'),
    sampleS: read.number(config['sample_s'], 'config.sample_s', 0.5),
    startDropped: read.flag(config['start_dropped'], 'config.start_dropped', false),
    watchKernel: read.flag(config['watch_ss'], 'config.watch_ss', false),
    watch: watch === undefined ? 'server' : read.side(watch, 'config.watch'),
    closeOnEof: {
      server: read.flag(config['server_close_on_eof'], 'config.server_close_on_eof', true),
      client: read.flag(config['client_close_on_eof'], 'config.client_close_on_eof', true),
    },
    actions: readActions(read, config['actions']),
    log: readLog(read, file['log']),
    packets: readPackets(read, file['packets']),
  };
}

/**
 * Reads the text of a trace file.
 *
 * @param path the file's name, for messages
 * @returns the trace, or every reason why it is none
 */
export function parseKernelTrace(text: string, path: string): Result<KernelTrace> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const received = text.trim() === '' ? 'an empty file' : `${text.length} characters`;
    const hint = 'the file is cut short or is no JSON; record it again';
    return {
      ok: false,
      issues: [
        { code: 'bad-json', path, expected: 'a JSON document written by lab', received, hint },
      ],
    };
  }
  const read = new Reader();
  const trace = readTrace(read, value);
  if (read.issues.length === 0) return { ok: true, value: trace };
  const issues = read.issues.map((issue) => ({ ...issue, path: `${path}: ${issue.path}` }));
  return { ok: false, issues };
}
