/** Recorded sysctls: those that the simulated kernel has, and the congestion control that is one of them. */
import type { Issue } from '../../model/issue.ts';
import { isKnownSysctl, resolveSysctls, type KernelProfile } from '../../model/linux/sysctls.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';

/** What a side's namespace was set to. */
export interface RecordedSysctls {
  readonly known: Readonly<Record<string, number>>;
  readonly congestion: string | null;
  readonly unknown: readonly string[];
  readonly issues: readonly Issue[];
}

const CONGESTION_CONTROL = 'net.ipv4.tcp_congestion_control';

/** A congestion control that the simulated kernel has; null = none of it. */
export function congestionControlOf(name: string | null): CongestionControl | null {
  return name === 'reno' || name === 'cubic' || name === 'bbr' ? name : null;
}

/** A value is a number, or the three of tcp_rmem and tcp_wmem, which get an index each; null where it is neither. */
function numbersOf(name: string, setting: unknown): [string, number][] | null {
  const parts: readonly unknown[] =
    typeof setting === 'string'
      ? setting.trim().split(/\s+/)
      : Array.isArray(setting)
        ? setting
        : [setting];
  const numbers = parts.map((part) =>
    typeof part === 'number' || (typeof part === 'string' && part !== '') ? Number(part) : NaN,
  );
  if (numbers.length === 0 || numbers.some((number) => !Number.isFinite(number))) return null;
  const [only = 0] = numbers;
  if (numbers.length === 1) return [[name, only]];
  return numbers.map((number, index) => [`${name}.${index}`, number]);
}

/** The settings the simulated kernel has; one that Linux would refuse is an issue, one it does not know is noted. */
export function readSysctls(
  settings: Readonly<Record<string, unknown>>,
  profile: KernelProfile,
  path: string,
): RecordedSysctls {
  const known: Record<string, number> = {};
  const unknown: string[] = [];
  const issues: Issue[] = [];
  const at = (name: string): string => `${path}[${JSON.stringify(name)}]`;
  const bad = (name: string, expected: string, value: unknown): void => {
    const received = JSON.stringify(value).slice(0, 80);
    issues.push({ code: 'bad-value', path: at(name), expected, received });
  };
  for (const [name, setting] of Object.entries(settings)) {
    if (name === CONGESTION_CONTROL) continue;
    const numbers = numbersOf(name, setting);
    for (const [full, number] of numbers ?? []) {
      if (isKnownSysctl(full)) known[full] = number;
      else unknown.push(full);
    }
    if (numbers !== null) continue;
    if (isKnownSysctl(name)) bad(name, 'a number, or three', setting);
    else unknown.push(name);
  }
  const resolved = resolveSysctls(known, profile);
  for (const issue of resolved.ok ? [] : resolved.issues) {
    bad(issue.path, issue.expected, known[issue.path] ?? issue.received);
  }
  const congestion = settings[CONGESTION_CONTROL] ?? null;
  if (congestion !== null && typeof congestion !== 'string') {
    bad(CONGESTION_CONTROL, 'a name', congestion);
    return { known, congestion: null, unknown, issues };
  }
  return { known, congestion, unknown, issues };
}
