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
import { CloseCode } from '../../model/machines/websocket/close-code.ts';
import { kindOf, mannerOf } from '../../model/mechanisms/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import {
  ReaperEffect,
  type ReaperEffectCode,
  type ReaperInstance,
} from '../../model/reaper/types.ts';
import { Alarm, nowUs } from './alarm.ts';
import type { Attached, HandedIn } from './attached.ts';
import type { Channel } from './channel.ts';
import type { ReaperBound } from './bound.ts';
import { contain } from '../safety/contain.ts';
import { Hooks } from '../safety/hooks.ts';
import { CLOSE_LIMIT_MS } from './close-limit.ts';
import { Gate } from './gate.ts';
import { Connections } from './connections.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { Looks } from '../kernel/looks.ts';
import { ABLE_TRANSPORT, KERNEL_REASONS, type ReaperStatus, type Transport } from './mechanisms.ts';
import type { ReaperOptions } from './options.ts';
import { Plan } from './plan.ts';
import { hasMovedOn, SendPaths, sendPathStepMs } from './send-path.ts';
import { Times } from './times.ts';
import { Told } from './told.ts';
import { warn, type ReaperWarning } from './warnings.ts';
import { watchedOf, type Watched } from './watched.ts';

/** Connections judged in one turn of the event loop; the rest wait for the next turn, so that I/O is not starved. */
const CONNECTIONS_PER_TURN = 1000;

/** A verdict that waits for leave is looked at again so much later, µs. */
const HELD_AGAIN_US = 250_000;

const CLOSING_TOO_LONG = 'its closing took longer than it may';

/** A verdict that has to wait until what was read has been told is looked at again so much later, µs. */
const READING_AGAIN_US = 20_000;

export class ReaperHost<S extends object> implements Attached {
  readonly #plan: Plan;
  readonly #options: ReaperOptions<S>;
  readonly #connections = new Connections<S>();
  readonly #heap = new DeadlineHeap<Watched<S>>();
  readonly times = new Times((work) => {
    this.contain(work);
  });
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
  readonly #originUs = nowUs();
  readonly #looks: Looks;
  /** Clients of the server that nobody told of. */
  unwatched: () => number = () => 0;
  #attached = true;
  #judging = false;
  #pings = 0;
  readonly #hooks: Hooks;
  #kernelTimeouts = 0;
  /** The deadline of the shutdown under way, null = for ever; undefined before there is one. */
  #drainMs: number | null | undefined;
  /** Undefined where no mechanism wants to know of them. */
  readonly #sendPaths: SendPaths | undefined;
  readonly told: Told<S>;
  readonly #gate: Gate;

  /**
   * `transport`: what this kind of connection can do; everything, when missing. Throws InputError when `options.kernel` or
   * `options.requireAll` demands what this machine cannot give.
   */
  constructor(
    handedIn: HandedIn,
    options: ReaperOptions<S>,
    transport: Transport = ABLE_TRANSPORT,
  ) {
    this.#plan = new Plan(handedIn, options, transport);
    this.#looks = new Looks(this.#plan.kernel);
    this.#options = options;
    this.#hooks = new Hooks(options.onError);
    this.#gate = new Gate(options);
    this.told = new Told(this.policy, this.#hooks, options.onReap);
    const stepMs = sendPathStepMs(this.policy);
    this.#sendPaths = stepMs === undefined ? undefined : new SendPaths(stepMs);
    for (const warning of this.#plan.warnings) this.warn(warning);
  }

  /** The policy as it runs here: what this machine cannot do is marked lost. */
  get policy(): Policy {
    return this.#plan.policy;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get reaped(): number {
    return this.#plan.tallies.reaped;
  }

  get status(): ReaperStatus {
    return {
      attached: this.#attached,
      backend: this.#plan.kernel.name,
      mechanisms: this.#plan.tallies.states(this.#drainMs),
      pings: this.#pings,
      kernelTimeouts: this.#kernelTimeouts,
      errors: this.#hooks.errors,
      unwatched: this.unwatched(),
      draining: this.#drainMs !== undefined,
      longestStallMs: Math.round(this.#alarm.latestUs / 1000),
      unchecked: this.#plan.unchecked,
    };
  }

  /** Whether it was told of this connection, be it exempt. */
  knows(socket: S): boolean {
    return this.#connections.knows(socket);
  }

  find(socket: S): Watched<S> | undefined {
    return this.#connections.get(socket);
  }

  /**
   * Begins to watch an open connection; `listen` attaches what feeds it and answers how to detach it. `request`: of the upgrade, where
   * one is known.
   */
  watch(
    socket: S,
    channel: Channel,
    listen: (watched: Watched<S>) => () => void,
    request?: IncomingMessage,
  ): void {
    if (!this.#attached || this.#connections.get(socket) !== undefined) return;
    if (!channel.isOpen() || channel.isClosing()) return;
    const { exempt, label } = this.#options;
    // One that cannot be asked about is watched like any other.
    if (this.#hooks.ask(() => exempt?.(socket, request)) === true) {
      this.#connections.leaveAlone(socket);
      return;
    }
    const watched = watchedOf(socket, channel, this.#plan.reaper.instance(), nowUs());
    watched.label = this.#hooks.ask(() => label?.(socket, request));
    this.#connections.add(watched);
    watched.unlisten = listen(watched);
    const raw = channel.rawSocket();
    watched.sendPath = this.#sendPaths?.follow(raw, (step) => {
      this.#drive(watched, step);
    });
    this.contain(() => {
      this.#plan.setKernelOptions(raw);
    });
    this.#start(watched);
  }

  /** Stops watching; the connection itself is left as it is. */
  forget(watched: Watched<S>): void {
    if (!watched.watching) return;
    watched.watching = false;
    watched.instance.stop();
    this.#heap.remove(watched);
    this.#connections.remove(watched);
    watched.unlisten();
    if (watched.sendPath !== undefined) this.#sendPaths?.release(watched.sendPath);
    if (this.#heap.first === undefined) this.#alarm.clear();
  }

  /**
   * Either side has begun to close: from now on what looks at closing connections judges, within the limit of a closing. A
   * peer that says FIN and reads nothing would else be waited for without an end.
   */
  closes(watched: Watched<S>): void {
    if (!watched.watching || watched.isClosing) return;
    const limitMs =
      this.#plan.closeLimitMs === undefined ? CLOSE_LIMIT_MS : this.#plan.closeLimitMs;
    watched.isClosing = true;
    watched.heldMechanism = -1;
    watched.closesByUs = limitMs === null ? Infinity : nowUs() + limitMs * 1000;
    watched.instance.stop();
    watched.instance = this.#plan.closingReaper.instance();
    watched.sendPath?.forget();
    this.#start(watched);
  }

  /** From the opening on, even where it takes over later: an age goes on, and what looks every so often looks at once. */
  #start(watched: Watched<S>): void {
    this.#drive(watched, (instance) => {
      instance.start(watched.openedUs, this.#originUs, watched.draw);
    });
  }

  /** The process read something from the peer; `lifeBits` is a sum of `LifeBit`. */
  received(watched: Watched<S>, lifeBits: number): void {
    if (!watched.watching) return;
    const atUs = nowUs();
    watched.lastReceivedUs = atUs;
    this.#alarm.heard();
    if (watched.heldMechanism >= 0) this.#spare(watched);
    this.times.received(watched, lifeBits, atUs);
    this.#drive(watched, (instance) => {
      instance.received(lifeBits, atUs);
    });
  }

  /** A connection was not opened in time: the endpoint's own limit, which no table decides. */
  openingOverdue(socket: S, channel: Channel, mechanismIndex: number): void {
    const watched =
      this.#connections.get(socket) ??
      watchedOf(socket, channel, this.#plan.reaper.instance(), nowUs());
    if (channel.isOpen()) this.#end(watched, false, mechanismIndex);
  }

  /** The application handed a message to the send path. */
  messageSent(watched: Watched<S>): void {
    if (watched.sentUs === 0) watched.sentUs = nowUs();
    this.#drive(watched, (instance) => {
      instance.messageSent(nowUs());
    });
  }

  /** The socket failed with this errno: where the kernel gave up on the peer, that is its verdict. */
  failed(watched: Watched<S>, errno: string | undefined): void {
    const reason = KERNEL_REASONS.get(errno ?? '');
    if (reason === undefined) return;
    this.#kernelTimeouts += 1;
    this.told.announce(this.told.eventOf(watched, 'kernel', undefined, reason));
  }

  /** Asks every channel that has no event for it whether something was read. */
  poll(): void {
    for (const watched of this.#connections.all()) this.#hear(watched);
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
    this.#attached = false;
    for (const watched of this.#connections.all()) this.forget(watched);
    this.#alarm.clear();
  }

  /** Runs `work`; what it throws, or rejects with, is counted and told to `onError`, never passed on. */
  contain(work: () => unknown): void {
    this.#hooks.run(work);
  }

  /** Lets `step` act on a connection's reaper, carries out the effects, and files the next deadline. */
  #drive(watched: Watched<S>, step: (instance: ReaperInstance) => void): void {
    if (!watched.watching) return;
    try {
      step(watched.instance);
      this.#carryOut(watched);
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
    const { channel } = watched;
    this.#heap.remove(watched);
    if (!channel.isOpen()) {
      this.forget(watched);
      return;
    }
    if (channel.isReading()) {
      // An answer may be among what was read and not told yet. A dead peer sends nothing more, so this ends.
      this.#heap.file(watched, asOfUs + READING_AGAIN_US);
      return;
    }
    // Whoever closes without an event for it (`ws.close()`, the peer's Close frame) is found here.
    if (channel.isClosing()) this.closes(watched);
    if (watched.closesByUs <= asOfUs) {
      this.#endClosing(watched);
      return;
    }
    if (watched.heldMechanism >= 0) {
      this.#hear(watched);
      if (watched.heldMechanism >= 0) this.#end(watched, false, watched.heldMechanism);
      return;
    }
    // What was read before its deadline was looked at counts, though nobody has told of it yet.
    this.#hear(watched);
    this.#drive(watched, (instance) => {
      if (watched.rests) instance.rouse(asOfUs);
      instance.advance(asOfUs);
      assert(instance.deadlineUs > asOfUs, 'advance fires every deadline that is due');
    });
  }

  #hear(watched: Watched<S>): void {
    const lifeBits = watched.channel.readSinceAsked();
    if (lifeBits !== 0) this.received(watched, lifeBits);
    if (watched.channel.wroteSinceAsked()) this.messageSent(watched);
  }

  #carryOut(watched: Watched<S>): void {
    const { instance } = watched;
    if (instance.effectCount === 0) return;
    // Copied, because answering a look leaves new effects in the same arrays.
    const effects = instance.effects.slice(0, instance.effectCount);
    const mechanisms = instance.effectMechanism.slice(0, instance.effectCount);
    for (let i = 0; i < effects.length && watched.watching; i++) {
      this.#carryOutOne(watched, effects[i] as ReaperEffectCode, mechanisms[i] ?? 0);
    }
  }

  #carryOutOne(watched: Watched<S>, effect: ReaperEffectCode, mechanismIndex: number): void {
    if (!watched.channel.isOpen()) this.forget(watched);
    else if (effect === ReaperEffect.Ping) this.#ping(watched);
    else if (effect === ReaperEffect.Sample) this.#look(watched);
    else this.#end(watched, effect === ReaperEffect.Close, mechanismIndex);
  }

  #ping(watched: Watched<S>): void {
    this.#pings += 1;
    if (watched.pingedUs === 0) watched.pingedUs = nowUs();
    const asked = (): void => {
      this.#drive(watched, (instance) => {
        instance.pingWritten(nowUs());
      });
    };
    // A ping that failed has asked in vain: patience begins all the same, or a ghost would stand for ever.
    const failed = (error: unknown): void => {
      this.#plan.tallies.refused('ping', `the ping failed: ${String(error)}`);
      this.#hooks.report(error);
      asked();
    };
    contain(() => {
      watched.channel.ping(asked, failed);
    }, failed);
  }

  #look(watched: Watched<S>): void {
    const { channel, sample, instance } = watched;
    const { queueBytes, bytesAcked } = sample;
    sample.userQueueBytes = channel.bufferedBytes();
    const isSeen = this.#looks.look(channel.rawSocket(), sample);
    if (!isSeen && watched.readable) {
      this.#plan.tallies.refused('socket-state', 'the state of this socket cannot be read');
      watched.readable = false;
    }
    watched.sendPath?.found(isSeen && sample.queueBytes === 0);
    instance.sampled(sample, nowUs());
    this.#carryOut(watched);
    if (isSeen && this.#sendPaths !== undefined && hasMovedOn({ queueBytes, bytesAcked }, sample)) {
      this.#drive(watched, () => {
        instance.sendDrained(false, nowUs());
      });
    }
  }

  /** Carries out a verdict. `orderly`: of the mechanisms `idle` and `age`. */
  #end(watched: Watched<S>, orderly: boolean, mechanismIndex: number): void {
    const mechanism = this.policy.mechanisms[mechanismIndex];
    assert(mechanism !== undefined, 'a verdict names its mechanism');
    const kind = kindOf(mechanism);
    const isOfSilence = kind.ends === 'the-dead' && kind.signs(mechanism).length > 0;
    if (isOfSilence && this.#holds(watched, mechanismIndex)) return;
    const { channel } = watched;
    const stated = mannerOf(mechanism);
    // A closing that is under way is not begun anew.
    const manner = stated === 'close' && watched.isClosing ? 'destroy' : stated;
    const verdict = manner === 'close' || manner === 'flush' ? 'closing' : 'destroyed';
    const event = this.told.eventOf(
      watched,
      verdict,
      mechanismIndex,
      kindOf(mechanism).verdict(mechanism),
    );
    this.forget(watched);
    this.#plan.tallies.ended(mechanismIndex);
    this.contain(() => {
      const code = orderly ? CloseCode.GoingAway : CloseCode.InternalError;
      if (manner === 'close') channel.close(code, event.reason, this.#plan.closeLimitMs);
      else channel[manner]();
    });
    this.told.announce(event);
  }

  /** Whether a verdict has to wait; then it is asked for again. */
  #holds(watched: Watched<S>, mechanismIndex: number): boolean {
    const atUs = nowUs();
    if (watched.heldMechanism < 0) watched.heldSinceUs = atUs;
    const { heldSinceUs } = watched;
    if (this.#gate.lets(watched, heldSinceUs, this.#connections.all(), atUs)) return false;
    watched.heldMechanism = mechanismIndex;
    this.#heap.file(watched, atUs + HELD_AGAIN_US);
    if (!this.#judging) this.#alarm.setFor(atUs + HELD_AGAIN_US);
    return true;
  }

  /** It was heard of while its verdict waited: it begins anew. */
  #spare(watched: Watched<S>): void {
    watched.heldMechanism = -1;
    watched.instance = this.#plan.reaper.instance();
    this.#drive(watched, (instance) => {
      instance.start(nowUs(), this.#originUs, watched.draw);
    });
  }

  /** A closing has taken longer than it may. */
  #endClosing(watched: Watched<S>): void {
    const index = this.policy.mechanisms.findIndex(({ kind }) => kind === 'close-handshake');
    const stated = index < 0 ? undefined : index;
    const event = this.told.eventOf(watched, 'destroyed', stated, CLOSING_TOO_LONG);
    this.forget(watched);
    if (stated !== undefined) this.#plan.tallies.ended(stated);
    this.contain(() => {
      watched.channel.destroy();
    });
    this.told.announce({ ...event, mechanism: 'close-handshake' });
  }
}
