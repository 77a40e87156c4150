/** Stacks of one line; `./NAME` stands for a policy that is given. */
import { formatIssue } from '../../model/issue.ts';
import { definePolicy, type PolicyInput } from '../../model/policy/index.ts';
import { parseExpression, type Stack } from '../../model/stack/index.ts';

export function stackOf(line: string, policies: Readonly<Record<string, PolicyInput>> = {}): Stack {
  const read = parseExpression(line, (word) => {
    const policy = policies[word.replace('./', '')];
    return policy === undefined ? null : { ok: true, value: definePolicy(policy) };
  });
  if (!read.ok) throw new Error(read.issues.map(formatIssue).join('\n'));
  return read.value;
}
