/** A living peer with which nothing is wrong. */
import { variant } from '../schema/words.ts';
import type { SilenceKind } from './kind.ts';

const schema = variant('none', 'Nothing is wrong.', {});

export const none: SilenceKind<typeof schema> = {
  schema,
  begins: () => [],
  ends: () => [],
  lengthMs: () => null,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: () => ({ kind: 'none' }),
  ofLength: () => null,
};
