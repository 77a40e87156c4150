/**
 * What a process of the simulation is given by the world around it: the clock, the log, the cost meter, and the message
 * boundaries of both directions of its connection. Client and server take the same.
 */
import type { Scheduler } from '../clock/types.ts';
import type { EventLog } from '../trace/event-log.ts';
import type { FrameQueue } from '../websocket/frames.ts';
import type { CostMeter } from './cost-meter.ts';

export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  readonly cost: CostMeter;
  readonly toClient: FrameQueue;
  readonly toServer: FrameQueue;
  /** Whether the peer's application answers each message. */
  readonly messagesAnswered: boolean;
  /** Whether it notices each message, so that its boundary matters. */
  readonly messagesNoticed: boolean;
  /** Until when nothing is due but what `slot` of the clock holds. */
  readonly quietUntilUs: (slot: number) => number;
  /** Called instead of opening where the client never asks for the upgrade; null where it does. */
  readonly upgradeNeverComes: (() => void) | null;
}
