/** How a recorded connection ended, and how far that is from a simulated end. */
import { isWithin, type Tolerance } from './tolerance.ts';
import type { KernelTrace } from './trace.ts';

/** How a connection ended. */
export interface End {
  /** Errno name, CLOSED or SURVIVED. */
  readonly outcome: string;
  readonly endS: number | null;
}

/** The end that the recording saw. */
export function recordedEnd(trace: KernelTrace): End {
  const failed = trace.log.find((line) => line.who === trace.watch && line.error !== null);
  if (failed !== undefined) return { outcome: failed.error as string, endS: failed.t };
  const gone = trace.watchKernel
    ? trace.log.find((line) => line.event === 'ss' && line.state === 'none')
    : trace.log.find((line) => line.who === trace.watch && line.event === 'closed');
  return gone === undefined
    ? { outcome: 'SURVIVED', endS: null }
    : { outcome: 'CLOSED', endS: gone.t };
}

/** What the recorder's polling hides: by so much the socket may have been gone before it was seen to be. */
export function pollS(trace: KernelTrace): number {
  return recordedEnd(trace).outcome === 'CLOSED' && trace.watchKernel ? trace.sampleS : 0;
}

/** Distance of the two ends in ms; 0 where the recorder's polling hides it. */
export function endErrorMs(trace: KernelTrace, sim: End): number {
  const kernel = recordedEnd(trace);
  if (kernel.endS === null || sim.endS === null) return kernel.endS === sim.endS ? 0 : Infinity;
  const lagS = kernel.endS - sim.endS;
  return (lagS > 0 ? Math.max(0, lagS - pollS(trace)) : -lagS) * 1000;
}

/** Whether the simulated end is the recorded one. */
export function endsAgree(trace: KernelTrace, sim: End, tolerance: Tolerance): boolean {
  const kernel = recordedEnd(trace);
  if (kernel.outcome !== sim.outcome) return false;
  if (kernel.endS === null || sim.endS === null) return kernel.endS === sim.endS;
  const polled = { ...tolerance, lateS: tolerance.lateS + pollS(trace) };
  return isWithin(polled, kernel.endS, sim.endS);
}
