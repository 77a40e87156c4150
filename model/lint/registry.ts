/** Every rule of the linter, in the order in which findings of one severity are mended. One file, one line here, one test. */
import { awaitedSignNeverComes } from './rules/awaited-sign-never-comes.ts';
import { closeHandshakeUnlimited } from './rules/close-handshake-unlimited.ts';
import { closeTimeoutNotBelowDrain } from './rules/close-timeout-not-below-drain.ts';
import { drainLeftToOrchestrator } from './rules/drain-left-to-orchestrator.ts';
import { drainNotBelowGrace } from './rules/drain-not-below-grace.ts';
import { drainShorterThanGhosts } from './rules/drain-shorter-than-ghosts.ts';
import { drainWithoutDeadline } from './rules/drain-without-deadline.ts';
import { endsQuietClient } from './rules/ends-quiet-client.ts';
import { endsYoungConnections } from './rules/ends-young-connections.ts';
import { frozenPeerUnseen } from './rules/frozen-peer-unseen.ts';
import { headersTimeoutBelowKeepalive } from './rules/headers-timeout-below-keepalive.ts';
import { hopEndsConnections } from './rules/hop-ends-connections.ts';
import { keepaliveWithoutUserTimeout } from './rules/keepalive-without-user-timeout.ts';
import { killsHealthyClient } from './rules/kills-healthy-client.ts';
import { killsPausedClient } from './rules/kills-paused-client.ts';
import { killsSlowReader } from './rules/kills-slow-reader.ts';
import { killsSlowUploader } from './rules/kills-slow-uploader.ts';
import { killsSteadyQueue } from './rules/kills-steady-queue.ts';
import { leftToRetries2 } from './rules/left-to-retries2.ts';
import { limitNotAboveInterval } from './rules/limit-not-above-interval.ts';
import { linuxOnly } from './rules/linux-only.ts';
import { looksRoundUp } from './rules/looks-round-up.ts';
import { loopStallKillsAll } from './rules/loop-stall-kills-all.ts';
import { marginBelowWriteWait } from './rules/margin-below-write-wait.ts';
import { mechanismLost } from './rules/mechanism-lost.ts';
import { oneLostPacketKills } from './rules/one-lost-packet-kills.ts';
import { pageHeartbeatThrottled } from './rules/page-heartbeat-throttled.ts';
import { pathForgetsBeforePing } from './rules/path-forgets-before-ping.ts';
import { pathIdleBelowTwoHeartbeats } from './rules/path-idle-below-two-heartbeats.ts';
import { pingFasterThanMinTime } from './rules/ping-faster-than-min-time.ts';
import { pingWithoutVerdict } from './rules/ping-without-verdict.ts';
import { pongIsTheBrowsers } from './rules/pong-is-the-browsers.ts';
import { poolOutlivesPath } from './rules/pool-outlives-path.ts';
import { proxyHidesClient } from './rules/proxy-hides-client.ts';
import { proxyWithoutTimeout } from './rules/proxy-without-timeout.ts';
import { replyTimeoutNotBelowInterval } from './rules/reply-timeout-not-below-interval.ts';
import { serverClosesBeforePool } from './rules/server-closes-before-pool.ts';
import { serverNotStated } from './rules/server-not-stated.ts';
import { singleMechanism } from './rules/single-mechanism.ts';
import { sweepTakesTwoIntervals } from './rules/sweep-takes-two-intervals.ts';
import { userTimeoutReplacesProbes } from './rules/user-timeout-replaces-probes.ts';
import { userTimeoutWithoutKeepalive } from './rules/user-timeout-without-keepalive.ts';
import { vanishedPeerUnseen } from './rules/vanished-peer-unseen.ts';
import type { StackRule, PolicyRule } from './types.ts';

/** Rules that look at how the hops of a stack fit together. They come before those about its server's policy. */
export const stackRules: readonly StackRule[] = [
  serverNotStated,
  awaitedSignNeverComes,
  poolOutlivesPath,
  serverClosesBeforePool,
  pathForgetsBeforePing,
  pathIdleBelowTwoHeartbeats,
  proxyHidesClient,
  proxyWithoutTimeout,
  pingFasterThanMinTime,
  limitNotAboveInterval,
  marginBelowWriteWait,
  pageHeartbeatThrottled,
  pongIsTheBrowsers,
  hopEndsConnections,
];

/** Rules that look at a policy, alone or as it is effective at a stack's server. */
export const policyRules: readonly PolicyRule[] = [
  mechanismLost,
  pingWithoutVerdict,
  userTimeoutWithoutKeepalive,
  vanishedPeerUnseen,
  keepaliveWithoutUserTimeout,
  leftToRetries2,
  frozenPeerUnseen,
  closeHandshakeUnlimited,
  userTimeoutReplacesProbes,
  linuxOnly,
  killsHealthyClient,
  endsQuietClient,
  endsYoungConnections,
  oneLostPacketKills,
  killsSteadyQueue,
  killsPausedClient,
  loopStallKillsAll,
  killsSlowUploader,
  killsSlowReader,
  sweepTakesTwoIntervals,
  replyTimeoutNotBelowInterval,
  looksRoundUp,
  headersTimeoutBelowKeepalive,
  singleMechanism,
  drainWithoutDeadline,
  drainShorterThanGhosts,
];

/** Rules about stopping: they come after what the policy says of its drain. */
export const stopRules: readonly StackRule[] = [
  drainNotBelowGrace,
  drainLeftToOrchestrator,
  closeTimeoutNotBelowDrain,
];

/** The name of every rule, in order. */
export const ruleNames: readonly string[] = [...stackRules, ...policyRules, ...stopRules].map(
  ({ name }) => name,
);
