/** For which cells the closed forms of what follows the decision are theorems: the descriptor's close, and the release. */
import type { Mechanism } from '../../policy/types.ts';
import { kernelOutlives } from '../situation.ts';
import type { Forms } from '../types.ts';
import { doubtIf, first, isLight, type Doubt, type Facts } from './facts.ts';

/** Whether a mechanism says goodbye, or writes out, before it closes. */
function takesItsTime(mechanism: Mechanism): boolean {
  const orderly = mechanism.kind === 'idle' || mechanism.kind === 'age';
  const verdict = 'verdict' in mechanism ? mechanism.verdict : undefined;
  return verdict === 'close' || verdict === 'flush' || (orderly && verdict === undefined);
}

/** Whether a mechanism's verdict is the kernel's own, or makes it forget everything at once. */
function leavesNothing(mechanism: Mechanism): boolean {
  const { kind } = mechanism;
  const verdict = 'verdict' in mechanism ? mechanism.verdict : undefined;
  return kind === 'keepalive' || kind === 'user-timeout' || verdict === 'reset';
}

/** What speaks against B to the descriptor's close, beside what speaks against the decision. */
export function closeDoubt({ judging, load, scenario }: Facts): Doubt {
  const slowly = judging.some(takesItsTime);
  const closing = scenario.kind === 'fault' && scenario.fault.kind === 'close-unanswered';
  return first(
    doubtIf(slowly && load.kind !== 'idle', 'a goodbye that waits behind a load'),
    doubtIf(closing && load.kind !== 'idle', 'a goodbye that waits behind a load'),
    doubtIf(
      slowly && scenario.kind === 'fault' && scenario.fault.kind === 'host-sleep',
      'a host that wakes into a goodbye',
    ),
  );
}

/** What speaks against B to the release, beside what speaks against the close. */
export function releaseDoubt(facts: Facts, { decided, released, tolerance }: Forms): Doubt {
  const { scenario, load } = facts;
  // The kernel gave up by itself, or a reset came or went: nothing is left.
  if (released.maxMs === decided.maxMs && facts.judging.every(leavesNothing)) return null;
  if (scenario.kind !== 'fault') return null;
  const { fault, server } = scenario;
  const leaves = fault.kind === 'crash' || fault.kind === 'close' || fault.kind === 'half-close';
  return first(
    // Who ends the healthy may have begun to close as the peer leaves, and waits for a goodbye of its own.
    doubtIf(leaves && tolerance.maxMs === 0, 'a server that may close before its peer does'),
    doubtIf(fault.kind === 'host-sleep', 'a host that wakes and finds an orphan'),
    doubtIf(fault.kind === 'reboot', 'an orphan that a rebooted host may reset'),
    doubtIf(
      fault.kind === 'nat-expiry' && fault.onExpiry !== undefined && fault.onExpiry !== 'drop',
      'a box that speaks to an orphan',
    ),
    doubtIf(server.closesAtEof === false, 'a connection that stays half closed'),
    doubtIf(facts.clientTalks, 'a client that sends to an orphan'),
    doubtIf(
      (kernelOutlives(fault) || fault.kind === 'close-unanswered') && load.kind !== 'idle',
      'an orphan behind a closed window',
    ),
    doubtIf(
      load.kind === 'periodic' && !isLight(load, scenario),
      'writes that overtake their acknowledgements',
    ),
  );
}
