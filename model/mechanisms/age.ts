/** Orderly end of a connection that is old: at an age, or at one drawn from around it, so that not all come back at once. */
import { duration, integer, optional, variant, type Canonical } from '../schema/words.ts';
import { lost, orderly } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import type { RegionConfig } from './region/chart.ts';
import { orderlyEnd } from './orderly-end.ts';
import { drawOf, inWholeUs } from './region/clocks.ts';
import { decides } from './region/parts.ts';

const schema = variant('age', 'Orderly close at an age.', {
  maxMs: duration('Age at which the connection is closed.'),
  jitterPercent: optional(
    integer(
      'The age of each connection is drawn from ± this share of it, %; 0 when missing.',
      0,
      100,
    ),
  ),
  verdict: orderly,
  lost,
});

/** Ends a connection at an age. */
export interface AgeMechanism extends Canonical<typeof schema> {}

export const age: MechanismKind<typeof schema> = {
  schema,
  carrier: 'loop',
  ends: 'in-order',
  judgesClosing: true,
  goesOnWithoutVerdict: false,
  showsWhenLost: false,
  region: ageRegion,
  clocksMs: ({ maxMs, jitterPercent = 0 }, phase) => {
    // Uniform over maxMs ± its share.
    const eitherWayMs = (maxMs * jitterPercent) / 100;
    return { age: maxMs - eitherWayMs + inWholeUs(2 * drawOf(phase) * eitherWayMs) };
  },
  drawn: ({ maxMs, jitterPercent }) =>
    jitterPercent === undefined
      ? undefined
      : { clock: 'age', uptoUs: (2 * maxMs * jitterPercent * 1_000) / 100 },
  lifeMask: () => 0,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: () => 0,
  lastStrikeMs: ({ maxMs, jitterPercent = 0 }) => Math.ceil(maxMs * (1 + jitterPercent / 100)),
  waitingFor: (one) => one,
  cycles: () => [],
  brief: orderlyEnd,
  verdict: ({ maxMs }) => `open for ${maxMs} ms`,
  needs: () => [],
  linuxOnly: () => undefined,
  pictures: [{ title: 'Age', mechanism: { kind: 'age', maxMs: 1_800_000 } }],
};

function ageRegion(_age: AgeMechanism, mechanism: number): RegionConfig {
  return {
    initial: 'counting',
    states: { counting: { after: { [`age.${mechanism}`]: decides('close', mechanism) } } },
  };
}
