/** A host for the engine in virtual time: calls it at its deadlines and writes down what it asks for. */
import { compileReaper, ReaperEffect } from '../../model/reaper/index.ts';
import type { ReaperInstance, SocketSample } from '../../model/reaper/index.ts';
import type { HostEvent } from '../../model/mechanisms/region/events.ts';
import type { Mechanism } from '../../model/policy/types.ts';
import { policyOf } from './arbitrary-policy.ts';

export type Look = (nowUs: number) => SocketSample;

const NAMES: Readonly<Record<number, string>> = {
  [ReaperEffect.Ping]: 'ping',
  [ReaperEffect.Sample]: 'sample',
  [ReaperEffect.Reap]: 'reap',
  [ReaperEffect.Close]: 'close',
  [ReaperEffect.Test]: 'test',
};

export class EngineDriver {
  /** `<µs> <effect> <mechanism>`, in order. */
  readonly log: string[] = [];
  readonly reaper: ReaperInstance;

  constructor(mechanisms: readonly Mechanism[], startUs = 0, sharedOriginUs = 0, draw?: number) {
    this.reaper = compileReaper(policyOf(...mechanisms)).instance();
    this.reaper.start(startUs, sharedOriginUs, draw);
  }

  /** A punctual host: calls at each deadline. */
  advance(nowUs: number, look: Look = nothingQueued): void {
    while (this.reaper.deadlineUs <= nowUs) this.call(this.reaper.deadlineUs, look);
  }

  /** One call of `advance` at this time, late or not. */
  call(nowUs: number, look: Look = nothingQueued): void {
    this.reaper.advance(nowUs);
    if (this.#write(nowUs)) {
      this.reaper.sampled(look(nowUs), nowUs);
      this.#write(nowUs);
    }
  }

  /** Reports something, and writes down what that makes the reaper do. */
  tell(event: HostEvent, nowUs: number): void {
    report(this.reaper, event, nowUs);
    this.#write(nowUs);
  }

  /** Writes the effects down; true when a sample was asked for. */
  #write(nowUs: number): boolean {
    let wanted = false;
    for (let i = 0; i < this.reaper.effectCount; i++) {
      const effect = this.reaper.effects[i] ?? 0;
      this.log.push(`${nowUs} ${NAMES[effect]} ${this.reaper.effectMechanism[i]}`);
      wanted ||= effect === ReaperEffect.Sample;
    }
    return wanted;
  }
}

/** A socket with an empty queue. */
export const nothingQueued: Look = () => ({
  queueBytes: 0,
  userQueueBytes: 0,
  bytesAcked: 0,
  established: true,
});

/** The call of a host that means the event. */
export function report(reaper: ReaperInstance, event: HostEvent, nowUs: number): void {
  switch (event.type) {
    case 'RECEIVED':
      return reaper.received(event.lifeBits, nowUs);
    case 'PING_WRITTEN':
      return reaper.pingWritten(nowUs);
    case 'MESSAGE_SENT':
      return reaper.messageSent(nowUs);
    case 'SEND_ACCEPTED':
      return reaper.sendAccepted(nowUs);
    case 'SEND_BLOCKED':
      return reaper.sendBlocked(nowUs);
    case 'SEND_DRAINED':
      return reaper.sendDrained(event.all, nowUs);
    case 'REQUESTED':
      return reaper.requested(nowUs);
    case 'REPLIED':
      return reaper.replied(nowUs);
    case 'BORROWED':
      return reaper.borrowed(nowUs);
    case 'STOP':
      return reaper.stop();
    default:
      throw new Error(`no host reports ${event.type} by itself`);
  }
}
