/** Stopping: how long the server waits, and who kills it meanwhile. */
import type { DrainMechanism } from '../../policy/types.ts';
import { ghost, inWords, mechanismPath } from '../probe.ts';
import { at, called, type ChainSubject, type PolicySubject } from '../subject.ts';
import type { ChainRule, PolicyRule } from '../types.ts';

const VANISH = { kind: 'vanish', direction: 'both' } as const;

interface Drain {
  readonly drain: DrainMechanism;
  readonly index: number;
}

function drainOf({ policy }: PolicySubject): Drain | undefined {
  return policy.mechanisms.flatMap((one, index) =>
    one.kind === 'drain' && one.lost === undefined ? [{ drain: one, index }] : [],
  )[0];
}

const drainWithoutDeadline: PolicyRule = {
  name: 'drain-without-deadline',
  severity: 'error',
  summary: 'A shutdown waits for its connections without a deadline.',
  source: 'nodejs/node#53536, #2642; unetworking/uWebSockets.js#663',
  check: (subject) => {
    const found = drainOf(subject);
    if (found === undefined || found.drain.deadlineMs !== null) return [];
    return [
      {
        path: mechanismPath(subject, found.index, 'deadlineMs'),
        message:
          'A shutdown waits for every connection for ever: one ghost keeps the process until somebody kills it by hand.',
        remedy: 'Give the drain a deadline, and destroy what is left at it.',
      },
    ];
  },
};

const drainShorterThanGhosts: PolicyRule = {
  name: 'drain-shorter-than-ghosts',
  severity: 'note',
  summary: 'A ghost lives longer than the drain waits, so it decides how long a shutdown takes.',
  source: 'systemd.service(5), TimeoutStopSec=',
  check: (subject) => {
    const found = drainOf(subject);
    const [load] = subject.loads;
    const deadlineMs = found?.drain.deadlineMs ?? null;
    if (found === undefined || deadlineMs === null || load === undefined) return [];
    const { maxMs, proved } = ghost(subject, VANISH, load);
    if (!proved || (maxMs !== null && maxMs <= deadlineMs)) return [];
    const lives = maxMs === null ? 'for ever' : `up to ${inWords(maxMs, 'up')}`;
    return [
      {
        path: mechanismPath(subject, found.index, 'deadlineMs'),
        message: `A ghost lives ${lives}, longer than the ${inWords(deadlineMs)} that a shutdown waits: with one on board, every stop takes them all and ends with connections destroyed.`,
        remedy: 'Find ghosts sooner than the deadline, or count on every stop taking it.',
      },
    ];
  },
};

/** From SIGTERM to SIGKILL; null where nobody kills. */
function graceMs({ orchestrator }: ChainSubject): number | null {
  if (orchestrator === undefined) return null;
  return Math.max(0, orchestrator.hop.graceMs - orchestrator.hop.preStopMs);
}

const drainNotBelowGrace: ChainRule = {
  name: 'drain-not-below-grace',
  severity: 'error',
  summary: 'The orchestrator kills the process before its drain is over.',
  source:
    'Kubernetes, Pod lifecycle: preStop counts against terminationGracePeriodSeconds; systemd.service(5)',
  check: (subject) => {
    const { orchestrator, served } = subject;
    const found = drainOf(served);
    const leftMs = graceMs(subject);
    if (orchestrator === undefined || leftMs === null || found === undefined) return [];
    const { deadlineMs } = found.drain;
    if (deadlineMs === null || deadlineMs < leftMs) return [];
    const { preStopMs } = orchestrator.hop;
    const spent = preStopMs > 0 ? `, less ${inWords(preStopMs)} of preStop` : '';
    return [
      {
        path: at(orchestrator, 'graceMs'),
        message: `The server drains for up to ${inWords(deadlineMs)}, but ${called(orchestrator)} sends SIGKILL ${inWords(leftMs)} after SIGTERM (${inWords(orchestrator.hop.graceMs)}${spent}): what the drain would still have done, such as Close frames, logs and state, is lost.`,
        remedy: `Drain for less than ${inWords(leftMs)}, or give more grace.`,
      },
    ];
  },
};

const drainLeftToOrchestrator: ChainRule = {
  name: 'drain-left-to-orchestrator',
  severity: 'note',
  summary: 'Nothing says when the server stops waiting, so SIGKILL ends every stop with a ghost.',
  source: 'nodejs/node#53536: server.close() waits for upgraded sockets for ever',
  check: (subject) => {
    const { orchestrator, served } = subject;
    const leftMs = graceMs(subject);
    if (orchestrator === undefined || leftMs === null || drainOf(served) !== undefined) return [];
    return [
      {
        path: mechanismPath(served, undefined),
        message: `The policy has no drain: while one connection stands, the server does not stop, and ${called(orchestrator)} sends SIGKILL after ${inWords(leftMs)}.`,
        remedy: `Add a drain with a deadline below ${inWords(leftMs)}.`,
      },
    ];
  },
};

const closeTimeoutNotBelowDrain: ChainRule = {
  name: 'close-timeout-not-below-drain',
  severity: 'warning',
  summary: 'The closing handshake is waited for as long as the whole shutdown may take.',
  source: 'websockets/ws, lib/websocket.js, closeTimeout (30 s); Kubernetes, 30 s of grace',
  check: (subject) => {
    const { server, served } = subject;
    const { closeTimeoutMs } = server.hop;
    const limits = [drainOf(served)?.drain.deadlineMs ?? null, graceMs(subject)];
    const leftMs = Math.min(...limits.map((ms) => ms ?? Number.POSITIVE_INFINITY));
    if (closeTimeoutMs === undefined || closeTimeoutMs < leftMs) return [];
    return [
      {
        path: at(server, 'closeTimeoutMs'),
        message: `A client that does not answer its Close frame is waited for ${inWords(closeTimeoutMs)}, and the whole shutdown has ${inWords(leftMs)}: one such client, or ghost, takes all of it and the process is killed.`,
        remedy: `Wait for less than ${inWords(leftMs)}, and destroy the socket then.`,
      },
    ];
  },
};

export const drainRules = [drainWithoutDeadline, drainShorterThanGhosts];
export const shutdownRules = [
  drainNotBelowGrace,
  drainLeftToOrchestrator,
  closeTimeoutNotBelowDrain,
];
