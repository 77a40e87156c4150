/**
 * What the owner of a server should know and did not ask for: told once, as a warning of the process (which Node prints, and
 * `process.on('warning')` hears), or to the option `onWarning` instead.
 */
import type { Issue } from '../../model/issue.ts';
import type { Limits } from '../../model/reaper/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Refusal } from '../kernel/types.ts';
import { needsOne } from './mechanisms.ts';

export interface ReaperWarning {
  /**
   * `mechanisms-off`: not all of the policy can work here. `without-kernel`: the standard policy runs in the form for machines on which
   * sockets cannot be looked at. `unwatched`: the server has clients that the reaper was not told of.
   * `other-machine`: a certificate was issued for machines with other settings.
   */
  readonly code: 'mechanisms-off' | 'without-kernel' | 'unwatched' | 'other-machine';
  readonly message: string;
}

/** Tells a warning to whoever listens. */
export function warn(
  { code, message }: ReaperWarning,
  onWarning: ((warning: ReaperWarning) => unknown) | undefined,
): unknown {
  if (onWarning !== undefined) return onWarning({ code, message });
  process.emitWarning(message, {
    type: 'GhostboundWarning',
    code: `GHOSTBOUND_${code.toUpperCase().replace('-', '_')}`,
  });
  return undefined;
}

/** What is certified was proved for other machines than this one; undefined where it was not. */
export function otherMachine(
  { name }: Policy,
  differs: readonly Issue[],
): ReaperWarning | undefined {
  if (differs.length === 0) return undefined;
  const settings = differs.map(({ expected, received }) => `${expected}; here ${received}`);
  return {
    code: 'other-machine',
    message: `the certificate of policy '${name}' speaks of other machines: ${settings.join('. ')}.`,
  };
}

function seconds(ms: number | null): string {
  return ms === null ? 'without a limit' : `${ms / 1000} s`;
}

/** What is off, and what still holds; undefined where all that can be on is on. */
export function offWarning(
  { name, mechanisms }: Policy,
  refusals: readonly Refusal[],
  limits: () => Limits,
): ReaperWarning | undefined {
  const off = mechanisms.flatMap((mechanism, index) => {
    const refusal = refusals[index];
    // A drain waits for the shutdown: that it is off until then is no loss.
    if (refusal === undefined || needsOne(mechanism, 'shutdown')) return [];
    return [`${mechanism.kind} is off: ${refusal}`];
  });
  if (off.length === 0) return undefined;
  const { silence, stuck } = limits();
  const holds =
    `What the process still decides: a silent peer stands ${seconds(silence.maxMs)}, ` +
    `a send path that is stuck ${seconds(stuck.maxMs)}.`;
  return {
    code: 'mechanisms-off',
    message: `policy '${name}' does not work as a whole here. ${off.join('; ')}. ${holds}`,
  };
}
