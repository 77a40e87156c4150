/** Every built-in policy by name, in the order in which lists show them. */
import type { Policy } from '../types.ts';
import { aliveFlagSweepPresets } from './alive-flag-sweep.ts';
import { drainPresets } from './drain.ts';
import { grpcPresets } from './grpc.ts';
import { kernelPresets } from './kernel.ts';
import { nonePresets } from './none.ts';
import { socketIoPresets } from './socket-io.ts';
import { watchdogPresets } from './watchdogs.ts';
import { wsHeartbeatPresets } from './ws-heartbeat.ts';

/**
 * The built-in policies: name → policy. Each says in `claim` what is believed of it, in `truth` what is so,
 * and in `source` where it is from. An unknown name gives undefined; `selectPolicies` names the nearest.
 *
 * @example
 * presets['keepalive-go-15s'].mechanisms // => [{ kind: 'keepalive', idleMs: 15_000, intervalMs: 15_000, probes: 9 }]
 */
export const presets: Readonly<Record<string, Policy>> = Object.freeze(
  Object.fromEntries(
    [
      ...nonePresets,
      ...aliveFlagSweepPresets,
      ...wsHeartbeatPresets,
      ...socketIoPresets,
      ...watchdogPresets,
      ...kernelPresets,
      ...grpcPresets,
      ...drainPresets,
    ].map((policy) => [policy.name, policy]),
  ),
);
