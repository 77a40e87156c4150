#!/usr/bin/env node
/** Where the process meets the program: arguments in, streams and signals joined, one exit code out. */
import { endOf } from './ended.ts';
import { ExitCode } from './terminal/exit.ts';
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

process.exitCode = await endOf(process.argv.slice(2), processTerminal());
