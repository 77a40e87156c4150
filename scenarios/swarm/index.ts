/** The swarm: random scenarios and policies, named by seed and index, and shrunk where they break a statement. */
export { swarmName, swarmParts } from './draw.ts';
export { brokenRun, type BrokenRun } from './invariants.ts';
export { swarmPolicies, swarmPolicy } from './policies.ts';
export { shrinkSwarm, swarmScenario, swarmScenarios } from './scenarios.ts';
export { shrinkPolicy, type ShrunkPolicy } from './shrink.ts';
