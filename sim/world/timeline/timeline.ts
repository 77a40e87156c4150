/**
 * The timeline of a scenario: what it does to its connection, and when. A short list in order of time behind one slot of
 * the clock. The instants come from the plan of a life (plan.ts); what each event does is in ../story.ts.
 */
import { isUneven, wholePathOf } from '../../../model/scenario/path.ts';
import { assert } from '../../../model/assert.ts';
import { settleMs } from '../../../model/scenario/settle.ts';
import type { Scenario } from '../../../model/scenario/types.ts';
import type { Scheduler } from '../../clock/types.ts';
import { closingMs } from './plan.ts';
import type { Plan } from './plan.ts';

/** What a scenario can do to its connection. */
export const TimelineEvent = {
  StartLoad: 1,
  /** The fault strikes, or the silence begins. */
  FaultOrSilence: 2,
  EndSilence: 3,
  /** A rebooted client is up again. */
  PowerOn: 4,
  /** Somebody borrows the pool's entry. */
  Query: 5,
  Sigterm: 6,
  Sigkill: 7,
  /** A living client begins the closing handshake. */
  ClientCloses: 8,
  /** Losses and jitter on the path begin. */
  PathWorsens: 9,
  /** A host that slept wakes. */
  HostWakes: 10,
  /** The stall of a broken server's event loop is over. */
  EndStall: 11,
  /** A client that has lost its address is back with another one. */
  ClientReturns: 12,
  /** The host of a frozen client is gone as well. */
  Vanishes: 13,
} as const;
export type TimelineEventCode = (typeof TimelineEvent)[keyof typeof TimelineEvent];

/** More entries than any scenario has. */
const CAPACITY = 16;

export class Timeline {
  readonly #scheduler: Scheduler;
  readonly #slot: number;
  readonly #perform: (event: TimelineEventCode) => void;
  readonly #dueUs = new Float64Array(CAPACITY);
  readonly #events = new Int32Array(CAPACITY);
  #length = 0;
  #next = 0;

  constructor(scheduler: Scheduler, perform: (event: TimelineEventCode) => void) {
    this.#scheduler = scheduler;
    this.#perform = perform;
    this.#slot = scheduler.slot(() => this.#play());
  }

  reset(): void {
    this.#length = 0;
    this.#next = 0;
  }

  /** Adds an event; equal instants keep the order in which they were added. */
  at(dueUs: number, event: TimelineEventCode): void {
    if (dueUs === Infinity) return;
    assert(this.#length < CAPACITY, 'a scenario has few events');
    let place = this.#length;
    while (place > this.#next && (this.#dueUs[place - 1] as number) > dueUs) {
      this.#dueUs[place] = this.#dueUs[place - 1] as number;
      this.#events[place] = this.#events[place - 1] as number;
      place -= 1;
    }
    this.#dueUs[place] = dueUs;
    this.#events[place] = event;
    this.#length += 1;
    this.#arm();
  }

  #arm(): void {
    if (this.#next < this.#length) {
      this.#scheduler.arm(this.#slot, this.#dueUs[this.#next] as number);
    }
  }

  #play(): void {
    const event = this.#events[this.#next] as TimelineEventCode;
    this.#next += 1;
    this.#arm();
    this.#perform(event);
  }
}

/** Fills it from a plan. A living client that leaves at the end has time for that added to the plan. */
export function fillTimeline(
  timeline: Timeline,
  plan: Plan,
  scenario: Scenario,
  supervisorMs: number | null,
): void {
  const path = wholePathOf(scenario);
  timeline.at(plan.eventAtUs, TimelineEvent.FaultOrSilence);
  timeline.at(plan.loadAtUs, TimelineEvent.StartLoad);
  timeline.at(plan.silenceEndsAtUs, TimelineEvent.EndSilence);
  timeline.at(plan.queryAtUs, TimelineEvent.Query);
  if (isUneven(path)) timeline.at(settleMs(path) * 1000, TimelineEvent.PathWorsens);
  addStop(timeline, plan.sigtermAtUs, supervisorMs);
  if (scenario.kind === 'live' && scenario.endsWith === 'close') {
    timeline.at(plan.endAtUs, TimelineEvent.ClientCloses);
    plan.endAtUs += closingMs(path) * 1000;
  }
}

/**
 * The server is told to stop.
 *
 * @param supervisorMs how long the supervisor waits before it kills the process; null = for ever
 */
export function addStop(
  timeline: Timeline,
  sigtermAtUs: number,
  supervisorMs: number | null,
): void {
  timeline.at(sigtermAtUs, TimelineEvent.Sigterm);
  timeline.at(sigtermAtUs + (supervisorMs ?? Infinity) * 1000, TimelineEvent.Sigkill);
}
