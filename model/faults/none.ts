/** A living peer with which nothing is wrong. */
import type { SilenceKind } from './kind.ts';

export const none: SilenceKind<'none'> = {
  begins: () => [],
  ends: () => [],
  lengthMs: () => null,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: () => ({ kind: 'none' }),
  ofLength: () => null,
};
