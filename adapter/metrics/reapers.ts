/** Which reapers are measured, by the name in their label `server`. */
import { InputError, type Issue } from '../../model/issue.ts';
import type { MeasuredReaper, Named } from './catalogue.ts';

const EXPECTED = 'a handle of attachReaper, or several by name';

function isReaper(value: unknown): value is MeasuredReaper {
  if (typeof value !== 'object' || value === null) return false;
  const { observe, observeTimes } = value as Partial<MeasuredReaper>;
  return typeof observe === 'function' && typeof observeTimes === 'function';
}

/** One by its policy's name, or several by theirs. Throws InputError. */
export function namedReapers(reapers: unknown): Named[] {
  if (isReaper(reapers)) return [[reapers.policy.name, reapers]];
  const received = reapers === null ? 'null' : typeof reapers;
  if (typeof reapers !== 'object' || reapers === null) {
    throw new InputError([{ code: 'bad-type', path: 'reapers', expected: EXPECTED, received }]);
  }
  const wrong = Object.entries(reapers).flatMap(([name, one]): Issue[] => {
    if (isReaper(one)) return [];
    const path = `reapers.${name}`;
    return [{ code: 'bad-type', path, expected: EXPECTED, received: typeof one }];
  });
  if (wrong.length > 0) throw new InputError(wrong);
  return Object.entries(reapers) as Named[];
}
