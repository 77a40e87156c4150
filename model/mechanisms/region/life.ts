/**
 * Signs of life as the reaper's host reports them: bits of one number.
 * A mechanism's `life` becomes a mask, so that a read costs one comparison for each region.
 */
import type { LifeSign } from '../fields.ts';

/** Bits of {@link LifeSign}, as `received` takes them. `Pong` answers a ping of ours. */
export const LifeBit = {
  AnyByte: 1,
  Message: 2,
  Pong: 4,
  ApplicationAck: 8,
  Ping: 16,
  UnsolicitedPong: 32,
} as const;

/** Every bit: whatever arrives is made of bytes. */
const ANY_BYTE = Object.values(LifeBit).reduce((mask, bit) => mask | bit, 0);

/** What each sign is in RECEIVED; what the send path says is no part of it. */
const SIGN_BITS: Readonly<Record<LifeSign, number>> = {
  pong: LifeBit.Pong | LifeBit.UnsolicitedPong,
  'matching-pong': LifeBit.Pong,
  ping: LifeBit.Ping,
  message: LifeBit.Message,
  'any-byte': ANY_BYTE,
  'send-accepted': 0,
  drained: 0,
};

/** LifeBit mask of a mechanism's `life`. */
export function lifeMask(life: readonly LifeSign[]): number {
  return life.reduce((mask, sign) => mask | SIGN_BITS[sign], 0);
}
