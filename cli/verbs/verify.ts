/** `verify`: a policy's B and T against every witness → the table, the document, the certificate. */
import { assert } from '../../model/assert.ts';
import type { Result } from '../../model/issue.ts';
import type { Comparison, Verification } from '../../model/results/types.ts';
import { checkCertificate } from '../../model/certificate/index.ts';
import { certify } from '../../proof/certificate.ts';
import { recheck } from '../../proof/check.ts';
import { verified } from '../../proof/verify.ts';
import { checkOut, emit, remark } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { reportFailures } from '../output/failures.ts';
import { readText, writeWhole } from '../files/files.ts';
import { parseJson } from '../files/json.ts';
import { recheckText } from '../text/recheck.ts';
import type { SelectionFlags, GridFlags, OutputFlags } from '../arguments/flags.ts';
import { gridWords, parseGrid, type Grid } from '../grid/grid.ts';
import { witnessGrid } from '../grid/pool.ts';
import { partiesCalled } from '../grid/stack-cells.ts';
import {
  allOf,
  lifeThresholdWords,
  parsePhases,
  parseThresholds,
  thresholdWords,
  unwrap,
  type ThresholdFlags,
} from '../arguments/options.ts';
import { startProgress } from '../terminal/progress.ts';
import { commandLine } from '../arguments/replay.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { plural } from '../../text/numbers.ts';
import { jsonDocument } from '../text/json-document.ts';
import { verificationText } from '../text/verification.ts';
import { failuresOf, heaviestFirst, type Failure, type Thresholds } from '../checks/comparison.ts';
import { failuresOfRow, nothingProved } from '../checks/witnesses.ts';
import { effortFor, usual } from './verify-effort.ts';
import { packageVersion } from '../terminal/version.ts';

/** The flags as typed. */
export interface VerifyFlags extends Omit<GridFlags, 'runs'>, OutputFlags, ThresholdFlags {
  readonly runs?: string;
  readonly phases?: string;
  readonly check?: string;
  readonly verbose?: boolean;
}

/** A certificate speaks of one policy. */
function checkOneCertified(grid: Grid, flags: VerifyFlags): Result<undefined> {
  if (flags.out === undefined || grid.policies.length === 1) return { ok: true, value: undefined };
  const received = `${grid.policies.length} policies`;
  const expected = 'exactly one, for the certificate of --out';
  return { ok: false, issues: [{ code: 'not-one', path: '--policy', received, expected }] };
}

async function verifyGrid(
  grid: Grid,
  phases: number,
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<Pick<PartyVerified, 'sampled' | 'verification'>> {
  const progress = startProgress('verifying', terminal, flags.quiet);
  const { sampled, witnessed } = await witnessGrid(grid, phases, grid, progress.report).finally(
    () => progress.end(),
  );
  const { rows, withoutOne } = verified(grid.policies, grid.scenarios, sampled, witnessed);
  const { seed, runs, environment } = sampled;
  const around = environment !== undefined && { environment };
  const placed = rows.map((row) => ({ ...row, ...grid.end }));
  const verification = {
    schemaVersion: 1,
    seed,
    runs,
    phases,
    ...around,
    rows: placed,
    withoutOne,
  } as const;
  return { sampled, verification };
}

/** What the random lives alone break is said once, in their words. */
function allFailures(
  sampled: Comparison,
  { rows }: Verification,
  thresholds: Thresholds,
): Failure[] {
  const known = failuresOf(sampled, thresholds);
  const told = new Set(known.map(({ code, policy, scenario }) => `${code} ${policy} ${scenario}`));
  const found = rows
    .flatMap((row) => failuresOfRow(row))
    .filter(({ code, policy, scenario }) => !told.has(`${code} ${policy} ${scenario}`));
  return [...known, ...found, ...nothingProved(rows)].toSorted(heaviestFirst);
}

function writeCertificate(
  grid: Grid,
  verification: Verification,
  flags: VerifyFlags,
  terminal: Terminal,
): void {
  const [policy] = grid.policies;
  if (flags.out === undefined || policy === undefined) return;
  const { rows } = verification;
  const proved = rows.filter(({ verdict }) => verdict === 'agree');
  const open = rows.filter(({ verdict }) => verdict === 'not-proved');
  if (proved.length + open.length < rows.length) {
    remark('no certificate was written: not every witness agrees', flags, terminal);
    return;
  }
  if (proved.length === 0) {
    remark('no certificate was written: nothing is proved', flags, terminal);
    return;
  }
  if (open.length > 0) {
    const text = `the certificate only names ${plural(open.length, 'scenario')} on which nothing is proved`;
    remark(text, flags, terminal);
  }
  writeWhole(flags.out, jsonDocument(certify(policy, verification, grid.scenarios)));
  remark(`wrote ${flags.out}`, flags, terminal);
}

/** `verify --check`: a certificate proved anew, from itself alone. */
function checkCertified(path: string, flags: VerifyFlags, terminal: Terminal): ExitCodeValue {
  const text = unwrap(readText(path));
  const certificate = unwrap(checkCertificate(unwrap(parseJson(text, path)), path));
  const found = recheck(certificate);
  emit(
    flags.json ? jsonDocument(found) : recheckText(found, certificate, terminal),
    flags,
    terminal,
  );
  for (const { scenario, holds } of found.rows) {
    if (!holds)
      terminal.err(`ghostbound: ${path}: what is certified of ${scenario} is not proved\n`);
  }
  return found.holds ? ExitCode.Fine : ExitCode.ThresholdFailed;
}

/** `verify`. */
export async function verifyVerb(flags: VerifyFlags, terminal: Terminal): Promise<ExitCodeValue> {
  if (flags.check !== undefined) return checkCertified(flags.check, flags, terminal);
  const { grids, thresholds, ...asked } = unwrap(
    allOf({
      grids: parseGrids(flags),
      thresholds: parseThresholds(flags),
      phases: parsePhases(flags.phases ?? String(usual.phases)),
    }),
  );
  const [first] = grids;
  assert(first !== undefined, 'a grid was read');
  unwrap(checkOneCertified(first.grid, flags));
  checkOut(flags);
  const cells = first.grid.policies.length * first.grid.scenarios.length;
  const phases = flags.phases === undefined ? effortFor(cells).phases : asked.phases;
  const commandFor = (selected: SelectionFlags): string => {
    const words = [...gridWords(selected, first.grid), '--phases', String(phases)];
    return commandLine(['ghostbound', 'verify', ...words, ...thresholdWords(flags)]);
  };
  const parts: PartyVerified[] = [];
  for (const { grid, selected } of grids) {
    parts.push({ grid, selected, ...(await verifyGrid(grid, phases, flags, terminal)) });
  }
  const verification = together(parts);
  const shown = {
    verification,
    version: packageVersion(),
    verbose: flags.verbose === true,
    repeat: commandFor(flags),
  };
  terminal.out(flags.json ? jsonDocument(verification) : verificationText(shown, terminal));
  writeCertificate(first.grid, verification, flags, terminal);
  const limits = lifeThresholdWords(flags);
  const failed = parts.flatMap((part) => {
    const failures = allFailures(part.sampled, part.verification, thresholds);
    reportFailures(failures, { ...part, thresholds: limits }, commandFor, terminal);
    return failures;
  });
  return failed.toSorted(heaviestFirst)[0]?.code ?? ExitCode.Fine;
}

/** A party, or the policies, and what selects it alone. */
interface Selected {
  readonly grid: Grid;
  readonly selected: GridFlags;
}

interface PartyVerified extends Selected {
  readonly sampled: Comparison;
  readonly verification: Verification;
}

/** The grid of the flags; of a stack that names no party, one for each of its parties that can be played. A certificate is of one policy: its server's. */
function parseGrids(flags: VerifyFlags): Result<readonly Selected[]> {
  const runs = flags.runs ?? String(usual.runs);
  const isWhole = (flags.stack ?? []).length > 0 && flags.party === undefined;
  if (!isWhole || flags.out !== undefined) {
    const selected = { ...flags, runs };
    const grid = parseGrid(selected);
    if (!grid.ok) return grid;
    return { ok: true, value: [{ grid: withUsualRuns(grid.value, flags), selected }] };
  }
  const parties = partiesCalled(flags);
  if (!parties.ok) return parties;
  const read = parties.value.map((party) => {
    const selected = { ...flags, runs, party };
    return { selected, grid: parseGrid(selected) };
  });
  const played = read.flatMap(({ selected, grid }) =>
    grid.ok ? [{ selected, grid: grid.value }] : [],
  );
  const [first] = read;
  if (played.length > 0 || first === undefined || first.grid.ok) return { ok: true, value: played };
  return first.grid;
}

/** So many runs as its size allows, where nobody says how many. */
function withUsualRuns(grid: Grid, { runs }: VerifyFlags): Grid {
  if (runs !== undefined) return grid;
  return { ...grid, runs: effortFor(grid.policies.length * grid.scenarios.length).runs };
}

/** What was found of all parties, as one document. */
function together(parts: readonly PartyVerified[]): Verification {
  const [first] = parts;
  assert(first !== undefined, 'something was verified');
  return {
    ...first.verification,
    rows: parts.flatMap(({ verification }) => verification.rows),
    withoutOne: parts.flatMap(({ verification }) => verification.withoutOne),
  };
}
