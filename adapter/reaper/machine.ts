/**
 * Whether this machine is one that a certificate speaks of: its B and T hang on settings of the server's kernel. What can be read (procfs) has to be as assumed;
 * what cannot, the tick among it, is told.
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Certificate } from '../../model/certificate/index.ts';
import type { Issue } from '../../model/issue.ts';

/** A certificate's assumptions, held against this machine. */
export interface MachineCheck {
  /** Settings that are others here. */
  readonly differs: readonly Issue[];
  /** What is assumed and cannot be known here, in words. */
  readonly unchecked: readonly string[];
}

type Assumed = Certificate['assumes'][number];

/** A setting of this machine's kernel; undefined where it has none or does not show it. */
export type ReadSysctl = (fullName: string) => number | undefined;

/** net.ipv4.tcp_retries2 is /proc/sys/net/ipv4/tcp_retries2. */
export function sysctlOfThisMachine(fullName: string): number | undefined {
  try {
    const text = readFileSync(`/proc/sys/${fullName.replaceAll('.', '/')}`, 'utf8').trim();
    return /^-?\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

function heldAgainst({ profile, hz, sysctls }: Assumed, read: ReadSysctl): MachineCheck {
  const differs: Issue[] = [];
  const unread: string[] = [];
  for (const [name, assumed] of Object.entries(sysctls)) {
    const here = read(name);
    if (here === undefined) unread.push(name);
    else if (here !== assumed) {
      differs.push({
        code: 'other-machine',
        path: `certificate: assumes ${name}`,
        expected: `${name} = ${assumed}, as it was verified`,
        received: String(here),
        hint: `verify the policy with --sysctl ${name}=${here}, change the setting, or set requireAll: false`,
      });
    }
  }
  const running = release();
  const isSame = running === profile || running.startsWith(`${profile}.`);
  return {
    differs,
    unchecked: [
      `HZ = ${hz} (no process can read it)`,
      ...(isSame ? [] : [`the rules of Linux ${profile} (this is ${running})`]),
      ...unread.map((name) => `${name} = ${sysctls[name]} (it cannot be read here)`),
    ],
  };
}

/** The machine has to be one of those that are assumed: what it differs in from the one that it is most like. */
export function heldAgainstMachine(
  { assumes }: Certificate,
  read: ReadSysctl = sysctlOfThisMachine,
): MachineCheck {
  const [nearest] = assumes
    .map((assumed) => heldAgainst(assumed, read))
    .toSorted((a, b) => a.differs.length - b.differs.length);
  return nearest ?? { differs: [], unchecked: [] };
}
