/**
 * The reapers of one connection, one per thread of the server that has any, told together what happens. A thread that is
 * held up misses no event: what it was told waits in its reaper, only its deadlines pass unnoticed until it runs again.
 */
import type { SocketOptionValues } from '../../model/linux/socket-options.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import { ReaperRunner } from './reaper-runner.ts';
import type { ReaperHost } from './reaper-runner.ts';
import { socketOptionValues } from '../../model/reaper/kernel-options.ts';
import { splitByThread } from './mechanisms.ts';

export class ReaperThreads {
  /** What the policy asks of the kernel for the connection's socket. */
  readonly socketOptions: SocketOptionValues;
  readonly #inside: ReaperRunner;
  /** Where the policy has a clock on its writes. */
  readonly #sending: ReaperRunner | null;
  readonly #outside: ReaperRunner;
  /** Where a mechanism goes on looking at a connection that is closing. */
  readonly #closing: ReaperRunner | null;
  readonly #insideHearsSendPath: boolean;
  #processStands = false;

  constructor(scheduler: Scheduler, host: ReaperHost, policy: Policy) {
    const { inside, sending, outside, closing } = splitByThread(policy);
    this.socketOptions = socketOptionValues(inside.reaper.kernelOptions);
    this.#inside = new ReaperRunner(scheduler, host, inside);
    this.#sending =
      sending.mechanisms.length > 0 ? new ReaperRunner(scheduler, host, sending) : null;
    this.#outside = new ReaperRunner(scheduler, host, outside);
    this.#closing =
      closing.mechanisms.length > 0 ? new ReaperRunner(scheduler, host, closing) : null;
    this.#insideHearsSendPath = inside.hearsSendPath;
  }

  reset(): void {
    this.#processStands = false;
    this.#inside.reset();
    this.#sending?.reset();
    this.#outside.reset();
    this.#closing?.reset();
  }

  walk(state: StateWalk): void {
    this.#inside.walk(state);
    this.#sending?.walk(state);
    this.#outside.walk(state);
  }

  /** Where the clock keeps the watchdog's next look. */
  get watchdogSlot(): number {
    return this.#outside.slot;
  }

  /** Whether anybody cares what becomes of a message once it is handed to the send path. */
  get hearSendPath(): boolean {
    return this.#insideHearsSendPath || this.#sending !== null;
  }

  /** Whether the judge is the one that runs in the process's own loop. */
  isInside(judge: ReaperRunner): boolean {
    return judge === this.#inside;
  }

  start(sharedOriginUs: number, draw: number): void {
    this.#inside.start(sharedOriginUs, draw);
    this.#sending?.start(sharedOriginUs, draw);
    this.#outside.start(sharedOriginUs, draw);
  }

  /** The closing handshake has begun, by whichever side: what looks at closing connections begins. */
  startClosing(sharedOriginUs: number, draw: number): void {
    this.#closing?.start(sharedOriginUs, draw);
  }

  /** Nobody judges any more; what looks at closing connections may begin after it. */
  stop(): void {
    this.#inside.stop();
    this.#sending?.stop();
    this.#outside.stop();
    this.#closing?.stop();
  }

  /** The process does not run. */
  hold(): void {
    this.#processStands = true;
    this.#inside.hold();
    this.#sending?.hold();
    this.#closing?.hold();
  }

  /** It runs again: deadlines that have passed are noticed before anything is read. */
  resume(): void {
    this.#processStands = false;
    this.#inside.resume();
    this.#sending?.resume();
    this.#closing?.resume();
  }

  received(lifeBits: number): void {
    this.#inside.received(lifeBits);
    this.#outside.received(lifeBits);
    this.#closing?.received(lifeBits);
  }

  /** A thread that waited for the lock has it now, and goes on if the process runs at all. */
  pingWritten(): void {
    this.#inside.pingWritten();
    if (!this.#processStands) this.#inside.resume();
  }

  messageSent(): void {
    this.#inside.messageSent();
    this.#sending?.messageSent();
    this.#outside.messageSent();
  }

  sendAccepted(): void {
    if (this.#insideHearsSendPath) this.#inside.sendAccepted();
    this.#sending?.sendAccepted();
  }

  sendBlocked(): void {
    if (this.#insideHearsSendPath) this.#inside.sendBlocked();
    this.#sending?.sendBlocked();
  }

  sendDrained(all: boolean): void {
    if (this.#insideHearsSendPath) this.#inside.sendDrained(all);
    this.#sending?.sendDrained(all);
  }

  requested(): void {
    this.#inside.requested();
  }

  replied(): void {
    this.#inside.replied();
  }

  borrowed(): void {
    this.#inside.borrowed();
  }
}
