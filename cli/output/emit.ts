/** Where a result goes: stdout, or the file of `--out`, whole or not at all. */
import type { OutputFlags } from '../arguments/flags.ts';
import { checkWritable, writeWhole } from '../files/files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { printable, wrap } from '../../text/width.ts';

/** Before the work: fails where the result would have no place. */
export function checkOut({ out }: Pick<OutputFlags, 'out'>): void {
  if (out !== undefined) checkWritable(out);
}

/** A remark for people on stderr, unless `--quiet`. */
export function remark(text: string, flags: Pick<OutputFlags, 'quiet'>, terminal: Terminal): void {
  if (flags.quiet) return;
  const lines = wrap(`ghostbound: ${printable(text)}`, terminal.stderrColumns);
  terminal.err(`${lines.join('\n  ')}\n`);
}

/** The result itself, to stdout or to the file of `--out`. */
export function emit(text: string, flags: Omit<OutputFlags, 'json'>, terminal: Terminal): void {
  if (flags.out === undefined) {
    terminal.out(text);
    return;
  }
  writeWhole(flags.out, text);
  remark(`wrote ${flags.out}`, flags, terminal);
}

/**
 * The terminal that a result is laid out for: a file has no colours and no width.
 */
export function layoutFor(flags: Pick<OutputFlags, 'out'>, terminal: Terminal): Terminal {
  if (flags.out === undefined) return terminal;
  return { ...terminal, columns: Infinity, paint: (_paint, text) => text };
}
