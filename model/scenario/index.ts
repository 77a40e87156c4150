/** The scenario object: written and read. */
import { InputError, type Issue, type Result } from '../issue.ts';
import { socketOptionIssues } from '../linux/socket-options.ts';
import { resolveSysctls } from '../linux/sysctls.ts';
import { parse, placed } from '../schema/parse.ts';
import { scenarioSchema } from './schema.ts';
import { combinationIssues } from './combinations.ts';
import type { KernelSetting, Scenario, ScenarioInput } from './types.ts';

export { stackOnlyIssues } from './combinations.ts';
export { rareStateNames, rareStates, type RareState } from './coverage-goals.ts';
export type * from './types.ts';

/**
 * Reads a scenario from parsed JSON. Closed: unknown fields are issues. Durations may be text
 * (`"30s"`) or whole milliseconds. The result is canonical and frozen: defaults filled in (an idle
 * load, 50 ms round trip, Linux 6.18 at 250 ticks a second, a watch of 30 min), milliseconds everywhere. What its parts
 * cannot say together (a ghost's seat where everybody lives) is an issue, too: whatever is read can be played.
 *
 * @param json a value as `JSON.parse` returns it
 * @param origin what the issues' paths begin with, e.g. the file's name; '' for none
 * @returns the scenario, or every issue, e.g. `gone.json: fault.kind`
 * @example
 * const read = parseScenario({ kind: 'fault', name: 'gone', fault: { kind: 'vannish' } }, 'gone.json');
 * read.ok // => false
 * read.issues[0].path // => 'gone.json: fault.kind'
 * read.issues[0].hint // => 'did you mean "vanish"?'
 */
export function parseScenario(json: unknown, origin: string): Result<Scenario> {
  const read = parse(scenarioSchema, json, origin, 'scenario');
  if (!read.ok) return read;
  const scenario = read.value;
  const issues = [
    ...sysctlIssues(scenario.kernel, origin),
    ...combinationIssues(scenario).map((issue) => placed(issue, origin, 'scenario')),
  ];
  return issues.length > 0 ? { ok: false, issues } : read;
}

/** Settings that the chosen kernel version does not have: the shape knows names and ranges only. */
function sysctlIssues(kernel: KernelSetting, origin: string): Issue[] {
  return (['server', 'client'] as const).flatMap((side) => {
    const resolved = resolveSysctls(kernel[`${side}Sysctls`], kernel.profile);
    const options = socketOptionIssues(kernel[`${side}SocketOptions`] ?? {}, kernel.profile);
    const at = (field: string, { path, ...issue }: Issue): Issue =>
      placed(
        Object.assign(issue, { path: `kernel.${field}[${JSON.stringify(path)}]` }),
        origin,
        'scenario',
      );
    return [
      ...(resolved.ok ? [] : resolved.issues.map((issue) => at(`${side}Sysctls`, issue))),
      ...options.map((issue) => at(`${side}SocketOptions`, issue)),
    ];
  });
}

/**
 * Makes a scenario written in code: {@link parseScenario} for a value that TypeScript has seen.
 *
 * @returns the canonical scenario, frozen; defaults filled in, durations in milliseconds
 * @throws {InputError} with every issue, when the input is not a scenario
 * @example
 * const tunnel = defineScenario({
 *   kind: 'live',
 *   name: 'tunnel-under-the-river',
 *   silence: { kind: 'outage', lengthMs: '12s' },
 *   watchMs: '3m',
 * });
 * tunnel.silence // => { kind: 'outage', lengthMs: 12_000 }
 * tunnel.load // => { kind: 'idle' }
 */
export function defineScenario(input: ScenarioInput): Scenario {
  const parsed = parseScenario(input, '');
  if (!parsed.ok) throw new InputError(parsed.issues);
  return parsed.value;
}
