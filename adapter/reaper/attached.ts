/**
 * Which server has which reaper: one at most, or everybody would be pinged and judged twice. `drain` asks here
 * for the reapers whose server it stops.
 */
import type { Socket } from 'node:net';
import { checkCertificate, isCertificate } from '../../model/certificate/index.ts';
import { InputError, type Issue } from '../../model/issue.ts';
import { parsePolicy } from '../../model/policy/parse.ts';
import { standardPolicy, standardPolicyWithoutKernel } from '../../model/policy/standard.ts';
import type { Policy } from '../../model/policy/types.ts';
import { selectKernel } from '../kernel/select.ts';
import { heldAgainstMachine, type MachineCheck } from './machine.ts';
import type { ReaperOptions } from './options.ts';
import type { ReaperWarning } from './warnings.ts';

/** What a shutdown wants of the reaper at work on a server. */
export interface Attached {
  readonly policy: Policy;
  /** The sockets below the connections under watch: with TLS, the TLS socket. */
  sockets(): Socket[];
  /** The connections under watch, as the server's own users know them. */
  watchedConnections(): unknown[];
  /** A shutdown with this deadline has begun; null = for ever. */
  drains(deadlineMs: number | null): void;
}

const attached = new WeakMap<object, Attached>();

/** The reaper at work on `server`; undefined when there is none. */
export function attachedTo(server: object): Attached | undefined {
  return attached.get(server);
}

/** Notes that `server` has a reaper from now on. */
export function attach(server: object, reaper: Attached): void {
  attached.set(server, reaper);
}

/** Notes that `server` has no reaper any more. */
export function release(server: object): void {
  attached.delete(server);
}

/**
 * Throws InputError unless `server` is what `isOne` says and has no reaper yet. `path` names the argument,
 * `kind` what it should be.
 */
export function checkServer(
  server: unknown,
  isOne: (server: object) => boolean,
  path: string,
  kind: string,
): void {
  const issue = serverIssue(server, isOne);
  if (issue === undefined) return;
  throw new InputError([{ ...issue, path, expected: `${kind} without a reaper` }]);
}

function serverIssue(
  server: unknown,
  isOne: (server: object) => boolean,
): Pick<Issue, 'code' | 'received'> | undefined {
  if (typeof server !== 'object' || server === null) {
    return { code: 'bad-server', received: server === null ? 'null' : typeof server };
  }
  if (!isOne(server)) return { code: 'bad-server', received: 'an object that is not one' };
  if (attached.has(server)) {
    return { code: 'already-attached', received: 'a server that has one; detach it first' };
  }
  return undefined;
}

/** The option `policies`, read. Throws InputError with everything that is wrong in any of them. */
export function policiesOf(written: Readonly<Record<string, unknown>> = {}): Map<string, HandedIn> {
  const issues: Issue[] = [];
  const read = new Map<string, HandedIn>();
  for (const [name, policy] of Object.entries(written)) {
    const parsed = parsePolicy(policy, `options.policies.${name}`);
    if (!parsed.ok) issues.push(...parsed.issues);
    else read.set(name, { policy: parsed.value, ...NOT_CERTIFIED });
  }
  if (issues.length > 0) throw new InputError(issues);
  return read;
}

/** The policy to run, and whether a certificate vouches for it. */
export interface HandedIn {
  readonly policy: Policy;
  readonly certified: boolean;
  /** What the certificate assumes of the machine, held against it; nothing for a policy. */
  readonly machine: MachineCheck;
}

const NOT_CERTIFIED = { certified: false, machine: { differs: [], unchecked: [] } } as const;

/** The standard policy, in the form that this machine can run. */
export function standardFor(options: Pick<ReaperOptions<never>, 'kernel'>): HandedIn & {
  readonly warning: ReaperWarning | undefined;
} {
  const why = selectKernel(options.kernel ?? 'auto', standardPolicy).samplingRefusal();
  if (why === undefined) return { ...NOT_CERTIFIED, policy: standardPolicy, warning: undefined };
  const message =
    `sockets cannot be looked at here (${why}): policy '${standardPolicyWithoutKernel.name}' runs. A peer that talks and never reads stands five ` +
    'minutes, and a reader that is behind for so long is ended for it';
  const warning = { code: 'without-kernel', message } as const;
  return { ...NOT_CERTIFIED, policy: standardPolicyWithoutKernel, warning };
}

/** What was handed in: a policy, or a certificate of one. Throws InputError. */
export function policyOf(policyOrCertificate: unknown): HandedIn {
  if (isCertificate(policyOrCertificate)) {
    const checked = checkCertificate(policyOrCertificate, 'certificate');
    if (!checked.ok) throw new InputError(checked.issues);
    const { policy } = checked.value;
    return { policy, certified: true, machine: heldAgainstMachine(checked.value) };
  }
  const parsed = parsePolicy(policyOrCertificate, 'policy');
  if (!parsed.ok) throw new InputError(parsed.issues);
  return { policy: parsed.value, ...NOT_CERTIFIED };
}
