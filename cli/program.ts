/** The command line: the verbs as the parser takes them, and how one is run. */
import { Command, CommanderError } from 'commander';
import { ExitCode, exitMeanings, type ExitCodeValue } from './terminal/exit.ts';
import { cache, output, seed, type OutputFlags } from './arguments/flags.ts';
import type { CacheFlags } from './cache/known-answers.ts';
import { helpLayout, withExamples } from './terminal/help.ts';
import type { Terminal } from './terminal/terminal.ts';
import { unknownVerb, usageMessage } from './terminal/usage.ts';
import { verbs } from './verbs/index.ts';
import type { Verb } from './verbs/verb.ts';
import { packageVersion } from './terminal/version.ts';

/** Called with the exit code of the verb that ran. */
type Finish = (code: ExitCodeValue) => void;

function addVerb(parent: Command, verb: Verb, terminal: Terminal, finish: Finish): void {
  const { name, description, argument, options = [], examples, parts = [], isDefault, play } = verb;
  const command = parent.command(name, { isDefault: isDefault === true }).description(description);
  if (argument !== undefined) command.argument(...argument);
  for (const option of options) command.addOption(option);
  for (const part of parts) addVerb(command.enablePositionalOptions(), part, terminal, finish);
  if (examples !== undefined) withExamples(command, examples, terminal.columns);
  if (play === undefined) return;
  command.action(async () => {
    finish(await play(command.opts() as never, terminal, command.args));
  });
}

function addOverview(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('overview', { isDefault: true, hidden: true })
    .description('a comparison of a few policies, and what to try next')
    .allowExcessArguments(true);
  for (const option of [seed, cache, ...output('write the result to this file')])
    command.addOption(option);
  command.action(
    async (flags: OutputFlags & CacheFlags & { readonly seed: string }, parsed: Command) => {
      const [word] = parsed.args;
      if (word !== undefined) throw unknownVerb(word, program);
      const { overviewVerb } = await import('./verbs/overview.ts');
      finish(await overviewVerb(flags, terminal));
    },
  );
}

/** The whole command line, ready to parse; `finish` gets the exit code of the verb that ran. */
export function buildProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('ghostbound')
    .description(
      'How long a dead connection can haunt your server, and which living client you kill.',
    )
    .version(packageVersion())
    // A flag behind the name of a verb's part is the part's, whatever flags the verb itself has.
    .enablePositionalOptions()
    .configureHelp(helpLayout(terminal.columns))
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(usageMessage(text)),
    })
    .exitOverride();
  for (const verb of verbs) addVerb(program, verb, terminal, finish);
  addOverview(program, terminal, finish);
  withExamples(
    program,
    [
      { command: 'ghostbound', why: 'a first comparison in two seconds' },
      { command: 'ghostbound policies socket', why: 'what I run, by name' },
      { command: 'ghostbound compare --policy socket.io', why: 'what it does in every story' },
      { command: 'ghostbound lint socket.io', why: 'what does not fit in it' },
      {
        command: 'ghostbound tune --max-ghost 45s --survive 8s',
        why: 'the cheapest policy that does both',
      },
    ],
    terminal.columns,
  );
  const codes = exitMeanings.map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`);
  return program.addHelpText('after', `\nExit codes:\n${codes.join('\n')}`);
}

/**
 * Parses the arguments and runs the verb.
 *
 * @returns the exit code
 * @throws InputError for bad input
 */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCodeValue> {
  let code: ExitCodeValue = ExitCode.Fine;
  const program = buildProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.Fine : ExitCode.BadInput;
  }
}
