/**
 * Which thread of the server each mechanism runs in, and what it has to be told.
 *
 * - `inside`: the process's own loop. Sweeps, pings, deadlines and limits live where the socket is read, and
 *   stand still with it: when the process does not run, and while its ping waits for a lock.
 * - `sending`: the clock on a write. It belongs to the write itself (a deadline in the runtime's poller, a timer
 *   of the proxy), so it runs out also while the writer holds the lock; but not while the process stands still.
 * - `closing`: what goes on looking at a connection that is closing. It begins with the closing handshake.
 * - `outside`: a watchdog on the send path or on the TCP state is there because the process can be
 *   stuck, so it runs beside it (a thread of its own that holds no lock), and nothing holds it up.
 */
import { hasRegion } from '../../model/machines/reaper/index.ts';
import { compileReaper } from '../../model/reaper/index.ts';
import type { CompiledReaper } from '../../model/reaper/types.ts';
import type { Carrier } from '../../model/mechanisms/carrier.ts';
import { kindOf } from '../../model/mechanisms/index.ts';
import type { LifeSign, Mechanism, Policy } from '../../model/policy/types.ts';

/** Part of a policy, compiled, with the index of each of its mechanisms in the whole. */
export interface PolicyPart {
  readonly reaper: CompiledReaper;
  readonly mechanisms: readonly number[];
  /** Rhythm in µs at which all of it looks at the socket and does nothing else; null = no such rhythm. */
  readonly lookEveryUs: number | null;
  /** Whether its patience with the peer's application runs from each message to the acknowledgement. */
  readonly waitsForAnswers: boolean;
  /** Whether it cares what becomes of a message: taken at once, waiting, or moved on. */
  readonly hearsSendPath: boolean;
}

/** The threads of a server in which a policy's mechanisms run. */
export type Thread = 'inside' | 'sending' | 'outside' | 'closing';

export type PolicyParts = Readonly<Record<Thread, PolicyPart>>;

/** Whoever sees to a mechanism of the kernel's, the endpoint's or the supervisor's, no thread has anything to run. */
const THREADS: Readonly<Record<Carrier, Exclude<Thread, 'closing'>>> = {
  loop: 'inside',
  write: 'sending',
  watchdog: 'outside',
  kernel: 'inside',
  handshake: 'inside',
  supervisor: 'inside',
};

/** Splits a policy by thread. While a connection is open every mechanism is in exactly one part. */
export function splitByThread(policy: Policy): PolicyParts {
  return {
    inside: part(policy, 'inside'),
    sending: part(policy, 'sending'),
    outside: part(policy, 'outside'),
    closing: part(policy, 'closing'),
  };
}

function part(policy: Policy, thread: Thread): PolicyPart {
  const runsIn = (mechanism: Mechanism): boolean =>
    thread === 'closing'
      ? kindOf(mechanism).looksAtClosing?.(mechanism) === true
      : THREADS[kindOf(mechanism).carrier] === thread;
  const mechanisms = policy.mechanisms.flatMap((mechanism, index) =>
    runsIn(mechanism) ? [index] : [],
  );
  const own = policy.mechanisms.filter(runsIn);
  return {
    reaper: compileReaper({ ...policy, mechanisms: own }),
    mechanisms,
    lookEveryUs: lookEveryUs(own),
    waitsForAnswers: own.some(
      (mechanism) => kindOf(mechanism).countsAcknowledgements?.(mechanism) === true,
    ),
    hearsSendPath: own.some(hearsSendPath),
  };
}

/** One rhythm for all. */
function lookEveryUs(mechanisms: readonly Mechanism[]): number | null {
  const rhythms = new Set<number | null>();
  for (const mechanism of mechanisms) {
    if (hasRegion(mechanism)) rhythms.add(rhythmUs(mechanism));
  }
  const [only] = rhythms;
  return rhythms.size === 1 && only !== undefined ? only : null;
}

/** How often it looks at the socket, if that is all it does. */
function rhythmUs(mechanism: Mechanism): number | null {
  const everyMs = kindOf(mechanism).looksEveryMs?.(mechanism);
  return everyMs === undefined ? null : everyMs * 1000;
}

/** Whether it cares what becomes of a message on the send path. */
export function hearsSendPath(mechanism: Mechanism): boolean {
  if (!hasRegion(mechanism)) return false;
  const kind = kindOf(mechanism);
  return kind.hearsBlockedSends === true || kind.signs(mechanism).some(isOfSendPath);
}

function isOfSendPath(sign: LifeSign): boolean {
  return sign === 'send-accepted' || sign === 'drained';
}
