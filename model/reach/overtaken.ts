/**
 * Loads of which more is under way than one message: they overtake their acknowledgements, or are larger than half the first congestion window. On a path
 * that is whole they do no more to what is sent beside them than a load without limit does: so T is explored with that.
 */
import {
  DELAYED_ACK_MAX_MS,
  INITIAL_CWND,
  LATEST_ACKNOWLEDGEMENT_MS,
  MSS,
} from '../linux/constants.ts';
import type { Scenario } from '../scenario/types.ts';

/** The story with a load without limit in the place of one that is heavy, or of one that keeps a queue standing; else itself. */
export function asWithoutLimit(scenario: Scenario): Scenario {
  const { load, path } = scenario;
  if (load.kind !== 'periodic' || load.direction !== 'server') return scenario;
  const isLarge = load.bytes > (INITIAL_CWND / 2) * MSS;
  const overtakes = load.everyMs <= path.rttMs + LATEST_ACKNOWLEDGEMENT_MS;
  const holdsQueue = scenario.kind === 'live' && scenario.silence.kind === 'plateau';
  if (!isLarge && !overtakes && !holdsQueue) return scenario;
  // Small messages wait for the acknowledgement of others only where these fill the congestion window.
  const perRoundTrip = Math.ceil((path.rttMs + DELAYED_ACK_MAX_MS) / load.everyMs) + 1;
  if (load.bytes < 2 * MSS && perRoundTrip > INITIAL_CWND / 2) return scenario;
  return { ...scenario, load: { kind: 'saturated', messageBytes: Math.max(2 * MSS, load.bytes) } };
}
