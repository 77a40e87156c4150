/** The stack object: written and read, as a file or as one line. */
export { builtInStacks, stackNamed } from './built-in.ts';
export type { Expiry, Facts, Role, System } from './facts.ts';
export { hopsOf, type Hop } from './hops.ts';
export type { Stack, StackInput } from './schema.ts';
export {
  answersPings,
  effectiveServer,
  heardAt,
  partyName,
  probesAt,
  signalOf,
  speaksHttp2,
  statedPolicy,
  type Beat,
  type EffectivePolicy,
} from './effective.ts';
export { endsOf, isPlayed, type End, type NotPlayed } from './ends.ts';
export { optionOf, settingFor, timesOf, type Measure, type Wanted } from './knobs.ts';
export { lineFor } from './lines.ts';
export { linksOf, loadOf, wayOf, wholeRttMs, withRtt, type Placed } from './links.ts';
export { reaches, spanEnd } from './spans.ts';
export { carriesRequests, isOfRequests, poolIdleMs, poolsOf, type Pool } from './pools.ts';
export { raceResults, racesOf, type Race } from './reuse.ts';
export { pingsOf } from './pings.ts';
export { partiesOf } from './parties.ts';
export { parseExpression } from './expression.ts';
export { systems } from './systems/index.ts';
export { commonOptions } from './common-options.ts';
export { defineStack, parseStack } from './parse.ts';
export { formatStack, writtenStack } from './print.ts';
