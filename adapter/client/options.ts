/** What a client is told: its reconnect policy and its options, read and checked all at once. */
import { parseDuration } from '../../model/duration.ts';
import { InputError, type Issue } from '../../model/issue.ts';
import { CloseCode } from '../../model/machines/websocket/close-code.ts';
import { jitterKinds, type ReconnectPolicy } from '../../model/machines/reconnect/backoff.ts';
import { systemClock, TIMEOUT_LIMIT_MS, type Clock } from './clock.ts';
import { globalWebSocket, type WebSocketConstructor } from './socket.ts';

/** Fields that end in `Ms` may also be text such as `'30s'`. */
type Written<T> = { readonly [K in keyof T]: K extends `${string}Ms` ? T[K] | string : T[K] };

/** A reconnect policy as it is written: what is left out is as in {@link DEFAULT_RECONNECT_POLICY}. */
export type ReconnectPolicyInput = Written<Partial<ReconnectPolicy>>;

/**
 * Never gives up, and draws each wait evenly from 0 to 1 s, 2 s, 4 s, … 30 s: clients that lost one server together do not
 * come back together. Where `jitterMs` is given, and `jitter` is not, chance adds that much instead (`inside-cap`).
 */
export const DEFAULT_RECONNECT_POLICY: ReconnectPolicy = {
  baseMs: 1000,
  factor: 2,
  capMs: 30_000,
  jitter: 'full',
  jitterMs: 1000,
  maxAttempts: null,
  connectTimeoutMs: 10_000,
  stableMs: 5000,
};

/** Where to connect to; a function is called anew at each attempt. */
export type UrlSource = string | URL | (() => string | URL | PromiseLike<string | URL>);

/** A message of the application that the server answers with any message. */
export interface Heartbeat {
  /** After so long without a message from the server the heartbeat is sent. */
  readonly intervalMs: number;
  /** Patience for the answer. */
  readonly replyTimeoutMs: number;
  /** Makes the message. */
  readonly message: () => unknown;
}

/** Options of a client; each may be left out. */
export interface ClientOptions {
  /** The WebSocket class: the global one when missing; on Node 20 that of `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  /** Subprotocols, as the constructor takes them; a function is called at each attempt (a token that expires, say). */
  readonly protocols?: string | readonly string[] | (() => string | readonly string[]);
  /** Third argument of the constructor, which only that of `ws` takes: `headers`, `agent`, TLS options, … */
  readonly socketOptions?: object;
  /** When it is aborted, the client is closed for good. */
  readonly signal?: AbortSignal;
  /** `binaryType` of each socket. */
  readonly binaryType?: string;
  /** How many messages may wait for a connection; 1000 when missing. */
  readonly queueLimit?: number;
  /** How many bytes may; 16 MiB when missing. */
  readonly queueLimitBytes?: number;
  /** Durations may also be text such as `'25s'`. */
  readonly heartbeat?: Written<Heartbeat>;
  /** The server sends something at least this often; after so long without a message it is taken to be dead. */
  readonly silenceMs?: number | string;
  /**
   * Close codes after which another attempt would meet the same answer. When missing: 1000 (the purpose is fulfilled),
   * 1002, 1003, 1007 and 1010 (the two do not speak the same language), 1008 (policy violation).
   */
  readonly finalCodes?: readonly number[];
  /** Whether to listen for `online`, `offline` and `visibilitychange` where they are; true when missing. */
  readonly hints?: boolean;
  /** A uniform draw from [0, 1); `Math.random` when missing. */
  readonly random?: () => number;
  /** `performance.now` and the runtime's timers when missing. */
  readonly clock?: Clock;
}

/** Everything decided. */
export interface Settings {
  readonly policy: ReconnectPolicy;
  readonly WebSocket: WebSocketConstructor;
  readonly protocols: () => string | string[] | undefined;
  readonly socketOptions: object | undefined;
  readonly signal: AbortSignal | undefined;
  readonly binaryType: string | undefined;
  readonly queueLimit: number;
  readonly queueLimitBytes: number;
  readonly heartbeat: Heartbeat | undefined;
  readonly silenceMs: number | undefined;
  readonly finalCodes: ReadonlySet<number>;
  readonly hints: boolean;
  readonly random: () => number;
  readonly clock: Clock;
}

// RFC 6455 §7.4.1
const PROTOCOL_ERROR = 1002;
const UNSUPPORTED_DATA = 1003;
const INVALID_PAYLOAD = 1007;
const POLICY_VIOLATION = 1008;
const MANDATORY_EXTENSION = 1010;
const FINAL_CODES = [
  CloseCode.Normal,
  PROTOCOL_ERROR,
  UNSUPPORTED_DATA,
  INVALID_PAYLOAD,
  POLICY_VIOLATION,
  MANDATORY_EXTENSION,
];
const LARGEST_CODE = 4999;
const QUEUE_LIMIT = 1000;
const QUEUE_LIMIT_BYTES = 16 * 2 ** 20;
/** The table of a policy has a few states for each attempt, where a storm is simulated. */
const MOST_ATTEMPTS = 100;
/** A wait that grows more slowly than this takes hundreds of attempts to its cap. */
const SLOWEST_GROWTH = 1.1;
const FASTEST_GROWTH = 10;

/** What a field must be, in words, and whether a value is that. */
type Rule = readonly [expected: string, accepts: (value: unknown) => boolean];
type Rules = Readonly<Record<string, Rule>>;

/** Reads fields and collects what is wrong with them. */
class Reader {
  readonly issues: Issue[] = [];

  fail(code: string, path: string, expected: string, value: unknown): void {
    const received = typeof value === 'string' ? `'${value}'` : String(value);
    this.issues.push({ code, path, expected, received });
  }

  holds(code: string, path: string, [expected, accepts]: Rule, value: unknown): void {
    if (!accepts(value)) this.fail(code, path, expected, value);
  }

  /** The fields that are given. */
  fields<Fields extends object>(value: Fields, path: string, rules: Rules): Partial<Fields> {
    if (!isObject(value)) {
      this.fail('bad-type', path, 'an object', value);
      return {};
    }
    const given = Object.entries(value).filter(([, one]) => one !== undefined);
    for (const [name, one] of given) {
      const rule = rules[name];
      const at = `${path}.${name}`;
      if (rule !== undefined) this.holds('bad-type', at, rule, one);
      else this.fail('unknown-field', at, `one of ${Object.keys(rules).join(', ')}`, name);
    }
    return Object.fromEntries(given) as Partial<Fields>;
  }

  duration(value: unknown, path: string, leastMs = 1): number {
    const isOne = typeof value === 'string' || typeof value === 'number';
    const parsed = parseDuration(isOne ? value : String(value), path);
    if (!parsed.ok) this.issues.push(...parsed.issues);
    else if (parsed.value < leastMs || parsed.value > TIMEOUT_LIMIT_MS) {
      this.fail('out-of-range', path, `from ${leastMs} ms to ${TIMEOUT_LIMIT_MS} ms`, value);
    }
    return parsed.ok ? parsed.value : leastMs;
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown, most = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;
const isListOf = (value: unknown, is: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is);

/** Read by a rule of its own. */
const LATER: Rule = ['', () => true];
const A_FUNCTION: Rule = ['a function', isFunction];
const A_COUNT: Rule = ['a whole number', (value) => isCount(value)];
const AN_OBJECT: Rule = ['an object', isObject];

const isIn =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    Number(value) >= least && Number(value) <= most;

const FACTOR: Rule = [
  `1, or from ${SLOWEST_GROWTH} to ${FASTEST_GROWTH}`,
  (value) => value === 1 || isIn(SLOWEST_GROWTH, FASTEST_GROWTH)(value),
];
const MAX_ATTEMPTS: Rule = [
  `a whole number from 0 to ${MOST_ATTEMPTS}, or null for no limit`,
  (value) => value === null || isCount(value, MOST_ATTEMPTS),
];
const POLICY_RULES: Rules = {
  baseMs: LATER,
  factor: LATER,
  capMs: LATER,
  jitter: [`one of ${jitterKinds.join(', ')}`, (value) => jitterKinds.includes(value as never)],
  jitterMs: LATER,
  maxAttempts: LATER,
  connectTimeoutMs: LATER,
  stableMs: LATER,
  jitterPercent: LATER,
};

function readPolicy(reader: Reader, input: ReconnectPolicyInput): ReconnectPolicy {
  const given = reader.fields(input, 'policy', POLICY_RULES);
  const chance = given.jitterMs === undefined ? {} : { jitter: 'inside-cap' as const };
  const written = { ...DEFAULT_RECONNECT_POLICY, ...chance, ...given };
  const { factor, maxAttempts, jitter, jitterPercent } = written;
  const isShare = typeof jitterPercent === 'number' && jitterPercent > 0 && jitterPercent <= 100;
  const needsShare = jitter === 'percent' || jitterPercent !== undefined;
  if (needsShare && !(isShare && jitter === 'percent')) {
    const expected = 'a number above 0 up to 100 with jitter percent, and none without';
    reader.fail('out-of-range', 'policy.jitterPercent', expected, jitterPercent);
  }
  reader.holds('out-of-range', 'policy.factor', FACTOR, factor);
  reader.holds('out-of-range', 'policy.maxAttempts', MAX_ATTEMPTS, maxAttempts);
  const baseMs = reader.duration(written.baseMs, 'policy.baseMs');
  return {
    baseMs,
    factor,
    capMs: reader.duration(written.capMs, 'policy.capMs', baseMs),
    ...(jitter !== undefined && { jitter }),
    jitterMs: reader.duration(written.jitterMs, 'policy.jitterMs', 0),
    ...(isShare && { jitterPercent }),
    maxAttempts,
    connectTimeoutMs: reader.duration(written.connectTimeoutMs, 'policy.connectTimeoutMs'),
    stableMs: reader.duration(written.stableMs, 'policy.stableMs', 0),
  };
}

const HEARTBEAT_RULES: Rules = { intervalMs: LATER, replyTimeoutMs: LATER, message: LATER };

function readHeartbeat(reader: Reader, input: ClientOptions['heartbeat']): Heartbeat | undefined {
  if (input === undefined) return undefined;
  const path = 'options.heartbeat';
  const { intervalMs, replyTimeoutMs, message } = reader.fields(input, path, HEARTBEAT_RULES);
  reader.holds('bad-type', `${path}.message`, A_FUNCTION, message);
  return {
    intervalMs: reader.duration(intervalMs, `${path}.intervalMs`),
    replyTimeoutMs: reader.duration(replyTimeoutMs, `${path}.replyTimeoutMs`),
    message: message as Heartbeat['message'],
  };
}

const A_URL: Rule = [
  'text, a URL, or a function that answers one',
  (value) => isText(value) || value instanceof URL || isFunction(value),
];

const OPTION_RULES: Rules = {
  WebSocket: LATER,
  protocols: [
    'text, a list of texts, or a function that answers one of them',
    (value) => isText(value) || isListOf(value, isText) || isFunction(value),
  ],
  socketOptions: AN_OBJECT,
  signal: [
    'an AbortSignal',
    (value) => isFunction((value as AbortSignal | null)?.addEventListener),
  ],
  binaryType: ['text', isText],
  queueLimit: A_COUNT,
  queueLimitBytes: A_COUNT,
  heartbeat: LATER,
  silenceMs: LATER,
  finalCodes: [
    'a list of close codes',
    (value) => isListOf(value, (code) => isCount(code, LARGEST_CODE)),
  ],
  hints: ['true or false', (value) => typeof value === 'boolean'],
  random: A_FUNCTION,
  clock: [
    'an object with now, setTimeout and clearTimeout',
    (value) => {
      const { now, setTimeout, clearTimeout } = (value ?? {}) as Partial<Clock>;
      return [now, setTimeout, clearTimeout].every(isFunction);
    },
  ],
};

/** Throws InputError with everything that is wrong. */
export function readSettings(
  url: unknown,
  policy: ReconnectPolicyInput,
  options: ClientOptions,
): Settings {
  const reader = new Reader();
  reader.holds('bad-type', 'url', A_URL, url);
  const given = reader.fields(options, 'options', OPTION_RULES);
  const { WebSocket = globalWebSocket(), protocols, silenceMs } = given;
  if (!isFunction(WebSocket)) {
    const expected = "a WebSocket class; this runtime has none of its own: give that of 'ws'";
    reader.fail('no-websocket', 'options.WebSocket', expected, WebSocket);
  }
  const settings: Settings = {
    queueLimit: QUEUE_LIMIT,
    queueLimitBytes: QUEUE_LIMIT_BYTES,
    hints: true,
    random: Math.random,
    clock: systemClock,
    socketOptions: undefined,
    signal: undefined,
    binaryType: undefined,
    ...given,
    policy: readPolicy(reader, policy),
    WebSocket: WebSocket as WebSocketConstructor,
    protocols: () => {
      const now = typeof protocols === 'function' ? protocols() : protocols;
      return typeof now === 'object' ? [...now] : now;
    },
    heartbeat: readHeartbeat(reader, given.heartbeat),
    silenceMs:
      silenceMs === undefined ? undefined : reader.duration(silenceMs, 'options.silenceMs'),
    finalCodes: new Set(
      isListOf(given.finalCodes, Number.isInteger) ? given.finalCodes : FINAL_CODES,
    ),
  };
  if (reader.issues.length > 0) throw new InputError(reader.issues);
  return settings;
}
