/** Words that only recordings need: a value of either of two forms, and what a recorder may not have read. */
import * as v from 'valibot';
import { reading } from '../schema/reading.ts';
import { nullable, optional, type Word } from '../schema/words.ts';

/** A value of one form or the other; what neither takes is said in the words of the first. */
export function either(first: Word, second: Word): Word {
  const schema = v.union([first, second]);
  return reading<Word>(schema, {}, (value, config) => {
    const read = first['~run']({ typed: false, value }, config);
    if (read.issues === undefined) return read;
    const other = second['~run']({ typed: false, value }, config);
    return other.issues === undefined ? other : read;
  });
}

/** A field that is missing, or null, where the recorder did not read it. */
export const maybe = <W extends Word>(word: W) => optional(nullable(word, 'it was not read'));
