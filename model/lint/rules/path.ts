/** Boxes on the way: what they forget or close, and what that does to both ends and to pools. */
import type { Expiry } from '../../chain/types.ts';
import { ghost, inWords } from '../probe.ts';
import { quietAtMs } from '../quiet.ts';
import { at, called, type Box, type ChainSubject } from '../subject.ts';
import type { ChainRule, Problem } from '../types.ts';
import { proxyHidesClient } from './blind-spots.ts';

function silentEnd({ served }: ChainSubject, idleMs: number): string {
  const [load] = served.loads;
  if (load === undefined) return '';
  const { maxMs, proved } = ghost(served, { kind: 'nat-expiry', idleMs }, load);
  if (!proved) return 'the server keeps a ghost';
  return maxMs === null
    ? 'the server keeps a ghost for ever'
    : `the server keeps a ghost for up to ${inWords(maxMs, 'up')}`;
}

function expiry(subject: ChainSubject, box: Box, idleMs: number): string {
  const ends: Readonly<Record<Expiry, string>> = {
    silent: `forgets it and tells nobody: what is sent afterwards vanishes, and ${silentEnd(subject, idleMs)}`,
    reset: 'forgets it and resets whoever sends next: the message is lost',
    close:
      'closes it towards both ends: a living client is cut off and comes back, again and again',
  };
  return ends[box.hop.atExpiry];
}

/** What a check of one box finds, for those that have an idle time. */
function forEachExpiring(
  subject: ChainSubject,
  check: (box: Box, idleMs: number, quietMs: number | null) => readonly Problem[],
): readonly Problem[] {
  return subject.boxes.flatMap((box) =>
    box.hop.idleMs === null ? [] : check(box, box.hop.idleMs, quietAtMs(subject, box)),
  );
}

const pathForgetsBeforePing: ChainRule = {
  name: 'path-forgets-before-ping',
  severity: 'error',
  summary: 'A box on the way forgets or closes a quiet connection before anything is sent on it.',
  source:
    'RFC 5382 REQ-5; AWS NLB and NAT gateway 350 s, Azure LB 240 s, ALB and nginx 60 s by default',
  check: (subject) =>
    forEachExpiring(subject, (box, idleMs, quietMs) => {
      if (quietMs !== null && quietMs < idleMs) return [];
      const often =
        quietMs === null
          ? 'nothing need be sent at all'
          : `something is sent only every ${inWords(quietMs)}`;
      return [
        {
          path: at(box, 'idleMs'),
          message: `While both ends are well ${often}, and after ${inWords(idleMs)} without traffic ${called(box)} ${expiry(subject, box, idleMs)}.`,
          remedy: `Ping at least every ${inWords(idleMs / 2, 'down')}${box.hop.kind === 'proxy' ? ' (keepalive probes do not pass a proxy)' : ''}, or raise the idle time of ${called(box)}.`,
        },
      ];
    }),
};

const pathIdleBelowTwoHeartbeats: ChainRule = {
  name: 'path-idle-below-two-heartbeats',
  severity: 'warning',
  summary: 'A single late or lost heartbeat is enough for a box on the way to give up.',
  source: 'The rule of thumb for proxy_read_timeout in front of WebSockets: twice the heartbeat',
  check: (subject) =>
    forEachExpiring(subject, (box, idleMs, quietMs) => {
      if (quietMs === null || quietMs >= idleMs || 2 * quietMs <= idleMs) return [];
      return [
        {
          path: at(box, 'idleMs'),
          message: `Something is sent every ${inWords(quietMs)}, and ${called(box)} waits ${inWords(idleMs)}: one heartbeat lost or late by ${inWords(idleMs - quietMs)}, and it ${expiry(subject, box, idleMs)}.`,
          remedy: `Let it wait for ${inWords(2 * quietMs)} at least, or ping every ${inWords(idleMs / 2, 'down')}.`,
        },
      ];
    }),
};

/** A hop that keeps idle connections for the next request, and how long. */
interface Pool {
  readonly index: number;
  readonly name: string;
  /** null = for ever. */
  readonly idleMs: number | null;
}

function poolsOf({ client, boxes }: ChainSubject): readonly Pool[] {
  const holders = [...(client === undefined ? [] : [client]), ...boxes];
  return holders.flatMap((holder) => {
    const { hop, index } = holder;
    const idleMs = 'poolIdleMs' in hop ? hop.poolIdleMs : undefined;
    return idleMs === undefined ? [] : [{ index, name: called(holder), idleMs }];
  });
}

/** Index of the hop where the pool's own TCP connections end. */
function endOf({ boxes, server }: ChainSubject, pool: Pool): number {
  const next = boxes.find(({ hop, index }) => hop.kind === 'proxy' && index > pool.index);
  return next?.index ?? server.index;
}

function rests(idleMs: number | null): string {
  return idleMs === null ? 'for ever' : `for up to ${inWords(idleMs)}`;
}

const poolOutlivesPath: ChainRule = {
  name: 'pool-outlives-path',
  severity: 'error',
  summary: 'A pool keeps idle connections longer than a box on the way remembers them.',
  source: 'Database pools of 30 min behind a NAT of 5 min; AWS NLB, 350 s',
  check: (subject) =>
    poolsOf(subject).flatMap((pool) =>
      subject.boxes.flatMap((box): readonly Problem[] => {
        const { idleMs, kind } = box.hop;
        const between = box.index > pool.index && box.index < endOf(subject, pool);
        if (!between || kind === 'proxy' || idleMs === null) return [];
        if (pool.idleMs !== null && pool.idleMs < idleMs) return [];
        const ends =
          box.hop.atExpiry === 'silent'
            ? 'hangs until the caller gives up, or for 924.6s and more (tcp_retries2)'
            : 'fails on a connection that is gone';
        return [
          {
            path: `hops[${pool.index}].poolIdleMs`,
            message: `${pool.name} keeps an idle connection ${rests(pool.idleMs)}, but ${called(box)} forgets it after ${inWords(idleMs)}: the first request on a rested connection ${ends}.`,
            remedy: `Keep idle connections for less than ${inWords(idleMs)}, e.g. 300s behind 350s.`,
          },
        ];
      }),
    ),
};

const serverClosesBeforePool: ChainRule = {
  name: 'server-closes-before-pool',
  severity: 'error',
  summary: 'The server closes an idle connection that a pool in front of it still believes in.',
  source:
    'RFC 9112 §9.5; nodejs/node, keepAliveTimeout 5 s behind an ALB of 60 s; Kestrel, 130 s against 120 s',
  check: (subject) => {
    const { server } = subject;
    const { httpKeepAliveMs } = server.hop;
    if (httpKeepAliveMs === undefined) return [];
    return poolsOf(subject).flatMap((pool) => {
      if (endOf(subject, pool) !== server.index) return [];
      if (pool.idleMs !== null && pool.idleMs < httpKeepAliveMs) return [];
      return [
        {
          path: at(server, 'httpKeepAliveMs'),
          message: `The server closes an idle connection after ${inWords(httpKeepAliveMs)}, and ${pool.name} keeps it ${rests(pool.idleMs)}: a request that meets the close on its way is reset (502, ECONNRESET).`,
          remedy: `Let the server wait longer than the pool: more than ${pool.idleMs === null ? 'it' : inWords(pool.idleMs)}.`,
        },
      ];
    });
  },
};

const proxyWithoutTimeout: ChainRule = {
  name: 'proxy-without-timeout',
  severity: 'warning',
  summary: 'A proxy has no idle timeout: it keeps its side up for a client that is gone.',
  source: 'HAProxy configuration manual: timeout tunnel, client and client-fin have no default',
  check: ({ boxes }) =>
    boxes
      .filter(({ hop }) => hop.kind === 'proxy' && hop.idleMs === null)
      .map((box) => ({
        path: at(box, 'idleMs'),
        message: `${called(box)} never ends an idle connection: when a client vanishes, both of its sockets stand, and the server's kernel is answered as if somebody were there.`,
        remedy:
          'Set an idle timeout of twice the heartbeat (in HAProxy timeout tunnel and client-fin).',
      })),
};

const proxyHidesClientRule: ChainRule = {
  name: 'proxy-hides-client',
  severity: 'warning',
  summary: 'Behind a proxy the server looks at the proxy only, and never notices a dead client.',
  source:
    'A tunnel that stayed ESTABLISHED with nobody behind it, in front of a single-seat server',
  check: ({ boxes, served }) => {
    const proxies = boxes.filter(({ hop }) => hop.kind === 'proxy');
    const ended =
      proxies.some(({ hop }) => hop.idleMs !== null) && served.loads[0]?.kind === 'idle';
    const [first] = proxies;
    if (first === undefined || ended || !proxyHidesClient(served)) return [];
    return [
      {
        path: at(first, 'kind'),
        message: `${called(first)} answers the server's kernel itself, and nothing the policy does asks the client: one that died behind it is never noticed.`,
        remedy:
          'Ping the client itself and wait for its answer, or let the proxy have an idle timeout.',
      },
    ];
  },
};

export const pathRules = [
  pathForgetsBeforePing,
  pathIdleBelowTwoHeartbeats,
  poolOutlivesPath,
  serverClosesBeforePool,
  proxyWithoutTimeout,
  proxyHidesClientRule,
];
