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

const ERRNO = /^E[A-Z]+\b/;

function endedBy(by: string): string {
  if (by.startsWith('kernel ')) return `the server's kernel (${by.slice('kernel '.length)})`;
  const [hop, limit] = by.split(': ');
  if (limit?.startsWith('forgot ') === true) return `${hop}, which ${limit}`;
  if (limit !== undefined && ERRNO.test(limit)) return `the kernel of ${hop} (${limit})`;
  if (limit !== undefined) return `the ${limit} of ${hop}`;
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

/** How long whoever asked was kept waiting, and what came of it; '' where nobody asked, or the answer came at once. */
function hung({ fleet = [], reason }: RunResult): string {
  const hang = fleet.find(({ name }) => name === 'call hangs');
  if (hang === undefined) return '';
  if (hang.value === null) return '; whoever asked still waits';
  if (hang.value < 1_000) return '';
  const errno = ERRNO.exec(reason)?.[0];
  const saw = errno === undefined ? '' : `, and saw ${errno}`;
  return `; whoever asked hung ${formatMs(hang.value)}${saw}`;
}

/** The sentence. */
export function storyOf(run: RunResult): string {
  return endOf(run) + hung(run);
}

function endOf(run: RunResult): string {
  if (run.endedAlive !== null) return endedAlive(run.endedAlive);
  if (run.faultAtMs !== null) return ofGhost(run.faultAtMs, run);
  if (run.outcome === 'survived') {
    const because = run.reason === 'left alone' ? '' : ` (${run.reason})`;
    return `the client was left alone${because}`;
  }
  return `the connection was over before anything went wrong (${run.reason})`;
}
