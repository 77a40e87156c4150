/**
 * A client that reconnects: exponential backoff with jitter, a limit of attempts, and a teardown that is
 * one effect. `dropSocket` takes every listener off the socket and then closes it, in this order and in
 * one go: a dropped socket that still reports its end would start a second retry beside the first.
 *
 * Losses told while waiting, or after giving up, belong to a socket that is gone: they are ignored. A connection
 * proves that the server is well only once it has lasted (`stable`): only then are attempts forgotten.
 */
import type { Chart, Meaning } from '../../statechart/chart.ts';
import { attemptsUntilCap, type ReconnectPolicy } from './backoff.ts';

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

/** The actions: two count attempts, the others are the host's. */
export type ReconnectAction =
  | 'openSocket'
  | 'dropSocket'
  | 'flushQueue'
  | 'reportGaveUp'
  | 'reportRefused'
  | 'countAttempt'
  | 'forgetAttempts';

const does = <Name extends ReconnectAction>(type: Name) => ({ type }) as const;

const lost = [
  { guard: { type: 'hasAttemptsLeft' }, target: 'waiting', actions: does('dropSocket') },
  { target: 'gaveUp', actions: [does('dropSocket'), does('reportGaveUp')] },
] as const;
const refused = {
  target: 'refused',
  actions: [does('dropSocket'), does('reportRefused')],
} as const;
const stops = { target: 'stopped', actions: does('dropSocket') } as const;

/** A reconnecting client. */
export const reconnectChart = {
  id: 'reconnect',
  initial: 'idle',
  states: {
    idle: {
      on: { CONNECT: { target: 'connecting', actions: does('openSocket') }, STOP: 'stopped' },
    },
    connecting: {
      on: {
        OPENED: { target: 'open', actions: does('flushQueue') },
        LOST: lost,
        REFUSED: refused,
        STOP: stops,
      },
      after: { connectTimeout: lost },
    },
    open: {
      on: { LOST: lost, REFUSED: refused, STOP: stops },
      after: { stableTime: { target: 'stable', actions: does('forgetAttempts') } },
    },
    stable: { on: { LOST: lost, REFUSED: refused, STOP: stops } },
    waiting: {
      on: {
        CONNECT: { target: 'connecting', actions: [does('countAttempt'), does('openSocket')] },
        STOP: 'stopped',
      },
      after: {
        backoff: { target: 'connecting', actions: [does('countAttempt'), does('openSocket')] },
      },
    },
    gaveUp: {
      on: {
        CONNECT: { target: 'connecting', actions: [does('forgetAttempts'), does('openSocket')] },
        STOP: 'stopped',
      },
    },
    refused: {
      on: {
        CONNECT: { target: 'connecting', actions: [does('forgetAttempts'), does('openSocket')] },
        STOP: 'stopped',
      },
    },
    stopped: { type: 'final' },
  },
} as const satisfies Chart;

interface Attempts {
  /** Retries made since the last connection that lasted. */
  readonly attempt: number;
}

/** What the chart's names mean under a policy. */
export function reconnectMeaning(policy: ReconnectPolicy) {
  // Without a limit the count stops where the wait stops growing.
  const most = policy.maxAttempts ?? attemptsUntilCap(policy);
  return {
    context: { attempt: 0 },
    guards: {
      hasAttemptsLeft: (_event: unknown, _params: unknown, { attempt }: Attempts) =>
        policy.maxAttempts === null || attempt < policy.maxAttempts,
    },
    assigns: {
      countAttempt: ({ attempt }: Attempts) => ({ attempt: Math.min(attempt + 1, most) }),
      forgetAttempts: () => ({ attempt: 0 }),
    },
  } satisfies Meaning<Attempts>;
}
