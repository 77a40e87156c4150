/** Cures as data: JSON Patches (RFC 6902) of a policy's mechanisms, or of a stack, and their application. */
import { assert } from '../assert.ts';
import { kindOf } from '../mechanisms/index.ts';
import { parsePolicy } from '../policy/index.ts';
import type { Mechanism, PingMechanism, Policy } from '../policy/types.ts';
import type { Result } from '../issue.ts';
import { parseStack, type Stack } from '../stack/index.ts';
import type { PolicySubject } from './subject.ts';
import type { PatchStep } from './types.ts';

/** Adds mechanisms, each in the place of one of its kind that there may be only once. */
export function adding(
  subject: PolicySubject,
  ...added: readonly Mechanism[]
): readonly PatchStep[] {
  const kept = subject.stated.mechanisms.filter(
    (one) => !added.some(({ kind }) => kind === one.kind && kindOf(one).onlyOnce === true),
  );
  return subject.cure([...kept, ...added]);
}

/** Pings wake pong timers that had nothing to wait for: these get the time that an answer takes at the least. */
const PONG_MS = 20_000;

/** Adds a ping. */
export function addingPing(
  subject: PolicySubject,
  ping: PingMechanism,
  change: (mechanism: Mechanism) => Mechanism = (one) => one,
): readonly PatchStep[] {
  const awake = subject.stated.mechanisms
    .map(change)
    .map((one) => (one.kind === 'pong-timer' ? kindOf(one).waitingFor(one, PONG_MS) : one));
  return subject.cure([...awake, ping]);
}

/** Changes one mechanism of the policy as it is stated; nothing where the place is a option of a hop. */
export function changing(
  subject: PolicySubject,
  index: number,
  change: (mechanism: Mechanism) => Mechanism,
): { readonly cure?: readonly PatchStep[] } {
  if (index < 0 || index >= subject.stated.mechanisms.length) return {};
  const mechanisms = subject.stated.mechanisms.map((one, i) => (i === index ? change(one) : one));
  return { cure: subject.cure(mechanisms) };
}

/** Takes one mechanism away; nothing where the place is a option of a hop. */
export function removing(
  subject: PolicySubject,
  index: number,
): { readonly cure?: readonly PatchStep[] } {
  if (index < 0 || index >= subject.stated.mechanisms.length) return {};
  return { cure: subject.cure(subject.stated.mechanisms.filter((_, i) => i !== index)) };
}

/** `/parties/1/options` → the place in the value that it names. */
function tokens(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

type Container = Record<string, unknown> & unknown[];

function applied(root: unknown, step: PatchStep): void {
  const path = tokens(step.path);
  const last = path.at(-1);
  assert(last !== undefined, 'a patch changes a part');
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((at, token) => (at as Container)[token as never], root) as Container;
  if (step.op === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete (parent as Record<string, unknown>)[last];
  } else if (Array.isArray(parent) && last === '-') parent.push(step.value);
  else if (Array.isArray(parent) && step.op === 'add') parent.splice(Number(last), 0, step.value);
  else (parent as Record<string, unknown>)[last] = step.value;
}

/**
 * The policy or stack after a cure.
 *
 * @returns what the patch makes of it, or the issues of what is no policy or stack any more
 */
export function cured<T extends Policy | Stack>(subject: T, cure: readonly PatchStep[]): Result<T> {
  const copy: unknown = JSON.parse(JSON.stringify(subject));
  for (const step of cure) applied(copy, step);
  return (
    'parties' in subject ? parseStack(copy, 'cured') : parsePolicy(copy, 'cured')
  ) as Result<T>;
}
