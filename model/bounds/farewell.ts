/**
 * Peers that do not leave in silence: a process whose kernel closes for it, a closing handshake, and
 * a rebooted host, which resets the first segment that reaches it.
 */
import type { Ending, Span } from './ending.ts';
import { keepaliveProbeAfter } from './keepalive.ts';
import { transmissionAfter } from './retransmission.ts';
import { keepaliveOf, type Situation } from './situation.ts';

/** The peer's own word about its end, if it says one; null for a peer that just is not there. */
export function farewellEnding(situation: Situation): Ending | null {
  const { fault } = situation.scenario;
  const half = situation.rules.rttMs / 2;
  switch (fault.kind) {
    case 'crash':
      return {
        minMs: half,
        maxMs: half,
        manner: 'peer',
        inFlight: false,
        by: 'end of file',
        formula: 'rttMs / 2',
        derivation:
          "The dead process's kernel closes its socket: FIN, or a reset if something lay unread, arrives half a round trip later.",
      };
    case 'close':
      return {
        minMs: half,
        maxMs: half,
        manner: 'peer',
        inFlight: false,
        by: 'closing handshake',
        formula: 'rttMs / 2',
        derivation: 'The Close frame arrives half a round trip later and is answered at once.',
      };
    case 'reboot':
      return resetEnding(situation, fault.downMs);
    default:
      return null;
  }
}

/** When the reset of a rebooted host arrives: a round trip after the first segment it gets to see. */
function resetEnding(situation: Situation, downMs: number): Ending | null {
  const { rttMs } = situation.rules;
  const segment = firstSegmentAfter(situation, downMs - rttMs / 2);
  if (segment === null) return null;
  return {
    minMs: (segment.minMs ?? 0) + rttMs,
    maxMs: segment.maxMs === null ? null : segment.maxMs + rttMs,
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
    return transmissionAfter(rules, unacked.flight, { minMs, maxMs }, fromMs);
  }
  const keepalive = keepaliveOf(situation.policy);
  if (keepalive === null) return null;
  return keepaliveProbeAfter(keepalive, situation.userTimeoutMs, rules, situation.edgeMs, fromMs);
}
