/**
 * One line on stderr while something takes longer than a moment: a bar, the share done, the time
 * left. It is erased at the end, and never appears in pipes, files or under `--quiet`.
 */
import type { Terminal } from './terminal.ts';

/** What is over sooner needs no bar. */
const PATIENCE_MS = 300;

/** The line moves at most this often. */
const REDRAW_MS = 100;

const BAR_COLUMNS = 30;
const ERASE_LINE = '\r\u001b[2K';

export interface Progress {
  /** `done` of `total` equal steps are finished. */
  report(done: number, total: number): void;
  /** Erases the line. */
  end(): void;
}

const silent: Progress = { report: () => undefined, end: () => undefined };

function line(what: string, share: number, elapsedMs: number): string {
  const filled = Math.round(share * BAR_COLUMNS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
  const percent = Math.floor(share * 100);
  const leftS = share > 0 ? Math.ceil((elapsedMs / share - elapsedMs) / 1000) : undefined;
  const left = leftS === undefined ? '' : ` · ${leftS} s left`;
  return `${what} ${bar} ${percent} %${left}`;
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
  return {
    report: (done, total) => {
      const nowMs = performance.now();
      if (nowMs - startMs < PATIENCE_MS) return;
      if (drawnMs !== undefined && nowMs - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs;
      terminal.err(ERASE_LINE + line(what, done / total, nowMs - startMs));
    },
    end: () => {
      if (drawnMs !== undefined) terminal.err(ERASE_LINE);
      drawnMs = undefined;
    },
  };
}
