/**
 * The verbs and their flags. A verb's code is loaded when it is called, so that `--help` and a
 * mistyped flag cost nothing but this file and the parser.
 */
import { Command, CommanderError, Option } from 'commander';
import { ExitCode, exitMeanings, type ExitCodeValue } from './exit.ts';
import {
  withDemands,
  withGrid,
  withOutput,
  withSeed,
  withOneOfEach,
  withPhases,
  withPolicies,
  withRuns,
  withOff,
  withSeverity,
  withStrict,
  withPresentation,
  withLifeThresholds,
  withThresholds,
  type OutputFlags,
} from './flags.ts';
import { helpLayout, withExamples } from './help.ts';
import type { PresentationFlags } from './present.ts';
import type { Terminal } from './terminal.ts';
import type {
  CompareFlags,
  ConformFlags,
  LintFlags,
  ReportFlags,
  RunFlags,
  ShowFlags,
  TuneFlags,
  VerifyFlags,
} from './verb-flags.ts';
import { unknownVerb, usageMessage } from './usage.ts';
import { packageVersion } from './version.ts';

/** Phases step on evenly from run to run: so many know a median as well as five times as many chances would. */
const COMPARE_RUNS = 200;

/** Random lives are one witness of four. */
const VERIFY_RUNS = 200;

/** A point every half second of a period of 30 s. */
const VERIFY_PHASES = 64;

/** Enough to see that the world agrees: the closed forms are proved elsewhere. */
const TUNE_RUNS = 20;

/** Called with the exit code of the verb that ran. */
type Finish = (code: ExitCodeValue) => void;

function addCompare(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('compare')
    .description(
      'policies × scenarios → how long ghosts live, who is reaped by mistake, what it costs',
    );
  withOutput(withGrid(command, COMPARE_RUNS), 'write the result to this file');
  withPresentation(command)
    .option(
      '--swarm <n>',
      'draw n scenarios from the seed, instead of or beside those of --scenario',
    )
    .option(
      '--swarm-policies <n>',
      'draw n policies from the seed, instead of or beside those of --policy',
    )
    .option('--shard <k/n>', 'play the k-th of n shares, for merge')
    .action(async (flags: CompareFlags) => {
      const { compareVerb } = await import('./verbs/compare.ts');
      finish(await compareVerb(flags, terminal));
    });
  withExamples(
    command,
    [
      'ghostbound compare --policy socket.io --policy alive-flag-sweep --scenario vanish-idle',
      'ghostbound compare --policy my-policy.json --scenario @live --no-false-reaps',
      'ghostbound compare --policy my-policy.json --swarm 200 --runs 20 --seed 7',
      'ghostbound compare --swarm-policies 50 --swarm 100 --runs 6 --seed 7',
      'ghostbound compare --policy my-policy.json --max-ghost 45s --max-overhead 200/h --json',
    ],
    terminal.columns,
  );
}

function addRun(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('run')
    .description('one policy, one scenario, one seed → the timeline, event by event');
  withOutput(withSeed(withOneOfEach(command)), 'write the trace (else the result) here');
  withLifeThresholds(withStrict(command))
    .option('--index <n>', 'which of the runs of that seed, as compare counts them (default: 0)')
    .option('--worst', 'the run whose ghost lives longest, or whose living peer is ended first')
    .option('--median', 'the run in the middle')
    .option('--killed', 'the first run in which a living peer is ended')
    .addOption(
      new Option('--runs <n>', 'how many runs --worst, --median and --killed look at').default(
        String(COMPARE_RUNS),
        String(COMPARE_RUNS),
      ),
    )
    .option('--trace <format>', 'ndjson, pcapng (Wireshark) or perfetto (ui.perfetto.dev)')
    .option('--verbose', 'every event; routine is not folded')
    .action(async (flags: RunFlags) => {
      const { runVerb } = await import('./verbs/run.ts');
      finish(await runVerb(flags, terminal));
    });
  withExamples(
    command,
    [
      'ghostbound run --policy alive-flag-sweep --scenario vanish-idle --worst',
      'ghostbound run --policy socket.io --scenario live-outage-29s --killed',
      'ghostbound run --policy none --scenario vanish-busy --trace pcapng --out ghost.pcapng',
      'ghostbound run --policy my-policy.json --scenario live-outage-9s --seed 0x2a --json',
    ],
    terminal.columns,
  );
}

function addVerify(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('verify')
    .description(
      'B and T by closed form, by exploring every phase, and by simulation → certificate',
    );
  withOutput(
    withPhases(withGrid(command, VERIFY_RUNS), VERIFY_PHASES),
    'write the certificate here',
  );
  withThresholds(command)
    .option('--verbose', 'every row, however many')
    .action(async (flags: VerifyFlags) => {
      const { verifyVerb } = await import('./verbs/verify.ts');
      finish(await verifyVerb(flags, terminal));
    });
  withExamples(
    command,
    [
      'ghostbound verify --policy alive-flag-sweep',
      'ghostbound verify --policy my-policy.json --out my-policy.certificate.json',
      'ghostbound verify --policy socket.io --scenario @fault --max-ghost 45s --json',
    ],
    terminal.columns,
  );
}

function addReport(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('report')
    .description('one self-contained HTML page with the charts, or each chart as a file');
  withOutput(
    withGrid(command, COMPARE_RUNS),
    'the page (default: ghostbound-report.html), or the directory for charts',
  )
    .option('--format <format>', 'html, svg, png or vega-lite (default: html)')
    .action(async (flags: ReportFlags) => {
      const { reportVerb } = await import('./verbs/report.ts');
      finish(await reportVerb(flags, terminal));
    });
  withExamples(
    command,
    [
      'ghostbound report --out report.html',
      'ghostbound report --policy alive-flag-sweep --policy socket.io --scenario @fault',
      'ghostbound report --format svg --out charts',
    ],
    terminal.columns,
  );
}

function addPolicies(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('policies')
    .description('the built-in policies and their options; show one as JSON');
  withOutput(
    command
      .command('list', { isDefault: true })
      .argument('[word...]', 'only those whose names, tags or description contain each word')
      .description('all of them, by tag'),
    'write the list to this file',
  ).action(async (words: string[], flags: OutputFlags) => {
    const { listPolicies } = await import('./verbs/policies.ts');
    finish(listPolicies(words, flags, terminal));
  });
  withSeed(
    withOutput(
      command.command('show').argument('<name|file>').description('one as the JSON of a file'),
      'write it to this file',
    ),
  ).action(async (name: string, flags: ShowFlags) => {
    const { showPolicy } = await import('./verbs/policies.ts');
    finish(showPolicy(name, flags, terminal));
  });
  withOutput(
    command.command('options').argument('<name>').description('what can be set on one'),
    'write it to this file',
  ).action(async (name: string, flags: OutputFlags) => {
    const { policyOptions } = await import('./verbs/policies.ts');
    finish(policyOptions(name, flags, terminal));
  });
  withExamples(
    command,
    [
      'ghostbound policies',
      'ghostbound policies options socket.io',
      "ghostbound policies show 'socket.io(pingInterval=10s)' --out my-policy.json",
    ],
    terminal.columns,
  );
}

function addScenarios(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('scenarios')
    .description('the built-in scenarios and their tags; show one as JSON');
  withOutput(
    command
      .command('list', { isDefault: true })
      .argument('[word...]', 'only those whose name, tags or description contain each word')
      .description('all of them, one per line'),
    'write the list to this file',
  ).action(async (words: string[], flags: OutputFlags) => {
    const { listScenarios } = await import('./verbs/scenarios.ts');
    finish(listScenarios(words, flags, terminal));
  });
  withSeed(
    withOutput(
      command.command('show').argument('<name|file>').description('one as the JSON of a file'),
      'write it to this file',
    ),
  ).action(async (name: string, flags: ShowFlags) => {
    const { showScenario } = await import('./verbs/scenarios.ts');
    finish(showScenario(name, flags, terminal));
  });
  withExamples(
    command,
    ['ghostbound scenarios', 'ghostbound scenarios show live-outage-9s --out my-outage.json'],
    terminal.columns,
  );
}

function addLint(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('lint')
    .argument('[name|file...]', 'policies by name or JSON file, chains of timeouts by JSON file')
    .description(
      'a policy, or a chain of timeouts → what does not fit, and what that does to whom',
    );
  withStrict(
    withSeverity(withOff(withPolicies(withOutput(command, 'write the result to this file')))),
  )
    .option('--verbose', 'every finding, however many')
    .action(async (words: string[], flags: LintFlags) => {
      const { lintVerb } = await import('./verbs/lint.ts');
      finish(lintVerb(words, flags, terminal));
    });
  withExamples(
    command,
    [
      'ghostbound lint my-chain.json',
      'ghostbound lint keepalive-10-5-3-user-timeout-20s',
      "ghostbound lint socket.io --off 'kills-slow-reader=we send one small message a minute'",
      'ghostbound lint my-policy.json my-chain.json --max-severity note --json',
    ],
    terminal.columns,
  );
}

function addTune(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('tune')
    .description(
      'how long a ghost may live, what clients must survive → the cheapest policy, or why there is none',
    );
  withOutput(withSeed(withRuns(withDemands(command), TUNE_RUNS)), 'write the policy here').action(
    async (flags: TuneFlags) => {
      const { tuneVerb } = await import('./verbs/tune.ts');
      finish(tuneVerb(flags, terminal));
    },
  );
  withExamples(
    command,
    [
      'ghostbound tune --max-ghost 45s --survive 8s --path-idle 60s',
      'ghostbound tune --max-ghost 5m --survive server-starved=10s --survive live-slow-reader',
      'ghostbound tune --max-ghost 45s --fault vanish-idle --fault vanish-busy --out my-policy.json',
    ],
    terminal.columns,
  );
}

function addConform(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('conform')
    .argument('<file...>', 'recorded kernel traces')
    .description('recorded kernel traces against the simulated kernel');
  withStrict(withOutput(command, 'write the result to this file')).action(
    async (files: string[], flags: ConformFlags) => {
      const { conformVerb } = await import('./verbs/conform.ts');
      finish(await conformVerb(files, flags, terminal));
    },
  );
  withExamples(
    command,
    ['ghostbound conform kernel-traces/*.json', 'ghostbound conform trace.json --json'],
    terminal.columns,
  );
}

function addMerge(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('merge')
    .argument('<file...>', 'what compare --shard wrote, all shares')
    .description('the shares of compare --shard → one result, the same bytes as without');
  withPresentation(withOutput(command, 'write the result to this file')).action(
    async (files: string[], flags: PresentationFlags) => {
      const { mergeVerb } = await import('./verbs/merge.ts');
      finish(await mergeVerb(files, flags, terminal));
    },
  );
  withExamples(
    command,
    [
      'ghostbound compare --shard 1/2 --out 1.json && ghostbound compare --shard 2/2 --out 2.json',
      'ghostbound merge 1.json 2.json --max-ghost 45s',
    ],
    terminal.columns,
  );
}

function addOverview(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('overview', { isDefault: true, hidden: true })
    .description('a comparison of a few policies, and what to try next')
    .allowExcessArguments(true);
  withOutput(withSeed(command), 'write the result to this file').action(
    async (flags: OutputFlags & { readonly seed: string }, parsed: Command) => {
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
    .configureHelp(helpLayout(terminal.columns))
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(usageMessage(text)),
    })
    .exitOverride();
  addCompare(program, terminal, finish);
  addRun(program, terminal, finish);
  addVerify(program, terminal, finish);
  addReport(program, terminal, finish);
  addPolicies(program, terminal, finish);
  addScenarios(program, terminal, finish);
  addLint(program, terminal, finish);
  addTune(program, terminal, finish);
  addConform(program, terminal, finish);
  addMerge(program, terminal, finish);
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
