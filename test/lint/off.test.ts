/** Rules that are switched off: by name, with a reason, in the file or by whoever asks. */
import { describe, expect, it } from 'vitest';
import { definePolicy, parsePolicy, policyHash } from '../../model/policy/index.ts';
import { formatIssue, type InputError } from '../../model/issue.ts';
import { defineStack } from '../../model/stack/index.ts';
import { lintWith } from '../../proof/lint/index.ts';

const none = definePolicy({ name: 'nothing', mechanisms: [] });
const off = [{ rule: 'frozen-peer-unseen', because: 'our clients are never stopped' }] as const;
const told = definePolicy({ name: 'nothing', mechanisms: [], lint: { off } });

const rules = (found: readonly { readonly rule: string }[]): readonly string[] =>
  found.map(({ rule }) => rule);

describe('a rule that is switched off', () => {
  it('is listed as such, with the reason, and nowhere else', () => {
    expect(rules(lintWith(none).findings)).toContain('frozen-peer-unseen');
    for (const { findings, suppressed } of [lintWith(told), lintWith(none, { off })]) {
      expect(rules(findings)).not.toContain('frozen-peer-unseen');
      expect(suppressed).toMatchObject([
        { rule: 'frozen-peer-unseen', because: 'our clients are never stopped' },
      ]);
    }
  });

  it('in a stack, or in the policy of its server', () => {
    const parties = (more: object) =>
      [{ system: 'client' }, { policy: { name: 'p', mechanisms: [], ...more } }] as const;
    const inStack = defineStack({ name: 'c', parties: parties({}), lint: { off } });
    const inPolicy = defineStack({ name: 'c', parties: parties({ lint: { off } }) });
    for (const stack of [inStack, inPolicy]) {
      expect(rules(lintWith(stack).suppressed)).toEqual(['frozen-peer-unseen']);
    }
  });

  it('changes nothing of what a policy does', () => {
    expect(policyHash(told)).toBe(policyHash(none));
  });

  it('must exist: the nearest names are told', () => {
    const asked = (): string => {
      try {
        lintWith(none, { off: [{ rule: 'frozen-pear-unseen', because: 'x' }] });
        return 'taken';
      } catch (error) {
        return (error as InputError).issues.map(formatIssue).join('\n');
      }
    };
    expect(asked()).toMatch(/^--off: .*"frozen-peer-unseen"/);
  });

  it('needs a reason', () => {
    const json = { name: 'p', mechanisms: [], lint: { off: [{ rule: 'linux-only' }] } };
    const read = parsePolicy(json, 'p.json');
    expect(read.ok ? [] : read.issues.map(({ path }) => path)).toEqual([
      'p.json: lint.off[0].because',
    ]);
  });
});
