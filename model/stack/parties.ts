/**
 * Every party of a stack that can let go of a connection: the ends that judge, and each proxy by itself.
 *
 * The row of an end has everything between in it: who ends the connection first, ends it. A proxy by itself is the same stack in which only it
 * does: the server asks as ever and never judges, the other proxies have no limits. So the rows tell who is the first, and who would be if that one were not there.
 */
import { kindOf } from '../mechanisms/index.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { Proxy, Scenario } from '../scenario/types.ts';
import { partyName } from './effective.ts';
import { endsOf, isPlayed, serverEnd, type End } from './ends.ts';
import { wayOf, type Placed } from './links.ts';
import type { Stack } from './schema.ts';

/** A mechanism that asks, and never acts; what belongs to a connection that is closing has nothing to act on. */
function asking(mechanism: Mechanism): Mechanism {
  const { carrier } = kindOf(mechanism);
  const judges =
    carrier === 'loop' || carrier === 'write' || carrier === 'watchdog' || carrier === 'kernel';
  return judges && mechanism.lost === undefined ? { ...mechanism, lost: 'verdict' } : mechanism;
}

/** A proxy that hands on, and ends nothing of itself. */
function unlimited(proxy: Proxy): Proxy {
  const { ageMs: _age, reloads: _reloads, ...limited } = proxy;
  const { towardsClient: _probes, towardsServer: _asks, ...plain } = limited;
  return { ...plain, idleMs: null, clientIdleMs: null, serverIdleMs: null };
}

function onlyLimitsOf(scenario: Scenario, place: number): Scenario {
  const { proxies = [] } = scenario;
  return {
    ...scenario,
    proxies: proxies.map((proxy, index) => (index === place ? proxy : unlimited(proxy))),
  };
}

function proxyAlone(stack: Stack, placed: Placed, place: number): End {
  const server = serverEnd(stack);
  const { called } = placed.hop;
  const policy: Policy = {
    ...server.policy,
    name: partyName(stack, placed),
    title: `${called} by itself`,
    mechanisms: server.policy.mechanisms.map(asking),
  };
  return {
    party: called,
    link: place + 1,
    policy,
    cellOf: (story) => {
      const cell = server.cellOf(story);
      return isPlayed(cell) ? onlyLimitsOf(cell, place) : cell;
    },
  };
}

/**
 * The ends that judge, the server's first, and each proxy by itself, from the client on.
 *
 * @example
 * const stack = parseExpression('browser > aws-alb > ws');
 * partiesOf(stack.value).map(({ party }) => party) // => ['ws', 'aws-alb']
 */
export function partiesOf(stack: Stack): readonly End[] {
  const proxies = wayOf(stack).filter(({ hop }) => hop.role === 'proxy');
  return [...endsOf(stack), ...proxies.map((placed, place) => proxyAlone(stack, placed, place))];
}
