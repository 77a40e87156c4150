/**
 * Ends a peer that pings more often than it may. A ping within the interval after the one before is a strike,
 * one at its very end is none; the first ping ever is free, and so is the first after a message of ours, which
 * forgives all strikes (gRPC A8; grpc-go `http2Server.handlePing`).
 */
import type { PingStrikesMechanism } from '../policy/types.ts';
import type { MechanismKind } from './kind.ts';
import { LifeBit } from './region/life.ts';
import { verdict } from './region/parts.ts';
import type { ReaperSetup } from './region/setup.ts';

export const pingStrikes: MechanismKind<'ping-strikes'> = {
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

function pingStrikesRegion(
  reaper: ReaperSetup,
  { maxStrikes }: PingStrikesMechanism,
  mechanism: number,
) {
  const guard = { type: 'isLife', params: { lifeMask: LifeBit.Ping } } as const;
  const forgiven = { MESSAGE_SENT: 'free' } as const;
  // Other regions take the same event: the verdict follows it.
  const tooMany = {
    RECEIVED: { guard, actions: reaper.raise({ type: `judge.${mechanism}` }) },
    [`judge.${mechanism}`]: verdict('reap', mechanism),
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
  return reaper.createStateConfig({
    initial: 'free',
    states: {
      free: { on: { RECEIVED: { guard, target: 'soon0' } } },
      ...Object.fromEntries(states),
    },
  });
}
