/** What a client is told: its reconnect policy and its options, read and checked all at once. */
import { parseDuration } from '../../model/duration.ts';
import { InputError, type Issue } from '../../model/issue.ts';
import { CloseCode } from '../../model/machines/websocket/close-code.ts';
import { jitterKinds, type ReconnectPolicy } from '../../model/machines/reconnect/index.ts';
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
const QUEUE_LIMIT = 1000;
const QUEUE_LIMIT_BYTES = 16 * 2 ** 20;
/** The table of a policy has a few states for each attempt. */
const MOST_ATTEMPTS = 100;
/** A wait that grows more slowly than this takes hundreds of attempts to its cap. */
const SLOWEST_GROWTH = 1.1;
const FASTEST_GROWTH = 10;

/** Reads fields and collects what is wrong with them. */
class Reader {
  readonly issues: Issue[] = [];

  fail(code: string, path: string, expected: string, value: unknown): void {
    const received = typeof value === 'string' ? `'${value}'` : String(value);
    this.issues.push({ code, path, expected, received });
  }

  fields(value: unknown, path: string, known: readonly string[]): Record<string, unknown> {
    if (typeof value !== 'object' || value === null) {
      this.fail('bad-type', path, 'an object', value);
      return {};
    }
    for (const key of Object.keys(value).filter((name) => !known.includes(name))) {
      this.fail('unknown-field', `${path}.${key}`, `one of ${known.join(', ')}`, key);
    }
    return value as Record<string, unknown>;
  }

  duration(value: unknown, path: string, leastMs: number): number {
    const isOne = typeof value === 'string' || typeof value === 'number';
    const parsed = parseDuration(isOne ? value : String(value), path);
    if (!parsed.ok) this.issues.push(...parsed.issues);
    else if (parsed.value < leastMs || parsed.value > TIMEOUT_LIMIT_MS) {
      this.fail('out-of-range', path, `from ${leastMs} ms to ${TIMEOUT_LIMIT_MS} ms`, value);
    }
    return parsed.ok ? parsed.value : leastMs;
  }

  holds<T>(value: T, path: string, expected: string, is: boolean): T {
    if (!is) this.fail('bad-type', path, expected, value);
    return value;
  }
}

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isCount = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;

function readPolicy(reader: Reader, input: ReconnectPolicyInput): ReconnectPolicy {
  const known = [...Object.keys(DEFAULT_RECONNECT_POLICY), 'jitterPercent'];
  reader.fields(input, 'policy', known);
  const given = Object.entries(input ?? {}).filter(([, value]) => value !== undefined);
  const chance = input?.jitterMs === undefined ? {} : { jitter: 'inside-cap' as const };
  const written = { ...DEFAULT_RECONNECT_POLICY, ...chance, ...Object.fromEntries(given) };
  const { factor, maxAttempts, jitter = 'inside-cap', jitterPercent } = written;
  reader.holds(
    jitter,
    'policy.jitter',
    `one of ${jitterKinds.join(', ')}`,
    jitterKinds.includes(jitter),
  );
  const isShare = typeof jitterPercent === 'number' && jitterPercent > 0 && jitterPercent <= 100;
  const needsShare = jitter === 'percent' || jitterPercent !== undefined;
  if (needsShare && !(isShare && jitter === 'percent')) {
    const expected = 'a number above 0 up to 100 with jitter percent, and none without';
    reader.fail('out-of-range', 'policy.jitterPercent', expected, jitterPercent);
  }
  const grows = factor === 1 || (factor >= SLOWEST_GROWTH && factor <= FASTEST_GROWTH);
  if (!grows) {
    const expected = `1, or from ${SLOWEST_GROWTH} to ${FASTEST_GROWTH}`;
    reader.fail('out-of-range', 'policy.factor', expected, factor);
  }
  if (maxAttempts !== null && !isCount(maxAttempts, MOST_ATTEMPTS)) {
    const expected = `a whole number from 0 to ${MOST_ATTEMPTS}, or null for no limit`;
    reader.fail('out-of-range', 'policy.maxAttempts', expected, maxAttempts);
  }
  const baseMs = reader.duration(written.baseMs, 'policy.baseMs', 1);
  return {
    baseMs,
    factor: grows ? factor : 1,
    capMs: reader.duration(written.capMs, 'policy.capMs', baseMs),
    ...(written.jitter !== undefined && { jitter }),
    jitterMs: reader.duration(written.jitterMs, 'policy.jitterMs', 0),
    ...(isShare && { jitterPercent }),
    maxAttempts,
    connectTimeoutMs: reader.duration(written.connectTimeoutMs, 'policy.connectTimeoutMs', 1),
    stableMs: reader.duration(written.stableMs, 'policy.stableMs', 0),
  };
}

function readHeartbeat(reader: Reader, input: ClientOptions['heartbeat']): Heartbeat | undefined {
  if (input === undefined) return undefined;
  const path = 'options.heartbeat';
  reader.fields(input, path, ['intervalMs', 'replyTimeoutMs', 'message']);
  const { message } = input;
  reader.holds(message, `${path}.message`, 'a function', isFunction(message));
  return {
    intervalMs: reader.duration(input.intervalMs, `${path}.intervalMs`, 1),
    replyTimeoutMs: reader.duration(input.replyTimeoutMs, `${path}.replyTimeoutMs`, 1),
    message,
  };
}

function readProtocols(
  reader: Reader,
  protocols: ClientOptions['protocols'],
): Settings['protocols'] {
  const isList = Array.isArray(protocols) && protocols.every((one) => typeof one === 'string');
  const isOne = protocols === undefined || typeof protocols === 'string';
  const expected = 'text, a list of texts, or a function that answers one of them';
  reader.holds(protocols, 'options.protocols', expected, isOne || isList || isFunction(protocols));
  return () => {
    const now = typeof protocols === 'function' ? protocols() : protocols;
    return typeof now === 'object' ? [...now] : now;
  };
}

const KNOWN_OPTIONS = [
  'WebSocket',
  'protocols',
  'socketOptions',
  'signal',
  'binaryType',
  'queueLimit',
  'queueLimitBytes',
  'heartbeat',
  'silenceMs',
  'finalCodes',
  'hints',
  'random',
  'clock',
];

/** Throws InputError with everything that is wrong. */
export function readSettings(
  url: unknown,
  policy: ReconnectPolicyInput,
  options: ClientOptions,
): Settings {
  const reader = new Reader();
  const isUrl = typeof url === 'string' || url instanceof URL || isFunction(url);
  reader.holds(url, 'url', 'text, a URL, or a function that answers one', isUrl);
  reader.fields(options, 'options', KNOWN_OPTIONS);
  const given = options ?? {};
  const { protocols, queueLimit = QUEUE_LIMIT, finalCodes = FINAL_CODES, hints = true } = given;
  const { queueLimitBytes = QUEUE_LIMIT_BYTES } = given;
  const { random = Math.random, clock = systemClock, WebSocket = globalWebSocket() } = given;
  if (!isFunction(WebSocket)) {
    const expected = "a WebSocket class; this runtime has none of its own: give that of 'ws'";
    reader.fail('no-websocket', 'options.WebSocket', expected, WebSocket);
  }
  const codesAreCodes =
    Array.isArray(finalCodes) && finalCodes.every((code) => isCount(code, 4999));
  const settings = {
    policy: readPolicy(reader, policy),
    WebSocket: WebSocket as WebSocketConstructor,
    protocols: readProtocols(reader, protocols),
    socketOptions: reader.holds(
      given.socketOptions,
      'options.socketOptions',
      'an object',
      given.socketOptions === undefined ||
        (typeof given.socketOptions === 'object' && given.socketOptions !== null),
    ),
    signal: reader.holds(
      given.signal,
      'options.signal',
      'an AbortSignal',
      given.signal === undefined || isFunction(given.signal?.addEventListener),
    ),
    binaryType: given.binaryType,
    queueLimit: reader.holds(
      queueLimit,
      'options.queueLimit',
      'a whole number',
      isCount(queueLimit, Number.MAX_SAFE_INTEGER),
    ),
    queueLimitBytes: reader.holds(
      queueLimitBytes,
      'options.queueLimitBytes',
      'a whole number',
      isCount(queueLimitBytes, Number.MAX_SAFE_INTEGER),
    ),
    heartbeat: readHeartbeat(reader, given.heartbeat),
    silenceMs:
      given.silenceMs === undefined
        ? undefined
        : reader.duration(given.silenceMs, 'options.silenceMs', 1),
    finalCodes: new Set(
      reader.holds(finalCodes, 'options.finalCodes', 'a list of close codes', codesAreCodes),
    ),
    hints: reader.holds(hints, 'options.hints', 'true or false', typeof hints === 'boolean'),
    random: reader.holds(random, 'options.random', 'a function', isFunction(random)),
    clock: reader.holds(
      clock,
      'options.clock',
      'an object with now, setTimeout and clearTimeout',
      [clock?.now, clock?.setTimeout, clock?.clearTimeout].every(isFunction),
    ),
  };
  if (reader.issues.length > 0) throw new InputError(reader.issues);
  return settings;
}
