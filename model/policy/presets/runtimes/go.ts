/** Go's package net: keepalive is on for every socket that it accepts or dials, unless somebody says no. */
import type { MechanismInput } from '../../types.ts';
import { wholeSeconds } from '../kernel/keepalive-options.ts';
import { timeOrOff } from '../options.ts';
import { setsNothing, type Runtime } from './runtime.ts';

/** net.KeepAliveConfig with every field zero: Idle 15 s, Interval 15 s, Count 9 (defaultTCPKeepAliveIdle, …Interval, …Count). */
export const GO_KEEPALIVE = { idleMs: 15_000, intervalMs: 15_000, probes: 9 } as const;

const SOURCE =
  'golang/go, src/net/tcpsock.go and dial.go, ListenConfig.KeepAlive, Dialer.KeepAlive, KeepAliveConfig (Go 1.23)';

/** A listener of net.Listen, or a dialler with nothing set. */
export const goNetDefaults: Runtime = {
  name: "Go's package net",
  sets: 'SO_KEEPALIVE on every socket that it accepts or dials, 15 s, then 9 probes 15 s apart',
  source: SOURCE,
  mechanisms: [{ kind: 'keepalive', ...GO_KEEPALIVE }],
};

/** The same, where an option of the preset says what is set: {@link goKeepAliveOption}. */
export const goNetByOption: Runtime = { ...goNetDefaults, mechanisms: [] };

/** A listener or dialler whose KeepAlive is negative. */
export const goWithoutKeepalive = (where: string): Runtime =>
  setsNothing("Go's package net with KeepAlive: -1", where);

/** ListenConfig.KeepAlive or Dialer.KeepAlive as an option of a preset; off = negative. */
export function goKeepAliveOption(default_: string, whose: string) {
  return timeOrOff(
    default_,
    `KeepAlive of Go's ${whose}: TCP_KEEPIDLE; 9 probes 15 s apart follow.`,
    wholeSeconds,
  );
}

/** What that option makes: since Go 1.23 it sets the idle time alone, and interval and count keep their defaults. */
export function goKeepAliveOf(idleMs: number | null): readonly MechanismInput[] {
  return idleMs === null ? [] : [{ kind: 'keepalive', ...GO_KEEPALIVE, idleMs }];
}
