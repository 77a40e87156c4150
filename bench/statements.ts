/** What `lint`, `tune` and `verify` ask thousands of times: a policy read, hashed, and its B and T stated. */
import { bounds } from '../model/bounds/index.ts';
import { canonicalPolicyText, parsePolicy, policyHash, presets } from '../model/policy/index.ts';
import { reachBound, reachTolerance } from '../model/reach/index.ts';
import { witnessCell } from '../proof/verify.ts';
import { scenarios } from '../scenarios/catalog/index.ts';
import type { Row } from './measure.ts';

const CELLS: readonly (readonly [policy: string, scenario: string])[] = [
  ['alive-flag-sweep', 'vanish-idle'],
  ['keepalive-10-5-3-user-timeout-20s', 'vanish-busy'],
  ['send-stall-watchdog', 'vanish-busy'],
];

/** Reachability alone: next to nothing, a load, and the longest of the built-in cells. */
const EXPLORED: typeof CELLS = [
  ['alive-flag-sweep', 'vanish-idle'],
  ['alive-flag-sweep', 'vanish-busy'],
  ['action-cable', 'vanish-busy'],
];

/** T alone: what lint and `tune` ask most. */
const SURVIVED: typeof CELLS = [
  ['sweep-and-pong-timer', 'live-outage-9s'],
  ['grpc-go-server', 'live-outage-29s'],
];

/** What `verify` does in each of thousands of cells, beside its lives at random. */
const WITNESSED: typeof CELLS = [['alive-flag-sweep', 'vanish-idle']];

function policyNamed(name: string) {
  const policy = presets[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

function scenarioNamed(name: string) {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
}

const text = canonicalPolicyText(policyNamed('sweep-and-pong-timer'));

export const statements: readonly Row[] = [
  {
    name: 'policy: read and hashed',
    work: () => {
      const parsed = parsePolicy(JSON.parse(text), 'bench');
      if (!parsed.ok) throw new Error('the canonical form of a policy is a policy');
      policyHash(parsed.value);
    },
  },
  ...CELLS.map(([policyName, scenarioName]) => {
    const [policy, scenario] = [policyNamed(policyName), scenarioNamed(scenarioName)];
    return {
      name: `B and T: ${policyName} on ${scenarioName}`,
      work: () => {
        // Each is worked out when it is asked for.
        const { decided, released, tolerance } = bounds(policy, scenario);
        if ([decided, released, tolerance].length !== 3) throw new Error('three statements');
      },
    };
  }),
  ...EXPLORED.map(([policyName, scenarioName]) => {
    const [policy, scenario] = [policyNamed(policyName), scenarioNamed(scenarioName)];
    return {
      name: `B by reachability: ${policyName} on ${scenarioName}`,
      work: () => {
        const bound = reachBound(policy, scenario);
        if (bound.kind === 'not-proved') throw new Error(bound.because);
      },
    };
  }),
  ...SURVIVED.map(([policyName, scenarioName]) => {
    const [policy, scenario] = [policyNamed(policyName), scenarioNamed(scenarioName)];
    return {
      name: `T by reachability: ${policyName} on ${scenarioName}`,
      work: () => {
        const tolerance = reachTolerance(policy, scenario);
        if (tolerance.kind === 'not-proved') throw new Error(tolerance.because);
      },
    };
  }),
  ...WITNESSED.map(([policyName, scenarioName]) => {
    const [policy, scenario] = [policyNamed(policyName), scenarioNamed(scenarioName)];
    return {
      name: `every witness, 16 phases: ${policyName} on ${scenarioName}`,
      work: () => {
        if (witnessCell(policy, scenario, 16, 1n).phases.undetected > 0) throw new Error('unseen');
      },
    };
  }),
];
