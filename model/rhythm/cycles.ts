/**
 * Everything that repeats on a healthy connection: what it is, how often it comes, and whose clock it runs by.
 * Facts about mechanisms, the load and the peer; nothing here knows what a policy promises.
 */
import { assertNever } from '../assert.ts';
import type {
  Granularity,
  KeepaliveMechanism,
  LifeSign,
  Mechanism,
  Policy,
  SweepMechanism,
} from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

/**
 * Whose clock a cycle runs by. Cycles of one clock keep their distance for ever, so only their least common
 * multiple shows all that they can be to each other; those of different clocks stand at a distance of its own
 * in every life.
 */
export type Clock =
  /** Counted from the opening of the connection. */
  | 'connection'
  /** A timer of the server's process, which ran before the connection came. */
  | 'process'
  /** The application's messages. */
  | 'load'
  /** The peer's own timers. */
  | 'peer';

/** One thing that repeats. */
export interface Cycle {
  readonly everyMs: number;
  readonly clock: Clock;
  /** What it is, for people. */
  readonly what: string;
  /** Whether it puts packets on the wire. */
  readonly speaks: boolean;
}

/** What an answered ping of the server's may be heard as. */
const ANSWERS: ReadonlySet<LifeSign> = new Set(['pong', 'matching-pong', 'any-byte']);

/** Every cycle of a policy on a scenario. A mechanism whose timer is lost has none. */
export function cyclesOf(policy: Policy, scenario: Scenario): readonly Cycle[] {
  const cycles = [
    ...policy.mechanisms.filter(({ lost }) => lost !== 'timer').flatMap(mechanismCycles),
    ...loadCycles(scenario),
    ...peerCycles(policy, scenario),
  ];
  const quietMs =
    scenario.load.kind === 'saturated'
      ? 0
      : Math.min(...cycles.map(({ speaks, everyMs }) => (speaks ? everyMs : Infinity)));
  const probes = policy.mechanisms
    .filter((one): one is KeepaliveMechanism => one.kind === 'keepalive' && one.lost === undefined)
    // Whatever is sent more often puts every probe off.
    .filter(({ idleMs }) => idleMs <= quietMs)
    .map(keepaliveCycle);
  return [...cycles, ...probes];
}

/**
 * Keepalive asks after its idle time, and looks again an interval later: where that is longer, the
 * connection has been idle for long enough by then (tcp_keepalive_timer).
 */
function keepaliveCycle({ idleMs, intervalMs }: KeepaliveMechanism): Cycle {
  return {
    everyMs: Math.max(idleMs, intervalMs),
    clock: 'connection',
    what: 'keepalive',
    speaks: true,
  };
}

/** How often a mechanism does the same again by a timer of its own. */
function mechanismCycles(mechanism: Mechanism): readonly Cycle[] {
  switch (mechanism.kind) {
    case 'sweep':
      return [sweepCycle(mechanism)];
    case 'ping':
      return [
        { everyMs: mechanism.intervalMs, clock: 'connection', what: 'ping', speaks: true },
        ...grid(mechanism),
      ];
    case 'send-stall':
    case 'peer-closed':
    case 'send-queue-limit':
      return [
        { everyMs: mechanism.everyMs, clock: 'connection', what: mechanism.kind, speaks: false },
      ];
    case 'receive-deadline':
    case 'write-deadline':
    case 'handshake-deadline':
    case 'idle':
      return grid(mechanism);
    case 'keepalive':
    case 'pong-timer':
    case 'ping-strikes':
    case 'request-deadline':
    case 'borrow-check':
    case 'close-handshake':
    case 'user-timeout':
    case 'age':
    case 'drain':
      return [];
    default:
      return assertNever(mechanism, 'mechanism');
  }
}

/** A sweep that skips a tick after the answer to its own ping does the same again only every second tick. */
function sweepCycle({ intervalMs, timer, ping, skipAfter = [] }: SweepMechanism): Cycle {
  const skipsItself = ping && skipAfter.some((sign) => ANSWERS.has(sign));
  return {
    everyMs: skipsItself ? 2 * intervalMs : intervalMs,
    clock: timer === 'shared' ? 'process' : 'connection',
    what: 'sweep',
    speaks: ping,
  };
}

/** The coarser timer by which a mechanism's clocks are looked at. */
function grid({
  kind,
  granularity,
}: {
  readonly kind: Mechanism['kind'];
  readonly granularity?: Granularity;
}): readonly Cycle[] {
  if (granularity === undefined) return [];
  const { everyMs, grid: clock } = granularity;
  return [{ everyMs, clock, what: `the coarse timer of ${kind}`, speaks: false }];
}

/** Messages of the application; where both sides write, they do so half a period apart, by one clock. */
function loadCycles({ load }: Scenario): readonly Cycle[] {
  if (load.kind !== 'periodic') return [];
  return [{ everyMs: load.everyMs, clock: 'load', what: 'load', speaks: true }];
}

/** What the client sends of its own. */
function peerCycles({ peerHeartbeat }: Policy, { client }: Scenario): readonly Cycle[] {
  const cycles: Cycle[] = [];
  const beats = (everyMs: number, what: string): void => {
    cycles.push({ everyMs, clock: 'peer', what, speaks: true });
  };
  if (peerHeartbeat !== undefined) beats(peerHeartbeat.everyMs, 'the peer’s heartbeat');
  if (client !== undefined && client.pingEveryMs !== null) {
    beats(client.pingEveryMs, 'the client’s ping');
  }
  return cycles;
}
