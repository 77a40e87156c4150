/** What an orchestrator leaves a process to stop. */
import type { ChainSubject } from './subject.ts';

/** From SIGTERM to SIGKILL; null where nobody kills. */
export function graceMs({ orchestrator }: ChainSubject): number | null {
  if (orchestrator === undefined) return null;
  return Math.max(0, orchestrator.hop.graceMs - orchestrator.hop.preStopMs);
}
