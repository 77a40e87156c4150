/**
 * Timers that a recorded machine ran late: an idle machine runs them on the tick they are due, a busy one when it gets round
 * to it. A replay tells how late the recorded machine was (`recordedTimers` of its configuration); nobody else uses this.
 *
 * Lateness matters beyond itself: what the timer's handler arms is counted from the late instant, and
 * the wheel's clock, one past the bucket being run, is then no longer ahead of jiffies.
 * Source: kernel/time/timer.c __run_timers, collect_expired_timers.
 */
import type { Kernel } from './machine.ts';
import { NEVER } from './tcp-sock.ts';

interface Late {
  readonly runUs: number;
  readonly bucketJ: number;
}

/** The timers of one machine that are due and wait for their softirq. */
export class LateTimers {
  private readonly waiting = new Map<number, Late>();

  clear(): void {
    this.waiting.clear();
  }

  /** The bucket in which timer `slot` was due, when it is to run now; NEVER when it has been put off. */
  bucketOf(kernel: Kernel, slot: number): number {
    const { nowUs, recordedTimers } = kernel;
    if (recordedTimers === null) return kernel.jiffies();
    const late = this.waiting.get(slot);
    if (late !== undefined) {
      this.waiting.delete(slot);
      // A timer armed anew meanwhile is another expiry.
      if (late.runUs === nowUs) return late.bucketJ;
    }
    const latenessUs = recordedTimers.latenessUs(nowUs);
    if (latenessUs <= 0) return kernel.jiffies();
    const runUs = nowUs + latenessUs;
    this.waiting.set(slot, { runUs, bucketJ: kernel.jiffies() });
    kernel.scheduler.arm(slot, runUs);
    return NEVER;
  }
}
