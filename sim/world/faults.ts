/**
 * The acts of faults and silences (model/faults/acts.ts), carried out on the path, the hosts and the processes.
 * Which acts a fault is made of is said by its kind; when they are called for is the business of story.ts.
 */
import type { Act } from '../../model/faults/acts.ts';
import { faultKindOf, silenceKindOf } from '../../model/faults/index.ts';
import type { Fault, Scenario, Silence } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import type { KernelHost } from '../kernel/types.ts';
import type { Path, PathJitterLoss } from '../network/path.ts';
import type { ClientProcess } from '../client/client.ts';
import type { ServerProcess } from '../server/server.ts';
import type { ProxyProcess } from '../proxy/proxy.ts';
import type { EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import { TimelineEvent } from './timeline/timeline.ts';
import type { Timeline, TimelineEventCode } from './timeline/timeline.ts';

/** A proxy on the way. */
export interface ProxyHosts {
  readonly proxy: ProxyProcess;
  /** The kernels under its two sockets. */
  readonly facesClient: KernelHost;
  readonly facesServer: KernelHost;
  /** Its link towards the server. */
  readonly path: Path;
  /** What single packets meet on that link; null = nothing. */
  readonly jitterLoss: PathJitterLoss | null;
  /** Before the first life: who listens at the other end of that link; null = the server. */
  connectTo(host: KernelHost | null): void;
}

/** A process that can stop, stand still and die; its kernels answer for it. */
export interface StruckProcess {
  freeze(): void;
  stopRunning(): void;
  goOn(): void;
  crash(): void;
  readonly isSuspended: boolean;
}

/** The parts of a world to which something can happen. */
export interface Stage {
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  readonly timeline: Timeline;
  /** The client's link; what stands between them are proxies. */
  readonly path: Path;
  /** The link that the story strikes: the client's, unless it says otherwise. */
  readonly struckPath: Path;
  /** From the client on. */
  readonly proxies: readonly ProxyHosts[];
  /** The process that the story strikes: the client's, unless it says that it is a proxy's. */
  readonly struckProcess: StruckProcess;
  readonly server: ServerProcess;
  readonly serverHost: KernelHost;
  readonly client: ClientProcess;
  readonly clientHost: KernelHost;
}

/** Cuts or heals the wire, per direction. */
export function cut(
  { struckPath: path, eventLog }: Stage,
  toClient: boolean,
  toServer: boolean,
): void {
  path.toClient.cut = toClient;
  path.toServer.cut = toServer;
  eventLog.note(eventTypes.wireCut, Number(toClient), Number(toServer));
}

/** The client's machine is gone, or out of reach: nothing that it still does is heard. */
function fallAsleep({ eventLog, client, clientHost }: Stage): void {
  eventLog.note(eventTypes.hostAsleep);
  client.stopRunning();
  clientHost.sleep();
}

/** A host that slept goes on where it stopped; one that was not there to fall asleep has nothing to wake from. */
export function wakeUp({ eventLog, client, clientHost }: Stage): void {
  if (!client.isSuspended) return;
  eventLog.note(eventTypes.hostAwake);
  clientHost.wake();
  client.wake();
}

/** What an act of the word needs to be told. */
type ActOf<Word extends Act['act']> = Extract<Act, { readonly act: Word }>;

/** What is later, on the timeline. */
const LATER: Readonly<Record<ActOf<'later'>['event'], TimelineEventCode>> = {
  'host-wakes': TimelineEvent.HostWakes,
  'power-on': TimelineEvent.PowerOn,
  'client-returns': TimelineEvent.ClientReturns,
  vanishes: TimelineEvent.Vanishes,
};

/** How each act is carried out. */
const acts: { readonly [Word in Act['act']]: (stage: Stage, act: ActOf<Word>) => void } = {
  cut: (stage, { toClient, toServer }) => cut(stage, toClient, toServer),
  heal: ({ struckPath: path, eventLog }) => {
    path.toClient.cut = false;
    path.toServer.cut = false;
    eventLog.note(eventTypes.wireHealed);
  },
  refuse: ({ eventLog }) => eventLog.note(eventTypes.unreachable),
  'forget-flow': ({ eventLog }) => eventLog.note(eventTypes.flowForgotten),
  'server-link-down': ({ eventLog, serverHost }) => {
    eventLog.note(eventTypes.linkDown);
    serverHost.setLinkUp(false);
  },
  'lose-address': ({ eventLog, client }) => {
    eventLog.note(eventTypes.networkChanged);
    client.vanish();
  },
  'power-off': ({ eventLog, client, clientHost }) => {
    eventLog.note(eventTypes.poweredOff);
    client.vanish();
    clientHost.powerOff();
  },
  'host-sleeps': fallAsleep,
  'host-wakes': wakeUp,
  'judge-slept': ({ eventLog }, { lengthMs }) => eventLog.note(eventTypes.judgeSlept, lengthMs),
  'freeze-process': ({ struckProcess }) => struckProcess.freeze(),
  'stop-process': ({ eventLog, client, struckProcess }) => {
    if (struckProcess === client) eventLog.note(eventTypes.processStopped);
    struckProcess.stopRunning();
  },
  'resume-process': ({ eventLog, client, struckProcess }) => {
    if (!struckProcess.isSuspended) return;
    if (struckProcess === client) eventLog.note(eventTypes.processGoesOn);
    struckProcess.goOn();
  },
  'freeze-application': ({ client }) => client.freezePage(),
  'crash-process': ({ struckProcess }) => struckProcess.crash(),
  'leave-proxy': ({ client }, { bufferBytes }) => client.loseClientBehind(bufferBytes),
  'client-closes': ({ client }) => client.startClosing(),
  'client-half-closes': ({ client }) => client.halfClose(),
  'server-closes': ({ server }) => server.startClosing(),
  'pause-application': ({ client }) => client.pause(),
  'throttle-timers': ({ eventLog, client }, { everyMs }) => {
    eventLog.note(eventTypes.timersThrottled, everyMs);
    client.throttleTimers(everyMs * 1000);
  },
  'read-paced': ({ client }, { bytes, everyMs }) => client.readPaced(bytes, everyMs * 1000),
  'read-at-rate': ({ client }, { bytesPerSecond }) => client.readAtRate(bytesPerSecond),
  'hold-queue': ({ server }, { bytes }) => server.load.holdPlateau(bytes),
  'release-queue': ({ server }) => server.load.endPlateau(),
  upload: ({ client }, { bytes, bytesPerSecond }) => client.upload(bytes, bytesPerSecond),
  'starve-server': ({ server }) => server.starve(),
  'feed-server': ({ server }) => server.wake(),
  'stall-server': ({ server }) => server.stall(),
  'resume-server': ({ server }) => server.endStall(),
  later: ({ timeline, scheduler }, { afterMs, event }) =>
    timeline.at(scheduler.nowUs + afterMs * 1000, LATER[event]),
};

function carryOut<Word extends Act['act']>(
  stage: Stage,
  act: ActOf<Word> & { readonly act: Word },
): void {
  acts[act.act](stage, act);
}

/** The fault strikes. Handshakes that are never finished begin with the life and are not here. */
export function strike(stage: Stage, fault: Fault): void {
  for (const act of faultKindOf(fault).acts(fault)) carryOut(stage, act);
}

/** Where the opening ends for good: after the client's first SYN, or once TCP is established; null where it does not. */
export function abandonedAfter(scenario: Scenario): 'syn' | 'established' | null {
  if (scenario.kind === 'live') return null;
  const instant = faultKindOf(scenario.fault).instant(scenario.fault);
  return instant.by === 'opening' ? instant.after : null;
}

/** The client's first SYN has left: nothing else ever will. */
export function vanishAfterSyn(stage: Stage): void {
  stage.eventLog.note(eventTypes.synSent);
  cut(stage, true, true);
  stage.client.vanish();
  stage.clientHost.powerOff();
}

/** The silence begins. */
export function beginSilence(stage: Stage, silence: Silence): void {
  stage.eventLog.note(eventTypes.silenceBegan);
  for (const act of silenceKindOf(silence).begins(silence)) carryOut(stage, act);
}

/** The silence is over; `isSaturated`: the server sent as fast as it could. */
export function endSilence(stage: Stage, silence: Silence, isSaturated: boolean): void {
  stage.eventLog.note(eventTypes.silenceEnded);
  for (const act of silenceKindOf(silence).ends(silence)) {
    if (!isSaturated || act.act !== 'release-queue') carryOut(stage, act);
  }
  // The story of a slow reader ends with its slowness: what is queued then drains, and that is all.
  if (isSaturated) stage.server.load.stop();
  stage.client.endSilence();
}
