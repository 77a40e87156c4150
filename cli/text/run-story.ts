/** What happened in a run, in one sentence for somebody who has never seen a timeline. */
import type { RunResult } from '../../model/results/types.ts';
import { formatMs } from '../../text/numbers.ts';

/** What ends a living client, in words; a mechanism's own name stands for itself. */
const endWords: Readonly<Record<string, string>> = {
  idle: 'the idle limit',
  age: 'the age limit',
  drain: "the supervisor's kill at the drain deadline",
  close: 'a closing handshake that the server began',
};

function endedBy(by: string): string {
  if (by.startsWith('kernel ')) return `the server's kernel (${by.slice('kernel '.length)})`;
  const [proxy, limit] = by.split(': ');
  if (limit !== undefined) return `the ${limit} of ${proxy}`;
  return endWords[by] ?? `the policy's ${by}`;
}

function endedAlive({
  afterLastHeardMs,
  afterAcceptMs,
  by,
  inOrder,
}: NonNullable<RunResult['endedAlive']>) {
  const when = `${formatMs(afterLastHeardMs)} after the application last heard it, ${formatMs(afterAcceptMs)} after it had connected`;
  const harm = inOrder ? '; in order, which does no harm here' : '';
  return `a living client was ended ${when}, by ${endedBy(by)}${harm}`;
}

function released(decidedMs: number, releasedAtMs: number | null): string {
  if (releasedAtMs === null)
    return '; its kernel had not forgotten the socket when the watch ended';
  const laterMs = releasedAtMs - decidedMs;
  return laterMs < 1
    ? ', and its kernel forgot the socket at once'
    : `; its kernel forgot the socket ${formatMs(laterMs)} after that`;
}

function ofGhost(
  faultAtMs: number,
  { decidedAtMs, releasedAtMs, reason, watchedMs, watchedOut }: RunResult,
): string {
  if (decidedAtMs === null) {
    return watchedOut
      ? 'the peer was gone; nothing noticed, and nobody is left who could'
      : `the peer was gone; nothing noticed within the ${formatMs(watchedMs, 'down')} watched`;
  }
  const found = `the peer was gone; ${formatMs(decidedAtMs - faultAtMs)} later the server knew (${reason})`;
  return found + released(decidedAtMs, releasedAtMs);
}

/** The sentence. */
export function storyOf(run: RunResult): string {
  if (run.endedAlive !== null) return endedAlive(run.endedAlive);
  if (run.faultAtMs !== null) return ofGhost(run.faultAtMs, run);
  if (run.outcome === 'survived') {
    const because = run.reason === 'left alone' ? '' : ` (${run.reason})`;
    return `the client was left alone${because}`;
  }
  return `the connection was over before anything went wrong (${run.reason})`;
}
