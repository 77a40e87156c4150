/**
 * One run of a scenario under a policy: one connection's life for most stories, several lives put
 * together for a fleet. What comes out is the same kind of record for all of them.
 *
 * - `drain`: every connection lives its own life on the one server; the story ends with the last of them.
 * - `broadcast`: those that suffer live their own lives, and one loop comes to them one after the other.
 * - `descriptors`, `stock`: the record is the life of one ghost; from a stock of such lives the time until
 *   accept(2) fails, or the number of ghosts that stand, is put together.
 * - `waiting`, `restart`, `rolling-restart`: the record is the life of the one connection; the figures tell of the others.
 * - `pool`: one connection; the figure tells how long its caller waited.
 */
import type { Policy } from '../../model/policy/types.ts';
import type { RunResult, RunSeries } from '../../model/results/types.ts';
import { orderlyEndIsHarmless } from '../../model/scenario/orderly-end.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Digest } from '../digest.ts';
import { Draws } from '../random.ts';
import type { SeedWords } from '../random.ts';
import { eventTypes } from '../trace/event-types.ts';
import { Broadcast } from './broadcast.ts';
import { ConnectionWorld } from './connection.ts';
import { exhaustionUs } from './descriptors.ts';
import { Figures, NO_SAMPLE } from './metrics.ts';
import { endedByVerdict, endedInOrder, endedWhileAlive } from '../process/connection-record.ts';
import type { ConnectionRecord } from '../process/connection-record.ts';
import { descriptorSeries, stockSeries } from './series.ts';

/** Simulated lives from which a fleet draws its ghosts: the same ones for every run of a seed. */
const LIVES_IN_STOCK = 64;

/** What one run yields. Instants in µs of virtual time; Infinity = not within the watch. */
export interface RunRecord {
  outcome: RunResult['outcome'];
  reason: string;
  faultAtUs: number;
  decidedAtUs: number;
  closedAtUs: number;
  kernelClosedAtUs: number;
  releasedAtUs: number;
  /** A fault was due, and the policy itself kept it from happening. */
  prevented: boolean;
  /** A verdict, the policy's or the kernel's, hit a living peer. */
  falseReap: boolean;
  /** A living peer's connection was ended, whatever ended it; where an orderly end is harmless, not by one. */
  endedAlive: boolean;
  /** A living peer's connection was ended in order, and the scenario says that this is no harm. */
  closedInOrder: boolean;
  /** What ended it, in a word, as in `ConnectionRecord.by`. */
  by: string;
  /** Where a living peer was ended: when, when it had been accepted, and when it was last heard. */
  endedAtUs: number;
  acceptedAtUs: number;
  /** When the server last read bytes of its peer. */
  lastHeardAtUs: number;
  packets: number;
  bytes: number;
  wakeups: number;
  /** Living time over which the three were counted. */
  livedUs: number;
  /** The policy itself ends a connection of this load with which nothing is wrong, and that is harm. */
  livesShort: boolean;
  /** Time until accept(2) fails with EMFILE; Infinity = never, and in every other story. */
  exhaustionUs: number;
  /** One value for each of the scenario's figures: µs or a count; Infinity = never. */
  figures: readonly number[];
  /** The run came to the state that its scenario is there for. */
  reachedRareState: boolean;
  /** It did, or nobody kept it from coming there. */
  countsForRareState: boolean;
}

/** Plays the runs of one cell, one after the other. */
export class RunPlayer {
  readonly record: RunRecord;
  readonly world: ConnectionWorld;
  readonly #policy: Policy;
  readonly #scenario: Scenario;
  readonly #draws = new Draws();
  readonly #figures: Figures;
  #stock: readonly number[] | null = null;
  #stockSeed: SeedWords | null = null;
  #drainUs = NO_SAMPLE;
  #killed = 0;
  readonly #broadcast = new Broadcast();

  constructor(policy: Policy, scenario: Scenario, watchMs: number, recording: boolean) {
    this.#policy = policy;
    this.#scenario = scenario;
    this.world = new ConnectionWorld(policy, scenario, watchMs, recording);
    this.record = emptyRecord();
    this.#figures = new Figures(scenario);
  }

  get digest(): Digest {
    return this.world.eventLog.digest;
  }

  play(seed: SeedWords, run: number): void {
    const { story } = this.#scenario;
    if (story.kind === 'descriptors' || story.kind === 'stock') this.#fillStock(seed);
    this.world.play(seed, run, 0);
    this.#drainUs = NO_SAMPLE;
    this.#killed = 0;
    this.#take(this.world.life);
    this.#takeCost(seed, run);
    if (story.kind === 'broadcast') {
      this.#sendToAll(seed, run, story.ghosts);
      return;
    }
    if (story.kind === 'drain') {
      const { life } = this.world;
      const first = { ...life };
      this.#drained(first);
      for (let other = 1; other < story.ghosts; other += 1) {
        this.world.play(seed, run, other);
        this.#join(life);
        this.#drained(life);
      }
      this.#takeFigures(seed, run, first);
      return;
    }
    this.#takeFigures(seed, run, this.world.life);
    if (story.kind !== 'descriptors') return;
    this.#draws.reset(seed, run, 0);
    this.record.exhaustionUs = exhaustionUs(story, this.#stock ?? [], this.#draws);
    this.digest.add(this.record.exhaustionUs === Infinity ? -1 : this.record.exhaustionUs);
    this.#tellExhaustion(this.record.exhaustionUs);
  }

  /** The loop of a broadcast comes to all that suffer. */
  #sendToAll(seed: SeedWords, run: number, ghosts: number): void {
    const { life, plan } = this.world;
    const first = { ...life };
    this.#broadcast.reset();
    this.#broadcast.add(life, plan.eventAtUs);
    for (let other = 1; other < ghosts; other += 1) {
      this.world.play(seed, run, other);
      this.#join(life);
      this.#broadcast.add(life, plan.eventAtUs);
    }
    this.#takeFigures(seed, run, first);
  }

  /** The stop waits for one connection more. */
  #drained({ sigtermAtUs, closedAtUs, releasedAtUs, killed }: ConnectionRecord): void {
    if (killed) this.#killed += 1;
    // Who has gone before is not waited for; who is there when nobody tells the server to stop, neither.
    if (sigtermAtUs === Infinity && releasedAtUs === Infinity) return;
    const waitedUs = sigtermAtUs === Infinity ? 0 : Math.max(0, closedAtUs - sigtermAtUs);
    this.#drainUs = Number.isNaN(this.#drainUs) ? waitedUs : Math.max(this.#drainUs, waitedUs);
  }

  /** The story of the run that was played last over time, where it is one of many connections. */
  seriesOf(seed: SeedWords, run: number): readonly RunSeries[] {
    const { story } = this.#scenario;
    this.#draws.reset(seed, run, 0);
    if (story.kind === 'descriptors') {
      const { exhaustionUs: endUs } = this.record;
      return [descriptorSeries(story, this.#stock ?? [], this.#draws, endUs)];
    }
    if (story.kind === 'stock') return [stockSeries(story, this.#stock ?? [], this.#draws)];
    const served = this.#figures.servedIn(seed, run);
    return served === null ? [] : [served];
  }

  /** @param life how the first connection of the run lived */
  #takeFigures(seed: SeedWords, run: number, life: ConnectionRecord): void {
    const { record } = this;
    const stockUs = this.#stock ?? [];
    const lived = {
      life,
      stockUs,
      drainUs: this.#drainUs,
      killed: this.#killed,
      standsUs: this.#broadcast.standsUs,
    };
    record.figures = this.#figures.of(seed, run, lived);
    const { reaches } = this.#scenario;
    if (reaches !== undefined && this.#figures.cameTo(reaches)) {
      record.reachedRareState = true;
      record.countsForRareState = true;
    }
    for (const figure of record.figures) {
      this.digest.add(figure === Infinity ? -1 : Number.isNaN(figure) ? -2 : figure);
    }
    this.#tellStorm();
  }

  /** What happens to servers and crowd beside the one connection, at their own time. */
  #tellStorm(): void {
    const { eventLog } = this.world;
    for (const { atUs, what, server } of this.#figures.stormEvents) {
      eventLog.noteAt(atUs, stormEventTypes[what], server + 1);
    }
  }

  #tellExhaustion(atUs: number): void {
    if (atUs !== Infinity) this.world.eventLog.noteAt(atUs, eventTypes.acceptFails);
  }

  /** Healthy lives are the same for every run, so the first run alone counts them. */
  #takeCost(seed: SeedWords, run: number): void {
    const { record, world } = this;
    const { packets, bytes, wakeups, livedUs } = world.costsAsHealthy
      ? world.healthy(seed)
      : world.cost;
    const counts = run === 0 || !world.costsAsHealthy;
    record.packets = counts ? packets : 0;
    record.bytes = counts ? bytes : 0;
    record.wakeups = counts ? wakeups : 0;
    record.livedUs = counts ? livedUs : 0;
    record.livesShort =
      world.costsAsHealthy &&
      world.healthy(seed).livesShort &&
      !orderlyEndIsHarmless(this.#scenario, this.#policy);
  }

  #take(life: ConnectionRecord): void {
    const { record, world } = this;
    const faultScenario = this.#scenario.kind === 'fault';
    record.faultAtUs = life.faultAtUs;
    record.decidedAtUs = life.decidedAtUs;
    record.closedAtUs = life.closedAtUs;
    record.kernelClosedAtUs = life.kernelClosedAtUs;
    record.releasedAtUs = life.releasedAtUs;
    record.prevented = faultScenario && life.faultAtUs === Infinity;
    record.falseReap = false;
    record.endedAlive = false;
    record.closedInOrder = false;
    this.#takeEnd(life);
    record.outcome = outcomeOf(life);
    record.reason = reasonOf(life, record.prevented, world.kernelRule);
    record.exhaustionUs = Infinity;
    record.reachedRareState = world.reachedRareState;
    // Whoever ended the connection, or kept the fault from happening, kept the state from coming, too.
    const endedFirst = record.prevented || life.ending !== 'open';
    record.countsForRareState = record.reachedRareState || !endedFirst;
  }

  /** Whether and how the server's side ended a living peer. */
  #takeEnd(life: ConnectionRecord): void {
    const { record } = this;
    record.by = life.by;
    record.acceptedAtUs = life.acceptedAtUs;
    record.lastHeardAtUs = life.lastHeardAtUs;
    if (!endedWhileAlive(life)) return;
    record.endedAtUs = Math.min(life.decidedAtUs, life.proxyGaveUpAtUs);
    if (life.proxyGaveUpAtUs < life.decidedAtUs) record.by = life.proxyBy;
    if (endedByVerdict(life)) record.falseReap = true;
    if (endedInOrder(life) && orderlyEndIsHarmless(this.#scenario, this.#policy))
      record.closedInOrder = true;
    else record.endedAlive = true;
  }

  /** Another connection of the same server: the story goes on until the slowest is over. */
  #join(life: ConnectionRecord): void {
    const { record } = this;
    if (endedWhileAlive(life)) this.#takeEnd(life);
    // Each life has its own time; the fault is the instant they share, or the opening where there is none.
    const shift = this.#scenario.kind === 'fault' ? record.faultAtUs - life.faultAtUs : 0;
    if (!Number.isFinite(shift)) return;
    if (life.decidedAtUs + shift > record.decidedAtUs) {
      record.decidedAtUs = life.decidedAtUs + shift;
      record.outcome = outcomeOf(life);
      record.reason = reasonOf(life, false, this.world.kernelRule);
    }
    record.closedAtUs = Math.max(record.closedAtUs, life.closedAtUs + shift);
    record.kernelClosedAtUs = Math.max(record.kernelClosedAtUs, life.kernelClosedAtUs + shift);
    record.releasedAtUs = Math.max(record.releasedAtUs, life.releasedAtUs + shift);
  }

  /** Lives of run 0, connections 1…: no chunk of runs owns them, so every split draws from the same. */
  #fillStock(seed: SeedWords): void {
    if (this.#stockSeed?.low === seed.low && this.#stockSeed.high === seed.high) return;
    const stock: number[] = [];
    for (let ghost = 1; ghost <= LIVES_IN_STOCK; ghost += 1) {
      this.world.play(seed, 0, ghost);
      const { life } = this.world;
      if (life.faultAtUs !== Infinity) stock.push(life.closedAtUs - life.faultAtUs);
    }
    // A policy that ends every connection before its fault leaves no ghosts at all.
    this.#stock = stock.length > 0 ? stock : [0];
    this.#stockSeed = seed;
  }
}

const stormEventTypes = {
  stops: eventTypes.serverDrains,
  down: eventTypes.serverDown,
  back: eventTypes.serverBack,
  'half-served': eventTypes.halfServed,
  'all-served': eventTypes.allServed,
  'first-gave-up': eventTypes.firstGaveUp,
} as const;

function outcomeOf(life: ConnectionRecord): RunResult['outcome'] {
  if (life.ending !== 'open') return life.ending;
  return life.faultAtUs === Infinity ? 'survived' : 'undetected';
}

function reasonOf(life: ConnectionRecord, prevented: boolean, kernelRule: string): string {
  if (life.proxyGaveUpAtUs < life.decidedAtUs) return life.proxyBy;
  if (life.ending === 'open') {
    if (prevented) return 'traffic kept the fault from happening';
    return life.faultAtUs === Infinity ? 'left alone' : 'nothing noticed';
  }
  return kernelRule === '' ? life.reason : `${life.reason}: ${kernelRule}`;
}

function emptyRecord(): RunRecord {
  return {
    outcome: 'survived',
    reason: '',
    faultAtUs: Infinity,
    decidedAtUs: Infinity,
    closedAtUs: Infinity,
    kernelClosedAtUs: Infinity,
    releasedAtUs: Infinity,
    prevented: false,
    falseReap: false,
    endedAlive: false,
    closedInOrder: false,
    by: '',
    endedAtUs: Infinity,
    acceptedAtUs: Infinity,
    lastHeardAtUs: Infinity,
    packets: 0,
    bytes: 0,
    wakeups: 0,
    livedUs: NaN,
    livesShort: false,
    exhaustionUs: Infinity,
    figures: [],
    reachedRareState: false,
    countsForRareState: false,
  };
}
