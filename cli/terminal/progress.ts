/**
 * One line on stderr while something takes longer than a moment: a bar, the share done, the time left. It is redrawn
 * in place, never wider than the terminal, erased at the end, and never appears in pipes, files or under `--quiet`.
 */
import { truncate } from '../../text/width.ts';
import type { Terminal } from './terminal.ts';

/** What is over sooner needs no bar. */
const PATIENCE_MS = 300;

/** The line moves at most this often. */
const REDRAW_MS = 100;

/** An estimate is shown once so much is done: the first steps are of all lengths. */
const SHARE_FOR_ESTIMATE = 0.05;
const MS_FOR_ESTIMATE = 1_000;

/** How much a new estimate of the whole moves the one that is shown, at least; the more is done, the surer it is. */
const LEAST_WEIGHT = 0.15;

const MOST_BAR_COLUMNS = 30;
const LEAST_BAR_COLUMNS = 8;
const ERASE_LINE = '\r\u001b[2K';

export interface Progress {
  /** `done` of `total` equal steps are finished. */
  report(done: number, total: number): void;
  /** Erases the line. */
  end(): void;
}

const silent: Progress = { report: () => undefined, end: () => undefined };

/** Seconds left as one reads them at a glance: the longer, the coarser. */
function leftText(leftMs: number): string {
  const leftS = leftMs / 1_000;
  if (leftS < 10) return `${Math.ceil(leftS)} s left`;
  if (leftS < 100) return `${Math.ceil(leftS / 5) * 5} s left`;
  return `${Math.ceil(leftS / 60)} min left`;
}

function line(what: string, share: number, left: string, columns: number): string {
  const words = ` ${Math.floor(share * 100)} %${left}`;
  // The last column stays free: a terminal that wraps there could not erase the line.
  const room = columns - 1 - what.length - 1 - words.length;
  if (room < LEAST_BAR_COLUMNS) return truncate(`${what}${words}`, Math.max(0, columns - 1));
  const width = Math.min(MOST_BAR_COLUMNS, room);
  const filled = Math.round(share * width);
  return `${what} ${'█'.repeat(filled)}${'░'.repeat(width - filled)}${words}`;
}

/** A line about `what`; silent where nobody watches. */
export function startProgress(
  what: string,
  terminal: Terminal,
  quiet: boolean | undefined,
): Progress {
  if (quiet || !terminal.stderrIsTerminal) return silent;
  const startMs = performance.now();
  let drawnMs: number | undefined;
  let wholeMs: number | undefined;
  const left = (share: number, elapsedMs: number): string => {
    if (share < SHARE_FOR_ESTIMATE || elapsedMs < MS_FOR_ESTIMATE) return '';
    const seenMs = elapsedMs / share;
    const weight = Math.max(LEAST_WEIGHT, share);
    wholeMs = wholeMs === undefined ? seenMs : wholeMs + weight * (seenMs - wholeMs);
    return ` · ${leftText(Math.max(0, wholeMs - elapsedMs))}`;
  };
  return {
    report: (done, total) => {
      const nowMs = performance.now();
      if (nowMs - startMs < PATIENCE_MS) return;
      if (drawnMs !== undefined && nowMs - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs;
      const share = done / total;
      const text = line(what, share, left(share, nowMs - startMs), terminal.stderrColumns);
      terminal.err(ERASE_LINE + text);
    },
    end: () => {
      if (drawnMs !== undefined) terminal.err(ERASE_LINE);
      drawnMs = undefined;
    },
  };
}
