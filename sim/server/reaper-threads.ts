/**
 * All the reapers of one connection, one per thread of the server that has any, told together what
 * happens. A thread that stands still misses no news: what it was told waits in its reaper, only its
 * deadlines pass unnoticed until it runs again.
 */
import type { Policy } from '../../model/policy/types.ts';
import type { Scheduler } from '../clock/types.ts';
import type { SocketOptions } from '../kernel/types.ts';
import { Judge } from './reaper-runner.ts';
import type { JudgeHost } from './reaper-runner.ts';
import { splitByThread } from './mechanisms.ts';

export class Judges {
  /** What the policy asks of the kernel for the connection's socket. */
  readonly kernelOptions: SocketOptions;
  readonly #inside: Judge;
  /** Where the policy has a clock on its writes. */
  readonly #sending: Judge | null;
  readonly #outside: Judge;
  /** Where a mechanism goes on looking at a connection that is closing. */
  readonly #closing: Judge | null;
  readonly #insideHearsSendPath: boolean;
  #processStands = false;

  constructor(scheduler: Scheduler, host: JudgeHost, policy: Policy) {
    const { inside, sending, outside, closing } = splitByThread(policy);
    this.kernelOptions = { nodelay: true, ...inside.reaper.kernelOptions };
    this.#inside = new Judge(scheduler, host, inside);
    this.#sending = sending.mechanisms.length > 0 ? new Judge(scheduler, host, sending) : null;
    this.#outside = new Judge(scheduler, host, outside);
    this.#closing = closing.mechanisms.length > 0 ? new Judge(scheduler, host, closing) : null;
    this.#insideHearsSendPath = inside.hearsSendPath;
  }

  reset(): void {
    this.#processStands = false;
    this.#inside.reset();
    this.#sending?.reset();
    this.#outside.reset();
    this.#closing?.reset();
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
  isInside(judge: Judge): boolean {
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
