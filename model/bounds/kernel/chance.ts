/** How likely loss is, and when a chance is taken for none. */
import type { Scenario } from '../../scenario/types.ts';

/** Chances below this are taken for none. */
export const NEGLIGIBLE = 1e-12;

/** How likely a packet or its answer is lost. */
export function roundTripLoss({ path }: Scenario): number {
  const passes = 1 - (path.lossPercent ?? 0) / 100;
  return 1 - passes ** 2;
}
