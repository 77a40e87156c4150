/**
 * Reading a trace file. A file that is cut short or malformed yields issues that name the field, never
 * an exception; one that lacks what only helps is read without it.
 */
import type { Issue, Result } from '../../model/issue.ts';
import type { KernelProfile } from '../../model/linux/sysctls.ts';
import {
  bothSides,
  checkAction,
  INSTANT_S,
  readActions,
  readArgs,
  readSockopts,
  readSysctls,
} from './parse-config.ts';
import { Reader, type Json, type Range } from './reader.ts';
import type { KernelTrace, LogEntry, PacketEntry, RecordedAction, RecordedInfo } from './trace.ts';

const COUNT: Range = { min: 0, max: 2 ** 53 - 1, integer: true };
const SEQUENCE: Range = { min: 0, max: 2 ** 32 - 1, integer: true };
const RTT_MS: Range = { min: 0, max: 60_000 };
const DURATION_S: Range = { min: 0, max: 1e5 };
/** So many writes of a pattern, or reads of a trickle, can be played. */
const MOST_BEATS = 1e4;

function readInfo(read: Reader, value: unknown, path: string): RecordedInfo | null {
  if (value === undefined || value === null) return null;
  const info = read.object(value, path);
  const field = (name: string): number | null =>
    read.optionalNumber(info[name], `${path}.${name}`, COUNT);
  return {
    state: field('state'),
    retransmits: field('retransmits'),
    probes: field('probes'),
    backoff: field('backoff'),
    rtoUs: field('rto_us'),
    unacked: field('unacked'),
    rttUs: field('rtt_us'),
    rttvarUs: field('rttvar_us'),
    bytesAcked: field('bytes_acked'),
    outq: field('outq'),
    lastAckRecvMs: field('last_ack_recv_ms'),
  };
}

function readLog(read: Reader, value: unknown): LogEntry[] {
  return read.list(value, 'log').map((item, index) => {
    const path = `log[${index}]`;
    const entry = read.object(item, path);
    return {
      t: read.number(entry['t'], `${path}.t`, INSTANT_S),
      who: read.text(entry['who'], `${path}.who`),
      event: read.text(entry['ev'], `${path}.ev`),
      what: read.optionalText(entry['what'], `${path}.what`),
      args: readArgs(read, entry['args'], `${path}.args`),
      // Both names are in use for the errno's name.
      error: read.optionalText(entry['error'] ?? entry['errno'], `${path}.error`),
      state: read.optionalText(entry['state'], `${path}.state`),
      info: readInfo(read, entry['info'], `${path}.info`),
    };
  });
}

function readPackets(read: Reader, value: unknown): PacketEntry[] {
  return read.list(value, 'packets', []).map((item, index) => {
    const path = `packets[${index}]`;
    const packet = read.object(item, path);
    return {
      t: read.number(packet['t'], `${path}.t`, INSTANT_S),
      from: read.side(packet['src'], `${path}.src`),
      dropped: read.flag(packet['dropped'], `${path}.dropped`, false),
      flags: read.text(packet['flags'], `${path}.flags`),
      seq: read.number(packet['seq'], `${path}.seq`, SEQUENCE),
      ack: read.number(packet['ack'], `${path}.ack`, SEQUENCE, 0),
      length: read.number(packet['len'], `${path}.len`, SEQUENCE, 0),
      window: read.number(packet['win'], `${path}.win`, SEQUENCE, 0),
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

/** Where a recorder did not note what was done (`do`, `act`), the plan is what there is. */
function withPlan(log: LogEntry[], actions: readonly RecordedAction[]): LogEntry[] {
  if (log.some((entry) => entry.event === 'do' || entry.event === 'act')) return log;
  const planned = actions.map((action) => ({
    ...action,
    event: action.who === 'wire' || action.who === 'link' ? 'act' : 'do',
    error: null,
    state: null,
    info: null,
  }));
  return [...log, ...planned].toSorted((a, b) => a.t - b.t);
}

/** Notes of the log that say what was done, as actions. */
function checkLog(read: Reader, log: readonly LogEntry[], maxS: number, unknown: string[]): void {
  log.forEach((entry, index) => {
    const { who, what, event, args } = entry;
    if ((event !== 'do' && event !== 'act') || what === null) return;
    const path = `log[${index}].args`;
    if (!checkAction(read, entry as RecordedAction, path)) unknown.push(`action "${who} ${what}"`);
    const interval = Number(args[what === 'trickle' ? 1 : 0]);
    if ((what === 'pattern' || what === 'trickle') && maxS / interval > MOST_BEATS) {
      read.complain(path, `an interval that passes at most ${MOST_BEATS} times in max_s`, args);
    }
  });
}

/** The last thing that was recorded: how long a recording without `max_s` lasted. */
function lastInstant(log: readonly LogEntry[], packets: readonly PacketEntry[]): number {
  return [...log, ...packets].reduce((last, entry) => Math.max(last, entry.t), 0);
}

function readTrace(read: Reader, value: unknown, fileName: string): KernelTrace {
  const file = read.object(value, 'trace');
  const config: Json = read.object(file['config'], 'config');
  const name = read.text(file['name'], 'name', fileName.replace(/^.*[/\\]|\.json$/g, ''));
  const kernel = read.text(file['kernel'], 'kernel', '6.18');
  const hz = readHz(read, file['hz']);
  const profile = profileOf(kernel);
  const unknown: string[] = [];
  const actions = readActions(read, config);
  const log = withPlan(readLog(read, file['log']), actions);
  const packets = readPackets(read, file['packets']);
  const maxS = read.number(config['max_s'], 'config.max_s', DURATION_S, lastInstant(log, packets));
  checkLog(read, log, maxS, unknown);
  const sysctls = bothSides((side) => {
    const name = `${side}_sysctls`;
    return readSysctls(read, config[name], profile, `config.${name}`, unknown);
  });
  const sockopts = bothSides((side) => {
    const name = `${side}_sockopts`;
    return readSockopts(read, config[name], `config.${name}`, unknown);
  });
  return {
    name,
    kernel,
    hz,
    jiffiesAtT0: read.optionalNumber(file['jiffies_at_t0'], 'jiffies_at_t0', {
      min: 0,
      max: 2 ** 52,
    }),
    sockopts,
    sysctls: bothSides((side) => sysctls[side].known),
    congestionControl: bothSides((side) => sysctls[side].congestionControl),
    unknown: [...new Set(unknown)],
    rttMs: read.number(config['rtt_ms'], 'config.rtt_ms', RTT_MS),
    maxS,
    sampleS: read.number(config['sample_s'], 'config.sample_s', DURATION_S, 0.5),
    startDropped: read.flag(config['start_dropped'], 'config.start_dropped', false),
    watchKernel: read.flag(config['watch_ss'], 'config.watch_ss', false),
    watch: config['watch'] === undefined ? 'server' : read.side(config['watch'], 'config.watch'),
    closeOnEof: bothSides((side) =>
      read.flag(config[`${side}_close_on_eof`], `config.${side}_close_on_eof`, true),
    ),
    log,
    packets,
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
  const trace = readTrace(read, value, path);
  if (read.issues.length === 0) return { ok: true, value: trace };
  const issues = read.issues.map((issue: Issue) => ({ ...issue, path: `${path}: ${issue.path}` }));
  return { ok: false, issues };
}
