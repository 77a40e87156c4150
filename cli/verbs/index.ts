/**
 * The verbs: what each does, its flags, and examples. A verb's code is loaded when it is called, so that `--help` and a
 * mistyped flag cost nothing but this file and the parser.
 */
import {
  cache,
  environment,
  flag,
  grid,
  kernels,
  lifeThresholds,
  ofStacks,
  oneOfEach,
  output,
  policies,
  presentation,
  repeatable,
  runs,
  seed,
  stacks as stacksFlag,
  strict,
  thresholds,
  type OutputFlags,
  type ShowFlags,
} from '../arguments/flags.ts';
import type { PresentationFlags } from '../output/present.ts';
import type { CompareFlags } from './compare-flags.ts';
import type { ConformFlags } from './conform.ts';
import type { LabFlags } from './lab.ts';
import type { RecordFlags } from './record.ts';
import type { LintFlags } from './lint.ts';
import type { ReportFlags } from './report.ts';
import type { RunFlags } from './run.ts';
import type { TuneFlags } from './tune.ts';
import type { VerifyFlags } from './verify.ts';
import { MANY_CELLS, ofMany, usual } from './verify-effort.ts';
import type { Verb } from './verb.ts';

/** Phases step on evenly from run to run: so many know a median as well as five times as many chances would. */
const COMPARE_RUNS = 200;

/** Enough to see that the world agrees: bounds are proved elsewhere. */
const TUNE_RUNS = 20;

const compare: Verb = {
  name: 'compare',
  description:
    'policies × scenarios → how long ghosts live, who is reaped by mistake, what it costs',
  options: [
    ...grid(COMPARE_RUNS),
    ...ofStacks('everybody who does'),
    ...output('write the result to this file'),
    ...presentation,
    flag('--swarm <n>', 'draw n scenarios from the seed, instead of or beside those of --scenario'),
    flag(
      '--swarm-policies <n>',
      'draw n policies from the seed, instead of or beside those of --policy',
    ),
    flag('--shard <k/n>', 'play the k-th of n shares, for merge; or auto'),
  ],
  examples: [
    'ghostbound compare --policy socket.io --policy alive-flag-sweep --scenario vanish-idle',
    'ghostbound compare --policy my-policy.json --scenario @live --no-false-reaps',
    'ghostbound compare --policy my-policy.json --swarm 200 --runs 20 --seed 7',
    'ghostbound compare --swarm-policies 50 --swarm 100 --runs 6 --seed 7',
    'ghostbound compare --policy my-policy.json --max-ghost 45s --max-overhead 200/h --json',
    'ghostbound compare --policy none --rtt 200ms --sysctl net.ipv4.tcp_retries2=8',
    "ghostbound compare --stack 'browser > aws-alb > ws' --scenario vanish-idle",
  ],
  play: async (flags: CompareFlags, terminal) =>
    (await import('./compare.ts')).compareVerb(flags, terminal),
};

const run: Verb = {
  name: 'run',
  description: 'one policy, one scenario, one seed → the timeline, event by event',
  options: [
    ...oneOfEach,
    ...ofStacks('the server'),
    ...environment,
    seed,
    ...output('write the trace (else the result) here'),
    strict,
    ...lifeThresholds,
    flag('--index <n>', 'which of the runs of that seed, as compare counts them (default: 0)'),
    flag('--worst', 'the run whose ghost lives longest, or whose living peer is ended first'),
    flag('--median', 'the run in the middle'),
    flag('--killed', 'the first run in which a living peer is ended'),
    flag(
      '--from-bound',
      'the longest ghost that reachability knows, or the shortest silence that ends a living peer',
    ),
    runs(COMPARE_RUNS, 'how many runs --worst, --median and --killed look at'),
    flag('--trace <format>', 'ndjson, pcapng (Wireshark) or perfetto (ui.perfetto.dev)'),
    flag('--verbose', 'every event; routine is not folded'),
  ],
  examples: [
    'ghostbound run --policy alive-flag-sweep --scenario vanish-idle --worst',
    'ghostbound run --policy socket.io --scenario live-outage-29s --killed',
    'ghostbound run --policy none --scenario vanish-busy --trace pcapng --out ghost.pcapng',
    'ghostbound run --policy my-policy.json --scenario live-outage-9s --seed 0x2a --json',
  ],
  play: async (flags: RunFlags, terminal) => (await import('./run.ts')).runVerb(flags, terminal),
};

const verify: Verb = {
  name: 'verify',
  description: 'B and T as stated, by reachability and by simulation → certificate',
  options: [
    ...grid(`${usual.runs}; ${ofMany.runs} from ${MANY_CELLS} cells on`),
    ...ofStacks('each party; of a certificate, the server'),
    flag(
      '--phases <n>',
      `points of the grid over the common rhythm of all that repeats, both ends included (default: ${usual.phases}; ${ofMany.phases} from ${MANY_CELLS} cells on)`,
    ),
    flag('--check <file>', 'prove a certificate anew, from itself alone; no life is played'),
    ...output('write the certificate here'),
    ...thresholds,
    flag('--verbose', 'every row, however many'),
  ],
  examples: [
    'ghostbound verify --policy alive-flag-sweep',
    "ghostbound verify --stack 'browser > aws-alb > ws' --scenario vanish-idle",
    'ghostbound verify --policy my-policy.json --out my-policy.certificate.json',
    'ghostbound verify --check my-policy.certificate.json',
    'ghostbound verify --policy socket.io --scenario @fault --max-ghost 45s --json',
  ],
  play: async (flags: VerifyFlags, terminal) =>
    (await import('./verify.ts')).verifyVerb(flags, terminal),
};

const report: Verb = {
  name: 'report',
  description: 'one self-contained HTML page with the charts, or each chart as a file',
  options: [
    ...grid(COMPARE_RUNS),
    ...ofStacks('everybody who does'),
    ...output('the page (default: ghostbound-report.html), or the directory for charts'),
    flag('--format <format>', 'html, svg, png or vega-lite (default: html)'),
  ],
  examples: [
    'ghostbound report --out report.html',
    'ghostbound report --policy alive-flag-sweep --policy socket.io --scenario @fault',
    'ghostbound report --format svg --out charts',
  ],
  play: async (flags: ReportFlags, terminal) =>
    (await import('./report.ts')).reportVerb(flags, terminal),
};

const listing = output('write the list to this file');
const showing = [...output('write it to this file'), seed];

const policiesVerb: Verb = {
  name: 'policies',
  description: 'the built-in policies and their options; show one as JSON',
  examples: [
    'ghostbound policies',
    'ghostbound policies options socket.io',
    "ghostbound policies show 'socket.io(pingInterval=10s)' --out my-policy.json",
  ],
  parts: [
    {
      name: 'list',
      isDefault: true,
      description: 'all of them, by tag',
      argument: ['[word...]', 'only those whose names, tags or description contain each word'],
      options: listing,
      play: async (flags: OutputFlags, terminal, words) =>
        (await import('./policies.ts')).listPolicies(words, flags, terminal),
    },
    {
      name: 'show',
      description: 'one as the JSON of a file',
      argument: ['<name|file>'],
      options: showing,
      play: async (flags: ShowFlags, terminal, [name = '']) =>
        (await import('./show-policy.ts')).showPolicy(name, flags, terminal),
    },
    {
      name: 'options',
      description: 'what can be set on one',
      argument: ['<name>'],
      options: output('write it to this file'),
      play: async (flags: OutputFlags, terminal, [name = '']) =>
        (await import('./policies.ts')).policyOptions(name, flags, terminal),
    },
  ],
};

const scenarios: Verb = {
  name: 'scenarios',
  description: 'the built-in scenarios and their tags; show one as JSON',
  examples: [
    'ghostbound scenarios',
    'ghostbound scenarios show live-outage-9s --out my-outage.json',
  ],
  parts: [
    {
      name: 'list',
      isDefault: true,
      description: 'all of them, one per line',
      argument: ['[word...]', 'only those whose name, tags or description contain each word'],
      options: listing,
      play: async (flags: OutputFlags, terminal, words) =>
        (await import('./scenarios.ts')).listScenarios(words, flags, terminal),
    },
    {
      name: 'show',
      description: 'one as the JSON of a file',
      argument: ['<name|file>'],
      options: showing,
      play: async (flags: ShowFlags, terminal, [name = '']) =>
        (await import('./scenarios.ts')).showScenario(name, flags, terminal),
    },
  ],
};

const stacks: Verb = {
  name: 'stacks',
  description: 'stacks that people run; show one as a file; list what can stand in one',
  examples: [
    'ghostbound stacks',
    'ghostbound stacks show socketio-nginx-kubernetes --out mine.yaml',
    "ghostbound stacks show 'browser > aws-alb(idle_timeout=120s) > ws'",
    'ghostbound stacks systems nginx',
  ],
  parts: [
    {
      name: 'list',
      isDefault: true,
      description: 'all of them, one per line',
      argument: ['[word...]', 'only those whose name, systems or description contain each word'],
      options: listing,
      play: async (flags: OutputFlags, terminal, words) =>
        (await import('./stacks.ts')).listStacks(words, flags, terminal),
    },
    {
      name: 'show',
      description: 'one as JSON, or as YAML where --out is named so',
      argument: ['<name|line|file>'],
      options: output('write it to this file'),
      play: async (flags: OutputFlags, terminal, [name = '']) =>
        (await import('./stacks.ts')).showStack(name, flags, terminal),
    },
    {
      name: 'systems',
      description:
        'the clients, boxes, proxies, servers and orchestrators of a stack, with their options',
      argument: ['[word...]', 'only those whose names, role or description contain each word'],
      options: listing,
      play: async (flags: OutputFlags, terminal, words) =>
        (await import('./stacks.ts')).listSystems(words, flags, terminal),
    },
  ],
};

const lint: Verb = {
  name: 'lint',
  description: 'a policy or a stack → what does not fit, and what that does to whom',
  argument: ['[name|file...]', 'policies by name or JSON file, stacks by name, line or file'],
  options: [
    ...output('write the result to this file'),
    policies,
    stacksFlag,
    ...environment,
    repeatable('--off <rule=reason>', 'switch a rule off, with the reason; repeatable', 'none'),
    flag(
      '--max-severity <severity>',
      'fail if a finding is heavier: error (never fails), warning, note or none',
      'warning',
    ),
    strict,
    cache,
    flag('--verbose', 'every finding, however many'),
  ],
  examples: [
    "ghostbound lint 'browser > aws-alb > node'",
    'ghostbound lint keepalive-10-5-3-user-timeout-20s',
    "ghostbound lint socket.io --off 'kills-slow-reader=we send one small message a minute'",
    'ghostbound lint my-policy.json my-stack.yaml --max-severity note --json',
  ],
  play: async (flags: LintFlags, terminal, words) =>
    (await import('./lint.ts')).lintVerb(words, flags, terminal),
};

const tune: Verb = {
  name: 'tune',
  description:
    'how long a ghost may live, what clients must survive → the cheapest policy, or why there is none',
  options: [
    flag('--max-ghost <duration>', 'no ghost may live longer, e.g. 45s'),
    repeatable(
      '--fault <name|file|@tag>',
      'a fault that must be noticed; repeatable',
      'vanish and freeze: idle, busy, saturated',
    ),
    repeatable(
      '--survive <what>',
      'an outage (30s), another silence (server-starved=10s), or a living scenario; repeatable',
      'a lost packet and its retransmissions',
    ),
    flag(
      '--stack <name|line|file>',
      'a stack whose round trip, shortest idle limit and kernels hold for the policy of its server',
    ),
    repeatable(
      '--for <parties>',
      'only the options of these parties of the stack, with commas between: prints the lines to write',
      'any policy that does it',
    ),
    flag('--policy <name>', 'what is run today, with its options: prints the lines to write'),
    flag('--path-idle <duration>', 'what forgets idle connections on the way does so after this'),
    flag('--rtt <duration>', 'round trip (default: 50ms)'),
    ...kernels,
    repeatable(
      '--allow <kind>',
      'a kind of mechanism that may be used; repeatable',
      'ping, sweep, keepalive, user-timeout, send-stall',
    ),
    flag('--max-overhead <rate>', 'most packets of an idle connection, e.g. 200/h'),
    runs(TUNE_RUNS),
    seed,
    ...output('write the policy here'),
  ],
  examples: [
    'ghostbound tune --max-ghost 45s --survive 8s --path-idle 60s',
    "ghostbound tune --max-ghost 45s --stack 'browser > aws-alb > ws'",
    'ghostbound tune --policy socket.io --max-ghost 30s',
    "ghostbound tune --stack 'browser > nginx > socket.io' --for socket.io,nginx --max-ghost 2m",
    'ghostbound tune --max-ghost 5m --survive server-starved=10s --survive live-slow-reader',
    'ghostbound tune --max-ghost 45s --fault vanish-idle --fault vanish-busy --out my-policy.json',
  ],
  play: async (flags: TuneFlags, terminal) => (await import('./tune.ts')).tuneVerb(flags, terminal),
};

const conform: Verb = {
  name: 'conform',
  description: 'recorded kernel traces against the simulated kernel',
  argument: ['<file...>', 'recorded kernel traces, packetdrill scripts (*.pkt)'],
  options: [...output('write the result to this file'), strict],
  examples: ['ghostbound conform kernel-traces/*.json', 'ghostbound conform trace.json --json'],
  play: async (flags: ConformFlags, terminal, words) =>
    (await import('./conform.ts')).conformVerb(words, flags, terminal),
};

const lab: Verb = {
  name: 'lab',
  description:
    "a story on this machine's own kernel, beside the same simulated and proved (Linux, root)",
  argument: ['[story]', 'the scenario by name or JSON file'],
  options: [
    ...oneOfEach,
    ...ofStacks('the server'),
    ...environment,
    seed,
    flag('--clients <n>', 'real connections to which it happens', '8'),
    flag('--watch <duration>', 'how long they are waited for (default: as long as it may take)'),
    flag('--trace <path>', 'write what was on the wire of the first, for conform'),
    ...output('write the result to this file'),
  ],
  examples: [
    "sudo ghostbound lab vanish-idle --policy 'ws-per-connection-heartbeat'",
    'sudo ghostbound lab frozen-saturated --policy my-policy.json --rtt 20ms --trace trace.json',
  ],
  play: async (flags: LabFlags, terminal, words) =>
    (await import('./lab.ts')).labVerb(words, flags, terminal),
  parts: [
    {
      name: 'record',
      description:
        'experiments on a real kernel, in virtual time where user-mode Linux is built → recordings, held against the simulated one',
      argument: [
        '[experiment...]',
        'by name, or a recording whose plan is played again (default: all that have a name)',
      ],
      options: [
        flag('--kernel <which>', 'user-mode or namespaces (default: what there is, in this order)'),
        flag('--hz <ticks>', 'ticks per second, 100, 250 or 1000 (default: 1000, or the own)'),
        flag('--to <folder>', 'where the recordings are written', '.'),
        ...output('write the comparison to this file'),
      ],
      examples: [
        'ghostbound lab record idle-keepalive-10-5-3 --hz 100',
        'ghostbound lab record --kernel user-mode --to recordings',
        'sudo ghostbound lab record k618-lose-1-data-ut6.json --kernel namespaces',
      ],
      play: async (flags: RecordFlags, terminal, words) =>
        (await import('./record.ts')).recordVerb(words, flags, terminal),
    },
  ],
};

const merge: Verb = {
  name: 'merge',
  description: 'the shares of compare --shard → one result, the same bytes as without',
  argument: ['<file...>', 'what compare --shard wrote, all shares'],
  options: [...output('write the result to this file'), ...presentation],
  examples: [
    'ghostbound compare --shard 1/2 --out 1.json && ghostbound compare --shard 2/2 --out 2.json',
    'ghostbound merge 1.json 2.json --max-ghost 45s',
  ],
  play: async (flags: PresentationFlags, terminal, words) =>
    (await import('./merge.ts')).mergeVerb(words, flags, terminal),
};

/** All of them, in the order of help. */
export const verbs: readonly Verb[] = [
  compare,
  run,
  verify,
  report,
  policiesVerb,
  scenarios,
  stacks,
  lint,
  tune,
  conform,
  lab,
  merge,
];
