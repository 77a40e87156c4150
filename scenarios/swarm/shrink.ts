/**
 * Shrinking of a policy that breaks a statement: mechanisms are left out, options dropped, lists cut to one item
 * and times rounded, one after the other, and what breaks without stays so, until nothing more can be taken away.
 */
import { parsePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';

/** A value of a policy file. */
type Json = Readonly<Record<string, unknown>>;

/** More questions than this are not worth a plainer policy. */
const MOST_QUESTIONS = 400;

/** A time with one figure and no more, in whole seconds where there are any. */
function rounded(ms: number): number {
  const unit = 10 ** Math.floor(Math.log10(ms));
  return Math.max(unit, Math.round(ms / unit) * unit);
}

/** Plainer forms of a mechanism, the plainest first. */
function plainerMechanisms(mechanism: Json): readonly Json[] {
  const forms: Json[] = [];
  for (const [name, value] of Object.entries(mechanism)) {
    if (name === 'kind') continue;
    const { [name]: _left, ...rest } = mechanism;
    forms.push(rest);
    if (Array.isArray(value) && value.length > 1) {
      forms.push(...value.map((item: unknown) => ({ ...mechanism, [name]: [item] })));
    }
    if (name.endsWith('Ms') && typeof value === 'number' && rounded(value) !== value) {
      forms.push({ ...mechanism, [name]: rounded(value) });
    }
  }
  return forms;
}

/** Plainer forms of a policy, the plainest first. */
function plainer(policy: Json): readonly Json[] {
  const mechanisms = policy['mechanisms'] as readonly Json[];
  const without = mechanisms.map((_one, index) => mechanisms.toSpliced(index, 1));
  const simpler = mechanisms.flatMap((one, index) =>
    plainerMechanisms(one).map((form) => mechanisms.with(index, form)),
  );
  const { peerHeartbeat, ...alone } = policy;
  return [
    ...(peerHeartbeat === undefined ? [] : [alone]),
    ...[...without, ...simpler].map((list) => ({ ...policy, mechanisms: list })),
  ];
}

/** A policy as short as its file can be, and what it means. */
export interface ShrunkPolicy {
  readonly json: Json;
  readonly policy: Policy;
}

/**
 * @param breaks whether a policy does
 * @returns the policy itself where no plainer one breaks
 * @example
 * const drawn = definePolicy({
 *   name: 'drawn',
 *   mechanisms: [
 *     { kind: 'sweep', intervalMs: 29_400, misses: 3 },
 *     { kind: 'peer-closed' },
 *   ],
 * });
 * const sweeps = ({ mechanisms }) => mechanisms.some(({ kind }) => kind === 'sweep');
 * shrinkPolicy(drawn, sweeps).json.mechanisms // => [{ kind: 'sweep', intervalMs: 30_000 }]
 */
export function shrinkPolicy(policy: Policy, breaks: (policy: Policy) => boolean): ShrunkPolicy {
  const { name, mechanisms, peerHeartbeat } = policy;
  let json: Json = { name, mechanisms, ...(peerHeartbeat !== undefined && { peerHeartbeat }) };
  let best = policy;
  let questions = 0;
  for (let found = true; found;) {
    found = false;
    for (const form of plainer(json)) {
      const parsed = parsePolicy(form, '');
      if (!parsed.ok || questions >= MOST_QUESTIONS) continue;
      questions += 1;
      if (!breaks(parsed.value)) continue;
      json = form;
      best = parsed.value;
      found = true;
      break;
    }
  }
  return { json, policy: best };
}
