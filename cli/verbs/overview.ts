/** The bare command: what this is about, on a few policies, in two seconds, and what to try next. */
import type { ExitCodeValue } from '../exit.ts';
import type { OutputFlags } from '../flags.ts';
import type { Terminal } from '../terminal.ts';
import { commandLine } from '../replay.ts';
import { compareVerb } from './compare.ts';

/** From the folklore to what holds: nothing, the sweep of every tutorial, the same with a timer, the kernel. */
const POLICIES = [
  'none',
  'alive-flag-sweep',
  'sweep-and-pong-timer',
  'keepalive-10-5-3-user-timeout-20s',
] as const;

/** A ghost while idle, a ghost behind an open window, and a client in a tunnel. */
const SCENARIOS = ['vanish-idle', 'frozen-busy', 'live-outage-29s'] as const;

/** Enough for a p99. */
const RUNS = '200';

const NEXT = [
  'ghostbound compare                                                 the founding policies and scenarios',
  'ghostbound run --policy alive-flag-sweep --scenario vanish-idle    one ghost, event by event',
  'ghostbound policies show alive-flag-sweep --out mine.json          a policy of your own to start from',
  'ghostbound report                                                  the charts, in one HTML page',
];

/** `ghostbound` without a verb. */
export async function overviewVerb(
  flags: OutputFlags & { readonly seed: string },
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const compared = {
    ...flags,
    policy: POLICIES,
    scenario: SCENARIOS,
    runs: RUNS,
    falseReaps: true,
    verbose: true,
  };
  const next = ['', 'Next:', ...NEXT.map((line) => `  ${line}`), ''];
  const repeat = commandLine(['ghostbound', '--seed', flags.seed]);
  return compareVerb(compared, terminal, { next, repeat });
}
