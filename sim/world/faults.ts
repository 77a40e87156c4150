/**
 * Faults and silences: what each does to the path, the hosts and the processes. One function for each; when they are
 * called is the business of story.ts.
 */
import { assertNever } from '../../model/assert.ts';
import type { Fault, Scenario, Silence } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import type { KernelHost } from '../kernel/types.ts';
import type { Path } from '../network/path.ts';
import type { ClientProcess } from '../client/client.ts';
import type { ServerProcess } from '../server/server.ts';
import type { EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import { TimelineEvent } from './timeline/timeline.ts';
import type { Timeline, TimelineEventCode } from './timeline/timeline.ts';

/** The parts of a world to which something can happen. */
export interface Stage {
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  readonly timeline: Timeline;
  readonly path: Path;
  readonly server: ServerProcess;
  readonly serverHost: KernelHost;
  readonly client: ClientProcess;
  readonly clientHost: KernelHost;
}

/** Cuts or heals the wire, per direction. */
function cut({ path, eventLog }: Stage, toClient: boolean, toServer: boolean): void {
  path.toClient.cut = toClient;
  path.toServer.cut = toServer;
  eventLog.note(eventTypes.wireCut, Number(toClient), Number(toServer));
}

function later({ timeline, scheduler }: Stage, ms: number, event: TimelineEventCode): void {
  timeline.at(scheduler.nowUs + ms * 1000, event);
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

/** The fault strikes. Handshakes that are never finished begin with the life and are not here. */
export function strike(stage: Stage, fault: Fault): void {
  const { client, clientHost, server, serverHost, eventLog } = stage;
  switch (fault.kind) {
    case 'vanish':
      cut(stage, fault.direction !== 'client-to-server', fault.direction !== 'server-to-client');
      return;
    case 'unreachable':
      cut(stage, true, true);
      eventLog.note(eventTypes.unreachable);
      return;
    case 'freeze':
      client.freeze();
      return;
    case 'page-freeze':
      client.freezePage();
      return;
    case 'host-sleep':
      fallAsleep(stage);
      later(stage, fault.lengthMs, TimelineEvent.HostWakes);
      return;
    case 'tunnel-dead':
      client.loseClientBehind(fault.proxyBufferBytes);
      return;
    case 'nat-expiry':
      eventLog.note(eventTypes.flowForgotten);
      return;
    case 'network-change':
      cut(stage, true, true);
      eventLog.note(eventTypes.networkChanged);
      client.vanish();
      later(stage, fault.reconnectMs, TimelineEvent.ClientReturns);
      return;
    case 'link-down':
      eventLog.note(eventTypes.linkDown);
      serverHost.setLinkUp(false);
      return;
    case 'reboot':
      eventLog.note(eventTypes.poweredOff);
      client.vanish();
      clientHost.powerOff();
      later(stage, fault.downMs, TimelineEvent.PowerOn);
      return;
    case 'crash':
      client.crash();
      return;
    case 'close':
      client.startClosing();
      return;
    case 'half-close':
      client.halfClose();
      return;
    case 'close-unanswered':
      client.freeze();
      server.startClosing();
      return;
    case 'handshake-abandoned':
      return;
    default:
      assertNever(fault, 'fault');
  }
}

/** Whether the client's first SYN is the last thing that is heard of it. */
export function opensInVain(scenario: Scenario): boolean {
  if (scenario.kind === 'live' || scenario.fault.kind !== 'handshake-abandoned') return false;
  return scenario.fault.after === 'syn';
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
  const { client, server, eventLog } = stage;
  eventLog.note(eventTypes.silenceBegan);
  switch (silence.kind) {
    case 'none':
      return;
    case 'outage':
      cut(stage, true, true);
      return;
    case 'application-pause':
      client.pause();
      return;
    case 'process-pause':
      eventLog.note(eventTypes.processStopped);
      client.stopRunning();
      return;
    case 'page-freeze':
      client.freezePage();
      return;
    case 'timers-throttled':
      eventLog.note(eventTypes.timersThrottled, silence.everyMs);
      client.throttleTimers(silence.everyMs * 1000);
      return;
    case 'host-sleep':
      fallAsleep(stage);
      return;
    case 'trickle':
      client.readPaced(silence.bytes, silence.everyMs * 1000);
      return;
    case 'plateau':
      client.readAtRate(silence.bytesPerSecond);
      server.load.holdPlateau(silence.queueBytes);
      return;
    case 'server-starved':
      server.starve();
      return;
    case 'server-stall':
      server.stall();
      return;
    case 'slow-reader':
      client.readAtRate(silence.bytesPerSecond);
      return;
    case 'slow-uploader':
      client.upload(silence.messageBytes, silence.bytesPerSecond);
      return;
    default:
      assertNever(silence, 'silence');
  }
}

/** The silence is over; `isSaturated`: the server sent as fast as it could. */
export function endSilence(stage: Stage, silence: Silence, isSaturated: boolean): void {
  const { client, server, path, eventLog } = stage;
  eventLog.note(eventTypes.silenceEnded);
  if (silence.kind === 'outage') {
    path.toClient.cut = false;
    path.toServer.cut = false;
    eventLog.note(eventTypes.wireHealed);
  }
  if (silence.kind === 'host-sleep') wakeUp(stage);
  if (silence.kind === 'process-pause' && client.isSuspended) {
    eventLog.note(eventTypes.processGoesOn);
    client.goOn();
  }
  if (silence.kind === 'server-starved') server.wake();
  if (silence.kind === 'server-stall') server.endStall();
  // The story of a slow reader ends with its slowness: what is queued then drains, and that is all.
  if (isSaturated) server.load.stop();
  else if (silence.kind === 'plateau') server.load.endPlateau();
  client.endSilence();
}
