/**
 * Builds the hosts and the path of a connection's world, once, for any number of runs. What happens in them comes back
 * by a handful of callbacks.
 */
import { faultKindOf } from '../../model/faults/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import { createKernelHost } from '../kernel/endpoint.ts';
import { TcpState } from '../kernel/types.ts';
import type { KernelHost, KernelObserver, SocketOwner } from '../kernel/types.ts';
import type { Segment } from '../network/segment.ts';
import { Nat } from '../network/nat.ts';
import { createPath } from '../network/path.ts';
import type { PathJitterLoss, Wire } from '../network/path.ts';
import { UnreachableRouter } from '../network/router.ts';
import type { ClientProcess } from '../client/client.ts';
import type { Draws } from '../random.ts';
import type { ServerProcess } from '../server/server.ts';
import type { EventLog } from '../trace/event-log.ts';
import { kernelConfig, pathDelays } from './hosts.ts';
import { Timeline } from './timeline/timeline.ts';
import type { TimelineEventCode } from './timeline/timeline.ts';
import { abandonedAfter } from './faults.ts';
import type { Stage } from './faults.ts';

/** What the parts tell the world. */
export interface WorldEvents {
  perform(event: TimelineEventCode): void;
  /** A segment arrives at one of the hosts. */
  delivered(segment: Segment): void;
  /** Whether what stands on the way lets a segment through. */
  passes(segment: Segment): boolean;
  /** A host has sent a segment. */
  sent(segment: Segment, arrives: boolean): void;
  /** The rule by which the server's kernel has closed its socket; only told where somebody watches the kernels. */
  serverClosedBy(rule: string): void;
  /** The server's kernel has given up a half-open connection; only told where the story is about that. */
  requestDropped(): void;
  /** The middlebox has forgotten the flow. */
  forgotten(): void;
  icmpReceived(): void;
}

/** What everything is made of. */
export interface Building {
  readonly scenario: Scenario;
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  readonly draws: Draws;
  readonly events: WorldEvents;
}

/** The two hosts and the wire between them. */
export function buildStage(
  building: Building,
  { server, client }: { readonly server: ServerProcess; readonly client: ClientProcess },
  jitterLoss: PathJitterLoss | null,
): Stage {
  const { scenario, scheduler, eventLog, events } = building;
  const path = createPath(
    scheduler,
    pathDelays(scenario),
    (segment) => events.delivered(segment),
    jitterLoss,
  );
  return {
    scheduler,
    eventLog,
    timeline: new Timeline(scheduler, (event) => events.perform(event)),
    path,
    server,
    serverHost: buildHost(building, true, server, path.toClient),
    client,
    clientHost: buildHost(building, false, client, path.toServer),
  };
}

function buildHost(
  building: Building,
  isServer: boolean,
  owner: SocketOwner,
  wire: Wire,
): KernelHost {
  const { scenario, scheduler, eventLog, draws, events } = building;
  const transmit = (segment: Segment): void => {
    const arrives = events.passes(segment) && wire.send(segment);
    events.sent(segment, arrives);
  };
  const watched = eventLog.recording || abandonedAfter(scenario) === 'syn';
  const observer = watched ? observerOf(building, isServer) : undefined;
  const config = kernelConfig(scenario, isServer, draws);
  return createKernelHost(scheduler, isServer, owner, transmit, config, observer);
}

function observerOf({ eventLog, events }: Building, isServer: boolean): KernelObserver {
  return {
    transmitted: (_segment, why) => eventLog.explain(why),
    stateChanged: (_socket, from, to, why) => {
      eventLog.kernelState(isServer, from, to, why);
      if (!isServer) return;
      if (from === TcpState.SynRecv && to === TcpState.Listen) events.requestDropped();
      if (to === TcpState.Close) events.serverClosedBy(why);
    },
  };
}

/** What forgets flows on the way; null where nothing does. */
export function buildMiddlebox({ scenario, scheduler, eventLog, events }: Building): Nat | null {
  if (scenario.kind === 'live') return null;
  const instant = faultKindOf(scenario.fault).instant(scenario.fault);
  if (instant.by !== 'box') return null;
  const { idleMs, onExpiry } = instant;
  return new Nat(scheduler, { idleMs, onExpiry }, pathDelays(scenario), {
    forgotten: () => events.forgotten(),
    sent: (segment) => {
      eventLog.explain('middlebox');
      eventLog.packet(segment, false);
    },
    deliver: (segment) => events.delivered(segment),
  });
}

/** Who says that the client cannot be reached; null where nobody does. */
export function buildRouter(
  { scenario, scheduler, events }: Building,
  serverHost: KernelHost,
): UnreachableRouter | null {
  if (scenario.kind === 'live' || faultKindOf(scenario.fault).routerRefuses !== true) return null;
  const roundTripUs = Math.round(scenario.path.rttMs * 1000);
  return new UnreachableRouter(scheduler, serverHost, roundTripUs, () => events.icmpReceived());
}
