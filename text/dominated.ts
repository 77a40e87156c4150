/** Policies of a comparison, and those that another one leaves no reason for, in words. */
import type { Choice } from '../model/results/choice.ts';
import { formatList } from './lists.ts';

/** A policy in a sentence; one name is a word of the language. */
export function policyText(policy: string): string {
  return policy === 'none' ? "'none'" : policy;
}

/**
 * Who is behind whom: each policy once, under the one of the front that has most of them behind it.
 *
 * @example
 * dominatedWords([{ policy: 'slow', by: ['quick'] }])[0]?.endsWith('behind quick: slow.') // => true
 */
export function dominatedWords(dominated: Choice['dominated']): string[] {
  if (dominated.length === 0) return [];
  const behind = new Set(dominated.map(({ policy }) => policy));
  const followers = new Map<string, string[]>();
  for (const { policy, by } of dominated) {
    for (const front of by) {
      if (!behind.has(front)) followers.set(front, [...(followers.get(front) ?? []), policy]);
    }
  }
  const left = new Set(behind);
  const parts: string[] = [];
  const byCount = [...followers].toSorted(([, a], [, b]) => b.length - a.length);
  for (const [front, policies] of byCount) {
    const names = policies.filter((policy) => left.delete(policy));
    if (names.length > 0)
      parts.push(`behind ${policyText(front)}: ${formatList(names.map(policyText))}`);
  }
  return [
    `Dominated, as another is no worse in anything compared and better in something: ${parts.join('; ')}.`,
  ];
}
