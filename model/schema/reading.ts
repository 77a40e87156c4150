/** How a word reads by itself where valibot would read otherwise, and the faults that it finds. */
import type * as v from 'valibot';

/** Any word. */
export type Word = v.GenericSchema;
/** What a word reads, in canonical form. */
export type Canonical<W extends Word> = v.InferOutput<W>;
/** The same as people write it: durations may be text, what has a default may be missing. */
export type Written<W extends Word> = v.InferInput<W>;

export type Config = Parameters<Word['~run']>[1];
export type Outcome = ReturnType<Word['~run']>;
export type Fault = v.BaseIssue<unknown>;

/** The schema with a reading of its own in place of valibot's. */
export function reading<W extends Word>(
  schema: Word,
  more: Omit<W, keyof Word>,
  read: (input: unknown, config: Config) => Outcome,
): W {
  const run: Word['~run'] = ({ value }, config) => read(value, config);
  return { ...schema, ...more, '~run': run } as W;
}

export function outcome(value: unknown, faults: readonly Fault[]): Outcome {
  if (faults.length === 0) return { typed: true, value };
  return { typed: false, value, issues: faults as [Fault, ...Fault[]] };
}

/** A fault of our own: its type is the issue's code; its message is what is expected and, after a line break, the hint. */
export function fault(code: string, input: unknown, expected: string, hint?: string): Fault {
  const message = hint === undefined ? expected : `${expected}\n${hint}`;
  return { kind: 'schema', type: code, input, expected, received: quote(input), message };
}

export function refused(code: string, input: unknown, expected: string, hint?: string): Outcome {
  return outcome(input, [fault(code, input, expected, hint)]);
}

/** The fault as the list or object around it sees it. */
export function under(key: string | number, found: Fault): Fault {
  const at: v.UnknownPathItem = {
    type: 'unknown',
    origin: 'value',
    input: undefined,
    key,
    value: undefined,
  };
  return { ...found, path: [at, ...(found.path ?? [])] };
}

export function oneOf(values: readonly (string | number)[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length === 1 ? (quoted[0] ?? '') : `one of ${quoted.join(', ')}`;
}

/** Longest quotation in a message. */
const MAX_QUOTE_LENGTH = 80;

/** Whether it is what JSON calls an object. */
export function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** The input, short enough for a line. */
export function quote(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (Array.isArray(input)) return `a list of length ${input.length}`;
  if (typeof input === 'object' && input !== null) return 'an object';
  if (typeof input === 'function') return 'a function';
  const quoted = typeof input === 'string' ? JSON.stringify(input) : String(input);
  return quoted.length <= MAX_QUOTE_LENGTH ? quoted : `${quoted.slice(0, MAX_QUOTE_LENGTH - 1)}…`;
}
