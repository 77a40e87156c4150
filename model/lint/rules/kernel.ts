/** SO_KEEPALIVE and TCP_USER_TIMEOUT: what each leaves unseen, and what they make of each other. */
import { keepaliveOf, userTimeoutOf } from '../../bounds/situation.ts';
import type { Mechanism } from '../../policy/types.ts';
import {
  ghost,
  inWords,
  lost,
  mechanismPath,
  standsForEver,
  whileLoad,
  withMechanism,
} from '../probe.ts';
import type { PolicySubject } from '../subject.ts';
import type { PolicyRule, Problem } from '../types.ts';

const VANISH = { kind: 'vanish', direction: 'both' } as const;

function indexOf({ policy }: PolicySubject, kind: Mechanism['kind']): number {
  return policy.mechanisms.findIndex((one) => one.kind === kind && one.lost === undefined);
}

const keepaliveWithoutUserTimeout: PolicyRule = {
  name: 'keepalive-without-user-timeout',
  severity: 'warning',
  summary: 'Keepalive alone: with data unacknowledged it defers, and tcp_retries2 rules.',
  source: 'net/ipv4/tcp_timer.c, tcp_keepalive_timer; gRFC A18; grpc/grpc#15889',
  check: (subject) => {
    if (keepaliveOf(subject.policy) === null || userTimeoutOf(subject.policy) !== null) return [];
    const worst = subject.loads
      .map((load) => ({ load, bound: ghost(subject, VANISH, load) }))
      .find(({ bound }) => bound.by === 'tcp_retries2' && bound.maxMs !== null);
    if (worst === undefined) return [];
    return [
      {
        path: mechanismPath(subject, indexOf(subject, 'keepalive')),
        message: `Keepalive looks at silent connections only. A peer that vanishes ${whileLoad(worst.load)} leaves data unacknowledged, the probes stop, and its ghost lives up to ${inWords(worst.bound.maxMs ?? 0, 'up')} (tcp_retries2).`,
        remedy: 'Add a user timeout (TCP_USER_TIMEOUT): it counts while data is unacknowledged.',
      },
    ];
  },
};

const userTimeoutWithoutKeepalive: PolicyRule = {
  name: 'user-timeout-without-keepalive',
  severity: 'error',
  summary:
    'TCP_USER_TIMEOUT alone: on a silent connection nothing is in flight, so nothing times out.',
  source: 'tcp(7), TCP_USER_TIMEOUT',
  yieldsTo: ['mechanism-lost'],
  check: (subject) => {
    const timeoutMs = userTimeoutOf(subject.policy);
    if (timeoutMs === null) return [];
    const blind = subject.loads.find((load) => standsForEver(ghost(subject, VANISH, load)));
    if (blind === undefined) return [];
    return [
      {
        path: mechanismPath(subject, indexOf(subject, 'user-timeout')),
        message: `The user timeout of ${inWords(timeoutMs)} counts only while sent data is unacknowledged. A peer that vanishes ${whileLoad(blind)} stands for ever.`,
        remedy: 'Add keepalive or a ping: something must be sent for its answer to be missed.',
      },
    ];
  },
};

const userTimeoutReplacesProbes: PolicyRule = {
  name: 'user-timeout-replaces-probes',
  severity: 'note',
  summary: 'With TCP_USER_TIMEOUT the number of keepalive probes does not count.',
  source: 'tcp(7), TCP_USER_TIMEOUT; net/ipv4/tcp_timer.c, tcp_keepalive_timer',
  check: (subject) => {
    const keepalive = keepaliveOf(subject.policy);
    const timeoutMs = userTimeoutOf(subject.policy);
    const load = subject.loads.find(({ kind }) => kind === 'idle');
    if (keepalive === null || timeoutMs === null || load === undefined) return [];
    const index = indexOf(subject, 'user-timeout');
    const both = ghost(subject, VANISH, load);
    const counted = ghost(withMechanism(subject, index, lost), VANISH, load);
    if (both.maxMs === counted.maxMs || both.maxMs === null || counted.maxMs === null) return [];
    const { idleMs, intervalMs, probes } = keepalive;
    const nominalMs = idleMs + probes * intervalMs;
    return [
      {
        path: mechanismPath(subject, index, 'timeoutMs'),
        message: `${inWords(idleMs)} and ${probes} probes of ${inWords(intervalMs)} read as ${inWords(nominalMs)}, but the user timeout of ${inWords(timeoutMs)} replaces the count: an idle ghost ends at the first check past it, at most ${inWords(both.maxMs, 'up')} after the peer is gone instead of ${inWords(counted.maxMs, 'up')}.`,
        remedy: `Set the user timeout to ${inWords(nominalMs)} for both to say the same, or read the probes as without meaning.`,
      },
    ];
  },
};

/** Why a mechanism needs Linux; undefined where it works everywhere. */
function needsLinux(mechanism: Mechanism): string | undefined {
  switch (mechanism.kind) {
    case 'user-timeout':
      return 'TCP_USER_TIMEOUT is an option of Linux';
    case 'peer-closed':
      return 'the state of a socket is read by TCP_INFO of Linux';
    case 'send-stall':
      return mechanism.progress === 'application-ack'
        ? undefined
        : 'SIOCOUTQ and tcpi_bytes_acked are numbers of Linux';
    default:
      return undefined;
  }
}

const linuxOnly: PolicyRule = {
  name: 'linux-only',
  severity: 'error',
  summary: 'A mechanism works on Linux only, and the server runs elsewhere, or nobody says where.',
  source: 'tcp(7); Linux uapi/linux/tcp.h, struct tcp_info',
  check: (subject) => {
    if (subject.platform === 'linux') return [];
    return subject.policy.mechanisms.flatMap((mechanism, index): readonly Problem[] => {
      const reason = needsLinux(mechanism);
      if (reason === undefined || mechanism.lost !== undefined) return [];
      const path = mechanismPath(subject, index);
      const remedy = 'Keep a mechanism beside it that works everywhere, such as a ping.';
      if (subject.platform === 'other') {
        const message = `The server does not run on Linux, and ${reason}: ${mechanism.kind} is off.`;
        return [{ path, message, remedy }];
      }
      const message = `Elsewhere than on Linux ${mechanism.kind} is off: ${reason}.`;
      return [{ path, message, remedy, severity: 'note' }];
    });
  },
};

export const kernelRules = [
  keepaliveWithoutUserTimeout,
  userTimeoutWithoutKeepalive,
  userTimeoutReplacesProbes,
  linuxOnly,
];
