/** Who judges late enough not to care when exactly something comes again. */
import { endsNothing } from './acting.ts';
import type { Setting } from './setting.ts';

/** Patience that is longer than two timeouts and what slow start adds to them, µs. */
const PATIENT_US = 3_000_000;

/** Whether nobody judges so soon that it matters when exactly what was lost in a short silence comes again. */
export function isPatient({ parts, rttUs, kernel }: Setting): boolean {
  const leastUs = Math.min(
    ...parts.flatMap(({ region }) =>
      endsNothing(region.program) ? [] : [...region.clockUs].filter((us) => us > 0),
    ),
  );
  return leastUs > PATIENT_US + 20 * rttUs && kernel.userTimeoutMs === 0;
}
