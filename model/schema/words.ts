/**
 * The words that every public object is described in. Each is a valibot schema: TypeScript types are inferred from it,
 * the published JSON Schemas are made of it, and it reads its input.
 *
 * Reading is exact and says everything at once: a key that is no field is an issue, durations become milliseconds,
 * defaults are filled in, fields come in the order of the schema, and what was read is frozen. Where valibot stops at the
 * first unknown key, or takes a list for an object, the word reads by itself. Its pipe then only says how the value is
 * written (the first schema in it) and how it stands in canonical form (the last): the JSON Schemas follow that.
 */
import * as v from 'valibot';
import type { ListWord, NullableWord, ObjectWord, UnionWord } from './compounds.ts';
import type { Word } from './reading.ts';
import type { BooleanWord, ChoiceWord, DurationWord, NumberWord } from './scalars.ts';

export * from './compounds.ts';
export type { Canonical, Word, Written } from './reading.ts';
export * from './scalars.ts';

/** What the word says of itself. */
export const descriptionOf = (word: Word): string => v.getDescription(word) ?? '';

/** The words that have parts or limits, told apart by `is`: for whoever walks through a schema. */
export type KnownWord =
  | NumberWord
  | DurationWord
  | BooleanWord
  | ChoiceWord<string | number>
  | NullableWord<Word>
  | ListWord<Word>
  | ObjectWord
  | UnionWord;
