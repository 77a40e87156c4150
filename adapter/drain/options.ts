/** What `drain` was told, checked and completed. */
import type { Server, Socket } from 'node:net';
import type { WebSocketServer } from 'ws';
import { parseDuration } from '../../model/duration.ts';
import { InputError } from '../../model/issue.ts';
import type { Certificate } from '../../model/certificate/index.ts';
import type { Policy, PolicyInput } from '../../model/policy/index.ts';
import { drainDeadlineMs } from '../../model/reaper/kernel-options.ts';
import { isNetServer } from '../connections/accepted.ts';
import { attachedTo, policyOf } from '../reaper/attached.ts';
import { A_FUNCTION, checkOptions, show, type OptionRule } from '../reaper/options.ts';

/** Below the shortest patience of a supervisor: `docker stop` 10 s, Kubernetes 30 s, systemd 90 s. */
const DEFAULT_DEADLINE_MS = 8000;

/** Options of `drain`; each may be left out. */
export interface DrainOptions {
  /**
   * When to destroy what is left: ms, or text such as `15s`; null = never. When missing: what `policy` says, else
   * the policy of a reaper attached to one of the servers, else 8 s, which is below the 10 s that `docker stop` waits.
   */
  readonly deadlineMs?: number | string | null;
  /** A policy with a `drain` mechanism, or a certificate of one. */
  readonly policy?: Policy | PolicyInput | Certificate;
  /** WebSocket servers on this server: their clients are asked to go with close code 1001. */
  readonly webSocketServer?: WebSocketServer | readonly WebSocketServer[];
  /**
   * Asks one connection to go in its own protocol: called once for each upgraded one that belongs to no
   * `webSocketServer`, and for each connection of a server that does not speak HTTP. HTTP/2 is asked by GOAWAY
   * where its session began under a reaper of `ghostbound/node`, or where Node does so itself (from 24 on).
   */
  readonly goAway?: (socket: Socket) => unknown;
  /** Called whenever fewer connections are left. */
  readonly onProgress?: (progress: DrainProgress) => unknown;
  /** Called with what `goAway`, `onProgress` or a socket throws, or rejects with; the drain goes on. */
  readonly onError?: (error: unknown) => unknown;
}

/** How far a drain has come. */
export interface DrainProgress extends DrainResult {
  /** Connections that are still open. */
  readonly connections: number;
}

/** How a drain ended. */
export interface DrainResult {
  /** Connections that were idle, finished, or went when asked. */
  readonly closed: number;
  /** Connections destroyed at the deadline. */
  readonly destroyed: number;
  readonly elapsedMs: number;
}

export interface DrainArguments extends Pick<DrainOptions, 'goAway' | 'onProgress' | 'onError'> {
  readonly server: Server;
  readonly webSocketServers: readonly WebSocketServer[];
  /** null = for ever. */
  readonly deadlineMs: number | null;
}

function isWebSocketServer(value: unknown): value is WebSocketServer {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as Partial<WebSocketServer>).handleUpgrade === 'function';
}

/** One or several, as a list. */
function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

const RULES: Readonly<Record<string, OptionRule>> = {
  // Read, and complained about, by their own parsers below.
  deadlineMs: { expected: 'a duration', code: 'bad-type', accepts: () => true },
  policy: { expected: 'a policy', code: 'bad-type', accepts: () => true },
  webSocketServer: {
    expected: 'a WebSocketServer of ws, or a list of them',
    code: 'bad-type',
    accepts: (value) => listOf(value).every(isWebSocketServer),
  },
  goAway: A_FUNCTION,
  onProgress: A_FUNCTION,
  onError: A_FUNCTION,
};

/** Throws InputError with what is wrong. */
export function readDrainArguments(server: unknown, options: DrainOptions): DrainArguments {
  checkOptions(options, RULES);
  const { goAway, onProgress, onError } = options;
  const webSocketServers = [...listOf(options.webSocketServer)];
  if (isWebSocketServer(server)) webSocketServers.unshift(server);
  const own = netServerOf(server);
  return {
    server: own,
    webSocketServers,
    deadlineMs: deadlineOf(options, [own, ...webSocketServers]),
    ...(goAway !== undefined && { goAway }),
    ...(onProgress !== undefined && { onProgress }),
    ...(onError !== undefined && { onError }),
  };
}

/** The server that accepts: `ws` keeps its own in `_server`. */
function netServerOf(server: unknown): Server {
  const own = isWebSocketServer(server) ? (server as { _server?: unknown })._server : server;
  if (typeof own === 'object' && own !== null && isNetServer(own)) return own;
  const received = isWebSocketServer(server) ? 'a WebSocketServer without one' : show(server);
  const expected = 'the server that accepts the connections, of net, http, https or tls';
  throw new InputError([{ code: 'bad-server', path: 'server', expected, received }]);
}

function deadlineOf(options: DrainOptions, servers: readonly object[]): number | null {
  const { deadlineMs, policy } = options;
  const stated = policy === undefined ? undefined : drainDeadlineMs(policyOf(policy).policy);
  if (deadlineMs === undefined) {
    const attached = servers.flatMap((server): Policy[] => {
      const reaper = attachedTo(server);
      return reaper === undefined ? [] : [reaper.policy];
    });
    const said = [stated, ...attached.map(drainDeadlineMs)];
    const deadline = said.find((deadline) => deadline !== undefined);
    return deadline === undefined ? DEFAULT_DEADLINE_MS : deadline;
  }
  if (deadlineMs === null) return null;
  const parsed = parseDuration(deadlineMs, 'options.deadlineMs');
  if (!parsed.ok) throw new InputError(parsed.issues);
  return parsed.value;
}
