/** `conform`: does the simulated kernel do what the recorded one did, at the same instants? */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Conformance, ConformanceRow } from '../../model/results/types.ts';
import type { Result } from '../../model/issue.ts';
import { conformTrace, parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';
import { checkOut, emit, layoutFor } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { readDocument } from '../files/kinds.ts';
import { allOfList, unwrap } from '../arguments/options.ts';
import { startProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { conformanceText } from '../text/conformance.ts';
import { jsonDocument } from '../text/json-document.ts';
import type { OutputFlags } from '../arguments/flags.ts';

/** The flags as typed. */
export interface ConformFlags extends OutputFlags {
  readonly strict?: boolean;
}

function readTrace(path: string): Result<KernelTrace> {
  const document = readDocument(path, 'conform', ['kernel trace']);
  return document.ok ? parseKernelTrace(document.value.text, path) : document;
}

async function compareAll(
  traces: readonly KernelTrace[],
  flags: ConformFlags,
  terminal: Terminal,
): Promise<Conformance> {
  const progress = startProgress('comparing', terminal, flags.quiet);
  const rows: ConformanceRow[] = [];
  for (const trace of traces) {
    rows.push(conformTrace(trace));
    progress.report(rows.length, traces.length);
    await nextTurn();
  }
  progress.end();
  return { schemaVersion: 1, rows };
}

/** `conform FILE…`. */
export async function conformVerb(
  files: readonly string[],
  flags: ConformFlags,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  checkOut(flags);
  const traces = unwrap(allOfList(files.map(readTrace)));
  const conformance = await compareAll(traces, flags, terminal);
  const layout = layoutFor(flags, terminal);
  const text = flags.json ? jsonDocument(conformance) : conformanceText(conformance, layout);
  emit(text, flags, terminal);
  if (conformance.rows.some(({ pass }) => !pass)) return ExitCode.ConformanceFailed;
  const remarked = conformance.rows.some(({ remarks }) => remarks.length > 0);
  return flags.strict && remarked ? ExitCode.ThresholdFailed : ExitCode.Fine;
}
