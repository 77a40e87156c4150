/** What a verb of the command line is: its words, its flags, and how it is run. */
import type { Option } from 'commander';
import type { ExitCodeValue } from '../terminal/exit.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A verb, or one of its parts: `policies show`. */
export interface Verb {
  readonly name: string;
  readonly description: string;
  /** Words after the verb, and what they are. */
  readonly argument?: readonly [words: string, description?: string];
  readonly options?: readonly Option[];
  readonly examples?: readonly string[];
  /** Runs it; absent where it only has parts. */
  readonly play?: Play<never>;
  readonly parts?: readonly Verb[];
  /** The part that is meant where none is named. */
  readonly isDefault?: true;
}

/** Runs a verb; its code is loaded when it is called. */
export type Play<Flags> = (
  flags: Flags,
  terminal: Terminal,
  words: readonly string[],
) => Promise<ExitCodeValue>;
