/**
 * The reconnect storm: servers go away and come back, and every client comes back with them.
 *
 * At 0 the first server is told to stop. A `restart` is one server that is gone at once; in a `rolling-restart` each one
 * takes no more openings, loses its clients within its drain, is away, comes back, and then the next one begins. Each
 * client is the machine of model/machines/reconnect: it waits its backoff and tries again. Where no server is there an
 * attempt is refused, a round trip later. A server takes openings in the order in which they came, so many a second; a
 * client that has waited its patience gives the attempt up, but the server only finds that out when its turn comes, and
 * the turn is lost. What has no room is dropped, reset or rejected, at no cost to the server.
 *
 * Where a client leaves its listeners on the socket that it gave up, the socket's end is a second loss: from then on
 * it tries in two loops that know nothing of each other, and ends with a session from each.
 *
 * What happens after the watch is over does not count.
 */
import { assert } from '../../model/assert.ts';
import type { ReconnectPolicy } from '../../model/machines/reconnect/index.ts';
import { MOST_SIMULATED } from '../../model/scenario/combinations.ts';
import { reconnectPolicyOf } from '../../model/scenario/reconnecting.ts';
import type { Story } from '../../model/scenario/types.ts';
import { Stream } from '../random.ts';
import type { Draws } from '../random.ts';
import { EventHeap } from '../clock/event-heap.ts';
import { Loops, NOWHERE } from './loops.ts';

/** The stories that are storms. */
export type StormStory = Extract<Story, { readonly kind: 'restart' | 'rolling-restart' }>;

/** What a storm comes to. Times in µs after the first server is told to stop; Infinity = not within the watch. */
export interface Storm {
  /** When half of all clients have a session again. */
  halfServedUs: number;
  /** When every client has one, and no server is going to be stopped any more. */
  allServedUs: number;
  /** The longest that one client was without a session. */
  longestWithoutUs: number;
  /** Clients without a session when the watch is over. */
  unserved: number;
  /** Clients that have used up their attempts, or take a rejection for the end. */
  gaveUp: number;
  /** Openings that the server finished for clients that had gone by then. */
  wasted: number;
  /** Openings for which there was no room. */
  turnedAway: number;
  /** Sessions beyond the first of each client; Infinity where they grow without end. */
  surplus: number;
  /** The most sessions on one server. */
  peak: number;
  /** The most sessions that one client lost. */
  mostLosses: number;
}

/** Something about the servers or the crowd that a timeline shows. */
export interface StormEvent {
  readonly atUs: number;
  readonly what: 'stops' | 'down' | 'back' | 'half-served' | 'all-served' | 'first-gave-up';
  /** Which server, where it is about one. */
  readonly server: number;
}

/** So many of the simulated clients have a session from then on. */
export interface Standing {
  readonly atUs: number;
  readonly served: number;
}

/** What is due, by rank: servers first, then openings that end, then clients that leave, then attempts. */
const Due = {
  Drain: 0,
  Down: 1,
  Up: 2,
  Opened: 3,
  /** The turn of an opening whose client has gone. */
  Wasted: 4,
  GivenUp: 5,
  Leave: 6,
  Attempt: 7,
} as const;
type DueCode = (typeof Due)[keyof typeof Due];

/** More loops of attempts, clients or servers than any storm has. */
const RANKS = 2 ** 20;

/** A storm that has grown to so many loops of attempts for each client grows for ever. */
const MOST_LOOPS_PER_CLIENT = 8;

/** One server of the storm. */
interface Server {
  /** Whether openings come to it: it is up and does not drain. */
  takes: boolean;
  /** How often it has stopped: what was under way before is over. */
  stops: number;
  /** When it is done with all that stand in its queue. */
  freeUs: number;
  /** Openings under way, whether their clients still wait or not; emptied when it stops. */
  readonly waiting: Set<number>;
  readonly sessions: Set<number>;
}

/** Plays storms of one story, one after the other. */
export class StormPlayer {
  readonly #story: StormStory;
  readonly #policy: ReconnectPolicy;
  readonly #loops: Loops;
  readonly #simulated: number;
  readonly #serviceUs: number;
  readonly #rttUs: number;
  readonly #watchUs: number;
  /** How many clients each simulated one stands for. */
  readonly share: number;
  readonly #servers: readonly Server[];
  /** Per client: how many sessions it has, since when it has none, and how many it has lost. */
  readonly #sessions: Int32Array;
  readonly #withoutSinceUs: Float64Array;
  readonly #losses: Int32Array;
  readonly #agenda = new EventHeap();
  readonly #events: StormEvent[] = [];
  readonly #curve: Standing[] = [];
  #draws!: Draws;
  #nowUs = 0;
  /** Servers that take openings, in order. */
  #there: readonly number[] = [];
  /** Clients that have a session. */
  #served = 0;
  /** Servers that are still to be stopped or to come back. */
  #serversAhead = 0;
  #nextServer = 0;
  #chosen = 0;
  #storm: Storm = noStorm();
  constructor(story: StormStory, rttMs: number, watchMs: number) {
    this.#story = story;
    this.#rttUs = rttMs * 1000;
    this.#watchUs = watchMs * 1000;
    this.#policy = reconnectPolicyOf(story);
    this.#loops = new Loops(this.#policy);
    this.#simulated = Math.min(story.clients, MOST_SIMULATED);
    this.share = story.clients / this.#simulated;
    this.#sessions = new Int32Array(this.#simulated);
    this.#withoutSinceUs = new Float64Array(this.#simulated);
    this.#losses = new Int32Array(this.#simulated);
    this.#serviceUs = (1_000_000 / story.acceptsPerSecond) * this.share;
    const servers = story.kind === 'restart' ? 1 : story.servers;
    this.#servers = Array.from({ length: servers }, () => ({
      takes: true,
      stops: 0,
      freeUs: 0,
      waiting: new Set(),
      sessions: new Set(),
    }));
  }

  /** What happened in the last storm, in order of time. */
  get events(): readonly StormEvent[] {
    return this.#events;
  }

  /** How many simulated clients had a session when, in the last storm: one entry for each change. */
  get curve(): readonly Standing[] {
    return this.#curve;
  }

  play(draws: Draws): Storm {
    this.#begin(draws);
    const agenda = this.#agenda;
    while (!agenda.isEmpty && agenda.firstUs <= this.#watchUs && !this.#explodes) {
      this.#nowUs = agenda.firstUs;
      const due = Math.floor(agenda.firstRank / RANKS) as DueCode;
      const server = agenda.firstRank % RANKS;
      this.#perform(due, server, agenda.pop());
    }
    return this.#outcome();
  }

  /** Loops of attempts multiply faster than the server works. */
  get #explodes(): boolean {
    return this.#loops.count > MOST_LOOPS_PER_CLIENT * this.#simulated;
  }

  /** Everybody is connected. */
  #begin(draws: Draws): void {
    this.#draws = draws;
    this.#agenda.clear();
    this.#events.length = 0;
    this.#curve.length = 0;
    this.#nowUs = 0;
    this.#nextServer = 0;
    this.#chosen = 0;
    this.#storm = noStorm();
    this.#served = this.#simulated;
    this.#serversAhead = this.#servers.length;
    this.#sessions.fill(1);
    this.#losses.fill(0);
    this.#withoutSinceUs.fill(Infinity);
    for (const server of this.#servers) {
      server.takes = true;
      server.stops = 0;
      server.freeUs = 0;
      server.waiting.clear();
      server.sessions.clear();
    }
    this.#there = this.#servers.map((_, number) => number);
    this.#loops.clear();
    for (let client = 0; client < this.#simulated; client += 1) {
      const loop = this.#loops.beginOpen(client);
      const place = client % this.#servers.length;
      this.#loops.goTo(loop, place);
      this.#servers[place]?.sessions.add(loop);
    }
    this.#storm.peak = Math.max(...this.#servers.map(({ sessions }) => sessions.size));
    this.#at(0, Due.Drain, 0);
  }

  #at(atUs: number, due: DueCode, subject: number, value = subject): void {
    assert(subject < RANKS, 'a storm has fewer parts than ranks');
    this.#agenda.push(atUs, due * RANKS + subject, value);
  }

  #perform(due: DueCode, subject: number, value: number): void {
    switch (due) {
      case Due.Drain:
        this.#drain(subject);
        return;
      case Due.Down:
        this.#down(subject);
        return;
      case Due.Up:
        this.#up(subject);
        return;
      case Due.Opened:
        if (this.#loops.ticketOf(subject) === value) this.#opened(subject);
        return;
      case Due.Wasted:
        if (this.#server(subject).stops === value) this.#storm.wasted += 1;
        return;
      case Due.GivenUp:
        if (this.#loops.ticketOf(subject) === value) this.#givenUp(subject);
        return;
      case Due.Leave:
        if (this.#server(value).sessions.delete(subject)) this.#loseSession(subject);
        return;
      case Due.Attempt:
        this.#attempt(subject);
    }
  }

  #server(number: number): Server {
    return this.#servers[number] as Server;
  }

  #tell(what: StormEvent['what'], server = NOWHERE): void {
    this.#events.push({ atUs: this.#nowUs, what, server });
  }

  // The servers.

  #drain(number: number): void {
    const story = this.#story;
    const server = this.#server(number);
    this.#tell('stops', number);
    this.#takes(server, false);
    const drainUs = story.kind === 'restart' ? 0 : story.drainMs * 1000;
    if (story.kind === 'rolling-restart' && story.drain === 'spread') {
      const everyUs = drainUs / server.sessions.size;
      [...server.sessions].forEach((loop, index) => {
        this.#at(this.#nowUs + Math.round(everyUs * (index + 1)), Due.Leave, loop, number);
      });
    }
    this.#at(this.#nowUs + drainUs, Due.Down, number);
  }

  /** Whatever is still there is cut off: sessions and openings under way. */
  #down(number: number): void {
    const server = this.#server(number);
    this.#tell('down', number);
    const sessions = [...server.sessions];
    const waiting = [...server.waiting];
    server.stops += 1;
    server.sessions.clear();
    server.waiting.clear();
    for (const loop of sessions) this.#loseSession(loop);
    for (const loop of waiting) this.#lose(loop, this.#nowUs);
    this.#at(this.#nowUs + this.#story.downMs * 1000, Due.Up, number);
  }

  #up(number: number): void {
    const story = this.#story;
    const server = this.#server(number);
    this.#tell('back', number);
    this.#takes(server, true);
    server.freeUs = this.#nowUs;
    this.#serversAhead -= 1;
    const next = number + 1;
    if (story.kind === 'rolling-restart' && next < this.#servers.length) {
      this.#at(this.#nowUs + story.pauseMs * 1000, Due.Drain, next);
    }
    this.#lookWhetherOver();
  }

  #takes(server: Server, takes: boolean): void {
    server.takes = takes;
    this.#there = this.#servers.flatMap((one, number) => (one.takes ? [number] : []));
  }

  /** The server that the balancer sends an opening to; null where none is there. */
  #choose(): number | null {
    const there = this.#there;
    const balancing = this.#story.kind === 'restart' ? 'round-robin' : this.#story.balancing;
    if (there.length === 0) return null;
    this.#chosen += 1;
    switch (balancing) {
      case 'round-robin': {
        const next = there.find((number) => number >= this.#nextServer) ?? (there[0] as number);
        this.#nextServer = next + 1;
        return next;
      }
      case 'random':
        return there[this.#draws.below(Stream.Balancing, this.#chosen, there.length)] as number;
      case 'least-connections': {
        const load = (number: number): number => {
          const { sessions, waiting } = this.#server(number);
          return sessions.size + waiting.size;
        };
        return there.reduce((best, number) => (load(number) < load(best) ? number : best));
      }
    }
  }

  // The clients.

  #attempt(loop: number): void {
    this.#loops.attempt(loop);
    const number = this.#choose();
    if (number === null) {
      this.#lose(loop, this.#nowUs + this.#rttUs);
      return;
    }
    const server = this.#server(number);
    if (this.#isFull(server)) this.#turnAway(loop, number);
    else this.#queue(loop, number, server);
  }

  /** Whether one more opening has no room: to wait in, or for its session afterwards. */
  #isFull({ freeUs, sessions, waiting }: Server): boolean {
    const { queueLimit, sessionLimit, acceptsPerSecond } = this.#story;
    const aheadUs = Math.max(0, freeUs - this.#nowUs);
    // Sums of service times are whole numbers of openings, but for their last binary digits.
    const ahead = Math.ceil((aheadUs * acceptsPerSecond) / 1_000_000 - 1e-6);
    if (queueLimit !== undefined && ahead > queueLimit) return true;
    const taken = Math.round((sessions.size + waiting.size) * this.share);
    return sessionLimit !== undefined && taken >= sessionLimit;
  }

  #turnAway(loop: number, number: number): void {
    this.#storm.turnedAway += 1;
    const { whenFull = 'drop', retryAfterMs = 0, whenRejected = 'retry' } = this.#story;
    if (whenFull === 'drop') {
      this.#giveUpAfterPatience(loop, number);
      return;
    }
    const toldUs = this.#nowUs + this.#rttUs;
    if (whenFull === 'reset' || whenRejected === 'retry') {
      this.#lose(loop, toldUs);
    } else if (whenRejected === 'retry-after') {
      this.#lose(loop, toldUs, retryAfterMs * 1000);
    } else {
      this.#loops.tell(loop, 'REFUSED');
      this.#giveUp();
    }
  }

  /** An attempt stands in the server's queue until its turn comes, whether its client still waits or not. */
  #queue(loop: number, number: number, server: Server): void {
    server.freeUs = Math.max(server.freeUs, this.#nowUs) + this.#serviceUs;
    server.waiting.add(loop);
    if (server.freeUs - this.#nowUs <= this.#policy.connectTimeoutMs * 1000) {
      this.#loops.goTo(loop, number);
      this.#at(server.freeUs, Due.Opened, loop, this.#loops.ticketOf(loop));
      return;
    }
    // Its turn comes all the same, and is lost.
    this.#at(server.freeUs, Due.Wasted, number, server.stops);
    this.#giveUpAfterPatience(loop, number);
  }

  #giveUpAfterPatience(loop: number, number: number): void {
    this.#loops.goTo(loop, number);
    const patienceUs = this.#policy.connectTimeoutMs * 1000;
    this.#at(this.#nowUs + patienceUs, Due.GivenUp, loop, this.#loops.ticketOf(loop));
  }

  #opened(loop: number): void {
    const client = this.#loops.clientOf(loop);
    const server = this.#server(this.#loops.placeOf(loop));
    this.#loops.tell(loop, 'OPENED');
    server.waiting.delete(loop);
    server.sessions.add(loop);
    this.#storm.peak = Math.max(this.#storm.peak, server.sessions.size);
    this.#sessions[client] = (this.#sessions[client] as number) + 1;
    if ((this.#sessions[client] as number) > 1) {
      this.#storm.surplus += 1;
      return;
    }
    this.#countServed(1);
    const withoutUs = this.#nowUs - (this.#withoutSinceUs[client] as number);
    this.#storm.longestWithoutUs = Math.max(this.#storm.longestWithoutUs, withoutUs);
    this.#withoutSinceUs[client] = Infinity;
    const half = Math.ceil(this.#simulated / 2);
    if (this.#story.kind === 'restart' && this.#served === half) {
      this.#storm.halfServedUs = this.#nowUs;
      this.#tell('half-served');
    }
    this.#lookWhetherOver();
  }

  #countServed(change: 1 | -1): void {
    this.#served += change;
    this.#curve.push({ atUs: this.#nowUs, served: this.#served });
  }

  /** The last client has a session, and no server will take it away again. */
  #lookWhetherOver(): void {
    if (this.#serversAhead > 0 || this.#served < this.#simulated) return;
    if (this.#storm.allServedUs !== Infinity) return;
    this.#storm.allServedUs = this.#nowUs;
    this.#tell('all-served');
  }

  #givenUp(loop: number): void {
    this.#server(this.#loops.placeOf(loop)).waiting.delete(loop);
    if (this.#story.kind === 'restart' && this.#story.teardown === 'leaky') {
      this.#lose(this.#loops.beginBeside(loop), this.#nowUs);
    }
    this.#lose(loop, this.#nowUs);
  }

  #loseSession(loop: number): void {
    const client = this.#loops.clientOf(loop);
    this.#sessions[client] = (this.#sessions[client] as number) - 1;
    this.#losses[client] = (this.#losses[client] as number) + 1;
    this.#storm.mostLosses = Math.max(this.#storm.mostLosses, this.#losses[client] as number);
    if (this.#sessions[client] === 0) {
      this.#countServed(-1);
      this.#withoutSinceUs[client] = this.#nowUs;
    }
    this.#loops.forgetAttempts(loop);
    this.#lose(loop, this.#nowUs);
  }

  /** A loop has lost its connection or its attempt at `atUs`: it waits, at least so long, or it gives up. */
  #lose(loop: number, atUs: number, leastUs = 0): void {
    const waitUs = this.#loops.lose(loop, this.#draws);
    if (waitUs === null) {
      this.#giveUp();
      return;
    }
    this.#at(atUs + Math.max(leastUs, waitUs), Due.Attempt, loop);
  }

  #giveUp(): void {
    if (this.#storm.gaveUp === 0) this.#tell('first-gave-up');
    this.#storm.gaveUp += 1;
  }

  #outcome(): Storm {
    const storm = this.#storm;
    const scaled = (count: number): number => Math.floor(count * this.share);
    const unserved = this.#simulated - this.#served;
    // Counted up to the moment from which on it only grows faster: nobody knows how far.
    const counted = (count: number): number => (this.#explodes ? Infinity : scaled(count));
    return {
      ...storm,
      halfServedUs: Math.round(storm.halfServedUs),
      allServedUs: Math.round(storm.allServedUs),
      longestWithoutUs: unserved > 0 ? Infinity : Math.round(storm.longestWithoutUs),
      unserved: scaled(unserved),
      gaveUp: scaled(storm.gaveUp),
      wasted: counted(storm.wasted),
      turnedAway: counted(storm.turnedAway),
      surplus: counted(storm.surplus),
      peak: scaled(storm.peak),
    };
  }
}

function noStorm(): Storm {
  return {
    halfServedUs: Infinity,
    allServedUs: Infinity,
    longestWithoutUs: 0,
    unserved: 0,
    gaveUp: 0,
    wasted: 0,
    turnedAway: 0,
    surplus: 0,
    peak: 0,
    mostLosses: 0,
  };
}
