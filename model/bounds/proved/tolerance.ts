/** For which cells the closed form of T is a theorem: every mechanism that judges must be one that is understood. */
import { roundedClock } from '../../mechanisms/granularity.ts';
import { demandsRate } from '../../mechanisms/send-stall.ts';
import type { LifeSign, Mechanism, Policy } from '../../policy/types.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario, Silence } from '../../scenario/types.ts';
import { patiences, timelyAnswers } from '../../signs/patience.ts';
import type { ToleranceForm } from '../types.ts';
import { lockDoubt, pingersDoubt, surroundings } from './common.ts';
import {
  clientWritesFit,
  doubtIf,
  factsOf,
  first,
  isLight,
  isReceived,
  type Doubt,
  type Facts,
} from './facts.ts';

/** What the peer goes through, as far as the rules care. */
type Trial = Silence['kind'] | 'frozen';

/** The silence that a fault would be if it ended. */
function trialOf(scenario: Scenario): Trial {
  if (scenario.kind === 'live') return scenario.silence.kind;
  switch (scenario.fault.kind) {
    case 'vanish':
    case 'unreachable':
    case 'network-change':
    case 'link-down':
    case 'nat-expiry':
      return 'outage';
    case 'host-sleep':
      return 'host-sleep';
    case 'page-freeze':
      return 'page-freeze';
    case 'freeze':
    case 'tunnel-dead':
      return 'frozen';
    default:
      return 'none';
  }
}

const CUT: ReadonlySet<Trial> = new Set(['outage', 'host-sleep']);
const SLOW: ReadonlySet<Trial> = new Set(['trickle', 'plateau', 'slow-reader']);
/** The peer, or its application, takes nothing for a while. */
const STOPPED: ReadonlySet<Trial> = new Set(['process-pause', 'page-freeze', 'frozen']);

/** Whether a mechanism would find no life in time if nothing but the load's messages stopped. */
function hangsOnLoad({ policy, scenario, load }: Facts): boolean {
  if (load.kind === 'idle' && scenario.load.kind === 'idle') return false;
  const quiet: Scenario = { ...scenario, load: { kind: 'idle' } };
  const fed = (one: Scenario): number =>
    patiences(policy, one).filter((patience) => timelyAnswers(patience).length > 0).length;
  return fed(quiet) < fed(scenario);
}

function waiting(facts: Facts, life: readonly LifeSign[], endless: boolean): Doubt {
  const { scenario } = facts;
  const trial = trialOf(scenario);
  return first(
    pingersDoubt(facts),
    lockDoubt(facts),
    doubtIf(!isReceived(life, facts.load), 'life that is only a buffer taking bytes'),
    doubtIf(hangsOnLoad(facts), 'life that is fed by the load alone'),
    doubtIf(SLOW.has(trial) && endless, 'what stands before a ping hangs on how buffers fill'),
  );
}

/** Data in flight, and what brings it back. */
function inFlight(facts: Facts): Doubt {
  const { load, scenario } = facts;
  return first(
    pingersDoubt(facts),
    lockDoubt(facts),
    doubtIf(
      load.kind === 'periodic' && !isLight(load, scenario),
      'writes that overtake their acknowledgements',
    ),
  );
}

function sendPath(facts: Facts): Doubt {
  const { load, scenario } = facts;
  const trial = trialOf(scenario);
  return first(
    doubtIf(SLOW.has(trial), 'a limit on the send path hangs on how buffers fill'),
    load.kind === 'idle'
      ? null
      : first(
          doubtIf(!isLight(load, scenario), 'a limit on the send path hangs on how buffers fill'),
          doubtIf(
            CUT.has(trial) || STOPPED.has(trial),
            'a limit on the send path hangs on how buffers fill',
          ),
        ),
  );
}

/** Of a send stall: whether what is in flight is acknowledged within its grace while all is well. */
function stall(graceMs: number, facts: Facts): Doubt {
  const { load, scenario } = facts;
  const trial = trialOf(scenario);
  if (
    load.kind === 'idle' &&
    facts.pingers.length === 0 &&
    !facts.clientTalks &&
    !SLOW.has(trial)
  ) {
    return null;
  }
  return first(
    inFlight(facts),
    doubtIf(SLOW.has(trial) || STOPPED.has(trial), 'acknowledgements of a peer that reads slowly'),
    doubtIf(
      graceMs <= 2 * longestRttMs(scenario.path) + 1_000,
      'a grace as short as a few round trips',
    ),
  );
}

function byMechanism(mechanism: Mechanism, facts: Facts, endless: boolean): Doubt {
  const { scenario, load } = facts;
  const trial = trialOf(scenario);
  switch (mechanism.kind) {
    case 'sweep':
    case 'ping':
    case 'pong-timer':
    case 'receive-deadline':
      return waiting(facts, mechanism.life, endless);
    case 'keepalive':
      return CUT.has(trial) ? inFlight(facts) : null;
    case 'user-timeout':
      return first(
        inFlight(facts),
        doubtIf(
          SLOW.has(trial) || (STOPPED.has(trial) && load.kind !== 'idle'),
          'a user timeout behind a closed window',
        ),
      );
    case 'idle':
      return doubtIf(
        facts.clientTalks || (load.kind !== 'idle' && trial !== 'none'),
        'idleness between messages',
      );
    case 'age':
    case 'drain':
    case 'peer-closed':
    case 'close-handshake':
    case 'request-deadline':
    case 'borrow-check':
      return null;
    case 'send-stall':
      return first(
        doubtIf(
          mechanism.progress === 'queue' && load.kind !== 'idle',
          'the length of a queue hangs on how buffers fill',
        ),
        doubtIf(
          mechanism.progress === 'queue' && (facts.pingers.length > 0 || facts.sources.length > 0),
          'small frames under way at every look are a queue of one length',
        ),
        doubtIf(demandsRate(mechanism), 'a rate at which bytes are to be acknowledged'),
        stall(mechanism.graceMs, facts),
      );
    case 'write-deadline':
    case 'send-queue-limit':
      return sendPath(facts);
    case 'ping-strikes':
      return doubtIf(
        facts.sources.some((source) => source.kind === 'heartbeat' && source.sign === 'ping'),
        'pings that a silence may bunch',
      );
    case 'handshake-deadline': {
      const { minMs } = roundedClock(mechanism.timeoutMs, mechanism.granularity);
      return doubtIf(
        minMs <= 3 * longestRttMs(scenario.path),
        'an opening as long as its deadline',
      );
    }
    default:
      return 'no closed form speaks of it';
  }
}

/** The kernel judges without being asked: of data in flight. */
function kernel(facts: Facts): Doubt {
  const trial = trialOf(facts.scenario);
  return CUT.has(trial) ? inFlight(facts) : null;
}

/** What speaks against the closed form of T of a policy on a scenario. */
export function toleranceDoubt(policy: Policy, scenario: Scenario, form: ToleranceForm): Doubt {
  const facts = factsOf(policy, scenario);
  const { judging } = facts;
  return first(
    surroundings(facts),
    doubtIf(
      scenario.story.kind !== 'connection' && scenario.kind === 'live',
      'a story of more than one connection',
    ),
    doubtIf(scenario.story.kind === 'pool', 'a connection that rests in a pool'),
    // Whoever reaches an age is ended, whatever else holds.
    ...(form.by === 'age'
      ? []
      : [
          doubtIf(!clientWritesFit(facts), 'a client that writes more than goes out at once'),
          () => kernel(facts),
          ...judging.map((one) => () => byMechanism(one, facts, form.maxMs === null)),
        ]),
  );
}
