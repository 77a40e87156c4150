/** The options of `attachReaper`, what a verdict tells, and the check of both arguments. */
import { InputError, type Issue } from '../model/issue.ts';
import type { MechanismKind } from '../model/policy/types.ts';
import type { SocketSample } from '../model/reaper/types.ts';
import { KERNEL_CHOICES, type KernelChoice } from './kernel/select.ts';

/** What `onReap` is told about a connection that the policy or the kernel has ended. `S` is the host's own socket type. */
export interface ReapEvent<S> {
  readonly socket: S;
  /**
   * `destroyed` at once, `closing` in an orderly way (mechanisms `idle` and `age`), or `kernel`: the kernel gave the
   * connection up and has ended it itself.
   */
  readonly verdict: 'destroyed' | 'closing' | 'kernel';
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
  /** The peer's address; undefined where the connection has none. */
  readonly remoteAddress: string | undefined;
}

/** Options of `attachReaper`; each may be left out. */
export interface ReaperOptions<S> {
  /**
   * How kernel options and socket state are reached. `auto` (default): the package `koffi` on Linux where
   * it is installed, else what Node can do alone. `koffi` fails at attach when it cannot be had.
   */
  readonly kernel?: KernelChoice;
  /** Called after each verdict has been carried out, the kernel's too. May throw: that is counted and told to `onError`. */
  readonly onReap?: (event: ReapEvent<S>) => void;
  /** Called with everything that went wrong inside the reaper or its callbacks; nothing is ever thrown at the host. */
  readonly onError?: (error: unknown) => void;
}

const KNOWN_OPTIONS: readonly string[] = ['kernel', 'onReap', 'onError'];

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : typeof value;
}

/** Throws InputError with everything that is wrong with the options. */
export function checkOptions(options: unknown): void {
  const issues: Issue[] = [];
  if (typeof options !== 'object' || options === null) {
    const received = options === null ? 'null' : show(options);
    throw new InputError([
      { code: 'bad-options', path: 'options', expected: 'an object', received },
    ]);
  }
  for (const [key, value] of Object.entries(options)) {
    const path = `options.${key}`;
    const received = show(value);
    if (!KNOWN_OPTIONS.includes(key)) {
      const expected = `one of ${KNOWN_OPTIONS.join(', ')}`;
      issues.push({ code: 'unknown-field', path, expected, received });
    } else if (value === undefined) {
      continue;
    } else if (key === 'kernel' && !(KERNEL_CHOICES as readonly unknown[]).includes(value)) {
      const expected = `one of ${KERNEL_CHOICES.join(', ')}`;
      issues.push({ code: 'unknown-name', path, expected, received });
    } else if (key !== 'kernel' && typeof value !== 'function') {
      issues.push({ code: 'bad-type', path, expected: 'a function', received });
    }
  }
  if (issues.length > 0) throw new InputError(issues);
}
