/**
 * A certificate re-established: B and T are proved anew for its policy and its scenarios, by this release, and held against what it says. No life is played, so it
 * takes milliseconds a scenario; what the certificate says of lives is vouched for by its digest alone.
 */
import { bounds } from '../model/bounds/index.ts';
import type { Bounds } from '../model/bounds/types.ts';
import type { Certificate } from '../model/certificate/index.ts';
import { MODEL_VERSION } from '../model/reach/version.ts';
import type { StatedBound, VerificationRow } from '../model/results/types.ts';
import { parseScenario } from '../model/scenario/index.ts';

/** Sums of clocks differ in the last digit. */
const ROUNDING_MS = 1e-6;

const INSTANTS = ['decided', 'closed', 'kernelClosed', 'released'] as const;

/** One number, as certified and as it is proved now; `null` = unbounded. */
export interface CheckedNumber {
  readonly certifiedMs: number | null;
  readonly provedMs: number | null;
  readonly proved: boolean;
  readonly holds: boolean;
}

/** A scenario of a certificate. */
export interface CheckedRow {
  readonly scenario: string;
  readonly kind: VerificationRow['kind'];
  /** B for the four instants and T, where the certificate states it. */
  readonly numbers: Readonly<
    Partial<Record<(typeof INSTANTS)[number] | 'tolerance', CheckedNumber>>
  >;
  readonly holds: boolean;
}

/** A certificate held against what this release proves. */
export interface Recheck {
  readonly schemaVersion: 1;
  readonly policy: string;
  readonly modelVersion: { readonly certified: number; readonly here: number };
  readonly rows: readonly CheckedRow[];
  readonly holds: boolean;
}

/** A bound holds while it is proved that nothing lives longer; a tolerance, that nothing shorter ends anybody. */
function checked(
  certified: StatedBound,
  now: Bounds['decided'],
  isTolerance: boolean,
): CheckedNumber | undefined {
  if (!certified.proved) return undefined;
  const [certifiedMs, provedMs] = [certified.maxMs ?? Infinity, now.maxMs ?? Infinity];
  const keeps = isTolerance
    ? provedMs >= certifiedMs - ROUNDING_MS
    : provedMs <= certifiedMs + ROUNDING_MS;
  return {
    certifiedMs: certified.maxMs,
    provedMs: now.maxMs,
    proved: now.proved,
    // Unbounded promises nothing of a ghost.
    holds: (now.proved && keeps) || (!isTolerance && certifiedMs === Infinity),
  };
}

/**
 * Proves anew what a certificate states.
 *
 * @example
 * const policy = presets['alive-flag-sweep'];
 * const found = verify(policy, { scenarios: [scenarios['vanish-idle']], runs: 10 });
 * recheck(certify(policy, found)).holds // => true
 */
export function recheck(certificate: Certificate): Recheck {
  const { policy, modelVersion, scenarios, rows: certified } = certificate;
  const told = scenarios.flatMap((one, index) => {
    const parsed = parseScenario(one, `scenarios[${index}]`);
    return parsed.ok ? [parsed.value] : [];
  });
  const rows = certified.map(({ scenario: name, kind, stated }): CheckedRow => {
    const scenario = told.find((one) => one.name === name);
    if (scenario === undefined) return { scenario: name, kind, numbers: {}, holds: false };
    const now = bounds(policy, scenario);
    const instants = kind === 'fault' ? INSTANTS : [];
    const numbers = Object.fromEntries(
      [...instants, 'tolerance' as const].flatMap((instant) => {
        const number = checked(stated[instant], now[instant], instant === 'tolerance');
        return number === undefined ? [] : [[instant, number] as const];
      }),
    );
    const all = Object.values(numbers);
    return { scenario: name, kind, numbers, holds: all.every(({ holds }) => holds) };
  });
  return {
    schemaVersion: 1,
    policy: policy.name,
    modelVersion: { certified: modelVersion, here: MODEL_VERSION },
    rows,
    holds: rows.every(({ holds }) => holds),
  };
}
