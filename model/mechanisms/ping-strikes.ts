/**
 * Ends a peer that pings more often than it may. A ping within the interval after the one before is a strike,
 * one at its very end is none; the first ping ever is free, and so is the first after a message of ours, which
 * forgives all strikes (gRPC A8; grpc-go `http2Server.handlePing`).
 */
import { duration, integer, variant, withDefault, type Canonical } from '../schema/words.ts';
import { lost, verdict } from './fields.ts';
import type { MechanismKind } from './kind.ts';
import { raise, type RegionConfig } from './region/chart.ts';
import { LifeBit } from './region/life.ts';
import { decides } from './region/parts.ts';

const schema = variant('ping-strikes', 'Ends a peer that pings more often than it may.', {
  /** A ping sooner than this after the one before is a strike; a message of ours forgives all of them. */
  minIntervalMs: duration('A ping sooner than this after the one before is a strike.'),
  maxStrikes: withDefault(integer('One strike more ends the connection.', 0, 100), 2),
  verdict,
  lost,
});

/** Ends a peer that pings more often than it may. */
export interface PingStrikesMechanism extends Canonical<typeof schema> {}

export const pingStrikes: MechanismKind<typeof schema> = {
  schema,
  carrier: 'loop',
  ends: 'the-dead',
  goesOnWithoutVerdict: false,
  showsWhenLost: false,
  region: pingStrikesRegion,
  clocksMs: ({ minIntervalMs }) => ({ strike: minIntervalMs }),
  // What is counted.
  lifeMask: () => LifeBit.Ping,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: () => 0,
  lastStrikeMs: () => 0,
  waitingFor: (one) => one,
  cycles: () => [],
  brief: () => 'ping strikes: the peer pings too often',
  verdict: ({ minIntervalMs }) => `pinged sooner than every ${minIntervalMs} ms`,
  needs: () => [{ what: 'peer-pings' }, { what: 'own-messages' }],
  linuxOnly: () => undefined,
  pictures: [
    {
      title: 'Ping strikes',
      mechanism: { kind: 'ping-strikes', minIntervalMs: 300_000, maxStrikes: 2 },
    },
  ],
};

function pingStrikesRegion({ maxStrikes }: PingStrikesMechanism, mechanism: number): RegionConfig {
  const guard = { type: 'isLife', params: { lifeMask: LifeBit.Ping } } as const;
  const forgiven = { MESSAGE_SENT: 'free' } as const;
  // Other regions take the same event: the verdict follows it.
  const tooMany = {
    RECEIVED: { guard, actions: raise({ type: `judge.${mechanism}` }) },
    [`judge.${mechanism}`]: decides('reap', mechanism),
  } as const;
  const counts = Array.from({ length: maxStrikes + 1 }, (_, strikes) => strikes);
  const states = counts.flatMap((strikes) => {
    const soon = `soon${strikes}`;
    const rested = `rested${strikes}`;
    const strike =
      strikes < maxStrikes ? { RECEIVED: { guard, target: `soon${strikes + 1}` } } : tooMany;
    return [
      [soon, { on: { ...strike, ...forgiven }, after: { [`strike.${mechanism}`]: rested } }],
      [rested, { on: { RECEIVED: { guard, target: soon }, ...forgiven } }],
    ] as const;
  });
  return {
    initial: 'free',
    states: {
      free: { on: { RECEIVED: { guard, target: 'soon0' } } },
      ...Object.fromEntries(states),
    },
  };
}
