/** How long a shutdown waits for its connections before the supervisor kills the process: a deadline of the whole server. */
import { duration, nullable, variant, type Canonical } from '../schema/words.ts';
import { lost } from './fields.ts';
import type { MechanismKind } from './kind.ts';

const schema = variant('drain', 'How long a shutdown waits for its connections.', {
  /** From 0 ms; null = for ever. */
  deadlineMs: nullable(
    duration('How long a shutdown waits before the supervisor kills the process.', { minMs: 0 }),
    'for ever',
  ),
  lost,
});

/** How long a shutdown waits for its connections before the supervisor kills the process. */
export interface DrainMechanism extends Canonical<typeof schema> {}

export const drain: MechanismKind<typeof schema> = {
  schema,
  carrier: 'supervisor',
  ends: 'in-order',
  onlyOnce: true,
  // Whether it shows at all hangs on the story: only a stop of the server meets it.
  showsWhenLost: false,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: () => 0,
  lastStrikeMs: ({ deadlineMs }) => deadlineMs ?? 0,
  waitingFor: (one) => one,
  cycles: () => [],
  brief: ({ kind }) => kind,
  verdict: ({ deadlineMs }) => `the server stopped ${deadlineMs} ms after it was told to`,
  needs: ({ deadlineMs }) => [{ what: 'shutdown', deadlineMs }],
  linuxOnly: () => undefined,
};
