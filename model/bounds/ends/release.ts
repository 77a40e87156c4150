/**
 * After the decision: the descriptor, the kernel's socket, its memory.
 *
 * Closing a descriptor does not end a connection. The kernel keeps an orphan: to a peer that is gone
 * it retransmits data and FIN under `tcp_orphan_retries`, from a peer whose kernel answers it waits in
 * FIN_WAIT2 for a FIN that never comes, and behind a closed window it probes on. Only where the
 * kernel itself gave up is there nothing left.
 */
import { serverLoad } from '../../scenario/load.ts';
import { DELAYED_ACK_MIN_MS, TIME_WAIT_MS } from '../../linux/constants.ts';
import { fireJiffy, wheelGranularity } from '../../linux/wheel.ts';
import type { FaultScenario } from '../../scenario/types.ts';
import { earliest, latest, plus, shift, type Ending, type Span } from './ending.ts';
import { staysHalfClosed } from './half-closed.ts';
import { ceilJiffies, type KernelRules } from '../kernel/kernel-rules.ts';
import { goodbyeSince } from './closing.ts';
import type { Flight, PhaseRange } from '../kernel/episode.ts';
import { rememberRange } from '../kernel/remember.ts';
import { orphanDeath, transmissionAfter } from '../kernel/retransmission.ts';
import { drainMs } from '../kernel/queue.ts';
import { type Situation } from '../situation.ts';
import { sourcesOf } from '../../signs/sources.ts';
import { rulesBehindWindow, windowCloses } from '../kernel/window.ts';
import { closedWindowOrphan } from '../kernel/zero-window.ts';

/** A FIN, or a Close frame, on its own. */
const LONE: Flight = { start: 'lone', everyMs: null };

/** A part of the bound: its span and how it comes about. */
export interface Aftermath extends Span {
  readonly by: string;
  readonly formula: string;
  readonly derivation: string;
}

/** One timer of the kernel, over all phases. */
function timer(rules: KernelRules, delayMs: number): PhaseRange {
  const delay = ceilJiffies(delayMs, rules.tickMs);
  return rememberRange(JSON.stringify(['timer', rules.tickMs, delay]), () => {
    const phases = wheelGranularity(delay);
    let min = Number.POSITIVE_INFINITY;
    let max = 0;
    for (let phase = 0; phase < phases; phase += 1) {
      const start = phases * 8 + phase;
      const jiffies = fireJiffy(start, delay, false) - start;
      min = Math.min(min, jiffies);
      max = Math.max(max, jiffies);
    }
    return { minMs: (min - 1) * rules.tickMs, maxMs: max * rules.tickMs };
  });
}

/** How long an orphan stays in FIN_WAIT2 (tcp_fin_time, tcp_time_wait, tcp_keepalive_timer). */
export function finWait2(rules: KernelRules): PhaseRange {
  const finMs = Math.max(rules.finTimeoutMs, 3.5 * rules.rto.max * rules.tickMs);
  if (finMs <= TIME_WAIT_MS) return timer(rules, finMs);
  // Longer ones wait the excess on the full socket, and the excess again on a light one.
  const half = timer(rules, finMs - TIME_WAIT_MS);
  return { minMs: 2 * half.minMs, maxMs: 2 * half.maxMs };
}

/** When the kernel forgets the socket of a connection closed at `closed`: never before that. */
export function releasedAfter(situation: Situation, ending: Ending, closed: Span): Aftermath {
  const gone = goneAfter(situation, ending, closed);
  if (gone.minMs === null || closed.minMs === null) return gone;
  return { ...gone, minMs: Math.max(gone.minMs, closed.minMs) };
}

function goneAfter(situation: Situation, ending: Ending, closed: Span): Aftermath {
  const { scenario, rules } = situation;
  const { fault } = scenario;
  const gone = withDecision(situation, ending, closed);
  if (gone !== null) return gone;
  if (ending.by === 'end of file' && fault.kind !== 'half-close') {
    return {
      minMs: closed.minMs,
      maxMs: shift(closed, (scenario.load.kind === 'saturated' ? 2 : 1) * rules.rttMaxMs).maxMs,
      by: 'LAST_ACK',
      formula: '3 · rttMs / 2',
      derivation: "Our FIN answers theirs, and their kernel's ACK, one round trip later, ends it.",
    };
  }
  if (fault.kind === 'close' && ending.manner === 'peer') {
    const full = plus(closed, shift(timer(rules, TIME_WAIT_MS), rules.rttMaxMs));
    const drainedMs = situation.farEdgeMs - situation.edgeMs;
    const quiet =
      scenario.load.kind === 'idle' && sourcesOf(situation.policy, scenario).length === 0;
    return {
      // A pong or message that was still under way is answered by a reset, and that ends it at once.
      minMs: quiet && !rules.uneven ? full.minMs : closed.minMs,
      maxMs: shift(full, drainedMs).maxMs,
      by: 'TIME_WAIT',
      formula: '3 · rttMs / 2 + 60 s + wheel',
      derivation:
        'The server closes first (RFC 6455 §7.1.1), so the TIME_WAIT of 60 s is on its side.',
    };
  }
  return situation.kernelAnswers
    ? answered(situation, closed)
    : unanswered(situation, ending, closed);
}

/** Ends that leave nothing, or next to nothing, behind; null where the kernel has more to do. */
function withDecision(
  { rules, scenario }: Situation,
  ending: Ending,
  closed: Span,
): Aftermath | null {
  if (ending.manner === 'kernel') {
    return {
      ...closed,
      by: ending.by,
      formula: 'with the decision',
      derivation: 'The kernel gave up by itself: socket and memory are gone with the error.',
    };
  }
  if (ending.manner === 'reset') {
    return {
      ...closed,
      by: 'SO_LINGER 0',
      formula: 'with the decision',
      derivation:
        'Closed with SO_LINGER 0: the kernel sends a reset and forgets everything at once.',
    };
  }
  const { fault } = scenario;
  const answersWithReset = fault.kind === 'nat-expiry' && fault.onExpiry === 'reset-next';
  if (!answersWithReset || rules.lossy || ending.manner === 'orderly') return null;
  return {
    minMs: closed.minMs,
    maxMs: shift(closed, rules.rttMaxMs).maxMs,
    by: 'reset by the middlebox',
    formula: 'closed + rttMs / 2',
    derivation: 'The middlebox answers the FIN with a reset, and that ends it.',
  };
}

/** The peer's kernel takes the FIN, or keeps the window closed before it. */
function answered(situation: Situation, closed: Span): Aftermath {
  const finWait: Aftermath = endsInLastAck(situation.scenario)
    ? {
        ...finTaken(situation, closed),
        by: 'LAST_ACK',
        formula: 'closed + rttMs + delayed ACK',
        derivation:
          "Our FIN answers theirs, and their kernel's ACK, one round trip later, ends it.",
      }
    : {
        ...finTaken(situation, closed),
        by: 'FIN_WAIT2',
        formula: 'closed + rttMs + delayed ACK + tcp_fin_timeout + wheel',
        derivation:
          'A kernel acknowledges the FIN, but nobody behind it will ever send one: FIN_WAIT2 runs its full time.',
      };
  const window = windowCloses(situation);
  if (window === null || closed.minMs === null || window.closed.maxMs === null) return finWait;
  // A server that has begun to close writes no more: what fills the window may never be sent.
  const goesOn = situation.scenario.fault.kind !== 'close-unanswered';
  const certainlyClosed = goesOn && closed.minMs >= window.closed.maxMs;
  const certainlyOpen = closed.maxMs !== null && closed.maxMs < (window.closed.minMs ?? 0);
  if (certainlyOpen) return finWait;
  const stuck = stuckOrphan(situation, closed, window.closed);
  if (certainlyClosed) return stuck;
  return {
    ...stuck,
    minMs: earliest(stuck, finWait).minMs,
    maxMs:
      stuck.maxMs === null || finWait.maxMs === null ? null : Math.max(stuck.maxMs, finWait.maxMs),
  };
}

/**
 * How long the kernel waits once its FIN is acknowledged. Where the other side is somebody who goes on, or has
 * closed first, it ends sooner or in TIME_WAIT; and data that nobody read turns the close into a reset.
 */
function finTaken({ rules, scenario }: Situation, closed: Span): Span {
  // Nobody reads, so nothing else hurries the acknowledgement of the FIN: it may be a delayed one.
  const acknowledged: Span = {
    minMs: rules.rttMs,
    maxMs: rules.rttMaxMs + DELAYED_ACK_MIN_MS + rules.tickMs,
  };
  const whole = plus(finWait2(rules), acknowledged);
  const { kind } = scenario.fault;
  // In LAST_ACK the acknowledgement of the FIN is the end of it.
  if (endsInLastAck(scenario) && !rules.lossy) {
    // What the kernel still holds goes first.
    const heldMs = serverLoad(scenario).kind === 'idle' ? 0 : drainMs(scenario);
    return { minMs: closed.minMs, maxMs: shift(plus(closed, acknowledged), heldMs).maxMs };
  }
  const plain = kind === 'freeze' || kind === 'tunnel-dead';
  if (plain && !rules.uneven && !unreadMayBe(scenario)) return plus(closed, whole);
  // A lost FIN is sent again, by an orphan's rules.
  const again = rules.lossy ? orphanDeath(rules, LONE, 0, null).maxMs : 0;
  const timeWaitMs = timer(rules, TIME_WAIT_MS).maxMs + rules.rttMaxMs;
  const mostMs = again + Math.max(whole.maxMs ?? 0, timeWaitMs);
  return { minMs: closed.minMs, maxMs: shift(closed, mostMs).maxMs };
}

/** Whether the peer's FIN has come before ours goes out. */
function endsInLastAck(scenario: FaultScenario): boolean {
  return scenario.fault.kind === 'half-close' || staysHalfClosed(scenario);
}

/** Whether something the peer sends may lie unread at the close, or arrive after it. */
function unreadMayBe({ server }: FaultScenario): boolean {
  return server.broken?.kind === 'loop-stalled';
}

function stuckOrphan(situation: Situation, closed: Span, window: Span): Aftermath {
  const { userTimeoutMs } = situation;
  const rules = rulesBehindWindow(situation);
  const early = Math.max(0, (closed.minMs ?? 0) - (window.maxMs ?? 0));
  const late = closed.maxMs === null ? null : closed.maxMs - (window.minMs ?? 0);
  const first = closedWindowOrphan(rules, early, userTimeoutMs);
  const last = late === null ? null : closedWindowOrphan(rules, Math.max(0, late), userTimeoutMs);
  return {
    minMs: first === null ? null : (window.minMs ?? 0) + first.minMs,
    maxMs: last === null || window.maxMs === null ? null : window.maxMs + last.maxMs,
    by: 'zero-window orphan',
    formula: 'first probe with rto · 2^backoff ≥ rtoMax',
    derivation:
      'The FIN is stuck behind data that the closed window does not let through; the orphan probes until the interval has grown to the largest RTO.',
  };
}

/** Nobody answers the FIN, nor what was in flight before it. */
function unanswered(situation: Situation, ending: Ending, closed: Span): Aftermath {
  const { userTimeoutMs, unacked } = situation;
  const finOnly = orphanEnd(situation, LONE, closed, closed);
  let span = finOnly;
  if (ending.manner === 'orderly') {
    const flight = unacked?.flight ?? LONE;
    const orphan = orphanEnd(situation, flight, goodbyeSince(situation, ending), closed);
    // A kernel that gives up the Close frame takes the socket with it.
    span = { minMs: earliest(orphan, closed).minMs, maxMs: latest(orphan, finOnly).maxMs };
  } else if (unacked !== null) {
    const withData = orphanEnd(situation, unacked.flight, unacked.since, closed);
    const certain =
      unacked.sometimes !== true &&
      (ending.inFlight || (unacked.since.maxMs ?? Infinity) <= (closed.minMs ?? Infinity));
    span = certain
      ? withData
      : { minMs: earliest(finOnly, withData).minMs, maxMs: latest(finOnly, withData).maxMs };
  }
  const origin = 'first unacknowledged write or FIN + first retransmission';
  return {
    ...span,
    // Data for an orphan makes its kernel reset the connection (tcp_rcv_state_process).
    minMs: talksOn(situation) ? closed.minMs : span.minMs,
    by: userTimeoutMs === null ? 'tcp_orphan_retries' : 'TCP_USER_TIMEOUT',
    formula: `${origin} + ${userTimeoutMs === null ? 'model(tcp_orphan_retries)' : 'timeoutMs'} + wheel`,
    derivation:
      'Closing leaves an orphan in FIN_WAIT1 whose data and FIN nobody acknowledges. The clock is that of the first retransmission, so what was already in flight when the process closed shortens the rest.',
  };
}

/** Whether the peer may go on sending, unheard itself, after the server has closed. */
function talksOn({ policy, scenario }: Situation): boolean {
  const { fault } = scenario;
  return (
    fault.kind === 'vanish' &&
    fault.direction === 'server-to-client' &&
    sourcesOf(policy, scenario).some(({ kind }) => kind === 'heartbeat' || kind === 'message')
  );
}

/** The end of an orphan whose first unacknowledged byte (or FIN) left at `since`. */
function orphanEnd(situation: Situation, flight: Flight, since: Span, closed: Span): Span {
  const { rules, userTimeoutMs } = situation;
  const { fault } = situation.scenario;
  if (since.minMs === null || closed.minMs === null) return { minMs: null, maxMs: null };
  const end = (from: number, at: number): PhaseRange => {
    const death = orphanDeath(rules, flight, Math.max(0, at - from), userTimeoutMs);
    return { minMs: from + death.minMs, maxMs: from + death.maxMs };
  };
  const first = since.minMs;
  const last = since.maxMs;
  const minMs = Math.max(end(first, closed.minMs).minMs, closed.minMs);
  if (last === null || closed.maxMs === null) return { minMs, maxMs: null };
  const maxMs = Math.max(end(first, closed.maxMs).maxMs, end(last, closed.maxMs).maxMs);
  if (fault.kind === 'host-sleep') return afterWaking(situation, fault.lengthMs, closed, maxMs);
  if (fault.kind !== 'reboot') return { minMs, maxMs };
  // The host is back: what is sent again after that is reset.
  const sent = { minMs: first, maxMs: last };
  const reset = transmissionAfter(rules, flight, sent, fault.downMs - rules.rttMs / 2);
  const ended = earliest({ minMs, maxMs }, latest(shift(reset, rules.rttMs), closed));
  // A reset may be lost, and what it answers, every time.
  return rules.lossy ? { minMs: ended.minMs, maxMs } : ended;
}

/** An orphan that still sends when the host wakes is answered, and waits for the rest of the goodbye. */
function afterWaking({ rules }: Situation, wakesMs: number, closed: Span, goneMs: number): Span {
  if (goneMs <= wakesMs) return { minMs: closed.minMs, maxMs: goneMs };
  const goodbyeMs = Math.max(finWait2(rules).maxMs, timer(rules, TIME_WAIT_MS).maxMs);
  return { minMs: closed.minMs, maxMs: goneMs + 2 * rules.rttMaxMs + goodbyeMs };
}
