/** `conform`: does the simulated kernel do what the recorded one did, at the same instants? */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Conformance, ConformanceRow } from '../../model/results/types.ts';
import type { Result } from '../../model/issue.ts';
import { conformTrace, parseKernelTrace } from '../../lab/conform/index.ts';
import { conformScript, parseScript } from '../../lab/packetdrill/index.ts';
import { checkOut, emit, layoutFor } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { readText } from '../files/files.ts';
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

/** Compares one file. */
type Compare = () => ConformanceRow;

function readTrace(path: string): Result<Compare> {
  const document = readDocument(path, 'conform', ['kernel trace']);
  if (!document.ok) return document;
  const trace = parseKernelTrace(document.value.text, path);
  return trace.ok ? { ok: true, value: () => conformTrace(trace.value) } : trace;
}

function readScript(path: string): Result<Compare> {
  const text = readText(path);
  if (!text.ok) return text;
  const script = parseScript(text.value, path);
  return script.ok ? { ok: true, value: () => conformScript(script.value) } : script;
}

async function compareAll(
  files: readonly Compare[],
  flags: ConformFlags,
  terminal: Terminal,
): Promise<Conformance> {
  const progress = startProgress('comparing', terminal, flags.quiet);
  const rows: ConformanceRow[] = [];
  for (const compare of files) {
    rows.push(compare());
    progress.report(rows.length, files.length);
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
  const read = (path: string): Result<Compare> =>
    path.endsWith('.pkt') ? readScript(path) : readTrace(path);
  const conformance = await compareAll(unwrap(allOfList(files.map(read))), flags, terminal);
  const layout = layoutFor(flags, terminal);
  const text = flags.json ? jsonDocument(conformance) : conformanceText(conformance, layout);
  emit(text, flags, terminal);
  if (conformance.rows.some(({ pass }) => !pass)) return ExitCode.ConformanceFailed;
  const remarked = conformance.rows.some(({ remarks }) => remarks.length > 0);
  return flags.strict && remarked ? ExitCode.ThresholdFailed : ExitCode.Fine;
}
