/**
 * The alive-flag sweep. At each tick a connection whose flag is false is reaped; else the flag
 * becomes false, a ping goes out, and whatever counts as life sets the flag again.
 *
 * So a ghost needs two ticks: the first after its last sign of life clears the flag, the second
 * finds it cleared. The last sign may come just before or just after a tick, hence one interval
 * at the least and two at the most.
 */
import type { SweepMechanism } from '../policy/types.ts';
import { latest, never, type Ending, type Span } from './ending.ts';
import {
  clientMessagePeriodMs,
  deferredByMessages,
  firstLostPing,
  hangsInPing,
  judges,
  lastMessage,
  pingers,
  ticks,
  type Situation,
} from './situation.ts';

const BY = 'sweep';

/** Last sign of life that the sweep accepts from anything but its own ping; null when there is none. */
function lastForeignLife(situation: Situation, sweep: SweepMechanism): Span | null {
  const accepts = (sign: 'pong' | 'message'): boolean =>
    sweep.life.includes(sign) || sweep.life.includes('any-byte');
  let last: Span | null = accepts('message') ? lastMessage(situation) : null;
  if (accepts('pong')) {
    for (const pinger of pingers(situation.policy)) {
      if (pinger === sweep || deferredByMessages(situation, pinger)) continue;
      const { rttMs } = situation.rules;
      const lost = firstLostPing(situation, pinger);
      const period = (lost.maxMs ?? 0) - (lost.minMs ?? 0);
      // The answer before the first lost ping is one period older, plus its round trip.
      const pong: Span = {
        minMs: (lost.minMs ?? 0) - period + rttMs,
        maxMs: (lost.maxMs ?? 0) - period + rttMs,
      };
      last = last === null ? pong : latest(last, pong);
    }
  }
  return last;
}

/** Whether the sweep's own ping brings it life. */
function hearsOwnPong(sweep: SweepMechanism): boolean {
  return sweep.ping && (sweep.life.includes('pong') || sweep.life.includes('any-byte'));
}

/** When the sweep reaps a ghost. */
export function sweepEnding(situation: Situation, sweep: SweepMechanism): Ending {
  const { edgeMs, farEdgeMs, rules, scenario } = situation;
  const interval = sweep.intervalMs;
  if (!ticks(sweep)) return never(BY, 'The sweep no longer runs: it neither pings nor judges.');
  if (!judges(sweep)) return never(BY, 'The sweep runs but its verdict never takes effect.');
  const foreign = lastForeignLife(situation, sweep);
  const own: Span | null = hearsOwnPong(sweep)
    ? { minMs: interval - farEdgeMs, maxMs: 2 * interval - edgeMs }
    : null;
  const byForeign: Span | null =
    foreign === null
      ? null
      : { minMs: (foreign.minMs ?? 0) + interval, maxMs: (foreign.maxMs ?? 0) + 2 * interval };
  const span = own === null ? byForeign : byForeign === null ? own : latest(own, byForeign);
  if (span === null) {
    return {
      minMs: 0,
      maxMs: interval,
      manner: 'destroy',
      inFlight: sweep.ping,
      by: BY,
      formula: 'intervalMs',
      derivation:
        'Nothing on this connection counts as life, so every second tick reaps, ghost or not.',
    };
  }
  if (hangsInPing(situation)) {
    return {
      ...never(
        BY,
        'The tick that pings waits for the lock which the blocked send holds: the tick after it never comes. ' +
          'Only a ping that went out just before the fault is still judged.',
      ),
      minMs: span.minMs,
    };
  }
  const late = byForeign !== null && span.maxMs === byForeign.maxMs;
  return {
    ...span,
    manner: 'destroy',
    inFlight: sweep.ping,
    by: BY,
    formula: late ? '2 · intervalMs + rttMs / 2' : '2 · intervalMs − rttMs / 2',
    derivation: late
      ? `The peer's last message arrives up to half a round trip after the fault; the next tick (up to intervalMs later) clears the flag, the one after it reaps.`
      : `The last ping that is answered leaves up to ${interval - edgeMs} ms before the fault${
          rules.rttMs > 0 ? ' (its pong needs half a round trip to be sent)' : ''
        }; the next tick clears the flag, the one after it reaps: between intervalMs and 2 · intervalMs after the fault, less half a round trip${
          clientMessagePeriodMs(scenario) === null ? '' : ', unless a message came later'
        }.`,
  };
}
