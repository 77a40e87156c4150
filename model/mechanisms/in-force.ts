/** What of a policy is in force: mechanisms whose timers run, whose verdicts count, and the options that its sockets end up with. */
import { allOf, type Mechanism } from './index.ts';
import type { KeepaliveMechanism } from './keepalive.ts';

/** Anything that has mechanisms: a policy. */
interface Judged {
  readonly mechanisms: readonly Mechanism[];
}

/** Whether the mechanism's timer runs. */
export function ticks(mechanism: Mechanism): boolean {
  return mechanism.lost !== 'timer';
}

/** Whether the mechanism's timer runs and its verdict takes effect. */
export function judges(mechanism: Mechanism): boolean {
  return mechanism.lost === undefined;
}

/** The keepalive a policy puts on its sockets; the last one wins, as with setsockopt. */
export function keepaliveOf({ mechanisms }: Judged): KeepaliveMechanism | null {
  return allOf('keepalive', mechanisms).findLast(judges) ?? null;
}

/** The user timeout a policy puts on its sockets, ms; the last one wins, as with setsockopt. tcp(7): zero is the system default, null. */
export function userTimeoutOf({ mechanisms }: Judged): number | null {
  return allOf('user-timeout', mechanisms).findLast(judges)?.timeoutMs || null;
}
