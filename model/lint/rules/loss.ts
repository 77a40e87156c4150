/** Mechanisms that no longer act, and policies that hang on a single one. */
import type { Mechanism } from '../../policy/types.ts';
import { ghost, inWords, lost, mechanismPath, whileLoad, withMechanism } from '../probe.ts';
import type { PolicySubject } from '../subject.ts';
import type { PolicyRule, Problem } from '../types.ts';

const VANISH = { kind: 'vanish', direction: 'both' } as const;

/** B under the quietest load; undefined where it is not proved. */
function quietGhostMs(subject: PolicySubject): number | null | undefined {
  const [load] = subject.loads;
  if (load === undefined) return null;
  const { maxMs, proved } = ghost(subject, VANISH, load);
  return proved ? maxMs : undefined;
}

function mended(mechanism: Mechanism): Mechanism {
  const { lost: _lost, ...whole } = mechanism;
  return whole;
}

function lives(ms: number | null): string {
  return ms === null ? 'for ever' : `up to ${inWords(ms, 'up')}`;
}

const mechanismLost: PolicyRule = {
  name: 'mechanism-lost',
  severity: 'error',
  summary: 'A mechanism of the policy is lost: it no longer probes, or no longer judges.',
  source: 'A chat server whose sweep had stopped acting: two ghosts stood for a week',
  check: (subject) =>
    subject.policy.mechanisms.flatMap((mechanism, index): readonly Problem[] => {
      if (mechanism.lost === undefined) return [];
      const nowMs = quietGhostMs(subject);
      const onceMs = quietGhostMs(withMechanism(subject, index, mended));
      const same = nowMs === onceMs || onceMs === undefined;
      const what =
        mechanism.lost === 'timer' ? 'neither probes nor judges' : 'probes but no longer judges';
      return [
        {
          path: mechanismPath(subject, index, 'lost'),
          message: `${mechanism.kind} ${what}, and nothing says so.${nowMs === undefined || onceMs === undefined ? '' : ` A vanished peer stands ${lives(nowMs)}${same ? ' with or without it' : `; with it, ${lives(onceMs)}`}.`}`,
          remedy: 'Mend it, and count its verdicts where an alert can see them.',
          ...(nowMs === null && !same ? {} : { severity: 'warning' as const }),
        },
      ];
    }),
};

const singleMechanism: PolicyRule = {
  name: 'single-mechanism',
  severity: 'note',
  summary: 'Vanished peers are found by one mechanism alone: with it lost, they are not found.',
  source: 'A chat server whose sweep had stopped acting: two ghosts stood for a week',
  check: (subject) => {
    const [load] = subject.loads;
    const nowMs = quietGhostMs(subject);
    if (load === undefined || nowMs === null || nowMs === undefined) return [];
    return subject.policy.mechanisms.flatMap((mechanism, index) => {
      if (mechanism.lost !== undefined) return [];
      if (quietGhostMs(withMechanism(subject, index, lost)) !== null) return [];
      return [
        {
          path: mechanismPath(subject, index),
          message: `A peer that vanishes ${whileLoad(load)} is found within ${inWords(nowMs, 'up')} by ${mechanism.kind} alone: should that stop acting unseen, it stands for ever.`,
          remedy: 'Add a backstop of another kind, such as keepalive beside a ping.',
        },
      ];
    });
  },
};

export const lossRules = [mechanismLost, singleMechanism];
