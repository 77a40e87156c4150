/** Policies of every kind and small stories, drawn from a number: what users write, not what is shipped. */
import { definePolicy, type Policy } from '../../model/policy/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';

type Draw = () => number;

/** mulberry32. */
export function numbers(seed: number): Draw {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SIGNS = ['pong', 'matching-pong', 'ping', 'message', 'any-byte', 'send-accepted', 'drained'];
const KINDS = [
  'sweep',
  'sweep',
  'ping',
  'ping',
  'pong-timer',
  'receive-deadline',
  'write-deadline',
  'send-queue-limit',
  'ping-strikes',
  'keepalive',
  'user-timeout',
  'send-stall',
  'peer-closed',
  'idle',
  'age',
];

class Drawer {
  readonly #draw: Draw;

  constructor(seed: number) {
    this.#draw = numbers(seed);
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#draw() * from.length)]!;
  }

  chance(share: number): boolean {
    return this.#draw() < share;
  }

  /** Evenly over the orders of magnitude, in tenths of a second. */
  ms(from: number, to: number): number {
    return Math.max(100, Math.round((from * (to / from) ** this.#draw()) / 100) * 100);
  }

  seconds(from: number, to: number): number {
    return Math.max(1, Math.round(from * (to / from) ** this.#draw())) * 1000;
  }

  #life(): string[] {
    if (this.chance(0.6)) return ['pong'];
    const one = this.pick(SIGNS);
    const other = this.pick(SIGNS);
    return one === other ? [one] : [one, other];
  }

  #granularity(): object {
    if (!this.chance(0.2)) return {};
    const direction = this.pick(['up', 'down']);
    const grid = this.pick(['process', 'connection']);
    return { granularity: { everyMs: this.ms(500, 5000), direction, grid } };
  }

  mechanism(kind: string): object {
    const lost = this.chance(0.06) ? { lost: this.pick(['timer', 'verdict']) } : {};
    switch (kind) {
      case 'sweep':
        return {
          kind,
          intervalMs: this.ms(2000, 60_000),
          timer: this.pick(['shared', 'per-connection']),
          ping: this.chance(0.9),
          life: this.#life(),
          ...(this.chance(0.25) ? { misses: this.pick([1, 2, 3]) } : {}),
          ...(this.chance(0.2) ? { skipAfter: this.#life() } : {}),
          ...lost,
        };
      case 'ping':
        return {
          kind,
          intervalMs: this.ms(2000, 60_000),
          after: this.pick(['last-ping', 'last-reply', 'last-received', 'last-life']),
          replyTimeoutMs: this.chance(0.9) ? this.ms(1000, 30_000) : null,
          replyClock: this.pick(['enqueued', 'written']),
          life: this.#life(),
          ...(this.chance(0.15) ? { firstMs: this.ms(1000, 30_000) } : {}),
          ...(this.chance(0.1) ? { firstJitterMs: this.ms(500, 5000) } : {}),
          ...(this.chance(0.15) ? { answeredBy: 'application' } : {}),
          ...this.#granularity(),
          ...lost,
        };
      case 'pong-timer':
        return {
          kind,
          timeoutMs: this.ms(1000, 60_000),
          replyClock: this.pick(['enqueued', 'written']),
          life: this.#life(),
          ...lost,
        };
      case 'receive-deadline':
        return {
          kind,
          timeoutMs: this.ms(3000, 120_000),
          life: this.#life(),
          ...this.#granularity(),
          ...lost,
        };
      case 'write-deadline':
        return {
          kind,
          timeoutMs: this.ms(1000, 60_000),
          judgedAt: this.pick(['deadline', 'next-send']),
          ...lost,
        };
      case 'send-queue-limit':
        return {
          kind,
          hardBytes: this.seconds(1, 1000),
          softBytes: null,
          softForMs: 5000,
          everyMs: this.ms(500, 5000),
          ...lost,
        };
      case 'ping-strikes':
        return {
          kind,
          minIntervalMs: this.ms(1000, 60_000),
          maxStrikes: this.pick([0, 1, 2]),
          ...lost,
        };
      case 'keepalive':
        return {
          kind,
          idleMs: this.seconds(1, 120),
          intervalMs: this.seconds(1, 60),
          probes: this.pick([1, 2, 3, 5, 9]),
        };
      case 'user-timeout':
        return { kind, timeoutMs: this.ms(500, 120_000) };
      case 'send-stall':
        return {
          kind,
          progress: this.pick(['bytes-acked', 'queue', 'application-ack']),
          graceMs: this.ms(2000, 60_000),
          everyMs: this.ms(300, 5000),
          ...lost,
        };
      case 'peer-closed':
        return { kind, everyMs: this.ms(500, 5000), ...lost };
      case 'idle':
        return { kind, timeoutMs: this.ms(5000, 300_000), ...this.#granularity(), ...lost };
      default:
        return {
          kind: 'age',
          maxMs: this.ms(10_000, 600_000),
          ...(this.chance(0.3) ? { jitterPercent: 10 } : {}),
        };
    }
  }

  policy(from: readonly string[] = KINDS): unknown {
    const kinds = Array.from({ length: 1 + Math.floor(this.#draw() * 3) }, () => this.pick(from));
    const single = new Set(['keepalive', 'user-timeout']);
    const mechanisms = kinds
      .filter((kind, at) => !single.has(kind) || kinds.indexOf(kind) === at)
      .map((kind) => this.mechanism(kind));
    if (!this.chance(0.2)) return { name: 'drawn', mechanisms };
    const peerHeartbeat = {
      everyMs: this.ms(2000, 60_000),
      sign: this.pick(['ping', 'pong', 'message']),
      sentBy: this.pick(['websocket', 'application']),
    };
    return { name: 'drawn', mechanisms, peerHeartbeat };
  }

  fault(): unknown {
    const ways = ['both', 'both', 'client-to-server', 'server-to-client'];
    return this.pick<() => unknown>([
      () => ({ kind: 'vanish', direction: this.pick(ways) }),
      () => ({ kind: 'vanish', direction: 'both' }),
      () => ({ kind: 'freeze' }),
      () => ({ kind: 'page-freeze' }),
      () => ({ kind: 'reboot', downMs: this.ms(1000, 60_000) }),
      () => ({ kind: 'network-change', reconnectMs: 3000 }),
      () => ({ kind: 'crash' }),
      () => ({ kind: 'close' }),
      () => ({ kind: 'half-close' }),
      () => ({ kind: 'tunnel-dead', proxyBufferBytes: 65_536 }),
      () => ({ kind: 'link-down' }),
      () => ({ kind: 'unreachable' }),
      () => ({ kind: 'host-sleep', lengthMs: this.ms(60_000, 3_600_000) }),
      () => ({
        kind: 'nat-expiry',
        idleMs: this.ms(10_000, 600_000),
        onExpiry: this.pick(['drop', 'reset-next', 'reset-server', 'reset-client', 'fin-both']),
      }),
    ])();
  }

  #load(): unknown {
    if (this.chance(0.6)) return { kind: 'idle' };
    const bytes = this.pick([20, 200, 1000, 2000]);
    const direction = this.pick(['server', 'client', 'both']);
    return { kind: 'periodic', bytes, everyMs: this.ms(300, 20_000), direction };
  }

  scenario(story: object): { readonly server: object } & Record<string, unknown> {
    const broken = this.pick([
      { kind: 'loop-stalled', lengthMs: this.ms(500, 60_000) },
      { kind: 'reaper-stopped' },
      { kind: 'connection-missed' },
    ]);
    return {
      name: 'drawn',
      ...story,
      load: this.#load(),
      path: { rttMs: this.pick([1, 10, 50, 50, 120, 300]) },
      server: this.chance(0.15) ? { broken } : {},
      kernel: { hz: this.pick([100, 250, 250, 1000]) },
      ...(this.chance(0.1) ? { client: { pingEveryMs: this.ms(2000, 30_000) } } : {}),
    };
  }
}

/** A policy and a fault; null where the policy is none that the schema takes. */
export function drawFault(seed: number): { policy: Policy; scenario: Scenario } | null {
  return drawFaultOf(seed, null);
}

/** The same with another fault, where one is given. */
export function drawFaultOf(
  seed: number,
  fault: object | null,
): { policy: Policy; scenario: Scenario } | null {
  const drawer = new Drawer(seed * 7919 + 13);
  const policy = drawer.policy();
  const drawnFault = drawer.fault();
  const drawn = drawer.scenario({ kind: 'fault', fault: fault ?? drawnFault });
  // Some servers are deaf to the end of file.
  const deaf = drawer.chance(0.3) && !('broken' in drawn.server) ? { closesAtEof: false } : {};
  const scenario = { ...drawn, server: { ...drawn.server, ...deaf } };
  try {
    return { policy: definePolicy(policy as never), scenario: defineScenario(scenario as never) };
  } catch {
    return null;
  }
}

/** A policy and a silence of a living peer, so long as it is asked for; null where the policy is none that the schema takes. */
export function drawSilence(
  seed: number,
): { policy: Policy; silent: (lengthMs: number) => Scenario } | null {
  const drawer = new Drawer(seed * 6271 + 29);
  const policy = drawer.policy(drawer.chance(0.7) ? SPARING : KINDS);
  const kind = drawer.pick(SILENCES);
  const bytes = drawer.pick([500, 5000]);
  const everyMs = drawer.ms(500, 60_000);
  const story = drawer.scenario({ kind: 'live' });
  const silent = (lengthMs: number): Scenario =>
    defineScenario({
      ...(story as object),
      server: {},
      silence: { ...SHAPES[kind]?.(bytes, everyMs), kind, lengthMs },
    } as never);
  try {
    silent(1000);
    return { policy: definePolicy(policy as never), silent };
  } catch {
    return null;
  }
}

/** Kinds that leave a healthy peer alone more often than not. */
const SPARING = [
  'sweep',
  'ping',
  'ping',
  'pong-timer',
  'write-deadline',
  'keepalive',
  'user-timeout',
  'send-stall',
];

const SILENCES = [
  'outage',
  'outage',
  'outage',
  'host-sleep',
  'process-pause',
  'application-pause',
  'page-freeze',
  'timers-throttled',
  'server-starved',
  'server-stall',
  'trickle',
  'slow-reader',
] as const;

/** What a silence of a kind is made of, beside its length. */
const SHAPES: Readonly<Record<string, (bytes: number, everyMs: number) => object>> = {
  trickle: (bytes, everyMs) => ({ bytes, everyMs }),
  'slow-reader': (bytes) => ({ bytesPerSecond: bytes }),
  'timers-throttled': (_bytes, everyMs) => ({ everyMs }),
};
