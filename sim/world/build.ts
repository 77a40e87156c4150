/**
 * Builds the hosts and the path of a connection's world, once, for any number of runs. What happens in them comes back
 * by a handful of callbacks.
 */
import { faultKindOf } from '../../model/faults/index.ts';
import type { Proxy, Scenario } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import { createKernelHost } from '../kernel/endpoint.ts';
import { TcpState } from '../kernel/types.ts';
import type { KernelConfig, KernelHost, KernelObserver, SocketOwner } from '../kernel/types.ts';
import type { Segment } from '../network/segment.ts';
import { Nat } from '../network/nat.ts';
import { createPath } from '../network/path.ts';
import type { Path, PathJitterLoss, Wire } from '../network/path.ts';
import { UnreachableRouter } from '../network/router.ts';
import type { ClientProcess } from '../client/client.ts';
import type { ServerProcess } from '../server/server.ts';
import type { CostMeter } from '../process/cost-meter.ts';
import { ProxyProcess, type Frames } from '../proxy/proxy.ts';
import type { EventLog, FarLink } from '../trace/event-log.ts';
import type { Draws } from '../random.ts';
import { eventTypes } from '../trace/event-types.ts';
import { FrameQueue } from '../websocket/frames.ts';
import {
  farJitterLoss,
  kernelConfig,
  pathDelays,
  proxyDelays,
  proxyKernelConfig,
} from './hosts.ts';
import { Timeline } from './timeline/timeline.ts';
import type { TimelineEventCode } from './timeline/timeline.ts';
import { abandonedAfter } from './faults.ts';
import type { ProxyHosts, Stage } from './faults.ts';

/** What the parts tell the world. */
export interface WorldEvents {
  perform(event: TimelineEventCode): void;
  /** A segment arrives at one end of the client's link. */
  delivered(segment: Segment): void;
  /** A segment arrives at the server, from its client or the proxy before it. */
  deliveredToServer(segment: Segment): void;
  /** Whether what stands on the client's link lets a segment through. */
  passes(segment: Segment): boolean;
  /** Somebody has sent a segment on the client's link. */
  sentOnClientLink(segment: Segment, arrives: boolean): void;
  /** Somebody has sent a segment on the server's link, which is the client's where no proxy stands between them. */
  sent(segment: Segment, arrives: boolean): void;
  /** A box that the connection has has forgotten it. */
  boxForgot(name: string): void;
  /** A proxy has ended the connection by a limit of its own. */
  proxyGaveUp(by: string, judged: boolean): void;
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
  readonly events: WorldEvents;
  readonly cost: CostMeter;
  readonly draws: Draws;
  /** By link, from the client's on: the boxes on it, in order from the client's side, and where what arrives there goes. */
  readonly links: readonly LinkParts[];
  /** By link, as well: frames on their way; the same on both sides of a proxy that hands on all of them. */
  readonly frames: readonly Frames[];
}

/** What stands on a link. */
export interface LinkParts {
  readonly boxes: Nat[];
  arrive: (segment: Segment) => void;
}

/** Of every link of a scenario, still without boxes. */
export function linksFor({ proxies = [] }: Scenario): readonly LinkParts[] {
  return Array.from({ length: proxies.length + 1 }, () => ({ boxes: [], arrive: () => {} }));
}

/** The frames on every link of a scenario. */
export function framesFor({ proxies = [] }: Scenario): readonly Frames[] {
  const none = (): Frames => ({ toClient: new FrameQueue(), toServer: new FrameQueue() });
  const byLink = [none()];
  for (const { answersPings } of proxies) {
    byLink.push(answersPings === true ? none() : (byLink.at(-1) as Frames));
  }
  return byLink;
}

/** Whether every box on a link lets a segment through, in the order in which it meets them. */
function passesBoxes({ boxes }: LinkParts, segment: Segment): boolean {
  if (boxes.length === 0) return true;
  return segment.fromServer
    ? boxes.findLast((box) => !box.pass(segment)) === undefined
    : boxes.every((box) => box.pass(segment));
}

/** The boxes of a scenario on their links. */
function buildBoxes({ scenario, scheduler, eventLog, events, links }: Building): void {
  for (const [index, { name, link: place, idleMs, onExpiry }] of (scenario.boxes ?? []).entries()) {
    const parts = links[place] as LinkParts;
    const delays = place === 0 ? pathDelays(scenario) : proxyDelays(scenario, place - 1);
    const box = new Nat(scheduler, { idleMs, onExpiry }, delays, {
      forgotten: () => {
        eventLog.note(eventTypes.boxForgot, index);
        events.boxForgot(name);
      },
      sent: (segment) => {
        eventLog.explain('middlebox');
        noteSegment(eventLog, scenario, place, segment, true);
      },
      deliver: (segment) => parts.arrive(segment),
    });
    parts.boxes.push(box);
  }
}

/** A segment on a link in the log. */
function noteSegment(
  eventLog: EventLog,
  { proxies = [] }: Scenario,
  place: number,
  segment: Segment,
  arrives: boolean,
): void {
  if (place === proxies.length) {
    eventLog.packet(segment, !arrives);
    return;
  }
  const link: FarLink = {
    place,
    client: proxies[place - 1]?.name ?? 'client',
    server: proxies[place]?.name ?? 'server',
  };
  eventLog.farPacket(segment, !arrives, link);
}

/** The hosts, from the client over proxies to the server, and the wires between them. */
export function buildStage(
  building: Building,
  { server, client }: { readonly server: ServerProcess; readonly client: ClientProcess },
  jitterLoss: PathJitterLoss | null,
): Stage {
  const { scenario, scheduler, eventLog, events, links } = building;
  for (const link of links) link.boxes.length = 0;
  (links[0] as LinkParts).arrive = (segment) => events.delivered(segment);
  buildBoxes(building);
  const path = createPath(
    scheduler,
    pathDelays(scenario),
    (segment) => events.delivered(segment),
    jitterLoss,
  );
  const timeline = new Timeline(scheduler, (event) => events.perform(event));
  const proxies: ProxyHosts[] = [];
  for (const [place, proxy] of (scenario.proxies ?? []).entries()) {
    proxies.push(buildProxy(building, proxy, place, proxies[place - 1]?.path ?? path));
  }
  for (const [place, hosts] of proxies.entries()) {
    hosts.proxy.attach(hosts.facesClient.socket, hosts.facesServer.socket);
    hosts.connectTo(proxies[place + 1]?.facesClient ?? null);
  }
  const serversPath = proxies.at(-1)?.path ?? path;
  const settings = {
    isServer: true,
    owner: server,
    wire: serversPath.toClient,
    place: proxies.length,
  };
  return {
    scheduler,
    eventLog,
    timeline,
    path,
    struckPath: proxies[(scenario.strikesLink ?? 0) - 1]?.path ?? path,
    proxies,
    struckProcess: proxies[scenario.strikesProxy ?? -1]?.proxy ?? client,
    server,
    serverHost: buildHost(building, settings, kernelConfig(scenario, true)),
    client,
    clientHost: buildHost(
      building,
      { isServer: false, owner: client, wire: path.toServer, place: 0 },
      kernelConfig(scenario, false),
    ),
  };
}

/** A proxy: its process, its two kernels, and the wire towards the server. */
function buildProxy(
  building: Building,
  proxy: Proxy,
  place: number,
  towardsClient: Path,
): ProxyHosts {
  const { scenario, scheduler, eventLog, events, frames, cost } = building;
  const running = new ProxyProcess(proxy, {
    scheduler,
    eventLog,
    place,
    gaveUp: (by, judged) => events.proxyGaveUp(`${proxy.name}: ${by}`, judged),
    frames: { client: frames[place] as Frames, server: frames[place + 1] as Frames },
    cost: place + 2 === frames.length ? cost : null,
  });
  let next: KernelHost | null = null;
  const arrive = (segment: Segment): void => {
    if (segment.fromServer) facesServer.receive(segment);
    else if (next === null) events.deliveredToServer(segment);
    else next.receive(segment);
  };
  (building.links[place + 1] as LinkParts).arrive = arrive;
  const jitterLoss = farJitterLoss(scenario, place, building.draws);
  const path = createPath(scheduler, proxyDelays(scenario, place), arrive, jitterLoss);
  const config = proxyKernelConfig(scenario, place);
  const facesClient = buildHost(
    building,
    { isServer: true, owner: running.clientSide, wire: towardsClient.toClient, place },
    config,
  );
  const facesServer = buildHost(
    building,
    { isServer: false, owner: running.serverSide, wire: path.toServer, place: place + 1 },
    config,
  );
  const connectTo = (host: KernelHost | null): void => {
    next = host;
  };
  return { proxy: running, facesClient, facesServer, path, jitterLoss, connectTo };
}

/** One end of a link. */
interface End {
  /** Towards the server: the end that listens. */
  readonly isServer: boolean;
  readonly owner: SocketOwner;
  readonly wire: Wire;
  /** Of its link, from the client's, 0, on. */
  readonly place: number;
}

function buildHost(
  building: Building,
  { isServer, owner, wire, place }: End,
  config: KernelConfig,
): KernelHost {
  const { scenario, scheduler, eventLog, events } = building;
  const { proxies = [] } = scenario;
  const link = building.links[place] as LinkParts;
  const transmit = (segment: Segment): void => {
    const passes = (place > 0 || events.passes(segment)) && passesBoxes(link, segment);
    const arrives = passes && wire.send(segment);
    if (place === proxies.length) events.sent(segment, arrives);
    else noteSegment(eventLog, scenario, place, segment, arrives);
    if (place === 0) events.sentOnClientLink(segment, arrives);
  };
  const watched = eventLog.recording || abandonedAfter(scenario) === 'syn';
  const isEnd = isServer ? place === proxies.length : place === 0;
  const observer = watched ? observerOf(building, isServer, isEnd) : undefined;
  return createKernelHost(scheduler, isServer, owner, transmit, config, observer);
}

/** @param isEnd of client or server; the states of a proxy's sockets are not told */
function observerOf(
  { eventLog, events }: Building,
  isServer: boolean,
  isEnd: boolean,
): KernelObserver {
  return {
    transmitted: (_segment, why) => eventLog.explain(why),
    stateChanged: (_socket, from, to, why) => {
      if (!isEnd) return;
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
  towardsClient: KernelHost,
): UnreachableRouter | null {
  if (scenario.kind === 'live' || faultKindOf(scenario.fault).routerRefuses !== true) return null;
  const roundTripUs = Math.round(scenario.path.rttMs * 1000);
  return new UnreachableRouter(scheduler, towardsClient, roundTripUs, () => events.icmpReceived());
}
