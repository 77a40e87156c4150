/** `lab record`: experiments on a real kernel, and what the simulated one says to the recordings. */
import { basename, join } from 'node:path';
import {
  experiments,
  kernelTicks,
  orderOf,
  recorderOf,
  type ExperimentConfig,
  type ExperimentOrder,
  type Recorder,
} from '../../lab/recorder/index.ts';
import { conformTrace, parseKernelTrace } from '../../lab/conform/index.ts';
import { InputError, type Issue, type Result } from '../../model/issue.ts';
import type { Conformance } from '../../model/results/types.ts';
import { didYouMean } from '../../model/spelling.ts';
import type { OutputFlags } from '../arguments/flags.ts';
import { allOf, allOfList, optional, parseChoice, unwrap } from '../arguments/options.ts';
import { isFile, makeDirectory, writeWhole } from '../files/files.ts';
import { readDocument } from '../files/kinds.ts';
import { checkOut, emit, layoutFor, remark } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { conformanceText } from '../text/conformance.ts';
import { jsonDocument } from '../text/json-document.ts';

/** The flags as typed. */
export interface RecordFlags extends OutputFlags {
  readonly kernel?: string;
  readonly hz?: string;
  readonly to: string;
}

/** An experiment as it was named. */
interface Named {
  readonly name: string;
  readonly path: string;
  readonly config: ExperimentConfig;
}

/** Of a recording's name: which kernel it was recorded on. */
const KERNEL_PREFIX = /^k\d+(hz\d+)?-/;

/** A file's `config`; of a recording too: it is played again. */
function readExperiment(path: string): Result<Named> {
  const document = readDocument(path, 'lab record', ['kernel trace']);
  if (!document.ok) return document;
  const { config } = document.value.json as { readonly config?: unknown };
  if (typeof config !== 'object' || config === null) {
    const issue: Issue = {
      code: 'bad-experiment',
      path: `${path}: config`,
      received: config === undefined ? 'nothing' : JSON.stringify(config),
      expected: 'the settings and actions of an experiment, as in schema/kernel-trace.json',
    };
    return { ok: false, issues: [issue] };
  }
  const { name: _name, ...plain } = config as ExperimentConfig & { readonly name?: unknown };
  const name = basename(path, '.json').replace(KERNEL_PREFIX, '');
  return { ok: true, value: { name, path, config: plain } };
}

function experimentNamed(word: string): Result<Named> {
  const config = experiments[word];
  if (config !== undefined) return { ok: true, value: { name: word, path: word, config } };
  if (isFile(word)) return readExperiment(word);
  const hint = didYouMean(word, Object.keys(experiments));
  const issue: Issue = {
    code: 'unknown-experiment',
    path: 'lab record',
    received: JSON.stringify(word),
    expected: `a recording, a file with the config of one, or one of ${Object.keys(experiments).join(', ')}`,
    ...(hint !== undefined && { hint }),
  };
  return { ok: false, issues: [issue] };
}

const kernels = ['user-mode', 'namespaces'] as const;

function chosenRecorder(flags: RecordFlags): Recorder {
  const { kernel, hz } = unwrap(
    allOf({
      kernel: optional(flags.kernel, (text) => parseChoice(text, '--kernel', kernels)),
      hz: optional(flags.hz, (text) => parseChoice(text, '--hz', kernelTicks.map(String))),
    }),
  );
  const tick = kernelTicks.find((one) => String(one) === hz);
  const recorder = recorderOf(tick, kernel);
  if (!('missing' in recorder)) return recorder;
  throw new InputError(
    recorder.missing.map((received) => ({
      code: 'not-in-the-lab',
      path: 'lab record',
      received,
      expected: 'a kernel to record on',
    })),
  );
}

/** `k612hz1000-`: the names of recordings tell their kernel. */
function prefixOf({ kernel: { release, hz }, virtualTime }: Recorder): string {
  const [major = '', minor = ''] = release.split('.');
  return `k${major}${minor}${virtualTime ? `hz${hz}` : ''}-`;
}

/** `lab record EXPERIMENT…`. */
export function recordVerb(
  words: readonly string[],
  flags: RecordFlags,
  terminal: Terminal,
): ExitCodeValue {
  checkOut(flags);
  const wanted = words.length === 0 ? Object.keys(experiments) : words;
  const named = unwrap(allOfList(wanted.map(experimentNamed)));
  const recorder = chosenRecorder(flags);
  const prefix = prefixOf(recorder);
  const orders: ExperimentOrder[] = unwrap(
    allOfList(
      named.map(({ name, path, config }) => {
        const file = join(flags.to, `${prefix}${name}.json`);
        return orderOf(`${prefix}${name}`, config, recorder.kernel, path, file);
      }),
    ),
  );
  makeDirectory(flags.to);
  const recorded = recorder.record(orders);
  const rows = orders.map(({ file }, index) => {
    const text = recorded[index] ?? '';
    writeWhole(file, text);
    return conformTrace(unwrap(parseKernelTrace(text, file)));
  });
  remark(`wrote ${orders.map(({ file }) => file).join(', ')}`, flags, terminal);
  const conformance: Conformance = { schemaVersion: 1, rows };
  const text = flags.json
    ? jsonDocument(conformance)
    : conformanceText(conformance, layoutFor(flags, terminal));
  emit(text, flags, terminal);
  return rows.every(({ pass }) => pass) ? ExitCode.Fine : ExitCode.ConformanceFailed;
}
