/**
 * The reaper's production host: what the simulator is in simulated time, this is in real time.
 *
 * The decisions are made by the compiled reaper (`model/reaper`), which knows neither clocks nor
 * sockets. The host tells it what was read and when a deadline has come, and carries out what it asks
 * for: ping, look at the socket, destroy, close. All connections share one heap of deadlines and one
 * timer. Whatever goes wrong in here or in a callback is counted and reported, never thrown at the
 * server: a reaper must not be what kills the process.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { assert } from '../../model/assert.ts';
import type { Policy } from '../../model/policy/types.ts';
import { LifeBit, type ReaperInstance } from '../../model/reaper/types.ts';
import { Looks } from '../kernel/looks.ts';
import { Hooks } from '../safety/hooks.ts';
import { Alarm, nowUs } from './alarm.ts';
import type { Attached, HandedIn } from './attached.ts';
import type { ReaperBound } from './bound.ts';
import type { Channel } from './channel.ts';
import { CLOSE_LIMIT_MS } from './close-limit.ts';
import { Connections } from './connections.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { Effects, type Driver } from './effects.ts';
import { Gate } from './gate.ts';
import { KERNEL_REASONS, type ReaperStatus, type Transport } from './mechanisms.ts';
import type { ReaperOptions } from './options.ts';
import { Plan } from './plan.ts';
import { Rows } from './rows.ts';
import { Passes, SendPath, sendPathStepMs } from './send-path.ts';
import { Times } from './times.ts';
import { Told } from './told.ts';
import { Verdicts } from './verdicts.ts';
import { warn, type ReaperWarning } from './warnings.ts';
import { Watched, widthOf } from './watched.ts';

/** Connections judged in one turn of the event loop; the rest wait for the next turn, so that I/O is not starved. */
const CONNECTIONS_PER_TURN = 1000;

/** A verdict that waits for leave is looked at again so much later, µs. */
const HELD_AGAIN_US = 250_000;

/** A verdict that has to wait until what was read has been told is looked at again so much later, µs. */
const READING_AGAIN_US = 20_000;

export class ReaperHost<S extends object> implements Attached, Driver<S> {
  readonly #plan: Plan;
  readonly #channel: Channel<S>;
  readonly #options: ReaperOptions<S>;
  readonly #hooks: Hooks;
  readonly #connections: Connections<S>;
  readonly #rows: Rows;
  readonly #heap = new DeadlineHeap<Watched<S>>();
  readonly #looks: Looks;
  readonly #gate: Gate;
  readonly #verdicts: Verdicts<S>;
  readonly #effects: Effects<S>;
  readonly told: Told<S>;
  readonly times: Times;
  readonly #alarm = new Alarm(
    (asOfUs) => {
      this.contain(() => {
        this.#judge(asOfUs);
      });
    },
    (us) => {
      this.times.tell('loop-lag', us);
    },
  );
  /** Looks at send paths; undefined where no mechanism wants to know of them. */
  readonly #passes: Passes | undefined;
  readonly #originUs = nowUs();
  /** Clients of the server that nobody told of. */
  unwatched: () => number = () => 0;
  #attached = true;
  #judging = false;
  #kernelTimeouts = 0;
  /** Connections that policies before this one have ended. */
  #reapedBefore = 0;
  /** The deadline of the shutdown under way, null = for ever; undefined before there is one. */
  #drainMs: number | null | undefined;

  /**
   * `transport`: what this kind of connection can do. `channelOf` answers how connections are driven, and is told by whom. Throws InputError
   * when `options.kernel` or `options.requireAll` demands what this machine cannot give. `previous`: the one whose place it is going to take.
   */
  constructor(
    handedIn: HandedIn,
    options: ReaperOptions<S>,
    transport: Transport,
    channelOf: (host: ReaperHost<S>) => Channel<S>,
    previous?: ReaperHost<S>,
  ) {
    this.#plan = new Plan(handedIn, options, transport);
    this.#looks = new Looks(this.#plan.kernel, options.kernel);
    this.#options = options;
    this.#hooks = previous === undefined ? new Hooks(options.onError) : previous.#hooks;
    this.#gate = new Gate(options);
    this.told = new Told(this.policy, this.#hooks, options.onReap, previous?.told);
    this.times = previous?.times ?? new Times(this.#hooks);
    const { reaper, closingReaper } = this.#plan;
    this.#rows = new Rows(widthOf(reaper, closingReaper));
    this.#channel = channelOf(this);
    this.#connections = new Connections(this.#channel);
    this.#verdicts = new Verdicts(this.#plan, this.#channel, this.#hooks, this.told, (watched) => {
      this.forget(watched, true);
    });
    this.#effects = new Effects(this.#plan, this.#channel, this.#looks, this.#hooks, this);
    const stepMs = sendPathStepMs(this.policy);
    this.#passes =
      stepMs === undefined
        ? undefined
        : new Passes(stepMs, () => {
            this.#connections.each((watched) => {
              this.#effects.lookAtPath(watched);
            });
          });
    for (const warning of this.#plan.warnings) this.warn(warning);
  }

  /** The policy as it runs here: what this machine cannot do is marked lost. */
  get policy(): Policy {
    return this.#plan.policy;
  }

  get isAttached(): boolean {
    return this.#attached;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get reaped(): number {
    return this.#reapedBefore + this.#plan.tallies.reaped;
  }

  get status(): ReaperStatus {
    return {
      attached: this.#attached,
      backend: this.#plan.kernel.name,
      mechanisms: this.#plan.tallies.states(this.#drainMs),
      pings: this.#effects.pings,
      kernelTimeouts: this.#kernelTimeouts,
      errors: this.#hooks.errors,
      unwatched: this.unwatched(),
      draining: this.#drainMs !== undefined,
      longestStallMs: Math.round(this.#alarm.latestUs / 1000),
      unchecked: this.#plan.unchecked,
    };
  }

  /** Signs of life that any mechanism takes notice of, beyond being bytes that were read; a sum of `LifeBit`. */
  get distinct(): number {
    return this.#plan.reaper.distinct | this.#plan.closingReaper.distinct;
  }

  /** Whether it was told of this connection, be it exempt. */
  knows(socket: S): boolean {
    return this.#connections.knows(socket);
  }

  find(socket: S): Watched<S> | undefined {
    return this.#connections.get(socket);
  }

  /** The connection of the socket below. */
  of(raw: Socket): Watched<S> | undefined {
    return this.#connections.of(raw);
  }

  /** Begins to watch an open connection. `request`: of the upgrade, where one is known. */
  watch(socket: S, request?: IncomingMessage): void {
    const channel = this.#channel;
    if (!this.#attached || this.#connections.get(socket) !== undefined) return;
    if (!channel.isOpen(socket) || channel.isClosing(socket)) return;
    const { exempt, label } = this.#options;
    // One that cannot be asked about is watched like any other.
    if (exempt !== undefined && this.#hooks.ask(() => exempt(socket, request)) === true) {
      this.#connections.leaveAlone(socket);
      return;
    }
    const raw = channel.rawSocket(socket);
    if (raw === undefined) return;
    const watched = this.#watchedOf(socket, raw);
    if (label !== undefined) watched.label = this.#hooks.ask(() => label(socket, request));
    if (this.told.isHeard) watched.remoteAddress = raw.remoteAddress;
    this.#add(watched);
    this.#start(watched, watched.openedUs);
  }

  #add(watched: Watched<S>): void {
    const { raw } = watched;
    this.#connections.add(watched);
    this.#channel.listen(watched);
    if (this.#passes !== undefined) {
      watched.sendPath = new SendPath(raw);
      this.#passes.begin();
    }
    try {
      this.#plan.setKernelOptions(raw);
    } catch (error) {
      this.#hooks.report(error);
    }
  }

  /**
   * Takes the place of another host: its connections, counts and listeners. All clocks begin anew, a silence counts from now on; what
   * is closing keeps its limit.
   */
  takesOver(from: ReaperHost<S>): void {
    this.unwatched = from.unwatched;
    this.#reapedBefore = from.reaped;
    this.#kernelTimeouts = from.#kernelTimeouts;
    this.#effects.pings = from.#effects.pings;
    this.#drainMs = from.#drainMs;
    this.#connections.sparesAs(from.#connections);
    this.#attached = from.#attached;
    from.#attached = false;
    from.#connections.each((before) => {
      const { socket, raw, closesByUs, isClosing } = before;
      const watched = this.#watchedOf(socket, raw);
      watched.isOnceMore(before);
      from.forget(before);
      this.contain(() => {
        from.#plan.takeBackKernelOptions(raw, this.#plan);
      });
      this.#add(watched);
      if (isClosing) {
        this.closes(watched);
        watched.closesByUs = Math.min(watched.closesByUs, closesByUs);
      } else this.#start(watched, nowUs());
    });
    from.#stopTimers();
  }

  #stopTimers(): void {
    this.#connections.release();
    this.#alarm.clear();
    this.#passes?.end();
  }

  #watchedOf(socket: S, raw: Socket): Watched<S> {
    return new Watched(socket, raw, this.#rows, this.#plan.reaper, nowUs(), Math.random());
  }

  /** Stops watching; the connection itself is left as it is. `ended`: it is about to be ended. */
  forget(watched: Watched<S>, ended = false): void {
    if (!watched.watching) return;
    watched.watching = false;
    this.#heap.remove(watched);
    this.#connections.remove(watched);
    this.#channel.unlisten(watched, ended);
    watched.sendPath?.release();
    watched.release(this.#rows);
    if (this.#heap.first === undefined) this.#alarm.clear();
    if (this.#connections.size === 0) this.#passes?.end();
  }

  /** The connection is gone. Where its kernel gave up on the peer, that was its verdict. */
  closed(watched: Watched<S>): void {
    if (!watched.watching) return;
    const error = watched.raw.errored as NodeJS.ErrnoException | null | undefined;
    const reason = KERNEL_REASONS.get(error?.code ?? '');
    const event =
      reason === undefined ? undefined : this.told.eventOf(watched, 'kernel', undefined, reason);
    this.forget(watched);
    if (event === undefined) return;
    this.#kernelTimeouts += 1;
    this.told.announce(event);
  }

  /**
   * Either side has begun to close: from now on what looks at closing connections judges, within the limit of a closing. A
   * peer that says FIN and reads nothing would else be waited for without an end.
   */
  closes(watched: Watched<S>): void {
    if (!watched.watching || watched.isClosing) return;
    const { closeLimitMs } = this.#plan;
    const limitMs = closeLimitMs === undefined ? CLOSE_LIMIT_MS : closeLimitMs;
    watched.isClosing = true;
    watched.heldMechanism = -1;
    watched.closesByUs = limitMs === null ? Infinity : nowUs() + limitMs * 1000;
    watched.judgedBy(this.#plan.closingReaper);
    watched.sendPath?.forget();
    // From the opening on, though it takes over later: an age goes on, and what looks every so often looks at once.
    this.#start(watched, watched.openedUs);
  }

  #start(watched: Watched<S>, fromUs: number): void {
    this.drive(watched, (instance) => {
      instance.start(fromUs, this.#originUs, watched.draw);
    });
  }

  /** The process read something from the peer; `lifeBits` is a sum of `LifeBit`. */
  received(watched: Watched<S>, lifeBits: number): void {
    if (!watched.watching) return;
    const atUs = nowUs();
    watched.lastReceivedUs = atUs;
    this.#alarm.heard();
    if (watched.heldMechanism >= 0) this.#spare(watched);
    if ((lifeBits & LifeBit.ApplicationAck) !== 0) this.times.received(watched, lifeBits, atUs);
    // Of what would only start the same clocks anew, the last is told, before whatever comes next.
    if (watched.repeats === lifeBits) watched.untoldUs = atUs;
    else if ((lifeBits & this.#plan.reaper.heard) !== 0) this.#tell(watched, lifeBits, atUs);
  }

  /** A ping was answered: how long that took is told to whoever keeps times. */
  answered(watched: Watched<S>): void {
    this.times.received(watched, LifeBit.Pong, nowUs());
  }

  #tell(watched: Watched<S>, lifeBits: number, atUs: number): void {
    this.drive(watched, (instance) => {
      instance.received(lifeBits, atUs);
    });
    if (watched.watching && watched.instance.repeats(lifeBits)) watched.repeats = lifeBits;
  }

  /** A connection was not opened in time: the endpoint's own limit, which no table decides. */
  openingOverdue(socket: S, mechanismIndex: number): void {
    const raw = this.#channel.rawSocket(socket);
    if (raw === undefined || !this.#channel.isOpen(socket)) return;
    const watched = this.#connections.of(raw) ?? this.#watchedOf(socket, raw);
    this.end(watched, false, mechanismIndex);
  }

  /** The application handed a message to the send path. */
  messageSent(watched: Watched<S>): void {
    if (!watched.watching) return;
    if (watched.sentUs === 0) watched.sentUs = nowUs();
    this.drive(watched, (instance) => {
      instance.messageSent(nowUs());
    });
  }

  /** Asks every channel that has no event for it whether something was read. */
  poll(): void {
    this.#connections.each((watched) => {
      this.#hear(watched);
    });
  }

  /** See the handle's `bound`. */
  get bound(): ReaperBound {
    return this.#plan.bound;
  }

  /** See the option `onWarning`. */
  warn(warning: ReaperWarning): void {
    this.contain(() => warn(warning, this.#options.onWarning));
  }

  /** See the handle's `closeWait`. */
  closeWait(): number | undefined {
    return this.#looks.closeWait(this.sockets());
  }

  /** See the handle's `queueBytes`. */
  queueBytes(): number {
    return this.#connections.queueBytes();
  }

  sockets(): Socket[] {
    return this.#connections.sockets();
  }

  watchedConnections(): S[] {
    return this.#connections.names();
  }

  drains(deadlineMs: number | null): void {
    this.#drainMs = deadlineMs;
  }

  /** Lets go of every connection and of the timer. Further calls do nothing. */
  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#connections.each((watched) => {
      this.forget(watched);
    });
    this.#channel.release();
    this.#stopTimers();
  }

  /** Runs `work`; what it throws, or rejects with, is counted and told to `onError`, never passed on. */
  contain(work: () => unknown): void {
    this.#hooks.run(work);
  }

  /** Lets `step` act on a connection's reaper, carries out the effects, and files the next deadline. */
  drive(watched: Watched<S>, step: (instance: ReaperInstance) => void): void {
    if (!watched.watching) return;
    try {
      const { instance, untoldUs, repeats } = watched;
      if (untoldUs > 0) instance.received(repeats, untoldUs);
      watched.untoldUs = 0;
      watched.repeats = 0;
      step(instance);
      this.#effects.carryOut(watched);
    } catch (error) {
      // A reaper in an unknown state must not judge anybody.
      this.forget(watched);
      this.#hooks.report(error);
    }
    if (watched.watching) this.#fileDeadline(watched);
  }

  #fileDeadline(watched: Watched<S>): void {
    if (watched.heldMechanism >= 0) return;
    const { instance, sendPath } = watched;
    // Who has nothing queued need not be looked at for what is.
    watched.rests = sendPath?.isEmpty === true && instance.rests;
    const ownUs = watched.rests ? instance.restingDeadlineUs : instance.deadlineUs;
    const deadlineUs = Math.min(ownUs, watched.closesByUs);
    const filed = watched.heapIndex >= 0;
    if (filed && deadlineUs >= watched.filedUs && deadlineUs !== Infinity) return;
    this.#heap.file(watched, deadlineUs);
    if (!this.#judging) this.#alarm.setFor(this.#heap.first?.filedUs ?? Infinity);
  }

  /** Fires what is due, earliest first; at most so many connections that I/O gets its turn. */
  #judge(asOfUs: number): void {
    let left = CONNECTIONS_PER_TURN;
    // One instant for the whole round: what came due after it (a listener or a ping can block) may have been
    // answered by input that nobody has read yet, so it waits for the next round.
    this.#judging = true;
    try {
      for (; left > 0; left--) {
        const watched = this.#heap.first;
        if (watched === undefined || watched.filedUs > asOfUs) break;
        this.#advance(watched, asOfUs);
      }
    } finally {
      this.#judging = false;
    }
    if (!this.#attached) return;
    if (left === 0) this.#alarm.soon();
    else this.#alarm.setFor(this.#heap.first?.filedUs ?? Infinity);
  }

  #advance(watched: Watched<S>, asOfUs: number): void {
    const channel = this.#channel;
    this.#heap.remove(watched);
    if (!channel.isOpen(watched.socket)) {
      this.closed(watched);
      return;
    }
    if (channel.isReading(watched.socket)) {
      // An answer may be among what was read and not told yet. A dead peer sends nothing more, so this ends.
      this.#heap.file(watched, asOfUs + READING_AGAIN_US);
      return;
    }
    // Whoever closes without an event for it (`ws.close()`, the peer's Close frame) is found here.
    if (channel.isClosing(watched.socket)) this.closes(watched);
    if (watched.closesByUs <= asOfUs) {
      this.#verdicts.endClosing(watched);
      return;
    }
    if (watched.heldMechanism >= 0) {
      this.#hear(watched);
      if (watched.heldMechanism >= 0) this.end(watched, false, watched.heldMechanism);
      return;
    }
    // What was read before its deadline was looked at counts, though nobody has told of it yet.
    this.#hear(watched);
    this.drive(watched, (instance) => {
      if (watched.rests) instance.rouse(asOfUs);
      instance.advance(asOfUs);
      assert(instance.deadlineUs > asOfUs, 'advance fires every deadline that is due');
    });
  }

  #hear(watched: Watched<S>): void {
    const lifeBits = this.#channel.readSinceAsked(watched);
    if (lifeBits !== 0) this.received(watched, lifeBits);
    if (this.#channel.wroteSinceAsked(watched)) this.messageSent(watched);
  }

  /** Carries out a verdict, or has it wait. `orderly`: of the mechanisms `idle` and `age`. */
  end(watched: Watched<S>, orderly: boolean, mechanismIndex: number): void {
    if (this.#verdicts.isOfSilence(mechanismIndex) && this.#holds(watched, mechanismIndex)) return;
    this.#verdicts.end(watched, orderly, mechanismIndex);
  }

  /** Whether a verdict has to wait; then it is asked for again. */
  #holds(watched: Watched<S>, mechanismIndex: number): boolean {
    const atUs = nowUs();
    if (this.#looks.hears(watched, atUs)) return this.#spare(watched);
    if (watched.heldMechanism < 0) watched.heldSinceUs = atUs;
    if (this.#gate.lets(watched, watched.heldSinceUs, this.#connections.all(), atUs)) return false;
    watched.heldMechanism = mechanismIndex;
    this.#heap.file(watched, atUs + HELD_AGAIN_US);
    if (!this.#judging) this.#alarm.setFor(atUs + HELD_AGAIN_US);
    return true;
  }

  /** It was heard of: it begins anew. */
  #spare(watched: Watched<S>): true {
    watched.heldMechanism = -1;
    watched.judgedBy(this.#plan.reaper);
    this.#start(watched, nowUs());
    return true;
  }
}
