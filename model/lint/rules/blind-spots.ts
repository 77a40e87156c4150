/** Ghosts that nothing sees: the closed forms say that a peer may be gone for ever, or nearly so. */
import type { Load } from '../../scenario/types.ts';
import { ghost, inWords, mechanismPath, standsForEver, whileLoad } from '../probe.ts';
import type { PolicySubject } from '../subject.ts';
import type { PolicyRule } from '../types.ts';

/** The bound's own name for the kernel's last resort. */
const LAST_RESORT = 'tcp_retries2';

const VANISH = { kind: 'vanish', direction: 'both' } as const;
const FREEZE = { kind: 'freeze' } as const;

/** The loads under which a fault is never noticed. */
function unseen(subject: PolicySubject, fault: typeof VANISH | typeof FREEZE): readonly Load[] {
  return subject.loads.filter((load) => standsForEver(ghost(subject, fault, load)));
}

function under(loads: readonly Load[], all: readonly Load[]): string {
  return loads.length === all.length ? 'whatever is sent' : loads.map(whileLoad).join(', or ');
}

const vanishedPeerUnseen: PolicyRule = {
  name: 'vanished-peer-unseen',
  severity: 'error',
  summary: 'A peer that vanishes without a word is never noticed.',
  source: 'RFC 1122 §4.2.3.6; websockets/ws#484, #759',
  yieldsTo: ['user-timeout-without-keepalive', 'mechanism-lost'],
  check: (subject) => {
    const loads = unseen(subject, VANISH);
    if (loads.length === 0) return [];
    return [
      {
        path: mechanismPath(subject, undefined),
        message: `A peer that vanishes ${under(loads, subject.loads)} stands for ever: its descriptor, memory and place in the drain are never released.`,
        remedy: 'Add a ping with a reply timer, or keepalive with a user timeout.',
      },
    ];
  },
};

const leftToRetries2: PolicyRule = {
  name: 'left-to-retries2',
  severity: 'warning',
  summary: "A vanished peer is noticed by nothing but the kernel's last resort, tcp_retries2.",
  source: 'tcp(7), tcp_retries2; net/ipv4/tcp_timer.c, retransmits_timed_out; grpc/grpc-go#7542',
  yieldsTo: ['keepalive-without-user-timeout', 'mechanism-lost'],
  check: (subject) => {
    const left = subject.loads
      .map((load) => ({ load, bound: ghost(subject, VANISH, load) }))
      .filter(({ bound }) => bound.by === LAST_RESORT && bound.maxMs !== null);
    if (left.length === 0) return [];
    const loads = left.map(({ load }) => load);
    const longestMs = Math.max(...left.map(({ bound }) => bound.maxMs ?? 0));
    return [
      {
        path: mechanismPath(subject, undefined),
        message: `A peer that vanishes ${under(loads, subject.loads)} is left to ${LAST_RESORT}: its ghost lives up to ${inWords(longestMs, 'up')}.`,
        remedy: 'Set a user timeout (TCP_USER_TIMEOUT), or wait for the answer to a ping.',
      },
    ];
  },
};

const frozenPeerUnseen: PolicyRule = {
  name: 'frozen-peer-unseen',
  severity: 'warning',
  summary: 'A peer whose process is stopped, while its kernel still answers, is never noticed.',
  source: 'net/ipv4/tcp_timer.c, tcp_probe_timer: answered probes go on for ever',
  check: (subject) => {
    const loads = unseen(subject, FREEZE);
    if (loads.length === 0) return [];
    return [
      {
        path: mechanismPath(subject, undefined),
        message: `A peer whose process is stopped ${under(loads, subject.loads)} is never noticed: its kernel goes on acknowledging bytes and answering probes.`,
        remedy: 'Ask for an answer that only the application can give: a ping with a reply timer.',
      },
    ];
  },
};

const hiddenByProxy = { kind: 'tunnel-dead', proxyBufferBytes: 65_536 } as const;

/** Whether a client that died behind a proxy is never noticed by the server itself. */
export function proxyHidesClient(subject: PolicySubject): boolean {
  const [quietest] = subject.loads;
  return quietest !== undefined && standsForEver(ghost(subject, hiddenByProxy, quietest));
}

export const blindSpotRules = [vanishedPeerUnseen, leftToRetries2, frozenPeerUnseen];
