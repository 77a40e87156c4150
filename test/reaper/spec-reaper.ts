/**
 * The xstate reaper machine itself, run against a clock of our own: timers ordered by due time, then by their rank
 * (mechanism, then kind of clock), nothing of the engine in it. Logs what it asks of its host.
 */
import type { AnyMachineSnapshot } from 'xstate';
import { getNextTransitions, initialTransition, transition } from 'xstate';
import { delayNames, readEffects } from '../../model/statechart/effects.ts';
import type { DelayNames, Effect } from '../../model/statechart/effects.ts';
import { clocksMs, granularityOf } from '../../model/machines/reaper/index.ts';
import { reaperMachine } from '../../model/machines/reaper/machine.ts';
import type { DelayKind } from '../../model/mechanisms/region/clocks.ts';
import type { HostEvent } from '../../model/mechanisms/region/events.ts';
import type { Granularity, Mechanism } from '../../model/policy/types.ts';
import type { SocketSample } from '../../model/reaper/index.ts';

/** Which of the clocks of a mechanism that are due at one instant runs out first. */
const RANK: readonly DelayKind[] = [
  'reply',
  'grace',
  'strike',
  'fresh',
  'deadline',
  'idle',
  'age',
  'first',
  'interval',
  'pause',
];
/** Time stamps: compared with when something happens, never waited for. */
const UNWATCHED: readonly DelayKind[] = ['grace', 'strike', 'fresh'];

function isUnwatched(name: string): boolean {
  return UNWATCHED.some((kind) => name.startsWith(`${kind}.`));
}
const US_PER_MS = 1_000;

/** The expiry of an `after`, which xstate keeps out of a machine's event type. */
interface TimerEvent {
  readonly type: `xstate.after.${string}`;
}

interface Timer {
  readonly dueUs: number;
  readonly rank: number;
}

/** What a look would have found before there was any. */
const NOTHING_WAITS: SocketSample = {
  queueBytes: 0,
  userQueueBytes: 0,
  bytesAcked: 0,
  established: true,
};

export class SpecReaper {
  /** `<µs> <effect> <mechanism>`, in order. */
  readonly log: string[] = [];
  readonly #mechanisms: readonly Mechanism[];
  readonly #machine: ReturnType<typeof reaperMachine>;
  readonly #delays: DelayNames;
  readonly #runsMs: readonly Partial<Record<DelayKind, number>>[];
  readonly #timers = new Map<string, Timer>();
  readonly #previous: SocketSample[];
  #snapshot: AnyMachineSnapshot;
  readonly #asked = new Set<number>();
  readonly #originsUs: Readonly<Record<Granularity['grid'], number>>;
  #nowUs: number;

  constructor(
    mechanisms: readonly Mechanism[],
    startUs: number,
    sharedOriginUs: number,
    draw: number,
  ) {
    const phase = {
      startMs: startUs / US_PER_MS,
      sharedOriginMs: sharedOriginUs / US_PER_MS,
      draw,
    };
    this.#originsUs = { process: sharedOriginUs, connection: startUs };
    this.#mechanisms = mechanisms;
    this.#machine = reaperMachine(mechanisms, phase);
    this.#delays = delayNames(this.#machine);
    this.#runsMs = mechanisms.map((mechanism) => clocksMs(mechanism, phase));
    this.#previous = mechanisms.map(() => NOTHING_WAITS);
    this.#nowUs = startUs;
    const [snapshot, actions] = initialTransition(this.#machine);
    this.#snapshot = snapshot;
    this.#carryOut(readEffects(actions, this.#delays));
  }

  get isOver(): boolean {
    return this.#snapshot.status !== 'active';
  }

  /** Due time of the earliest timer that wakes a host, Infinity without one. */
  get deadlineUs(): number {
    const due = [...this.#timers].filter(([name]) => !isUnwatched(name));
    return Math.min(Infinity, ...due.map(([, { dueUs }]) => dueUs));
  }

  /** Something the host reports. */
  tell(event: HostEvent, nowUs: number): void {
    this.#passUnwatched(nowUs, 'none');
    this.#nowUs = nowUs;
    this.#step(event);
  }

  /** Runs every timer due at or before `nowUs`, then answers whoever wants to see the socket. */
  advance(nowUs: number, look: (nowUs: number) => SocketSample): void {
    while (this.deadlineUs <= nowUs) {
      const dueUs = this.deadlineUs;
      while (this.deadlineUs === dueUs) this.#fireFirst(dueUs);
      if (this.#asked.size > 0) this.#answer(look(dueUs));
    }
  }

  /**
   * Time stamps that are in the past now. What lies at this very instant is past only for the mechanism whose own
   * timer runs out now, and the time between two pings of the peer is over when it just has passed.
   */
  #passUnwatched(nowUs: number, own: string): void {
    for (const [name, { dueUs }] of this.#timers) {
      if (!isUnwatched(name) || dueUs > nowUs) continue;
      const isOwn = name.endsWith(`.${own}`) || name.startsWith('strike');
      if (dueUs < nowUs || isOwn) this.#fire(name, dueUs);
    }
  }

  #fireFirst(dueUs: number): void {
    const due = [...this.#timers].filter(
      ([name, timer]) => timer.dueUs === dueUs && !isUnwatched(name),
    );
    const [name] = due.toSorted(([, a], [, b]) => a.rank - b.rank)[0] ?? [''];
    this.#passUnwatched(dueUs, name.slice(name.indexOf('.') + 1));
    this.#fire(name, dueUs);
  }

  #fire(name: string, nowUs: number): void {
    this.#timers.delete(name);
    this.#nowUs = nowUs;
    // Several states may run the same clock; the one that does now knows its end.
    const type = getNextTransitions(this.#snapshot)
      .map(({ eventType }) => eventType)
      .find((eventType) => this.#delays.get(eventType) === name);
    this.#step({ type: type as TimerEvent['type'] }, name);
  }

  /** One reading for each mechanism that asked, in their order. */
  #answer(sample: SocketSample): void {
    const askers = [...this.#asked].toSorted((a, b) => a - b);
    this.#asked.clear();
    this.log.push(`${this.#nowUs} sample ${askers[0]}`);
    for (const mechanism of askers) {
      const asker = this.#mechanisms[mechanism];
      const stall = asker?.kind === 'send-stall' ? asker : undefined;
      const before = this.#previous[mechanism] ?? NOTHING_WAITS;
      const leastBytes = Math.min(stall?.minBytes ?? 1, before.queueBytes);
      const moved =
        stall?.progress === 'queue'
          ? before.queueBytes !== sample.queueBytes
          : sample.bytesAcked >= before.bytesAcked + leastBytes;
      const marks = moved || stall?.progress === 'queue' || sample.queueBytes === 0;
      if (marks) this.#previous[mechanism] = { ...sample };
      const { established, userQueueBytes } = sample;
      const queueEmpty = sample.queueBytes === 0;
      const limit = asker?.kind === 'send-queue-limit' ? asker : undefined;
      const overSoft = userQueueBytes > (limit?.softBytes ?? Infinity);
      const overHard = userQueueBytes > (limit?.hardBytes ?? Infinity);
      const reading = { mechanism, queueEmpty, moved, established, overSoft, overHard };
      this.#step({ type: 'SAMPLED', ...reading });
    }
  }

  #step(event: HostEvent | TimerEvent, fired?: string): void {
    if (this.isOver) return;
    const [snapshot, actions] = transition(this.#machine, this.#snapshot, event as HostEvent);
    this.#snapshot = snapshot;
    this.#carryOut(readEffects(actions, this.#delays, fired));
    if (this.isOver) {
      this.#timers.clear();
      this.#asked.clear();
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'cancel') this.#timers.delete(effect.delay);
      else if (effect.kind === 'arm') this.#arm(effect.delay);
      else {
        const mechanism = Number(effect.params?.['mechanism']);
        if (effect.name === 'sample') this.#asked.add(mechanism);
        else this.log.push(`${this.#nowUs} ${effect.name} ${mechanism}`);
      }
    }
  }

  #arm(delay: string): void {
    const [kind, index] = delay.split('.') as [DelayKind, string];
    const runsMs = this.#runsMs[Number(index)]?.[kind] ?? NaN;
    const mechanism = this.#mechanisms[Number(index)];
    const exactUs = this.#nowUs + Math.round(runsMs * US_PER_MS);
    const dueUs = mechanism === undefined ? NaN : this.#onTick(exactUs, granularityOf(mechanism));
    this.#timers.set(delay, { dueUs, rank: Number(index) * RANK.length + RANK.indexOf(kind) });
  }

  /** Walks the coarser timer's ticks from now on. */
  #onTick(exactUs: number, granularity: Granularity | undefined): number {
    if (granularity === undefined) return exactUs;
    const everyUs = granularity.everyMs * US_PER_MS;
    const fromOriginUs = this.#nowUs - this.#originsUs[granularity.grid];
    let tickUs = this.#nowUs - (((fromOriginUs % everyUs) + everyUs) % everyUs) + everyUs;
    if (granularity.direction === 'up') while (tickUs < exactUs) tickUs += everyUs;
    else while (tickUs + everyUs <= exactUs) tickUs += everyUs;
    return tickUs;
  }
}
