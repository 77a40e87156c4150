/** Every built-in scenario by name, in the order in which lists show them, and how to select some. */
import type { Result } from '../../model/issue.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { selectByName, unknownName } from '../../model/select.ts';
import { brokenServerScenarios } from './broken-servers.ts';
import { endingScenarios } from './endings.ts';
import { fleetScenarios } from './fleets.ts';
import { frozenScenarios } from './frozen.ts';
import { handshakeScenarios } from './handshakes.ts';
import { hostScenarios } from './hosts.ts';
import { liveHostScenarios } from './live-hosts.ts';
import { livePathScenarios } from './live-paths.ts';
import { liveScenarios } from './live.ts';
import { middleboxScenarios } from './middleboxes.ts';
import { pathScenarios } from './paths.ts';
import { stormScenarios } from './storms.ts';
import { unreachableScenarios } from './unreachable.ts';
import { vanishScenarios } from './vanish.ts';

/** Built-in scenarios that are about the same thing. */
export interface ScenarioGroup {
  readonly title: string;
  readonly members: readonly Scenario[];
}

/** Every built-in scenario by what it is about, in the order in which lists show them. */
export const scenarioGroups: readonly ScenarioGroup[] = [
  { title: 'The peer vanishes', members: vanishScenarios },
  { title: 'The way is gone, and somebody knows it', members: unreachableScenarios },
  { title: 'The peer is frozen', members: frozenScenarios },
  { title: 'The host sleeps or moves', members: hostScenarios },
  { title: 'Something stands in between', members: middleboxScenarios },
  { title: 'Hops that forget an idle flow', members: pathScenarios },
  { title: 'Something still speaks for the peer', members: endingScenarios },
  { title: 'Handshakes that are never finished', members: handshakeScenarios },
  { title: 'The server itself is broken', members: brokenServerScenarios },
  { title: 'Many connections', members: fleetScenarios },
  { title: 'Servers that restart', members: stormScenarios },
  { title: 'Living clients that look dead', members: liveScenarios },
  { title: 'Living clients behind bad paths', members: livePathScenarios },
  { title: 'Living clients and servers that stand still', members: liveHostScenarios },
];

/**
 * The built-in scenarios: name → scenario. 50 ms round trip, 250 ticks a second, Linux 6.18 and
 * kernel defaults unless the scenario says otherwise. An unknown name gives undefined;
 * `selectScenarios` names the nearest.
 *
 * @example
 * scenarios['nat-forgets'].fault // => { kind: 'nat-expiry', idleMs: 300_000 }
 * scenarios['nat-forgets'].path // => { rttMs: 50 }
 */
export const scenarios: Readonly<Record<string, Scenario>> = Object.freeze(
  Object.fromEntries(
    scenarioGroups.flatMap(({ members }) => members).map((scenario) => [scenario.name, scenario]),
  ),
);

/**
 * The built-in scenarios that a selector means, as `--scenario` takes it: a name, or `@` and a tag.
 *
 * @param selector the exact name of a built-in scenario, or `@` and a tag such as `@live`; `@all` means every one
 * @returns at least one scenario, or an issue (`unknown-name`, `unknown-tag`) with the nearest name
 * @example
 * selectScenarios('vanish-idle').value // => [scenarios['vanish-idle']]
 * selectScenarios('@live').value.every(({ kind }) => kind === 'live') // => true
 * selectScenarios('vanish-idel').issues[0].hint // => 'did you mean "vanish-idle"?'
 */
export function selectScenarios(selector: string): Result<readonly Scenario[]> {
  if (selector.startsWith('@')) return selectByTag(selector.slice(1));
  const found = selectByName(scenarios, selector, ['scenario', 'scenarios']);
  return found.ok ? { ok: true, value: [found.value] } : found;
}

function selectByTag(tag: string): Result<readonly Scenario[]> {
  const all = Object.values(scenarios);
  const tagged = tag === 'all' ? all : all.filter(({ tags }) => tags.includes(tag));
  if (tagged.length > 0) return { ok: true, value: tagged };
  const tags = ['all', ...new Set(all.flatMap((scenario) => scenario.tags))].toSorted();
  const issue = unknownName(
    'scenario',
    `@${tag}`,
    tags.map((known) => `@${known}`),
    'tags',
  );
  return { ok: false, issues: [{ ...issue, code: 'unknown-tag' }] };
}
