/** What the regions of the reaper's chart are written with: every name that a guard, an action or a state may use. */
import type { State } from '../../statechart/chart.ts';
import type { InnerEvent } from './events.ts';
import type { Asker } from './guards.ts';

/** What the reaper tells itself. */
export type Raised = InnerEvent | { readonly type: 'PING_SENT' };

type Guard =
  | { readonly type: 'isLife'; readonly params: { readonly lifeMask: number } }
  | { readonly type: 'allDrained' }
  | {
      readonly type:
        | 'queueEmpty'
        | 'queued'
        | 'moved'
        | 'stuck'
        | 'notEstablished'
        | 'overHard'
        | 'overSoft'
        | 'withinSoft';
      readonly params: Asker;
    };

/** Effects go to the host; the chart names them and their mechanism. */
type Action =
  | {
      readonly type: 'ping' | 'sample' | 'reap' | 'close' | 'test';
      readonly params: { readonly mechanism: number };
    }
  | { readonly type: 'raise'; readonly params: Raised };

/** A region, or a state of one. */
export type RegionConfig = State<Guard, Action>;

/** The event is told to the whole reaper after this step. */
export function raise<const Event extends Raised>(event: Event) {
  return { type: 'raise', params: event } as const;
}
