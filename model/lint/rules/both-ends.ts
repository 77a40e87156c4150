/** Client and server against each other: whose limit is shorter than what the other does. */
import { patiences } from '../../bounds/life/patience.ts';
import { pingPeriodMs } from '../../bounds/life/rhythm.ts';
import { pingers } from '../../bounds/life/sources.ts';
import { healthyPeer, inWords } from '../probe.ts';
import { heartbeatMs, hiddenPeriodMs, serverQuietMs, shortest } from '../quiet.ts';
import { at, called, type ChainSubject } from '../subject.ts';
import type { ChainRule, Problem } from '../types.ts';

/** By how much a heartbeat may be late beyond its minute: what the repaired clients allow. */
const PAGE_MARGIN_MS = 10_000;

const pingFasterThanMinTime: ChainRule = {
  name: 'ping-faster-than-min-time',
  severity: 'error',
  summary: 'The client pings faster than the server forgives.',
  source:
    'gRFC A8 (MinTime, too_many_pings); golang/go#70575; grpc/grpc#33661; pomerium/pomerium#6078',
  check: ({ client, server }) => {
    const periodMs = client?.hop.heartbeatMs;
    const { minPingMs } = server.hop;
    if (client === undefined || periodMs === undefined || minPingMs === undefined) return [];
    if (periodMs >= minPingMs) return [];
    return [
      {
        path: at(client, 'heartbeatMs'),
        message: `${called(client)} pings every ${inWords(periodMs)}, and the server forgives one every ${inWords(minPingMs)}: it ends the connection after a few (GOAWAY, too_many_pings), though both are well.`,
        remedy: `Ping every ${inWords(minPingMs)} or less often, or lower MinTime.`,
      },
    ];
  },
};

/** The period of the server's pings, whose pongs are bytes from the client. */
function pongPeriodMs({ served }: ChainSubject): number | null {
  const periods = pingers(served.policy).map((pinger) => pingPeriodMs(pinger, served.rttMs));
  return periods.length === 0 ? null : Math.min(...periods);
}

/** How long a living client says nothing, its page in front; null = for ever. */
function clientQuietMs(subject: ChainSubject): number | null {
  const { load } = subject.chain;
  const ownMs = subject.client?.hop.heartbeatMs ?? null;
  const talksMs = load.kind === 'periodic' && load.direction === 'both' ? load.everyMs : null;
  return shortest(shortest(ownMs, talksMs), pongPeriodMs(subject));
}

function limitProblem(
  path: string,
  who: string,
  limitMs: number,
  quietMs: number | null,
  other: string,
): readonly Problem[] {
  if (quietMs !== null && quietMs < limitMs) return [];
  const often =
    quietMs === null
      ? `${other} need not send anything`
      : `${other} sends only every ${inWords(quietMs)}`;
  return [
    {
      path,
      message: `${who} gives up after ${inWords(limitMs)} without a byte, and ${often}: a connection with which nothing is wrong is cut off.`,
      remedy:
        quietMs === null
          ? `Let ${other} send a heartbeat, at most half as long apart as the limit.`
          : `Make the limit at least twice the interval: ${inWords(2 * quietMs)}.`,
    },
  ];
}

const limitNotAboveInterval: ChainRule = {
  name: 'limit-not-above-interval',
  severity: 'error',
  summary: 'One end gives up before the other has to say anything.',
  source: 'dotnet/aspnetcore#44197: ClientTimeoutInterval 5 s, KeepAliveInterval 12 s; #8153',
  check: (subject) => {
    const { client, server } = subject;
    const clientLimitMs = client?.hop.readTimeoutMs;
    const serverLimitMs = server.hop.readTimeoutMs;
    return [
      ...(client === undefined || clientLimitMs === undefined
        ? []
        : limitProblem(
            at(client, 'readTimeoutMs'),
            called(client),
            clientLimitMs,
            serverQuietMs(subject, false),
            'the server',
          )),
      ...(serverLimitMs === undefined
        ? []
        : limitProblem(
            at(server, 'readTimeoutMs'),
            'The server',
            serverLimitMs,
            clientQuietMs(subject),
            'the client',
          )),
    ];
  },
};

const marginBelowWriteWait: ChainRule = {
  name: 'margin-below-write-wait',
  severity: 'warning',
  summary: 'From a ping to the read deadline there is less time than one write may take.',
  source: 'gorilla/websocket, examples/chat: pongWait 60 s, pingPeriod 54 s, writeWait 10 s',
  check: (subject) => {
    const { server } = subject;
    const { readTimeoutMs, writeWaitMs } = server.hop;
    const periodMs = pongPeriodMs(subject);
    if (readTimeoutMs === undefined || writeWaitMs === undefined || periodMs === null) return [];
    const marginMs = readTimeoutMs - periodMs;
    if (marginMs <= 0 || marginMs >= writeWaitMs) return [];
    return [
      {
        path: at(server, 'readTimeoutMs'),
        message: `A ping goes out every ${inWords(periodMs)}, and the read deadline is ${inWords(readTimeoutMs)}: ${inWords(marginMs)} remain for ping and pong, while a write may take ${inWords(writeWaitMs)}. A client whose ping is that slow to be written is cut off alive.`,
        remedy: `Ping at least every ${inWords(Math.max(1, readTimeoutMs - writeWaitMs))}, or wait longer.`,
      },
    ];
  },
};

const pageHeartbeatThrottled: ChainRule = {
  name: 'page-heartbeat-throttled',
  severity: 'error',
  summary: 'The heartbeat of a hidden tab comes once a minute, later than the server waits.',
  source:
    'Chromium, intensive timer throttling; phoenixframework/phoenix#4307, #4309; GetStream/stream-chat-js#698; SignalR/SignalR#4536',
  check: (subject) => {
    const { client, server } = subject;
    const limitMs = server.hop.readTimeoutMs;
    const periodMs = client?.hop.heartbeatMs;
    if (client?.hop.timers !== 'page' || limitMs === undefined || periodMs === undefined) return [];
    const hiddenMs = hiddenPeriodMs(periodMs);
    const pongMs = pongPeriodMs(subject);
    // Pongs are the browser's own and no timer of the page: they go on.
    const helped = pongMs !== null && pongMs < limitMs;
    if (helped || periodMs >= limitMs || limitMs >= hiddenMs + PAGE_MARGIN_MS) return [];
    return [
      {
        path: at(client, 'heartbeatMs'),
        message: `The page's heartbeat of ${inWords(periodMs)} comes every ${inWords(hiddenMs)} in a tab that has been hidden for five minutes, and the server waits ${inWords(limitMs)}: ${limitMs <= hiddenMs ? 'hidden tabs are cut off' : 'the next late timer cuts the tab off'}, every few minutes.`,
        remedy: `Let the server wait ${inWords(hiddenMs + PAGE_MARGIN_MS)} at least, or ping from the server: pongs are no timer of the page.`,
        ...(limitMs <= hiddenMs ? {} : { severity: 'warning' as const }),
      },
    ];
  },
};

const pongIsTheBrowsers: ChainRule = {
  name: 'pong-is-the-browsers',
  severity: 'note',
  summary: 'Pongs come from the browser, not from the page: a frozen page still answers.',
  source: 'Chromium, WebSocketChannel::HandleFrameByState: the network service answers pings',
  check: (subject) => {
    const { client, served } = subject;
    const trusting = patiences(served.policy, healthyPeer(served)).some(({ mechanism }) =>
      mechanism.life.some((sign) => sign !== 'message'),
    );
    if (client?.hop.timers !== 'page' || !trusting || heartbeatMs(subject) !== null) return [];
    return [
      {
        path: at(client, 'timers'),
        message:
          'The server takes pongs for life, and those of a browser come from its network process: a page that is frozen, or hangs, answers every ping and is never noticed.',
        remedy:
          'Where that matters, ask for an answer of the page itself, at least a minute apart.',
      },
    ];
  },
};

export const bothEndsRules = [
  pingFasterThanMinTime,
  limitNotAboveInterval,
  marginBelowWriteWait,
  pageHeartbeatThrottled,
  pongIsTheBrowsers,
];
