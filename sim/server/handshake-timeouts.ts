/**
 * Timeouts of the server's opening and closing handshake: the mechanisms of a policy that no reaper runs, since they are
 * timers of the endpoint's own. An opening without a deadline, or with one whose timer or verdict is lost, has none; a
 * closing that the policy does not speak of has the one that `ws` gives it.
 */
import { firstOf } from '../../model/mechanisms/index.ts';
import { untilNextTick } from '../../model/mechanisms/region/clocks.ts';
import type {
  CloseHandshakeMechanism,
  Granularity,
  HandshakeDeadlineMechanism,
  Policy,
} from '../../model/policy/types.ts';
import { defaultTimeouts } from '../websocket/endpoint.ts';
import type { EndpointTimeouts } from '../websocket/endpoint.ts';

export class HandshakeTimeouts implements EndpointTimeouts {
  /** An instant at which the timers of the whole process tick. */
  sharedOriginUs = NaN;
  readonly closeUs: number;
  readonly closeClock: EndpointTimeouts['closeClock'];
  readonly #handshake: HandshakeDeadlineMechanism | undefined;

  constructor({ mechanisms }: Policy) {
    const close = firstOf('close-handshake', mechanisms);
    this.closeUs = close === undefined ? defaultTimeouts.closeUs : closeUs(close);
    this.closeClock = close?.clock ?? defaultTimeouts.closeClock;
    this.#handshake = firstOf('handshake-deadline', mechanisms);
  }

  handshakeUntilUs(nowUs: number): number {
    const deadline = this.#handshake;
    if (deadline === undefined || deadline.lost !== undefined) return Infinity;
    const dueUs = nowUs + deadline.timeoutMs * 1000;
    const { granularity } = deadline;
    if (granularity === undefined) return dueUs;
    const originUs = granularity.grid === 'process' ? this.sharedOriginUs : nowUs;
    return rounded(nowUs, dueUs, granularity, originUs);
  }
}

function closeUs({ lost, timeoutMs }: CloseHandshakeMechanism): number {
  return lost !== undefined || timeoutMs === null ? Infinity : timeoutMs * 1000;
}

/** When a coarser timer with a tick at `originUs` notices what is due at `dueUs`; always after `nowUs`. */
function rounded(
  nowUs: number,
  dueUs: number,
  { everyMs, direction }: Granularity,
  originUs: number,
): number {
  const everyUs = everyMs * 1000;
  const firstTickUs = nowUs + untilNextTick(nowUs, originUs, everyUs);
  const ticks = (dueUs - firstTickUs) / everyUs;
  const more = direction === 'up' ? Math.ceil(ticks) : Math.floor(ticks);
  return firstTickUs + Math.max(0, more) * everyUs;
}
