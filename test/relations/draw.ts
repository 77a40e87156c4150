/**
 * Drawn policies and scenarios of the relations: policies as the swarm draws them, from a tape that shrinks to the plainest;
 * scenarios as the swarm draws them, or one story told with a fault and with a silence.
 */
import fc from 'fast-check';
import {
  defineScenario,
  definePolicy,
  swarmScenario,
  type Policy,
  type PolicyInput,
  type Scenario,
  type ScenarioInput,
} from '../../index.ts';
import { tapeChoices } from '../../scenarios/swarm/choices.ts';
import { drawnPolicyJson } from '../../scenarios/swarm/policies.ts';
import type { SwarmPart } from '../../scenarios/swarm/draw.ts';
import { swarmName, swarmParts } from '../../scenarios/swarm/index.ts';
import { SEED } from '../support/seed.ts';

/** What a policy does, as JSON: easier to change than to read. */
export type PolicyJson = Pick<PolicyInput, 'mechanisms' | 'peerHeartbeat'>;

export type MechanismJson = PolicyInput['mechanisms'][number];

/** As people write policies, or as the schema allows. */
export const policyJson: fc.Arbitrary<PolicyJson> = fc
  .tuple(fc.array(fc.nat(), { maxLength: 120 }), fc.boolean())
  .map(([tape, wild]) => drawnPolicyJson(tapeChoices(tape), wild ? 'wild' : 'written'));

export function policyOf(json: PolicyJson): Policy {
  return definePolicy({ name: 'drawn', ...json });
}

/** The relations speak of one link. */
const drawnParts: SwarmPart[] = swarmParts.filter((part) => part !== 'proxies');

/** Any scenario of the swarm under the seed of the properties; shrinks towards plain parts. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .tuple(fc.nat(99_999), fc.subarray(drawnParts))
  .map(([index, kept]) => {
    const plain = swarmParts.filter((part) => !kept.includes(part));
    const name = swarmName(index, plain);
    const drawn = swarmScenario(BigInt(SEED >>> 0), name);
    if (drawn === null) throw new Error(`no scenario ${name}`);
    return drawn;
  });

/** The circumstances of a story that is told with a fault and with a silence. */
export interface Circumstances {
  readonly load: NonNullable<ScenarioInput['load']>;
  readonly path: { readonly rttMs: number };
  readonly kernel: { readonly hz: 100 | 250 | 1000 };
}

const loads: readonly Circumstances['load'][] = [
  { kind: 'idle' },
  { kind: 'periodic', bytes: 1_024, everyMs: 500, direction: 'server' },
  { kind: 'periodic', bytes: 64, everyMs: 7_000, direction: 'both' },
  { kind: 'periodic', bytes: 300, everyMs: 2_000, direction: 'client' },
];

export const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  load: fc.constantFrom(...loads),
  path: fc.record({ rttMs: fc.constantFrom(1, 20, 50, 200) }),
  kernel: fc.record({ hz: fc.constantFrom(250 as const, 100 as const, 1000 as const) }),
});

export type FaultInput = Extract<ScenarioInput, { readonly kind: 'fault' }>;
type LiveInput = Extract<ScenarioInput, { readonly kind: 'live' }>;

export function withFault(fault: FaultInput['fault'], around: Circumstances): Scenario {
  return defineScenario({ kind: 'fault', name: 'story', title: 'Drawn', fault, ...around });
}

export function withSilence(silence: LiveInput['silence'], around: Circumstances): Scenario {
  return defineScenario({ kind: 'live', name: 'story', title: 'Drawn', silence, ...around });
}
