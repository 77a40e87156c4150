/** An experiment, and what the recording program (programs/record.mjs) is told of it. */
import type { Issue, Result } from '../../model/issue.ts';
import { socketOptionNames, socketOptionTable } from '../../model/linux/socket-options.ts';
import { optionsOf, type RecordedOptions } from '../../model/recording/options.ts';
import type { Recording } from '../../model/recording/schema.ts';
import { parseKernelTrace, type KernelTrace } from '../conform/index.ts';

/** What is set and done: `config` of a recording, as a file has it. */
export type ExperimentConfig = Readonly<Record<string, unknown>> &
  Pick<Recording['config'], 'rtt_ms'>;

/** The kernel that an experiment is played on. */
export interface RecordedKernel {
  /** As `uname -r` says it, or its beginning. */
  readonly release: string;
  readonly hz: 100 | 250 | 1000;
  /** What it takes for a connection that names no congestion control. */
  readonly congestionControl: string;
}

/** A number and its value for setsockopt(2), and the level before them. */
type NumberedOption = readonly [level: number, number: number, value: number];

/** A plan's action, as it is done and as it was written. */
interface OrderedAction {
  readonly t: number;
  readonly who: string;
  readonly what: string;
  readonly args: readonly unknown[];
  readonly written: readonly unknown[];
}

interface OrderedSocket {
  readonly options: readonly NumberedOption[];
  readonly congestion: string | null;
}

/** One experiment of an order. */
export interface ExperimentOrder {
  /** Of the recording. */
  readonly name: string;
  /** Where it is written. */
  readonly file: string;
  readonly config: ExperimentConfig;
  readonly sockets: Readonly<Record<'server' | 'client', OrderedSocket>>;
  readonly actions: readonly OrderedAction[];
}

/** The file that the recording program reads. */
export interface RecorderOrder {
  /** It may write here. */
  readonly folder: string;
  readonly hz: number;
  readonly virtualTime: boolean;
  readonly experiments: readonly ExperimentOrder[];
}

// include/uapi/asm-generic/socket.h, include/uapi/linux/in.h
const levels = { SOL_SOCKET: 1, IPPROTO_TCP: 6 } as const;

/** In the order of the table: SO_KEEPALIVE before its times, as programs do it. */
function numbered({ values }: RecordedOptions): NumberedOption[] {
  return socketOptionNames.flatMap((name) => {
    const value = values[name];
    const { level, number } = socketOptionTable[name];
    return value === undefined ? [] : [[levels[level], number, value] as const];
  });
}

const CONGESTION_CONTROL = 'net.ipv4.tcp_congestion_control';

/** With the congestion control named, which decides what a replay does. */
function named(config: ExperimentConfig, { congestionControl }: RecordedKernel): ExperimentConfig {
  const sysctls = (side: string) => ({
    [CONGESTION_CONTROL]: congestionControl,
    ...(config[`${side}_sysctls`] as Readonly<Record<string, unknown>> | undefined),
  });
  return { ...config, server_sysctls: sysctls('server'), client_sysctls: sysctls('client') };
}

function bad(path: string, received: string, expected: string): Issue {
  return { code: 'bad-experiment', path, received, expected };
}

/** What may stand in a recording, and cannot be recorded. */
function unrecordable(trace: KernelTrace, config: ExperimentConfig, path: string): Issue[] {
  const issues = trace.unknown.map((what) =>
    bad(path, what, 'settings and actions that are known'),
  );
  if (config['max_s'] === undefined) {
    issues.push(bad(`${path}: config.max_s`, 'nothing', 'how many seconds are recorded at most'));
  }
  const lingers = [
    ...Object.values(trace.options),
    ...trace.log.flatMap(({ what, args }) =>
      what === 'set' ? [optionsOf(args[0] as Readonly<Record<string, unknown>>)] : [],
    ),
  ].some(({ lingerS }) => lingerS > 0);
  if (lingers) {
    const expected = 'no close(2) that waits: the recorder is one thread, and the wire would wait';
    issues.push(bad(path, 'SO_LINGER with a time', expected));
  }
  const early = trace.log.find(({ t }) => t < 0);
  if (early !== undefined) {
    issues.push(bad(path, `an action at ${early.t} s`, 'actions from 0 on'));
  }
  return issues;
}

/**
 * What the recording program is told of an experiment.
 *
 * @param path of the experiment, for messages
 * @param file where the recording goes
 */
export function orderOf(
  name: string,
  given: ExperimentConfig,
  kernel: RecordedKernel,
  path: string,
  file: string,
): Result<ExperimentOrder> {
  const config = named(given, kernel);
  // A recording in which nothing has happened yet: its reader knows every setting, and its log is the plan.
  const plan = { kernel: kernel.release, hz: kernel.hz, config, log: [] };
  const parsed = parseKernelTrace(JSON.stringify(plan), path);
  if (!parsed.ok) return parsed;
  const trace = parsed.value;
  const issues = unrecordable(trace, config, path);
  if (issues.length > 0) return { ok: false, issues };
  const written = ((config['actions'] ?? []) as readonly (readonly unknown[])[]).toSorted(
    (a, b) => Number(a[0]) - Number(b[0]),
  );
  const socketOf = (options: RecordedOptions): OrderedSocket => {
    const values = { TCP_NODELAY: 1, ...options.values };
    return { options: numbered({ ...options, values }), congestion: options.congestion };
  };
  const value: ExperimentOrder = {
    name,
    file,
    config,
    sockets: { server: socketOf(trace.options.server), client: socketOf(trace.options.client) },
    actions: trace.log.map(({ t, who, what, args }, index) => ({
      t,
      who,
      what: what ?? '',
      args:
        what === 'set' ? [numbered(optionsOf(args[0] as Readonly<Record<string, unknown>>))] : args,
      written: written[index]?.slice(3) ?? [],
    })),
  };
  return { ok: true, value };
}
