/** The options of `attachReaper`, what a verdict tells, and the check of both arguments. */
import type { IncomingMessage } from 'node:http';
import { InputError, type Issue } from '../../model/issue.ts';
import type { MechanismKind, Policy, PolicyInput } from '../../model/policy/types.ts';
import type { SocketSample } from '../../model/reaper/types.ts';
import { isKernelChoice, KERNEL_NAMES, type KernelChoice } from '../kernel/select.ts';
import type { OwnOutage } from './gate.ts';
import type { ReaperWarning } from './warnings.ts';

/** What `onReap` is told about a connection that the policy or the kernel has ended. `S` is the host's own socket type. */
export interface ReapEvent<S> {
  readonly socket: S;
  /**
   * `destroyed` at once; `closing` in an orderly way (mechanisms `idle` and `age`, and verdicts `close` and `flush`); or
   * `kernel`: the kernel gave the connection up and has ended it itself.
   */
  readonly verdict: 'destroyed' | 'closing' | 'kernel';
  /** Name of the policy that the connection has. */
  readonly policy: string;
  /**
   * The mechanism that decided. `kernel`: keepalive, user timeout or the limit of retransmissions; the kernel does
   * not tell which.
   */
  readonly mechanism: MechanismKind | 'kernel';
  /** The mechanism's index in `policy.mechanisms`; undefined for `kernel`. */
  readonly mechanismIndex: number | undefined;
  /** The same in words, for a log line. */
  readonly reason: string;
  /** Age of the connection, as far as this reaper has seen it, ms. */
  readonly openMs: number;
  /** Since the process last read anything from the peer, ms. */
  readonly silentMs: number;
  /** The last look at the socket; undefined when the policy never looks. */
  readonly sample: SocketSample | undefined;
  /** What the option `label` called it. */
  readonly label: string | undefined;
  /** The peer's address; undefined where the connection has none. */
  readonly remoteAddress: string | undefined;
}

/** Options of `attachReaper`; each may be left out. */
export interface ReaperOptions<S> {
  /**
   * How kernel options and socket state are reached. `auto` (default): the package `koffi` on Linux where
   * it is installed, else what Node can do alone. `koffi` fails at attach when it cannot be had. In a bundle, hand in the
   * package koffi itself.
   */
  readonly kernel?: KernelChoice;
  /**
   * Whether attaching fails where a mechanism of the policy cannot be switched on. When missing: true for a certificate,
   * which vouches for the policy as a whole, false for a policy, whose `status` tells what is off.
   */
  readonly requireAll?: boolean;
  /** So many connections are ended for silence in a second at the most; the others wait, and are spared if they are heard of meanwhile. */
  readonly maxReapsPerSecond?: number;
  /**
   * Where at least this share of the clients has been silent at once (of ten or more), it is this server that is cut off: verdicts wait
   * for so long at the most, and who is heard of meanwhile is spared. With the standard policy half of them and a minute, when missing;
   * `share: 1` and `holdMs: 0` switch it off.
   */
  readonly ownOutage?: OwnOutage;
  /** Whether a connection is left alone; asked when it opens. `request` is the upgrade's, where the server tells of it. */
  readonly exempt?: (socket: S, request: IncomingMessage | undefined) => boolean;
  /** Policies that some connections have instead of the server's, by names of your own. */
  readonly policies?: Readonly<Record<string, Policy | PolicyInput>>;
  /** Which of `policies` a connection has; asked when it opens. undefined: the server's own. */
  readonly policyFor?: (socket: S, request: IncomingMessage | undefined) => string | undefined;
  /** What a connection is called in `onReap`; asked when it opens. */
  readonly label?: (socket: S, request: IncomingMessage | undefined) => string;
  /**
   * Called after each verdict has been carried out, the kernel's too. May be `async`. What it throws, or rejects with, is
   * counted and told to `onError`.
   */
  readonly onReap?: (event: ReapEvent<S>) => unknown;
  /**
   * Called with everything that went wrong inside the reaper or its callbacks; nothing is ever thrown at the host, and no
   * promise is left to reject. What it fails with itself is counted.
   */
  readonly onError?: (error: unknown) => unknown;
  /**
   * Called with what the owner should know: that a mechanism is off here, that clients are not watched. When missing, each is a
   * warning of the process, which Node prints.
   */
  readonly onWarning?: (warning: ReaperWarning) => unknown;
}

/** What an option must be, in words, and whether a value is that. */
export interface OptionRule {
  readonly expected: string;
  readonly code: 'unknown-name' | 'bad-type' | 'out-of-range';
  accepts(value: unknown): boolean;
}

export const A_FUNCTION: OptionRule = {
  expected: 'a function',
  code: 'bad-type',
  accepts: (value) => typeof value === 'function',
};

/** A whole number of milliseconds that a timer of Node can wait. */
export const A_WAIT_MS: OptionRule = {
  expected: 'whole milliseconds from 0 to 2147483647',
  code: 'out-of-range',
  accepts: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31,
};

/** The options of every `attachReaper`. */
export const REAPER_OPTIONS: Readonly<Record<string, OptionRule>> = {
  kernel: {
    expected: `one of ${KERNEL_NAMES.join(', ')}, the package koffi, or a backend`,
    code: 'unknown-name',
    accepts: isKernelChoice,
  },
  requireAll: {
    expected: 'true or false',
    code: 'bad-type',
    accepts: (value) => typeof value === 'boolean',
  },
  onReap: A_FUNCTION,
  maxReapsPerSecond: {
    expected: 'a number above 0',
    code: 'out-of-range',
    accepts: (value) => typeof value === 'number' && value > 0,
  },
  ownOutage: {
    expected: 'a share from 0 to 1, and holdMs, whole milliseconds',
    code: 'bad-type',
    accepts: (value) => {
      const { share, holdMs } = (value ?? {}) as Partial<OwnOutage>;
      return typeof share === 'number' && share >= 0 && share <= 1 && A_WAIT_MS.accepts(holdMs);
    },
  },
  exempt: A_FUNCTION,
  policies: {
    expected: 'policies by name',
    code: 'bad-type',
    accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
  policyFor: A_FUNCTION,
  label: A_FUNCTION,
  onError: A_FUNCTION,
  onWarning: A_FUNCTION,
};

/** What a value is, for an issue. */
export function show(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'number' ? String(value) : typeof value;
}

/** Throws InputError with everything that is wrong with the options. An option that is undefined is left out. */
export function checkOptions(options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (typeof options !== 'object' || options === null) {
    throw new InputError([
      { code: 'bad-options', path: 'options', expected: 'an object', received: show(options) },
    ]);
  }
  const issues = Object.entries(options).flatMap(([key, value]): Issue[] => {
    const path = `options.${key}`;
    const received = show(value);
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      const expected = `one of ${Object.keys(rules).join(', ')}`;
      return [{ code: 'unknown-field', path, expected, received }];
    }
    if (value === undefined || rule.accepts(value)) return [];
    return [{ code: rule.code, path, expected: rule.expected, received }];
  });
  if (issues.length > 0) throw new InputError(issues);
}
