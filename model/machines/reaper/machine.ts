/**
 * The reaper of one connection: a parallel machine with one region per mechanism that decides anything in
 * the process. Keepalive and user timeout are options of the kernel, drain is a deadline of the
 * whole server: they have no region. The first verdict of any region ends them all.
 *
 * A mechanism whose timer is lost neither probes nor judges: no region. One whose verdict is lost goes on
 * probing; an orderly end that never takes effect does nothing at all.
 */
import type { Mechanism } from '../../policy/types.ts';
import { ageRegion, idleRegion } from './lifetime.ts';
import { peerClosedRegion } from './peer-closed.ts';
import { pingRegion } from './ping.ts';
import { sendStallRegion } from './send-stall.ts';
import { reaperSetup } from './setup.ts';
import type { ReaperPhase, ReaperSetup } from './setup.ts';
import { sweepRegion } from './sweep.ts';

/**
 * The specification behind the reaper that runs.
 *
 * @param mechanisms the policy's; their positions number delays, events and effects
 * @param phase opening of the connection and grid of the shared sweep, ms; both 0 where it does not matter
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
  if (mechanism.lost === 'timer') return false;
  switch (mechanism.kind) {
    case 'keepalive':
    case 'user-timeout':
    case 'drain':
      return false;
    case 'idle':
    case 'age':
      return mechanism.lost === undefined;
    default:
      return true;
  }
}

function regionOf(reaper: ReaperSetup, mechanism: Mechanism, index: number) {
  if (!hasRegion(mechanism)) return undefined;
  switch (mechanism.kind) {
    case 'sweep':
      return sweepRegion(reaper, mechanism, index);
    case 'ping':
      return pingRegion(reaper, mechanism, index);
    case 'send-stall':
      return sendStallRegion(reaper, mechanism, index);
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
