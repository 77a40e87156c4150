/** Orderly end of a connection that is old: at an age, or at one drawn from around it, so that not all come back at once. */
import type { AgeMechanism } from '../policy/types.ts';
import type { MechanismKind } from './kind.ts';
import { orderlyEnd } from './orderly-end.ts';
import { drawOf, inWholeUs } from './region/clocks.ts';
import { verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';

export const age: MechanismKind<'age'> = {
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

function ageRegion(reaper: ReaperSetup, _age: AgeMechanism, mechanism: number) {
  return reaper.createStateConfig({
    initial: 'counting',
    states: { counting: { after: { [`age.${mechanism}`]: verdict('close', mechanism) } } },
  });
}
