/**
 * Peers that do not leave in silence: a process whose kernel closes for it, a closing handshake, a rebooted
 * host, which resets the first segment that reaches it, and a middlebox that says what it has done.
 */
import { keepaliveOf } from '../../mechanisms/in-force.ts';
import type { Fault } from '../../scenario/types.ts';
import { shift, type Ending, type Span } from './ending.ts';
import { staysHalfClosed } from './half-closed.ts';
import { limitedProbeAfter } from '../kernel/keepalive-limits.ts';
import { keepaliveProbeAfter, peerTalks } from '../kernel/keepalive.ts';
import { youngestMs } from './opening.ts';
import { transmissionAfter } from '../kernel/retransmission.ts';
import { lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';

/** The peer's own word about its end, if it says one; null for a peer that just is not there. */
export function farewellEnding(situation: Situation): Ending | null {
  const { scenario, rules, lateMs } = situation;
  const { fault } = scenario;
  const half: Span = { minMs: rules.rttMs / 2, maxMs: rules.lossy ? null : lateMs };
  switch (fault.kind) {
    case 'crash':
    case 'half-close':
      return staysHalfClosed(scenario) ? null : endOfFile(half, fault);
    case 'close':
      return {
        ...half,
        manner: 'peer',
        inFlight: false,
        by: 'closing handshake',
        formula: 'rttMs / 2',
        derivation: 'The Close frame arrives half a round trip later and is answered at once.',
      };
    case 'reboot':
      return resetEnding(situation, fault.downMs);
    case 'nat-expiry':
      return middleboxEnding(situation, fault);
    default:
      return null;
  }
}

function endOfFile(span: Span, { kind }: Fault): Ending {
  return {
    ...span,
    manner: 'peer',
    inFlight: false,
    by: 'end of file',
    formula: kind === 'nat-expiry' ? 'rttMs / 4' : 'rttMs / 2',
    derivation:
      kind === 'half-close'
        ? 'The peer shuts its sending side: the FIN arrives half a round trip later, and the server closes, too.'
        : kind === 'nat-expiry'
          ? 'The middlebox ends the stream to both sides; its FIN arrives a quarter of a round trip later.'
          : "The dead process's kernel closes its socket: FIN, or a reset if something lay unread, arrives half a round trip later.",
  };
}

/** What a middlebox half way says when it forgets the flow, or to whom it hears afterwards. */
function middleboxEnding(
  situation: Situation,
  fault: Extract<Fault, { readonly kind: 'nat-expiry' }>,
): Ending | null {
  const { scenario, rules, lateMs } = situation;
  const quarterMs = rules.rttMs / 4;
  const arrives: Span = {
    minMs: quarterMs,
    maxMs: rules.lossy ? null : quarterMs + lateMs - 2 * quarterMs,
  };
  switch (fault.onExpiry) {
    case 'fin-both':
      return staysHalfClosed(scenario) ? null : endOfFile(arrives, fault);
    case 'reset-server':
      return {
        ...arrives,
        manner: 'kernel',
        inFlight: false,
        by: 'reset by the middlebox',
        formula: 'rttMs / 4',
        derivation:
          'The middlebox stands half way: its reset arrives a quarter of a round trip later.',
      };
    case 'reset-next': {
      const segment = firstSegmentAfter(situation, -quarterMs);
      if (segment === null) return null;
      const answered = shift(segment, 2 * quarterMs);
      const jitterMs = rules.rttMaxMs - rules.rttMs;
      return {
        minMs: answered.minMs,
        maxMs: answered.maxMs === null || rules.lossy ? null : answered.maxMs + jitterMs,
        manner: 'kernel',
        inFlight: false,
        by: 'reset by the middlebox',
        formula: 'wait for the next segment + rttMs / 2',
        derivation:
          'The middlebox resets the next segment that the server sends: a write, a retransmission, or a keepalive probe.',
      };
    }
    default:
      return null;
  }
}

/** When the reset of a rebooted host arrives: a round trip after the first segment it gets to see. */
function resetEnding(situation: Situation, downMs: number): Ending | null {
  const { rttMs, rttMaxMs, lossy } = situation.rules;
  const segment = firstSegmentAfter(situation, downMs - rttMs / 2);
  if (segment === null) return null;
  return {
    minMs: (segment.minMs ?? 0) + rttMs,
    maxMs: segment.maxMs === null || lossy ? null : segment.maxMs + rttMaxMs,
    manner: 'kernel',
    inFlight: false,
    by: 'reset by the rebooted host',
    formula: 'downMs + wait for the next segment + rttMs / 2',
    derivation:
      'The host resets the first segment that reaches it after downMs: a write, a retransmission that has backed off by then, or a keepalive probe.',
  };
}

/** The first segment the server sends at or after `fromMs`. */
function firstSegmentAfter(situation: Situation, fromMs: number): Span | null {
  const { unacked, rules } = situation;
  if (unacked !== null && unacked.since.minMs !== null && unacked.since.maxMs !== null) {
    const { minMs, maxMs } = unacked.since;
    const sent = transmissionAfter(rules, unacked.flight, { minMs, maxMs }, fromMs);
    return unacked.sometimes === true ? { minMs: sent.minMs, maxMs: null } : sent;
  }
  const keepalive = keepaliveOf(situation.policy);
  if (keepalive === null) return null;
  const { userTimeoutMs, edgeMs } = situation;
  const talks = peerTalks(situation);
  if (talks || youngestMs(situation) <= keepalive.idleMs) {
    // Before its first probe, and after anything that the peer sends of its own, the timer stands as it was armed
    // at any time before, and may be late by a whole bucket.
    const saidMs = talks ? (lastHeard(situation, ['any-byte'])?.maxMs ?? 0) : 0;
    const heardMs = Math.max(saidMs, rules.rttMaxMs - edgeMs);
    const maxMs = limitedProbeAfter(keepalive, userTimeoutMs, rules, heardMs, fromMs);
    return { minMs: Math.max(fromMs, -edgeMs), maxMs: Number.isFinite(maxMs) ? maxMs : null };
  }
  return keepaliveProbeAfter(keepalive, userTimeoutMs, rules, edgeMs, fromMs);
}
