/**
 * The reaper of one connection: a parallel machine with one region per mechanism that decides anything in
 * the process. Keepalive and user timeout are options of the kernel, drain is a deadline of the
 * whole server: they have no region. The first verdict of any region ends them all.
 *
 * A mechanism whose timer is lost neither probes nor judges: no region. One whose verdict is lost goes on
 * probing; an orderly end that never takes effect does nothing at all.
 */
import { isOfReaper } from '../../policy/execution-site.ts';
import type { Mechanism } from '../../policy/types.ts';
import type { ReaperPhase } from './clocks.ts';
import { ageRegion, idleRegion } from './lifetime.ts';
import { peerClosedRegion } from './peer-closed.ts';
import { pingRegion } from './ping.ts';
import { pingStrikesRegion } from './ping-strikes.ts';
import { pongTimerRegion } from './pong-timer.ts';
import { receiveDeadlineRegion } from './receive-deadline.ts';
import { borrowCheckRegion, requestDeadlineRegion } from './request.ts';
import { sendQueueLimitRegion } from './send-queue-limit.ts';
import { sendStallRegion } from './send-stall.ts';
import { reaperSetup } from './setup.ts';
import type { ReaperSetup } from './setup.ts';
import { sweepRegion } from './sweep.ts';
import { writeDeadlineRegion } from './write-deadline.ts';

/**
 * The specification behind the reaper that runs.
 *
 * @param mechanisms the policy's; their positions number delays, events and effects
 * @param phase opening of the connection, grid of the shared sweep and draw; not given where lengths do not matter
 */
export function reaperMachine(
  mechanisms: readonly Mechanism[],
  phase: ReaperPhase = { startMs: 0, sharedOriginMs: 0 },
) {
  const reaper = reaperSetup(mechanisms, phase);
  const regions: Record<string, NonNullable<ReturnType<typeof regionOf>>> = {};
  mechanisms.forEach((mechanism, index) => {
    const region = regionOf(reaper, mechanism, index);
    if (region !== undefined) regions[`${mechanism.kind}-${index}`] = region;
  });
  return reaper.createMachine({
    id: 'reaper',
    initial: 'watching',
    states: {
      watching: { type: 'parallel', on: { STOP: 'over' }, states: regions },
      over: { type: 'final' },
    },
  });
}

/** Whether the mechanism decides anything in the process. */
export function hasRegion(mechanism: Mechanism): boolean {
  if (mechanism.lost === 'timer' || !isOfReaper(mechanism)) return false;
  return mechanism.lost === undefined || goesOnWithoutVerdict(mechanism);
}

/** Whether it does something that others see, though its verdict is lost. */
function goesOnWithoutVerdict({ kind }: Mechanism): boolean {
  switch (kind) {
    case 'sweep':
    case 'ping':
    case 'send-stall':
    case 'send-queue-limit':
    case 'peer-closed':
    case 'borrow-check':
      return true;
    default:
      return false;
  }
}

function regionOf(reaper: ReaperSetup, mechanism: Mechanism, index: number) {
  if (!hasRegion(mechanism)) return undefined;
  switch (mechanism.kind) {
    case 'sweep':
      return sweepRegion(reaper, mechanism, index);
    case 'ping':
      return pingRegion(reaper, mechanism, index);
    case 'pong-timer':
      return pongTimerRegion(reaper, mechanism, index);
    case 'receive-deadline':
      return receiveDeadlineRegion(reaper, mechanism, index);
    case 'write-deadline':
      return writeDeadlineRegion(reaper, mechanism, index);
    case 'send-stall':
      return sendStallRegion(reaper, mechanism, index);
    case 'send-queue-limit':
      return sendQueueLimitRegion(reaper, mechanism, index);
    case 'ping-strikes':
      return pingStrikesRegion(reaper, mechanism, index);
    case 'request-deadline':
      return requestDeadlineRegion(reaper, index);
    case 'borrow-check':
      return borrowCheckRegion(reaper, mechanism, index);
    case 'peer-closed':
      return peerClosedRegion(reaper, mechanism, index);
    case 'idle':
      return idleRegion(reaper, index);
    case 'age':
      return ageRegion(reaper, index);
    default:
      return undefined;
  }
}
