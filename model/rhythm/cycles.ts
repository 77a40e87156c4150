/**
 * Everything that repeats on a healthy connection: what it is, how often it comes, and whose clock it runs by.
 * Facts about mechanisms, the load and the peer; nothing here knows what a policy promises.
 */
import type { Cycle } from '../mechanisms/cycle.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

/** Every cycle of a policy on a scenario. A mechanism whose timer is lost has none. */
export function cyclesOf(policy: Policy, scenario: Scenario): readonly Cycle[] {
  const own = policy.mechanisms.flatMap(mechanismCycles);
  const always = [
    ...own.filter(({ afterQuietMs }) => afterQuietMs === undefined),
    ...loadCycles(scenario),
    ...peerCycles(policy, scenario),
  ];
  const quietMs =
    scenario.load.kind === 'saturated'
      ? 0
      : Math.min(...always.map(({ speaks, everyMs }) => (speaks ? everyMs : Infinity)));
  // Whatever is sent more often puts every probe off.
  const probes = own.filter(({ afterQuietMs = Infinity }) => afterQuietMs <= quietMs);
  return [...always, ...probes];
}

/** What a mechanism does again and again. An option of the kernel that is lost in either way is never set. */
function mechanismCycles(mechanism: Mechanism): readonly Cycle[] {
  const kind = kindOf(mechanism);
  const runs =
    mechanism.lost === undefined || (mechanism.lost === 'verdict' && kind.carrier !== 'kernel');
  return runs ? kind.cycles(mechanism) : [];
}

/** Messages of the application; where both sides write, they do so half a period apart, by one clock. */
function loadCycles({ load }: Scenario): readonly Cycle[] {
  if (load.kind !== 'periodic') return [];
  return [{ everyMs: load.everyMs, clock: 'load', what: 'load', speaks: true }];
}

/** What the client sends of its own. */
function peerCycles({ peerHeartbeat }: Policy, { client }: Scenario): readonly Cycle[] {
  const cycles: Cycle[] = [];
  const beats = (everyMs: number, what: string): void => {
    cycles.push({ everyMs, clock: 'peer', what, speaks: true });
  };
  if (peerHeartbeat !== undefined) beats(peerHeartbeat.everyMs, 'the peer’s heartbeat');
  if (client !== undefined && client.pingEveryMs !== null) {
    beats(client.pingEveryMs, 'the client’s ping');
  }
  return cycles;
}
