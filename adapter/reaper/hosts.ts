/**
 * The reapers of one server: that of its policy, and one for each policy that some of its connections have of their own. Who observes, and whose
 * callbacks are called, they have in common; timers, rows and counts each has by itself.
 */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { InputError } from '../../model/issue.ts';
import type { Policy } from '../../model/policy/types.ts';
import { policiesOf, type Attached, type HandedIn } from './attached.ts';
import type { ReaperHost } from './host.ts';
import type { ReaperStatus } from './mechanisms.ts';
import type { ReaperOptions } from './options.ts';
import type { Watched } from './watched.ts';

export class Hosts<S extends object> implements Attached {
  /** Of the server's policy. */
  main: ReaperHost<S>;
  /** By the names that they were given. */
  readonly others: ReadonlyMap<string, ReaperHost<S>>;
  readonly #policyFor: ReaperOptions<S>['policyFor'];
  /** The server has closed, and has not begun to listen again. */
  #isClosed = false;

  /**
   * Reads the option `policies`; throws InputError with everything that is wrong in any of them.
   *
   * @param hostOf makes the reaper of a policy beside the main one
   */
  constructor(
    main: ReaperHost<S>,
    { policies, policyFor }: Pick<ReaperOptions<S>, 'policies' | 'policyFor'>,
    hostOf: (handedIn: HandedIn) => ReaperHost<S>,
  ) {
    this.main = main;
    this.others = new Map([...policiesOf(policies)].map(([name, one]) => [name, hostOf(one)]));
    this.#policyFor = policyFor;
  }

  get all(): readonly ReaperHost<S>[] {
    return [this.main, ...this.others.values()];
  }

  get policy(): Policy {
    return this.main.policy;
  }

  get status(): ReaperStatus {
    const { status } = this.main;
    return {
      ...status,
      attached: status.attached && !(this.#isClosed && this.connections === 0),
      pings: this.sum((host) => host.status.pings),
      kernelTimeouts: this.sum((host) => host.status.kernelTimeouts),
    };
  }

  get connections(): number {
    return this.sum((host) => host.connections);
  }

  sum(of: (host: ReaperHost<S>) => number): number {
    return this.all.reduce((sum, host) => sum + of(host), 0);
  }

  knows(socket: S): boolean {
    return this.all.some((host) => host.knows(socket));
  }

  /** Who watches the connection, and what of it. */
  find(socket: S): readonly [ReaperHost<S>, Watched<S>] | undefined {
    for (const host of this.all) {
      const watched = host.find(socket);
      if (watched !== undefined) return [host, watched];
    }
    return undefined;
  }

  watch(socket: S, request?: IncomingMessage): void {
    if (this.knows(socket)) return;
    this.#hostFor(socket, request).watch(socket, request);
  }

  /** One that cannot be asked about has the server's policy, like any other. */
  #hostFor(socket: S, request: IncomingMessage | undefined): ReaperHost<S> {
    const policyFor = this.#policyFor;
    if (policyFor === undefined) return this.main;
    let name: string | undefined;
    this.main.contain(() => {
      name = policyFor(socket, request);
    });
    if (name === undefined) return this.main;
    const own = this.others.get(name);
    if (own !== undefined) return own;
    this.main.contain(() => {
      const expected = `one of ${[...this.others.keys()].join(', ')}, or undefined`;
      const received = typeof name === 'string' ? `'${name}'` : typeof name;
      throw new InputError([{ code: 'unknown-name', path: 'policyFor', expected, received }]);
    });
    return this.main;
  }

  /** Hears when the server closes, and when it listens again; answers how to stop. */
  follow(server: EventEmitter): () => void {
    const closed = (): void => {
      this.#isClosed = true;
    };
    const listens = (): void => {
      this.#isClosed = false;
    };
    server.on('close', closed).on('listening', listens);
    return () => {
      server.off('close', closed).off('listening', listens);
    };
  }

  sockets(): Socket[] {
    return this.all.flatMap((host) => host.sockets());
  }

  watchedConnections(): unknown[] {
    return this.all.flatMap((host) => host.watchedConnections());
  }

  drains(deadlineMs: number | null): void {
    for (const host of this.all) host.drains(deadlineMs);
  }

  detach(): void {
    for (const host of this.all) host.detach();
  }
}
