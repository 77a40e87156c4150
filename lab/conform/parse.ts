/**
 * Reading a trace file. A file that is cut short or malformed yields issues that name the field, never an exception. What
 * is well formed but unknown, a field, a setting or an action, is left out, and named in the row's remarks.
 */
import type { Issue, Result } from '../../model/issue.ts';
import { socketOptionIssues, type SocketOptionValues } from '../../model/linux/socket-options.ts';
import type { KernelProfile } from '../../model/linux/sysctls.ts';
import { actionName, actionTable, type ActionRow } from '../../model/recording/actions.ts';
import { optionsOf } from '../../model/recording/options.ts';
import { recordingSchema, type Recording } from '../../model/recording/schema.ts';
import { parseKnown, placed } from '../../model/schema/parse.ts';
import type { Word } from '../../model/schema/words.ts';
import { congestionControlOf, readSysctls } from './sysctls.ts';
import { bothSides, sides } from './trace.ts';
import type { KernelTrace, LogEntry, PacketEntry, RecordedInfo, Side } from './trace.ts';

type Json = Readonly<Record<string, unknown>>;

/** So many writes of a pattern, or reads of a trickle, can be played. */
const MOST_BEATS = 1e4;

/** More complaints than this about one file help nobody. */
const MOST_ISSUES = 20;

/** rtoMax and the larger receive buffers came with the kernels after 6.12's line. */
function profileOf(kernel: string): KernelProfile {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major < 6 || (major === 6 && minor < 15) ? '6.12' : '6.18';
}

type FileEntry = Recording['log'][number];

function infoOf(info: NonNullable<FileEntry['info']>): RecordedInfo {
  return {
    state: info.state ?? null,
    retransmits: info.retransmits ?? null,
    probes: info.probes ?? null,
    backoff: info.backoff ?? null,
    rtoUs: info.rto_us ?? null,
    unacked: info.unacked ?? null,
    rttUs: info.rtt_us ?? null,
    rttvarUs: info.rttvar_us ?? null,
    bytesAcked: info.bytes_acked ?? null,
    cwnd: info.cwnd ?? null,
    ssthresh: info.ssthresh ?? null,
    outq: info.outq ?? null,
    lastAckRecvMs: info.last_ack_recv_ms ?? null,
  };
}

function entryOf(entry: FileEntry): LogEntry {
  const { peer } = entry;
  return {
    t: entry.t,
    who: entry.who,
    event: entry.ev,
    what: entry.what ?? null,
    args: entry.args ?? [],
    // Both names are in use for the errno's name.
    error: entry.error ?? entry.errno ?? null,
    state: entry.state ?? null,
    info: entry.info === undefined || entry.info === null ? null : infoOf(entry.info),
    receiver:
      peer === undefined || peer === null
        ? null
        : { bufferBytes: peer.rcvbuf ?? null, unreadBytes: peer.inq ?? null },
  };
}

function packetOf({
  src,
  len,
  win,
  ...rest
}: NonNullable<Recording['packets']>[number]): PacketEntry {
  return { ...rest, from: src, length: len, window: win };
}

/** What was done, where the log or the plan says so. */
interface Done {
  readonly t: unknown;
  readonly who: unknown;
  readonly what: unknown;
  readonly args: readonly unknown[];
  readonly path: string;
}

/** Reads arguments by their action; unknown actions are named, wrong arguments are issues. */
class ActionReader {
  readonly issues: Issue[] = [];
  readonly unknown: string[] = [];
  private readonly maxS: number;

  constructor(maxS: number) {
    this.maxS = maxS;
  }

  /** The action as it is to be played; null = it is not. */
  read({ t, who, what, args, path }: Done): LogEntry | null {
    if (typeof t !== 'number' || !(t >= -15 && t <= 1e5)) {
      return this.bad(`${path}[0]`, 'a number from -15 to 100000', t);
    }
    if (typeof who !== 'string') return this.bad(`${path}[1]`, 'a text', who);
    if (typeof what !== 'string') return this.bad(`${path}[2]`, 'a text', what);
    const name = actionName(who, what);
    if (name === null) {
      this.unknown.push(`action "${who} ${what}"`);
      return null;
    }
    const row: ActionRow = actionTable[name];
    const needed = row.needs ?? row.args.length;
    if (args.length < needed) return this.bad(path, `${needed} arguments of "${name}"`, args);
    const known = args.slice(0, row.args.length);
    const read = known.map((arg, index) => this.argument(row, index, arg, `${path} of "${name}"`));
    const options = name === 'process set' ? (read[0] as Json | undefined) : undefined;
    if (options?.['cc'] !== undefined) this.unknown.push(`${path}: cc set during life`);
    if (args.length > known.length) this.unknown.push(`${path}: a further argument of "${name}"`);
    const interval = Number(read[what === 'trickle' ? 1 : 0]);
    if ((what === 'pattern' || what === 'trickle') && this.maxS / interval > MOST_BEATS) {
      this.bad(path, `an interval that passes at most ${MOST_BEATS} times in max_s`, args);
    }
    const event = who === 'server' || who === 'client' ? 'do' : 'act';
    const nothing = { error: null, state: null, info: null, receiver: null };
    return { t, who, event, what, args: read, ...nothing };
  }

  private argument(row: ActionRow, index: number, value: unknown, path: string): unknown {
    const word = row.args[index] as Word;
    const at = `${path}, argument ${index + 1}`;
    const { read, unknown } = parseKnown(word, value, at, path);
    this.unknown.push(...unknown.map((name) => `${at}: ${name}`));
    if (read.ok) return read.value;
    this.issues.push(...read.issues);
    return value;
  }

  private bad(path: string, expected: string, received: unknown): null {
    const shown = JSON.stringify(received) ?? 'nothing';
    this.issues.push({ code: 'bad-value', path, expected, received: shown.slice(0, 80) });
    return null;
  }
}

/** The log with the arguments of its actions read. Where a recorder did not note what was done, the plan is what there is. */
function readLog(file: Recording, reader: ActionReader): LogEntry[] {
  const plan = file.config.actions.flatMap(([t, who, what, ...args], index) => {
    const entry = reader.read({ t, who, what, args, path: `config.actions[${index}]` });
    return entry === null ? [] : [entry];
  });
  const log = file.log.flatMap((entry, index) => {
    const plain = entryOf(entry);
    if ((entry.ev !== 'do' && entry.ev !== 'act') || plain.what === null) return [plain];
    const done = reader.read({ ...plain, path: `log[${index}]` });
    return done === null ? [] : [{ ...plain, args: done.args }];
  });
  const isNoted = file.log.some(({ ev }) => ev === 'do' || ev === 'act');
  return isNoted ? log : [...log, ...plan].toSorted((a, b) => a.t - b.t);
}

/** Options that this kernel does not have, or does not take, set at first or later. */
function optionIssues(trace: KernelTrace): Issue[] {
  const issues = (values: SocketOptionValues, path: string): Issue[] =>
    socketOptionIssues(values, trace.profile).map((one) => ({
      ...one,
      path: `${path}.${one.path}`,
    }));
  const later = trace.log.flatMap(({ event, what, args }, index) => {
    if (event !== 'do' || what !== 'set') return [];
    return issues(optionsOf(args[0] as Json).values, `log[${index}].args[0]`);
  });
  const first = sides.flatMap((side) =>
    issues(trace.options[side].values, `config.${side}_sockopts`),
  );
  return [...first, ...later];
}

/** The last thing that was recorded: how long a recording without `max_s` lasted. */
function lastInstant({ log, packets = [] }: Recording): number {
  return [...log, ...packets].reduce((last, entry) => Math.max(last, entry.t), 0);
}

function startDropped(file: Recording): readonly Side[] {
  const { start_dropped: dropped } = file.config;
  if (typeof dropped === 'boolean') return dropped ? sides : [];
  return [dropped as Side];
}

/** The file as a trace, and every reason why it is none. */
function traceOf(
  file: Recording,
  fileName: string,
  unknownFields: readonly string[],
): { readonly trace: KernelTrace; readonly issues: readonly Issue[] } {
  const { config } = file;
  const profile = profileOf(file.kernel);
  const maxS = config.max_s ?? lastInstant(file);
  const reader = new ActionReader(maxS);
  const log = readLog(file, reader);
  const sysctls = bothSides((side) =>
    readSysctls(config[`${side}_sysctls`], profile, `config.${side}_sysctls`),
  );
  const options = bothSides((side) => optionsOf(config[`${side}_sockopts`]));
  const congestion = bothSides((side) => options[side].congestion ?? sysctls[side].congestion);
  const unknown = [
    ...unknownFields,
    ...reader.unknown,
    ...sides.flatMap((side) => sysctls[side].unknown),
    ...sides.flatMap((side) => {
      const name = congestion[side];
      const isUnknown = name !== null && congestionControlOf(name) === null;
      return isUnknown ? [`congestion control ${name}`] : [];
    }),
  ];
  const [toClientMs, toServerMs] = config.owd_ms ?? [config.rtt_ms / 2, config.rtt_ms / 2];
  const trace: KernelTrace = {
    name: file.name ?? fileName.replace(/^.*[/\\]|\.json$/g, ''),
    profile,
    hz: file.hz,
    virtualTime: file.virtual_time,
    jiffiesAtT0: file.jiffies_at_t0 ?? null,
    options,
    sysctls: bothSides((side) => sysctls[side].known),
    unknown: [...new Set(unknown)],
    congestionControl: bothSides((side) => congestionControlOf(congestion[side])),
    rttMs: config.rtt_ms,
    oneWayMs: { server: toClientMs as number, client: toServerMs as number },
    mtu: config.mtu ?? null,
    addressFamily: config.af ?? 4,
    offload: config.offload,
    maxS,
    sampleS: config.sample_s,
    startDropped: startDropped(file),
    watchKernel: config.watch_ss,
    watch: config.watch,
    closeOnEof: { server: config.server_close_on_eof, client: config.client_close_on_eof },
    log,
    packets: (file.packets ?? []).map(packetOf),
    hasPackets: file.packets !== undefined,
  };
  const settings = sides.flatMap((side) => sysctls[side].issues);
  const issues = [...reader.issues, ...settings];
  return { trace, issues: issues.length > 0 ? issues : optionIssues(trace) };
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
    const expected = 'a JSON document written by lab';
    return { ok: false, issues: [{ code: 'bad-json', path, expected, received, hint }] };
  }
  const { read, unknown } = parseKnown(recordingSchema, value, path, 'trace');
  if (!read.ok) return { ok: false, issues: read.issues.slice(0, MOST_ISSUES) };
  const { trace, issues } = traceOf(read.value, path, unknown);
  if (issues.length === 0) return { ok: true, value: trace };
  const located = issues.slice(0, MOST_ISSUES).map((issue) => placed(issue, path, 'trace'));
  return { ok: false, issues: located };
}
