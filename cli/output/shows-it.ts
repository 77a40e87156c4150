/**
 * The command that plays the life which shows a finding. What has a name is named, what came from a file is that file,
 * and anything else is written out as JSON: the line can be pasted anywhere.
 */
import { canonicalJson } from '../../model/canonical-json.ts';
import type { Finding } from '../../model/lint/index.ts';
import { canonicalPolicyText, selectPolicies, type Policy } from '../../model/policy/index.ts';
import { parseScenario, type Scenario } from '../../model/scenario/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { commandLine } from '../arguments/replay.ts';

/** What happens in a story, without what is said of it. */
function told(scenario: Scenario): string {
  const { schemaVersion: _version, name: _name, title: _title, ...rest } = scenario;
  const { claim: _claim, truth: _truth, source: _source, ...untold } = rest;
  const { tags: _tags, reaches: _reaches, ...happens } = untold;
  return canonicalJson(happens);
}

let builtIn: ReadonlyMap<string, string> | undefined;

/** The built-in scenario that tells the same story. */
function builtInName(scenario: Scenario): string | undefined {
  builtIn ??= new Map(Object.values(scenarios).map((one) => [told(one), one.name] as const));
  return builtIn.get(told(scenario));
}

/** The scenario as short as its format lets it be: without what is the default anyway. */
function shortest(scenario: Scenario): string {
  const whole = canonicalJson(scenario);
  let written: Record<string, unknown> = { ...scenario };
  for (const key of Object.keys(written)) {
    const { [key]: _left, ...rest } = written;
    const read = parseScenario(rest, '');
    if (read.ok && canonicalJson(read.value) === whole) written = rest;
  }
  return JSON.stringify(written);
}

/** A policy as the command line takes it. */
function policyWord(policy: Policy): string {
  const found = selectPolicies(policy.name);
  const text = canonicalPolicyText(policy);
  const isBuiltIn = found.ok && found.value.some((one) => canonicalPolicyText(one) === text);
  if (isBuiltIn) return policy.name;
  const { schemaVersion: _version, title: _title, claim: _claim, truth: _truth, ...rest } = policy;
  const { source: _source, lint: _lint, ...acts } = rest;
  return JSON.stringify(acts);
}

/**
 * The command line.
 *
 * @param subject what was looked at, and the word that selects it: the same policy is not written out again
 * @returns undefined where the finding needs no life to show it
 */
export function showsIt(
  { played, scenario, seed, index }: Finding,
  subject: { readonly thing: unknown; readonly selector: string },
): string | undefined {
  if (played === undefined || scenario === undefined) return undefined;
  return commandLine([
    'ghostbound',
    'run',
    '--policy',
    played === subject.thing ? subject.selector : policyWord(played),
    '--scenario',
    builtInName(scenario) ?? shortest(scenario),
    '--seed',
    seed ?? '1',
    ...(index === undefined || index === 0 ? [] : ['--index', String(index)]),
  ]);
}
