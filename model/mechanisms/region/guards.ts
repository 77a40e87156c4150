/** What the guards of the reaper's chart say of an event. */
import type { HostEvent, InnerEvent } from './events.ts';

type ReaperEvent = HostEvent | InnerEvent;

/** The parameter of guards on samples. */
export interface Asker {
  readonly mechanism: number;
}

type Sampled = Extract<ReaperEvent, { type: 'SAMPLED' }>;

/** Whether the event is the answer to this mechanism's look. */
function isFor(event: ReaperEvent, { mechanism }: Asker): event is Sampled {
  return event.type === 'SAMPLED' && event.mechanism === mechanism;
}

/** By the name that transitions use. */
export const reaperGuards = {
  isLife: (event: ReaperEvent, { lifeMask }: { readonly lifeMask: number }) =>
    event.type === 'RECEIVED' && (event.lifeBits & lifeMask) !== 0,
  queueEmpty: (event: ReaperEvent, asker: Asker) => isFor(event, asker) && event.queueEmpty,
  queued: (event: ReaperEvent, asker: Asker) => isFor(event, asker) && !event.queueEmpty,
  moved: (event: ReaperEvent, asker: Asker) =>
    isFor(event, asker) && !event.queueEmpty && event.moved,
  stuck: (event: ReaperEvent, asker: Asker) =>
    isFor(event, asker) && !event.queueEmpty && !event.moved,
  notEstablished: (event: ReaperEvent, asker: Asker) => isFor(event, asker) && !event.established,
  overHard: (event: ReaperEvent, asker: Asker) => isFor(event, asker) && event.overHard,
  overSoft: (event: ReaperEvent, asker: Asker) => isFor(event, asker) && event.overSoft,
  withinSoft: (event: ReaperEvent, asker: Asker) => isFor(event, asker) && !event.overSoft,
  allDrained: (event: ReaperEvent) => event.type === 'SEND_DRAINED' && event.all,
};
