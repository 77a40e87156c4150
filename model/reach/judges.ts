/**
 * Mechanisms that only judge: they ask nothing, so nobody hears of them, and a run without one is the same run, but for an end that comes at the same time or
 * later. A bound on the decision without one is a bound with it.
 */
import { asks } from './acting.ts';
import type { Setting } from './setting.ts';

/** The cell with one of them left out, for each of them. */
export function withoutOneJudge(setting: Setting): Setting[] {
  return setting.parts
    .filter(({ region }) => !asks(region))
    .map((judge) => ({ ...setting, parts: setting.parts.filter((part) => part !== judge) }));
}
