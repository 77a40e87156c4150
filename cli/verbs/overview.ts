/** The bare command: what this is about, on a few policies, in two seconds, and what to try next. */
import { exampleLines, type Example } from '../../text/commands.ts';
import type { CacheFlags } from '../cache/known-answers.ts';
import { layoutFor } from '../output/emit.ts';
import type { ExitCodeValue } from '../terminal/exit.ts';
import type { OutputFlags } from '../arguments/flags.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { commandLine } from '../arguments/replay.ts';
import { compareVerb } from './compare.ts';

/** What every tutorial runs, and what is said to be better: the same with a timer, the kernel, nothing. */
const POLICIES = [
  'alive-flag-sweep',
  'sweep-and-pong-timer',
  'keepalive-10-5-3-user-timeout-20s',
  'none',
] as const;

/** A ghost while idle, a ghost behind an open window, and a client in a tunnel. */
const SCENARIOS = ['vanish-idle', 'frozen-busy', 'live-outage-29s'] as const;

/** Enough for a p99. */
const RUNS = '200';

const NEXT: readonly Example[] = [
  { command: 'ghostbound policies socket', why: 'what you run, by name' },
  { command: 'ghostbound compare --policy socket.io', why: 'what it does in every story' },
  {
    command: 'ghostbound run --policy socket.io --scenario vanish-idle --worst',
    why: 'one ghost, event by event',
  },
  { command: 'ghostbound lint socket.io', why: 'what does not fit in it' },
  {
    command: 'ghostbound tune --max-ghost 45s --survive 8s',
    why: 'the cheapest policy that does both',
  },
  { command: 'ghostbound report', why: 'the charts, in one HTML page' },
];

/** `ghostbound` without a verb. */
export async function overviewVerb(
  flags: OutputFlags & CacheFlags & { readonly seed: string },
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const compared = {
    ...flags,
    policy: POLICIES,
    scenario: SCENARIOS,
    runs: RUNS,
    falseReaps: true,
  };
  const columns = layoutFor(flags, terminal).columns;
  const next = ['', 'Next:', ...exampleLines(NEXT, columns), ''];
  const repeat = commandLine(['ghostbound', '--seed', flags.seed]);
  return compareVerb(compared, terminal, { next, repeat });
}
