/** How a command line ends: with one exit code. Bad input becomes one message, a fault of the program's own is reported as such. */
import { InputError, formatIssue } from '../model/issue.ts';
import { commandLine } from './arguments/replay.ts';
import { runProgram } from './program.ts';
import { ExitCode, type ExitCodeValue } from './terminal/exit.ts';
import type { Terminal } from './terminal/terminal.ts';

function report(error: unknown, args: readonly string[], terminal: Terminal): ExitCodeValue {
  if (error instanceof InputError) {
    for (const issue of error.issues) terminal.err(`ghostbound: ${formatIssue(issue)}\n`);
    return ExitCode.BadInput;
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const command = commandLine(['ghostbound', ...args]);
  terminal.err(
    `ghostbound: a fault of the program itself, not of your input\n${what}\nrepeat: ${command}\n`,
  );
  return ExitCode.InternalFault;
}

/** Runs a command line to its end, whatever comes. */
export async function endOf(args: readonly string[], terminal: Terminal): Promise<ExitCodeValue> {
  try {
    return await runProgram(args, terminal);
  } catch (error) {
    return report(error, args, terminal);
  }
}
