/** Policies and scenarios as words of a command line: by name where they have one, else written out as JSON. */
import { canonicalJson } from '../../model/canonical-json.ts';
import { canonicalPolicyText, selectPolicies, type Policy } from '../../model/policy/index.ts';
import { parseScenario, type Scenario } from '../../model/scenario/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

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

/** A scenario as the command line takes it. */
export function scenarioWord(scenario: Scenario): string {
  return builtInName(scenario) ?? shortest(scenario);
}

/** A policy as the command line takes it. */
export function policyWord(policy: Policy): string {
  const found = selectPolicies(policy.name);
  const text = canonicalPolicyText(policy);
  const isBuiltIn = found.ok && found.value.some((one) => canonicalPolicyText(one) === text);
  if (isBuiltIn) return policy.name;
  const { schemaVersion: _version, title: _title, claim: _claim, truth: _truth, ...rest } = policy;
  const { source: _source, lint: _lint, ...acts } = rest;
  return JSON.stringify(acts);
}
