/**
 * A client that reconnects: exponential backoff with jitter, a limit of attempts, and a teardown that is
 * one effect. `dropSocket` takes every listener off the socket and then closes it, in this order and in
 * one go: a dropped socket that still reports its end would start a second retry beside the first.
 *
 * Losses told while waiting, or after giving up, belong to a socket that is gone: they are ignored. A connection
 * proves that the server is well only once it has lasted (`stable`): only then are attempts forgotten.
 */
import { assign, setup } from 'xstate';
import { attemptsUntilCap, backoffMs } from './backoff.ts';
import type { ReconnectPolicy } from './backoff.ts';

export const reconnectEvents = [
  /** Begin; while waiting: do not wait (the network came back); after giving up or a refusal: try again. */
  'CONNECT',
  'OPENED',
  /** The socket failed to open, failed, or was closed by the other side. */
  'LOST',
  /** The server closed the connection, or refused its opening, for a reason that another attempt would meet again. */
  'REFUSED',
  /** The application wants no connection any more. */
  'STOP',
] as const;
export type ReconnectEventName = (typeof reconnectEvents)[number];

interface ReconnectInput {
  readonly policy: ReconnectPolicy;
  /** A uniform draw from [0, 1) for the wait before retry n; the same n gives the same draw. */
  readonly chance?: (attempt: number) => number;
}

interface ReconnectContext {
  readonly policy: ReconnectPolicy;
  readonly chance: (attempt: number) => number;
  /** Retries made since the last connection that lasted. */
  readonly attempt: number;
}

type ReconnectEvent = { [Name in ReconnectEventName]: { readonly type: Name } }[ReconnectEventName];

const asksHost = (): void => undefined;
const noJitter = (): number => 0;

const reconnect = setup({
  types: {
    context: {} as ReconnectContext,
    events: {} as ReconnectEvent,
    input: {} as ReconnectInput,
  },
  guards: {
    hasAttemptsLeft: ({ context }) =>
      context.policy.maxAttempts === null || context.attempt < context.policy.maxAttempts,
  },
  delays: {
    backoff: ({ context }) =>
      backoffMs(context.policy, context.attempt, context.chance(context.attempt)),
    connectTimeout: ({ context }) => context.policy.connectTimeoutMs,
    stableTime: ({ context }) => context.policy.stableMs,
  },
  actions: {
    openSocket: asksHost,
    dropSocket: asksHost,
    flushQueue: asksHost,
    reportGaveUp: asksHost,
    reportRefused: asksHost,
    // Without a limit the count stops where the wait stops growing.
    countAttempt: assign({
      attempt: ({ context: { policy, attempt } }) =>
        Math.min(attempt + 1, policy.maxAttempts ?? attemptsUntilCap(policy)),
    }),
    forgetAttempts: assign({ attempt: 0 }),
  },
});

const lost = [
  { guard: 'hasAttemptsLeft', target: 'waiting', actions: 'dropSocket' },
  { target: 'gaveUp', actions: ['dropSocket', 'reportGaveUp'] },
] as const;
const refused = { target: 'refused', actions: ['dropSocket', 'reportRefused'] } as const;
const stops = { target: 'stopped', actions: 'dropSocket' } as const;

/** A reconnecting client as an xstate machine; the specification behind {@link reconnectTable}. */
export const reconnectMachine = reconnect.createMachine({
  id: 'reconnect',
  context: ({ input }) => ({
    policy: input.policy,
    chance: input.chance ?? noJitter,
    attempt: 0,
  }),
  initial: 'idle',
  states: {
    idle: {
      on: { CONNECT: { target: 'connecting', actions: 'openSocket' }, STOP: 'stopped' },
    },
    connecting: {
      on: {
        OPENED: { target: 'open', actions: 'flushQueue' },
        LOST: lost,
        REFUSED: refused,
        STOP: stops,
      },
      after: { connectTimeout: lost },
    },
    open: {
      on: { LOST: lost, REFUSED: refused, STOP: stops },
      after: { stableTime: { target: 'stable', actions: 'forgetAttempts' } },
    },
    stable: { on: { LOST: lost, REFUSED: refused, STOP: stops } },
    waiting: {
      on: {
        CONNECT: { target: 'connecting', actions: ['countAttempt', 'openSocket'] },
        STOP: 'stopped',
      },
      after: { backoff: { target: 'connecting', actions: ['countAttempt', 'openSocket'] } },
    },
    gaveUp: {
      on: {
        CONNECT: { target: 'connecting', actions: ['forgetAttempts', 'openSocket'] },
        STOP: 'stopped',
      },
    },
    refused: {
      on: {
        CONNECT: { target: 'connecting', actions: ['forgetAttempts', 'openSocket'] },
        STOP: 'stopped',
      },
    },
    stopped: { type: 'final' },
  },
});
