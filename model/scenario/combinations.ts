/**
 * Which stories can be told of which faults, silences and settings: one table. What stands in it is refused while a
 * scenario is read, with what to write instead; everything else is played.
 */
import { serverMessagePeriodMs } from './load.ts';
import { isUneven } from './path.ts';
import { formatDuration } from '../duration.ts';
import { faultKindOf, silenceKindOf } from '../faults/index.ts';
import type { Issue } from '../issue.ts';
import { attemptsUntilCap, backoffMs } from '../machines/reconnect/backoff.ts';
import { reconnectPolicyOf } from './reconnecting.ts';
import type { Fault, Openings, Reconnecting, Scenario, Silence, Story } from './types.ts';

/** A fault as the table speaks of it: an opening that is never finished is two of them. */
type FaultWord = Exclude<Fault['kind'], 'handshake-abandoned'> | 'syn' | 'established';

/** Why kinds are refused: all, all but one, or by kind. */
type Refused<Kind extends string> =
  | string
  | { readonly allBut: Kind; readonly why: string }
  | Readonly<Partial<Record<Kind, string>>>;

/** What a story does not go with; what is missing here, it does. */
interface Limits {
  readonly faults?: Refused<FaultWord>;
  readonly silences?: Refused<Silence['kind']>;
  /** Why nothing may be sent while nothing is wrong. */
  readonly load?: string;
  /** Why the server itself must be sound. */
  readonly broken?: string;
  /** Why the path has a round trip and nothing else. */
  readonly path?: string;
  /** Why a living client does not leave at the end. */
  readonly endsWith?: string;
  /** Why its sends must block. */
  readonly blocks?: string;
  /** Why the server's application must send. */
  readonly sends?: string;
  /** Why the server's seats must be counted. */
  readonly seats?: string;
}

const GHOSTS_ONLY =
  'nobody becomes a ghost where everybody lives: write "kind": "fault" and a fault such as { "kind": "vanish" }';

const STORM: Limits = {
  faults:
    'a restart ends every connection by itself: write "kind": "live" and "silence": { "kind": "none" }',
  silences: {
    allBut: 'none',
    why: 'the clients of a restart do nothing but come back: write "silence": { "kind": "none" }',
  },
  load: 'a restart is about openings alone: leave load out',
  broken: 'a restart ends the broken process: leave server.broken out',
  path: 'a restart knows the round trip alone: leave jitterMs, risesToMs and lossPercent out of path',
  endsWith: 'a restart ends with its watch: leave endsWith out',
};

/** By story. */
const limits: Readonly<Record<Story['kind'], Limits>> = {
  connection: {},
  drain: {
    faults: {
      syn: 'a half-open connection belongs to the kernel: no process waits for it: use { "kind": "vanish" }',
      established: 'what a drain waits for was opened once: use { "kind": "vanish" }',
    },
  },
  descriptors: {
    faults: {
      syn: 'a half-open connection has no descriptor: use "after": "established"',
    },
    silences: GHOSTS_ONLY,
  },
  stock: { silences: GHOSTS_ONLY },
  pool: {
    faults: {
      syn: 'an entry that was never opened is not in the pool: use { "kind": "vanish" }',
      established: 'an entry that was never opened is not in the pool: use { "kind": "vanish" }',
      'close-unanswered':
        'a pool does not lend an entry that it is closing: use { "kind": "freeze" }',
    },
    silences: {
      plateau: 'an entry that rests sends nothing: use { "kind": "slow-reader" }',
    },
    load: 'an entry that rests sends nothing: leave load out',
  },
  waiting: {
    faults: { syn: 'a half-open connection has no seat: use "after": "established"' },
    silences: GHOSTS_ONLY,
    seats: 'who waits, waits for a seat: write "server": { "seats": 1 }',
  },
  broadcast: {
    faults: {
      syn: 'a half-open connection is in no list of clients: use { "kind": "vanish" }',
      established:
        'an opening that is never finished is in no list of clients: use { "kind": "vanish" }',
    },
    blocks:
      'only a send that blocks holds up the others: write "server": { "sendPath": "locked", "userQueueBytes": 0 }',
    sends:
      'a broadcast sends: write "load": { "kind": "periodic", "bytes": 1024, "everyMs": "250ms" }',
  },
  restart: STORM,
  'rolling-restart': STORM,
};

function wordOf(fault: Fault): FaultWord {
  const instant = faultKindOf(fault).instant(fault);
  // Only an opening that is never finished chooses its instant so.
  return instant.by === 'opening' ? instant.after : (fault.kind as FaultWord);
}

function refusal<Kind extends string>(
  refused: Refused<Kind> | undefined,
  kind: Kind,
): string | undefined {
  if (refused === undefined || typeof refused === 'string') return refused;
  if ('allBut' in refused) return refused.allBut === kind ? undefined : refused.why;
  return refused[kind];
}

/** What a story does not go with: words for the setting, and why. */
export interface Refusal {
  readonly setting: string;
  readonly why: string;
}

function refusalsIn<Kind extends string>(
  noun: string,
  refused: Refused<Kind> | undefined,
): Refusal[] {
  if (refused === undefined) return [];
  if (typeof refused === 'string') return [{ setting: `any ${noun}`, why: refused }];
  if ('allBut' in refused) {
    return [{ setting: `any ${noun} but \`${String(refused.allBut)}\``, why: String(refused.why) }];
  }
  return Object.entries<string | undefined>(refused).map(([kind, why]) => {
    const word =
      kind === 'syn' || kind === 'established' ? `handshake-abandoned after ${kind}` : kind;
    return { setting: `the ${noun} \`${word}\``, why: why ?? '' };
  });
}

/** The table's line of a story, for people. */
export function refusalsOf(story: Story['kind']): readonly Refusal[] {
  const { faults, silences, load, broken, path, endsWith, blocks, sends, seats } = limits[story];
  const settings: readonly (readonly [string, string | undefined])[] = [
    ['a `load`', load],
    ['a broken `server`', broken],
    ['jitter or loss on the `path`', path],
    ['`endsWith`', endsWith],
    ['a `sendPath` that never blocks', blocks],
    ['another `load` than messages of the server every so often', sends],
    ['a server without `seats`', seats],
  ];
  return [
    ...refusalsIn('fault', faults),
    ...refusalsIn('silence', silences),
    ...settings.flatMap(([setting, why]) => (why === undefined ? [] : [{ setting, why }])),
  ];
}

function issue(path: string, received: string, hint: string): Issue {
  return { code: 'not-played', path, received, expected: 'what can be played', hint };
}

/** What the story and the rest of the scenario cannot say together. */
function storyIssues(scenario: Scenario): Issue[] {
  const { story, load, server, path } = scenario;
  const found: Issue[] = [];
  const limit = limits[story.kind];
  const what = JSON.stringify(story.kind);
  const refuse = (where: string, given: string, why: string | undefined): void => {
    if (why !== undefined) found.push(issue(where, `${given} in a story ${what}`, why));
  };
  if (scenario.kind === 'fault') {
    const { fault } = scenario;
    const given = `the fault ${JSON.stringify(fault.kind)}`;
    refuse('fault.kind', given, refusal(limit.faults, wordOf(fault)));
  } else {
    const { silence, endsWith } = scenario;
    const given = `the silence ${JSON.stringify(silence.kind)}`;
    refuse('silence.kind', given, refusal(limit.silences, silence.kind));
    if (endsWith !== undefined) refuse('endsWith', JSON.stringify(endsWith), limit.endsWith);
  }
  if (load.kind !== 'idle') refuse('load.kind', JSON.stringify(load.kind), limit.load);
  const broken = server.broken?.kind ?? 'none';
  if (broken !== 'none') refuse('server.broken.kind', JSON.stringify(broken), limit.broken);
  if (isUneven(path)) refuse('path', 'jitter, loss or a rise', limit.path);
  if (server.sendPath !== 'locked') refuse('server.sendPath', server.sendPath, limit.blocks);
  const isSent = serverMessagePeriodMs({ load }) !== null;
  if (!isSent) refuse('load.kind', JSON.stringify(load.kind), limit.sends);
  if (server.seats === null) refuse('server.seats', 'nothing', limit.seats);
  return found;
}

/** An opening that is never finished leaves nothing for most of a scenario to happen to. */
function openingIssues(scenario: Scenario): Issue[] {
  if (scenario.kind === 'live') return [];
  const { fault, load, client, server } = scenario;
  const instant = faultKindOf(fault).instant(fault);
  if (instant.by !== 'opening') return [];
  const found: Issue[] = [];
  const before = 'with an opening that is never finished';
  if (load.kind !== 'idle') {
    const why = 'nothing is sent before the opening is finished: leave load out';
    found.push(issue('load.kind', `${JSON.stringify(load.kind)} ${before}`, why));
  }
  if ((client?.pingEveryMs ?? null) !== null) {
    const why = 'the client says nothing before the opening is finished: leave client out';
    found.push(issue('client.pingEveryMs', `${client?.pingEveryMs} ${before}`, why));
  }
  const broken = server.broken?.kind ?? 'none';
  if (instant.after === 'syn' && broken !== 'none') {
    const why =
      'no process hears of a half-open connection: leave server.broken out, or write "after": "established"';
    found.push(issue('server.broken.kind', `${JSON.stringify(broken)} ${before}`, why));
  }
  return found;
}

/** A server that closes while its loop stands still is another story than the one that the fault tells. */
function closingIssues(scenario: Scenario): Issue[] {
  if (scenario.kind === 'live' || faultKindOf(scenario.fault).serverActs !== true) return [];
  if (scenario.server.broken?.kind !== 'loop-stalled') return [];
  const why =
    'a process that stands still begins no closing handshake: leave server.broken out, or use { "kind": "freeze" }';
  return [issue('server.broken.kind', '"loop-stalled" with a close of its own', why)];
}

/** A box that forgets later than the query comes has nothing to do with it. */
function restIssues(scenario: Scenario): Issue[] {
  const { story } = scenario;
  if (story.kind !== 'pool' || scenario.kind === 'live') return [];
  const instant = faultKindOf(scenario.fault).instant(scenario.fault);
  if (instant.by !== 'box' || story.idleMs >= instant.idleMs) return [];
  const why = `the box forgets only after ${formatDuration(instant.idleMs)}: write an idleMs of the story of at least that`;
  return [issue('story.idleMs', formatDuration(story.idleMs), why)];
}

/** Fields of a storm that another one of its fields makes meaningless. */
function stormFieldIssues(story: Openings & Reconnecting): Issue[] {
  const found: Issue[] = [];
  const refuse = (field: keyof Openings | keyof Reconnecting, why: string): void => {
    const value = story[field];
    if (value !== undefined) found.push(issue(`story.${field}`, JSON.stringify(value), why));
  };
  const { jitter = 'inside-cap', whenFull = 'drop' } = story;
  const adds = jitter === 'inside-cap' || jitter === 'above-cap';
  if (!adds) refuse('jitterMs', `jitter "${jitter}" adds no length: leave jitterMs out`);
  if (jitter !== 'percent') {
    refuse('jitterPercent', 'only jitter "percent" is a share: write "jitter": "percent" with it');
  } else if (story.jitterPercent === undefined) {
    const why = 'say how much: "jitterPercent": 30 is 30 % more or less';
    found.push(issue('story.jitterPercent', 'nothing', why));
  }
  const limited = story.queueLimit !== undefined || story.sessionLimit !== undefined;
  if (!limited) {
    refuse('whenFull', 'a server without limits is never full: add queueLimit or sessionLimit');
  }
  if (whenFull !== 'reject') {
    refuse('retryAfterMs', 'only a rejection says when to come back: write "whenFull": "reject"');
    refuse('whenRejected', 'nobody is rejected: write "whenFull": "reject" with it');
  }
  return found;
}

/** Clients beyond this many are simulated by as many that each stand for several. */
export const MOST_SIMULATED = 1_024;
/** A storm of so many attempts takes some ten seconds to play. */
const MOST_ATTEMPTS = 20_000_000;

/** A storm with more attempts than can be played to the end of its watch. */
function stormSizeIssues(story: Openings & Reconnecting & { clients: number }, watchMs: number) {
  const policy = reconnectPolicyOf(story);
  const grown = Math.min(attemptsUntilCap(policy), 500);
  const rest = Math.max(backoffMs(policy, grown, 0.5), 1);
  const attempts = Math.min(story.attempts ?? Infinity, grown + watchMs / rest);
  const all = Math.min(story.clients, MOST_SIMULATED) * attempts;
  if (all <= MOST_ATTEMPTS) return [];
  const why = `up to ${Math.ceil(all / 1_000_000)} million attempts cannot be played: raise baseMs or maxMs, or shorten watchMs`;
  return [
    issue('story.baseMs', `${formatDuration(story.baseMs)} for ${formatDuration(watchMs)}`, why),
  ];
}

/** A round trip that "rises" to less than it is. */
function riseIssues({ path }: Scenario): Issue[] {
  const { rttMs, risesToMs } = path;
  if (risesToMs === undefined || risesToMs > rttMs) return [];
  const why = `the round trip is ${formatDuration(rttMs)} before: write more, or leave risesToMs out`;
  return [issue('path.risesToMs', formatDuration(risesToMs), why)];
}

/** What is not told of a connection that ends at a proxy. */
function proxyIssues(scenario: Scenario): Issue[] {
  if (scenario.proxies === undefined) return [];
  const { story } = scenario;
  const told = ['connection', 'drain', 'pool', 'broadcast', 'stock', 'descriptors'].includes(
    story.kind,
  );
  const given = `${scenario.proxies.length} with a story ${JSON.stringify(story.kind)}`;
  const many = 'it is told of one hop: leave proxies out, or story';
  const opening =
    scenario.kind === 'fault' &&
    faultKindOf(scenario.fault).instant(scenario.fault).by === 'opening';
  const never =
    'an opening that is never finished ends at the first proxy: leave proxies out, or use { "kind": "vanish" }';
  const asks = scenario.proxies.findIndex(
    ({ answersPings, towardsClient, towardsServer }) =>
      answersPings !== true && (towardsClient?.ping ?? towardsServer?.ping) !== undefined,
  );
  const asksWhom =
    'only who ends HTTP/2 sends its pings: set answersPings to true, or leave ping out';
  return [
    ...(asks < 0 ? [] : [issue(`proxies[${asks}]`, 'ping without answersPings', asksWhom)]),
    ...(told ? [] : [issue('proxies', given, many)]),
    ...(opening ? [issue('fault.kind', 'an unfinished opening behind a proxy', never)] : []),
  ];
}

/** A box, or a story, on a link that is not there; and a story of another link that is about more than its packets. */
function linkIssues(scenario: Scenario): Issue[] {
  const { proxies = [], boxes = [], strikesLink = 0 } = scenario;
  const last = proxies.length;
  const missing = (path: string, link: number): Issue[] =>
    link <= last
      ? []
      : [
          issue(
            path,
            String(link),
            `links are counted from 0 to ${last}: add proxies, or write a smaller number`,
          ),
        ];
  const acts =
    scenario.kind === 'fault'
      ? faultKindOf(scenario.fault).acts(scenario.fault)
      : silenceKindOf(scenario.silence).begins(scenario.silence);
  const isOfPackets = acts.length > 0 && acts.every(({ act }) => act === 'cut');
  const alone =
    'only lost packets are told of another link than the client’s: leave strikesLink out, or use { "kind": "vanish" } or { "kind": "outage" }';
  return [
    ...boxes.flatMap(({ link }, index) => missing(`boxes[${index}].link`, link)),
    // Without proxies it is a story for a stack, which has its own.
    ...(scenario.proxies === undefined ? [] : missing('strikesLink', strikesLink)),
    ...(strikesLink > 0 && !isOfPackets ? [issue('strikesLink', String(strikesLink), alone)] : []),
  ];
}

/** A story of a proxy that is not there, or of more than its process. */
function struckProxyIssues(scenario: Scenario): Issue[] {
  const { proxies = [], strikesProxy, strikesLink } = scenario;
  if (strikesProxy === undefined) return [];
  const given = String(strikesProxy);
  if (scenario.proxies !== undefined && strikesProxy >= proxies.length) {
    const why = `proxies are counted from 0 to ${proxies.length - 1}: write a smaller number, or add one`;
    return [issue('strikesProxy', given, why)];
  }
  if (strikesLink !== undefined) {
    const why = 'the story is of one of them: leave strikesLink or strikesProxy out';
    return [issue('strikesProxy', `${given} beside strikesLink ${strikesLink}`, why)];
  }
  const kind = scenario.kind === 'fault' ? scenario.fault.kind : scenario.silence.kind;
  const why =
    'a proxy’s process stops, dies, or stands still: use the faults { "kind": "freeze" } and { "kind": "crash" }, or the silence { "kind": "process-pause" }';
  return ['freeze', 'crash', 'process-pause'].includes(kind)
    ? []
    : [issue('strikesProxy', `${given} with ${JSON.stringify(kind)}`, why)];
}

/** What a story says of links and proxies that it does not have: it is for a stack, and cannot be played of a policy by itself. */
export function stackOnlyIssues({ name, proxies, strikesLink, strikesProxy }: Scenario): Issue[] {
  if (proxies !== undefined) return [];
  const why = 'it is a story for a stack: name one (--stack), or add proxies to the scenario';
  const field = strikesProxy === undefined ? 'strikesLink' : 'strikesProxy';
  const place = strikesProxy ?? strikesLink ?? 0;
  const isOfStack = strikesProxy !== undefined || place > 0;
  return isOfStack ? [issue(`${name}.${field}`, `${place} without proxies`, why)] : [];
}

/** Everything that the parts of a scenario, each of them right, cannot say together; paths as in its file. */
export function combinationIssues(scenario: Scenario): Issue[] {
  const { story, watchMs } = scenario;
  const storm = story.kind === 'restart' || story.kind === 'rolling-restart';
  return [
    ...storyIssues(scenario),
    ...openingIssues(scenario),
    ...closingIssues(scenario),
    ...restIssues(scenario),
    ...riseIssues(scenario),
    ...proxyIssues(scenario),
    ...linkIssues(scenario),
    ...struckProxyIssues(scenario),
    ...(storm ? [...stormFieldIssues(story), ...stormSizeIssues(story, watchMs)] : []),
  ];
}
