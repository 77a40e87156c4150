/**
 * The xstate reaper machine itself, run against a clock of our own: timers ordered by due time, then by their rank
 * (mechanism, then kind of clock), nothing of the engine in it. Logs what it asks of its host.
 */
import type { AnyMachineSnapshot } from 'xstate';
import { initialTransition, transition } from 'xstate';
import { delayNames, readEffects } from '../../model/compile/effects.ts';
import type { DelayNames, Effect } from '../../model/compile/effects.ts';
import { clocksMs, reaperMachine } from '../../model/machines/reaper/index.ts';
import type { DelayKind, HostEvent } from '../../model/machines/reaper/index.ts';
import type { Mechanism } from '../../model/policy/types.ts';
import type { SocketSample } from '../../model/reaper/index.ts';

/** Which of the clocks of a mechanism that are due at one instant runs out first. */
const RANK: readonly DelayKind[] = ['reply', 'grace', 'idle', 'age', 'first', 'interval', 'pause'];
const US_PER_MS = 1_000;

/** The expiry of an `after`, which xstate keeps out of a machine's event type. */
interface TimerEvent {
  readonly type: `xstate.after.${string}`;
}

interface Timer {
  readonly dueUs: number;
  readonly rank: number;
}

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
  #nowUs: number;

  constructor(mechanisms: readonly Mechanism[], startUs: number, sharedOriginUs: number) {
    const phase = { startMs: startUs / US_PER_MS, sharedOriginMs: sharedOriginUs / US_PER_MS };
    this.#mechanisms = mechanisms;
    this.#machine = reaperMachine(mechanisms, phase);
    this.#delays = delayNames(this.#machine);
    this.#runsMs = mechanisms.map((mechanism) => clocksMs(mechanism, phase));
    this.#previous = mechanisms.map(() => ({
      queueBytes: 0,
      userQueueBytes: 0,
      bytesAcked: 0,
      established: true,
    }));
    this.#nowUs = startUs;
    const [snapshot, actions] = initialTransition(this.#machine);
    this.#snapshot = snapshot;
    this.#carryOut(readEffects(actions, this.#delays));
  }

  get isOver(): boolean {
    return this.#snapshot.status !== 'active';
  }

  /** Due time of the earliest timer that wakes a host, Infinity without one: a grace is only looked at in passing. */
  get deadlineUs(): number {
    return this.#earliest((name) => !name.startsWith('grace'));
  }

  #earliest(counts: (name: string) => boolean): number {
    const due = [...this.#timers].filter(([name]) => counts(name)).map(([, { dueUs }]) => dueUs);
    return Math.min(Infinity, ...due);
  }

  /** Something the host reports. */
  tell(event: HostEvent, nowUs: number): void {
    this.#nowUs = nowUs;
    this.#step(event);
  }

  /** Runs every timer due at or before `nowUs`, then answers whoever wants to see the socket. */
  advance(nowUs: number, look: (nowUs: number) => SocketSample): void {
    const any = (): boolean => true;
    while (this.#earliest(any) <= nowUs) {
      const dueUs = this.#earliest(any);
      while (this.#earliest(any) === dueUs) this.#fireFirst(dueUs);
      if (this.#asked.size > 0) this.#answer(look(dueUs));
    }
  }

  #fireFirst(dueUs: number): void {
    const due = [...this.#timers].filter(([, timer]) => timer.dueUs === dueUs);
    const [name] = due.toSorted(([, a], [, b]) => a.rank - b.rank)[0] ?? [''];
    this.#timers.delete(name);
    this.#nowUs = dueUs;
    const [type] = [...this.#delays].find(([, delay]) => delay === name) ?? [''];
    this.#step({ type: type as TimerEvent['type'] }, name);
  }

  /** One reading for each mechanism that asked, in their order. */
  #answer(sample: SocketSample): void {
    const askers = [...this.#asked].toSorted((a, b) => a - b);
    this.#asked.clear();
    this.log.push(`${this.#nowUs} sample ${askers[0]}`);
    for (const mechanism of askers) {
      const stall = this.#mechanisms[mechanism];
      const byQueue = stall?.kind === 'send-stall' && stall.progress === 'queue';
      const key = byQueue ? 'queueBytes' : 'bytesAcked';
      const moved = this.#previous[mechanism]?.[key] !== sample[key];
      this.#previous[mechanism] = { ...sample };
      const { established } = sample;
      const queueEmpty = sample.queueBytes === 0;
      this.#step({ type: 'SAMPLED', mechanism, queueEmpty, moved, established });
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
    const dueUs = this.#nowUs + Math.round(runsMs * US_PER_MS);
    this.#timers.set(delay, { dueUs, rank: Number(index) * RANK.length + RANK.indexOf(kind) });
  }
}
