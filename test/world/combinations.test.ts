/**
 * Every combination that a scenario file can say is played or refused: all stories, on all faults and silences, under all
 * loads, on sound and broken servers. What is played is told: its run holds the events that story, fault and silence
 * promise. The policy does nothing, so that nobody ends anything before its time.
 */
import { describe, expect, it } from 'vitest';
import type { Issue } from '../../model/issue.ts';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { parseScenario, type Scenario } from '../../model/scenario/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { share } from '../support/share.ts';

const FORGOTTEN = 'middlebox-forgot-the-flow';
const KEPT = 'traffic kept the fault from happening';

type Part = Readonly<Record<string, unknown>>;

/** What each fault makes a run hold, in the words of its timeline. */
const faults: readonly [Part, string][] = [
  [{ kind: 'vanish', direction: 'both' }, 'cut'],
  [{ kind: 'vanish', direction: 'server-to-client' }, 'cut'],
  [{ kind: 'vanish', direction: 'client-to-server' }, 'cut'],
  [{ kind: 'unreachable' }, 'router-says-unreachable'],
  [{ kind: 'handshake-abandoned', after: 'syn' }, 'connecting'],
  [{ kind: 'handshake-abandoned', after: 'established' }, 'upgrade-awaited'],
  [{ kind: 'freeze' }, 'frozen'],
  [{ kind: 'page-freeze' }, 'page-frozen'],
  [{ kind: 'host-sleep', lengthMs: '20s' }, 'asleep'],
  [{ kind: 'tunnel-dead', proxyBufferBytes: 65_536 }, 'nobody-behind-the-proxy'],
  [{ kind: 'nat-expiry', idleMs: '20s' }, FORGOTTEN],
  [{ kind: 'nat-expiry', idleMs: '20s', onExpiry: 'reset-next' }, FORGOTTEN],
  [{ kind: 'nat-expiry', idleMs: '20s', onExpiry: 'fin-both' }, FORGOTTEN],
  [{ kind: 'network-change', reconnectMs: '1s' }, 'address-changed'],
  [{ kind: 'link-down' }, 'link-down'],
  [{ kind: 'reboot', downMs: '5s' }, 'powered-off'],
  [{ kind: 'crash' }, 'crashed'],
  [{ kind: 'close' }, 'closing-handshake'],
  [{ kind: 'half-close' }, 'sending-side-shut'],
  [{ kind: 'close-unanswered' }, 'frozen'],
  [{ kind: 'frozen-then-gone', goneAfterMs: '20s' }, 'frozen'],
  [{ kind: 'own-host-sleep', lengthMs: '1h' }, 'slept'],
];

const lengthMs = '9s';
const silences: readonly [Part, string | null][] = [
  [{ kind: 'none' }, null],
  ...[
    { kind: 'outage', lengthMs },
    { kind: 'application-pause', lengthMs },
    { kind: 'trickle', bytes: 1_000, everyMs: '1s', lengthMs },
    { kind: 'plateau', queueBytes: 10_000, bytesPerSecond: 10_000, lengthMs },
    { kind: 'server-starved', lengthMs },
    { kind: 'server-stall', lengthMs },
    { kind: 'process-pause', lengthMs },
    { kind: 'page-freeze', lengthMs },
    { kind: 'timers-throttled', everyMs: '1s', lengthMs },
    { kind: 'host-sleep', lengthMs },
    { kind: 'slow-reader', bytesPerSecond: 10_000, lengthMs },
    { kind: 'slow-uploader', messageBytes: 90_000, bytesPerSecond: 10_000 },
  ].map((silence): [Part, string] => [silence, 'silence-began']),
];

const clients = { clients: 100, downMs: '5s', acceptsPerSecond: 10 };
/** What each story makes a run hold: one of these. */
const stories: readonly [Part, readonly string[]][] = [
  [{ kind: 'connection' }, []],
  [{ kind: 'drain', ghosts: 2, sigtermAfterMs: '5s' }, ['sigterm']],
  [
    { kind: 'descriptors', connections: 10, descriptorLimit: 20, ghostSharePerHour: 1 },
    ['accept-fails', 'accept never fails'],
  ],
  [{ kind: 'pool', idleMs: '60s', queryBytes: 100 }, ['query-sent']],
  [{ kind: 'stock', arrivalsPerHour: 60, ghostShare: 0.5, hours: 1 }, ['ghosts standing']],
  [{ kind: 'waiting', waiting: 3 }, ['longest wait']],
  [{ kind: 'broadcast', ghosts: 2 }, ['others wait']],
  [{ kind: 'restart', ...clients }, ['server-back']],
  [{ kind: 'rolling-restart', servers: 2, ...clients }, ['server-back']],
];

const loads: readonly [Part, string | null][] = [
  [{ kind: 'idle' }, null],
  [{ kind: 'periodic', bytes: 100, everyMs: '2s', direction: 'server' }, 'load-started'],
  [{ kind: 'periodic', bytes: 100, everyMs: '2s', direction: 'client' }, 'load-started'],
  [{ kind: 'periodic', bytes: 100, everyMs: '2s', direction: 'both' }, 'load-started'],
];
const saturated: [Part, string] = [{ kind: 'saturated' }, 'load-started'];

const servers: readonly [Part, string | null][] = [
  [{}, null],
  [{ seats: 1 }, null],
  [{ sendPath: 'locked', closesAtEof: false, seats: 1 }, null],
  [{ broken: { kind: 'reaper-stopped' }, seats: 1 }, null],
  [{ broken: { kind: 'connection-missed' }, seats: 1 }, null],
  [{ broken: { kind: 'loop-stalled', lengthMs: '5s' }, seats: 1 }, 'event-loop-stalled'],
];

/** Servers of a broadcast: one whose sends block, and one of which it is refused. */
const blocking: typeof servers = [
  [{}, null],
  [{ sendPath: 'locked', userQueueBytes: 0 }, null],
];

/** A combination, and what it promises: of each list one must be there. */
interface Combination {
  readonly written: Part;
  readonly promises: readonly (readonly string[])[];
}

function* combinations(
  ofStories: typeof stories,
  ofLoads: typeof loads,
  ofServers: typeof servers,
): Generator<Combination> {
  const lives = [
    ...faults.map(([fault, event]) => ({ part: { kind: 'fault', fault }, event })),
    ...silences.map(([silence, event]) => ({ part: { kind: 'live', silence }, event })),
    { part: { kind: 'live', silence: { kind: 'none' }, endsWith: 'close' }, event: null },
  ];
  for (const [story, told] of ofStories) {
    for (const { part, event } of lives) {
      for (const [load, loadEvent] of ofLoads) {
        for (const [server, brokenEvent] of ofServers) {
          const written = { name: 'x', watchMs: '90s', path: { rttMs: 40 }, ...part };
          const wanted = [event, loadEvent, brokenEvent].flatMap((one) => (one ? [[one]] : []));
          const promises = told.length > 0 ? [...wanted, told] : wanted;
          // A load may keep a box from forgetting; then it is said, and nothing follows from the fault.
          if (event === FORGOTTEN && load['kind'] !== 'idle') {
            const kept = promises.map((one) => (one[0] === loadEvent ? one : [...one, KEPT]));
            yield { written: { ...written, story, load, server }, promises: kept };
            continue;
          }
          yield { written: { ...written, story, load, server }, promises };
        }
      }
    }
  }
}

/** What a run of it shows: events, and figures that have a value. */
function shown(policy: Policy, scenario: Scenario): ReadonlySet<string> {
  const run = simulate(policy, scenario, { seed: '5', trace: true });
  const words = new Set(run.events.map(({ event }) => event));
  for (const { name } of run.fleet ?? []) words.add(name);
  words.add(run.reason);
  // Whoever was gone in order before leaves nothing to accept too many of.
  if (scenario.story.kind === 'descriptors' && !words.has('accept-fails')) {
    words.add('accept never fails');
  }
  return words;
}

/** Whether the connection was over before the story's own moment could come. */
function isOverBefore(scenario: Scenario, policy: Policy): boolean {
  const { story } = scenario;
  const run = simulate(policy, scenario, { seed: '5' });
  if (story.kind === 'pool') return run.decidedAtMs !== null && run.decidedAtMs < 62_000;
  if (story.kind === 'drain') {
    const { faultAtMs, releasedAtMs } = run;
    return faultAtMs !== null && (releasedAtMs ?? Infinity) <= faultAtMs + story.sigtermAfterMs;
  }
  return run.releasedAtMs !== null;
}

/** What is wrong with a refusal: it needs a reason, and what to write instead. */
function wrongRefusal(written: Part, issues: readonly Issue[]): readonly string[] {
  return issues.flatMap(({ code, hint = '' }) =>
    code === 'not-played' && /: (?:write|use|leave|add) /.test(hint)
      ? []
      : [`${JSON.stringify(written)}: ${code} ${hint}`],
  );
}

/** What was promised and did not come; nothing where the fault itself was the end, before a load, a query or SIGTERM. */
function brokenPromises(scenario: Scenario, promises: Combination['promises']): readonly string[] {
  const policy = presets['none'] as Policy;
  const words = shown(policy, scenario);
  const missing = promises.filter((one) => !one.some((word) => words.has(word))).flat();
  if (missing.length === 0) return [];
  if (isOverBefore(scenario, policy) && !missing.includes('silence-began')) return [];
  return [`${JSON.stringify(scenario)}: ${missing.join()}`];
}

function check(all: Iterable<Combination>): { played: number; refused: number } {
  const wrong: string[] = [];
  let played = 0;
  let refused = 0;
  for (const { written, promises } of all) {
    const parsed = parseScenario(written, 'x.json');
    if (parsed.ok) played += 1;
    else refused += 1;
    wrong.push(
      ...(parsed.ok
        ? brokenPromises(parsed.value, promises)
        : wrongRefusal(written, parsed.issues)),
    );
  }
  expect(wrong).toEqual([]);
  return { played, refused };
}

describe('every combination is played or refused', () => {
  it.each(stories.map(([story, told]) => ({ name: String(story['kind']), story, told })))(
    '$name, on every fault, silence, load and server',
    { timeout: 120_000 },
    ({ story, told }) => {
      // Of those that are made of many lives, each of them played already, a part is enough.
      const many = story['kind'] === 'stock' || story['kind'] === 'descriptors';
      const ofLoads = many ? loads.slice(0, 1) : loads;
      const broadcast = story['kind'] === 'broadcast';
      const ofServers = broadcast ? blocking : many ? servers.slice(0, 1) : servers;
      const all = [...combinations([[story, told]], ofLoads, ofServers)];
      // Of restarts nearly all are refused. 29 has no factor in common with the loads and servers: all of them are among the tried.
      const tried = told.includes('server-back') ? all : share(all, many ? 5 : 29);
      const { played, refused } = check(tried);
      expect(played).toBeGreaterThan(0);
      expect(all).toHaveLength(
        (faults.length + silences.length + 1) * ofLoads.length * ofServers.length,
      );
      expect(played + refused).toBe(tried.length);
      // A restart of living peers that nothing happens to, on a sound server with or without seats, is the only one there is.
      expect(told.includes('server-back') ? played : 3).toBe(3);
    },
  );

  it('saturated, too', { timeout: 120_000 }, () => {
    const kinds = (kind: string): typeof stories =>
      stories.filter(([story]) => story['kind'] === kind);
    const live = [...combinations(kinds('connection'), [saturated], servers.slice(0, 1))].filter(
      ({ written }) => written['kind'] === 'live',
    );
    expect(live).toHaveLength(silences.length + 1);
    const tried = share(live, 7);
    expect(check(tried)).toEqual({ played: tried.length, refused: 0 });
    // Whatever rests does not send.
    const pool = check(combinations(kinds('pool'), [saturated], servers.slice(0, 1)));
    expect(pool).toEqual({ played: 0, refused: faults.length + silences.length + 1 });
  });
});
