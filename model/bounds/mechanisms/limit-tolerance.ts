/**
 * T of the mechanisms that do not wait for life: limits on the send path, deadlines on answers to the server's own
 * requests, and strikes against a peer that pings too often.
 */
import { isHeavy } from '../../signs/queue.ts';
import { judges } from '../../mechanisms/in-force.ts';
import { serverLoad } from '../../scenario/load.ts';
import { addedMs } from '../../scenario/path.ts';
import type {
  Mechanism,
  PingStrikesMechanism,
  Policy,
  SendQueueLimitMechanism,
  WriteDeadlineMechanism,
} from '../../policy/types.ts';
import type { Scenario } from '../../scenario/types.ts';
import { fillMs, userRoomBytes } from '../kernel/buffers.ts';
import { sourcesOf } from '../../signs/sources.ts';
import type { ToleranceForm } from '../types.ts';

/** A silence as far as these mechanisms care. */
export interface Hindrance {
  /** The peer takes nothing, or less than it is sent: what is written stays. */
  readonly blocksWriting: boolean;
  /** What the peer sends is held up and comes all at once. */
  readonly holdsArrivals: boolean;
  /** The longest such silence after which what was held up is over within `patienceMs` of its beginning. */
  readonly survived: (patienceMs: number) => number;
}

/** Frames of the reaper that may stand in user space beside the application's messages. */
const OWN_FRAMES_BYTES = 1_024;

/** T of one of these mechanisms; null where no such silence concerns it. */
export function limitTolerance(
  mechanism: Mechanism,
  policy: Policy,
  scenario: Scenario,
  hindrance: Hindrance,
): ToleranceForm | null {
  if (!judges(mechanism)) return null;
  switch (mechanism.kind) {
    case 'write-deadline':
      return writeDeadline(mechanism, scenario, hindrance);
    case 'send-queue-limit':
      return queueLimit(mechanism, scenario, hindrance);
    case 'ping-strikes':
      return strikes(mechanism, policy, scenario, hindrance);
    case 'request-deadline':
    case 'borrow-check':
      if (scenario.story.kind !== 'pool') return null;
      return {
        maxMs: hindrance.survived(mechanism.timeoutMs),
        by: mechanism.kind === 'borrow-check' ? 'borrow check' : 'request deadline',
        formula: 'what is answered within timeoutMs',
        derivation:
          'A request or its answer that the silence holds up must still be answered in time.',
      };
    default:
      return null;
  }
}

function writeDeadline(
  { timeoutMs }: WriteDeadlineMechanism,
  scenario: Scenario,
  hindrance: Hindrance,
): ToleranceForm | null {
  const by = 'write deadline';
  const load = serverLoad(scenario);
  const plateau = plateauBytes(scenario);
  if (load.kind === 'idle' && plateau === 0) return null;
  if (load.kind === 'saturated' || isHeavilyLoaded(scenario)) {
    return {
      maxMs: 0,
      by,
      formula: '0',
      derivation:
        'A sender that always has more to send always has something waiting in user space: only the end of all of it stops the clock.',
    };
  }
  if (!hindrance.blocksWriting) return null;
  const takenMs = load.kind === 'periodic' && plateau === 0 ? fillMs(scenario, load, 0).minMs : 0;
  return {
    maxMs: hindrance.survived(takenMs + timeoutMs),
    by,
    formula: 'what is written out within timeoutMs of the first byte that waits',
    derivation: `At worst the path is blocked ${takenMs} ms after the silence begins; what waits must be written out within timeoutMs.`,
  };
}

/** What the writer of a plateau keeps in the queue. */
function plateauBytes(scenario: Scenario): number {
  return scenario.kind === 'live' && scenario.silence.kind === 'plateau'
    ? scenario.silence.queueBytes
    : 0;
}

function isHeavilyLoaded(scenario: Scenario): boolean {
  const load = serverLoad(scenario);
  return load.kind === 'periodic' && isHeavy(scenario, load);
}

function queueLimit(
  { hardBytes, softBytes, softForMs }: SendQueueLimitMechanism,
  scenario: Scenario,
  hindrance: Hindrance,
): ToleranceForm | null {
  const by = 'send queue limit';
  const load = serverLoad(scenario);
  const message =
    load.kind === 'saturated' ? load.messageBytes : load.kind === 'periodic' ? load.bytes : 0;
  const plateau = plateauBytes(scenario);
  const writes = load.kind === 'idle' ? 0 : userRoomBytes(scenario) + message;
  const mostBytes = Math.max(plateau, writes) + OWN_FRAMES_BYTES;
  const exceeds = (limit: number | null): limit is number => limit !== null && limit < mostBytes;
  if (!exceeds(hardBytes) && !exceeds(softBytes)) return null;
  if (load.kind !== 'periodic' || isHeavilyLoaded(scenario)) {
    return {
      maxMs: 0,
      by,
      formula: '0',
      derivation:
        'The writer may leave more in user space than the limit allows, while nothing is wrong.',
    };
  }
  if (!hindrance.blocksWriting) return null;
  const hardMs = exceeds(hardBytes)
    ? fillMs(scenario, load, hardBytes).minMs
    : Number.POSITIVE_INFINITY;
  const softMs = exceeds(softBytes)
    ? fillMs(scenario, load, softBytes).minMs + softForMs
    : Number.POSITIVE_INFINITY;
  return {
    maxMs: hindrance.survived(Math.min(hardMs, softMs)),
    by,
    formula: 'what is taken again before the limit is reached',
    derivation:
      'What is written during the silence fills the kernel and then user space; it must move again before that holds too much.',
  };
}

function strikes(
  { minIntervalMs, maxStrikes }: PingStrikesMechanism,
  policy: Policy,
  scenario: Scenario,
  hindrance: Hindrance,
): ToleranceForm | null {
  const by = 'ping strikes';
  const pings = sourcesOf(policy, scenario).flatMap((source) =>
    source.kind === 'heartbeat' && source.sign === 'ping' ? [source.everyMs] : [],
  );
  const [everyMs, ...others] = pings;
  if (everyMs === undefined) return null;
  const jitterMs = addedMs(scenario.path);
  if (others.length > 0 || everyMs - 2 * jitterMs < minIntervalMs) {
    return {
      maxMs: 0,
      by,
      formula: '0',
      derivation: 'The healthy peer pings more often than it may.',
    };
  }
  if (!hindrance.holdsArrivals) return null;
  return {
    maxMs: Math.max(0, maxStrikes * everyMs - scenario.path.rttMs - 2 * jitterMs),
    by,
    formula: 'maxStrikes · time between pings − rttMs',
    derivation:
      'Pings that the silence held up arrive all at once, and all but the first of them are strikes.',
  };
}
