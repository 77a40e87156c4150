/**
 * The two streams as the verbs see them: stdout takes the result, stderr progress and remarks. A
 * verb never touches `process`, so that a test hands it two strings instead.
 */
import { styleText } from 'node:util';
import type { Paint } from '../../text/table.ts';

export interface Terminal {
  /** Writes the result; bytes as they are. */
  out(content: string | Uint8Array): void;
  /** Writes a remark. */
  err(text: string): void;
  /** Colours text meant for stdout where stdout shows colours. */
  paint(paint: Paint, text: string): string;
  /** Columns of stdout; Infinity where it is no terminal, so that nothing is cut in files. */
  readonly columns: number;
  /** Columns of stderr, where progress is drawn. */
  readonly stderrColumns: number;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
}

const formats = { good: 'green', bad: 'red', dim: 'dim', strong: 'bold' } as const;

/** Narrower terminals are treated as this wide: a table of one column helps nobody. */
const LEAST_COLUMNS = 60;

/** The process's own streams. Colours follow the terminal, NO_COLOR and FORCE_COLOR. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  return {
    out: (content) => void stdout.write(content),
    err: (text) => void stderr.write(text),
    paint: (paint, text) => styleText(formats[paint], text, { stream: stdout }),
    columns: stdout.isTTY ? Math.max(LEAST_COLUMNS, stdout.columns) : Infinity,
    stderrColumns: stderr.isTTY ? stderr.columns : Infinity,
    stdoutIsTerminal: stdout.isTTY === true,
    stderrIsTerminal: stderr.isTTY === true,
  };
}
