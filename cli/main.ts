#!/usr/bin/env node
/**
 * Where the process meets the program: arguments in, streams and signals joined, one exit code out.
 * Bad input becomes one message, a fault of the program's own is reported as such.
 */
import { InputError, formatIssue } from '../model/issue.ts';
import { ExitCode, type ExitCodeValue } from './terminal/exit.ts';
import { runProgram } from './program.ts';
import { commandLine } from './arguments/replay.ts';
import { processTerminal } from './terminal/terminal.ts';

/** A reader that went away (`| head`) is no fault; a result that could not be written is. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`ghostbound: stdout: the result could not be written (${error.code})\n`);
  process.exit(ExitCode.BadInput);
});
process.stderr.on('error', () => undefined);

process.on('SIGINT', () => {
  process.stderr.write('\nghostbound: interrupted\n');
  process.exit(ExitCode.Interrupted);
});

function report(error: unknown): ExitCodeValue {
  if (error instanceof InputError) {
    for (const issue of error.issues) {
      process.stderr.write(`ghostbound: ${formatIssue(issue)}\n`);
    }
    return ExitCode.BadInput;
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const command = commandLine(['ghostbound', ...process.argv.slice(2)]);
  process.stderr.write(
    `ghostbound: a fault of the program itself, not of your input\n${what}\nrepeat: ${command}\n`,
  );
  return ExitCode.InternalFault;
}

try {
  process.exitCode = await runProgram(process.argv.slice(2), processTerminal());
} catch (error) {
  process.exitCode = report(error);
}
