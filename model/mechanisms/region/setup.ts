/**
 * Names of guards and actions of the reaper's machine, with the clocks of one policy.
 * Every region is built from these parts, so that all of them fit into one machine.
 */
import { setup } from 'xstate';
import type { DelayName } from './clocks.ts';
import type { HostEvent, InnerEvent } from './events.ts';

type ReaperEvent = HostEvent | InnerEvent;

/** Effects go to the host; the machine names them and their mechanism. */
type AsksHost = (step: unknown, params: { readonly mechanism: number }) => void;
const asksHost: AsksHost = () => undefined;

/** The named parts out of which the regions are built. */
export function reaperSetup(delays: Record<DelayName, number>) {
  return setup({
    types: { events: {} as ReaperEvent },
    delays,
    actions: {
      ping: asksHost,
      sample: asksHost,
      reap: asksHost,
      close: asksHost,
      test: asksHost,
    },
    guards: {
      isLife: ({ event }, params: { readonly lifeMask: number }) =>
        event.type === 'RECEIVED' && (event.lifeBits & params.lifeMask) !== 0,
      queueEmpty: ({ event }, asker: Asker) => isFor(event, asker) && event.queueEmpty,
      queued: ({ event }, asker: Asker) => isFor(event, asker) && !event.queueEmpty,
      moved: ({ event }, asker: Asker) => isFor(event, asker) && !event.queueEmpty && event.moved,
      stuck: ({ event }, asker: Asker) => isFor(event, asker) && !event.queueEmpty && !event.moved,
      notEstablished: ({ event }, asker: Asker) => isFor(event, asker) && !event.established,
      overHard: ({ event }, asker: Asker) => isFor(event, asker) && event.overHard,
      overSoft: ({ event }, asker: Asker) => isFor(event, asker) && event.overSoft,
      withinSoft: ({ event }, asker: Asker) => isFor(event, asker) && !event.overSoft,
      allDrained: ({ event }) => event.type === 'SEND_DRAINED' && event.all,
    },
  });
}

export type ReaperSetup = ReturnType<typeof reaperSetup>;

/** A region, as xstate takes it. */
export type RegionConfig = ReturnType<ReaperSetup['createStateConfig']>;

/** The parameter of guards on samples. */
export interface Asker {
  readonly mechanism: number;
}

/** Whether the event is the answer to this mechanism's look. */
function isFor(
  event: ReaperEvent,
  { mechanism }: Asker,
): event is Extract<ReaperEvent, { type: 'SAMPLED' }> {
  return event.type === 'SAMPLED' && event.mechanism === mechanism;
}
