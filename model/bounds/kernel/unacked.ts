/** Since when a load, or a pool's first query, has something on the wire that nobody acknowledges. */
import { serverLoad } from '../../scenario/load.ts';
import { addedMs } from '../../scenario/path.ts';
import type { FaultScenario } from '../../scenario/types.ts';
import type { Flight } from './episode.ts';
import { SETTLE_MS, type Situation, type Unacked } from '../situation.ts';
import { streamOf } from './stream.ts';

/** A sender with a full window. */
const FULL: Flight = { start: 'stream', everyMs: null };

/** Since when the load itself has something unacknowledged; null when it sends nothing. */
export function loadUnacked({
  scenario,
  edgeMs,
  rules,
}: Pick<Situation, 'scenario' | 'edgeMs' | 'rules'>): Unacked | null {
  const load = serverLoad(scenario);
  const jitterMs = addedMs(scenario.path);
  const { rttMaxMs } = rules;
  switch (load.kind) {
    case 'idle':
      return null;
    case 'periodic':
      return load.everyMs > rttMaxMs
        ? {
            since: { minMs: -edgeMs - jitterMs, maxMs: load.everyMs - edgeMs },
            flight: { start: 'lone', everyMs: load.everyMs },
            what: 'the first write after the fault',
          }
        : streamUnacked(streamOf(rules, load), edgeMs + jitterMs, rttMaxMs - edgeMs);
    case 'saturated':
      return streamUnacked(FULL, edgeMs + jitterMs, rttMaxMs - edgeMs);
  }
}

/** A sender that always has something in flight: the episode starts with the last acknowledgement. */
function streamUnacked(flight: Flight, beforeMs: number, afterMs: number): Unacked {
  return {
    since: { minMs: -beforeMs, maxMs: afterMs },
    flight,
    what: 'the last acknowledgement',
  };
}

/**
 * The first query on a pool entry. The entry rests from when it has settled, and a fault comes at any time meanwhile; a
 * middlebox counts from the handshake's last packet, a round trip after the opening. Nobody sends it while the
 * process stands still.
 */
export function firstQuery(scenario: FaultScenario): Unacked | null {
  const { story, fault, path, server } = scenario;
  if (story.kind !== 'pool') return null;
  const flight: Flight = { start: 'lone', everyMs: null };
  const what = 'the first query';
  const stallMs = server.broken?.kind === 'loop-stalled' ? server.broken.lengthMs : 0;
  if (fault.kind !== 'nat-expiry') {
    return { since: { minMs: 0, maxMs: Math.max(story.idleMs, stallMs) }, flight, what };
  }
  const atMs = SETTLE_MS + story.idleMs - path.rttMs - fault.idleMs;
  const since = { minMs: atMs - 2 * addedMs(path), maxMs: Math.max(atMs, stallMs) };
  return { since, flight, what };
}
