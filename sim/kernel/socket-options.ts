/**
 * setsockopt(2): what each socket option of model/linux/socket-options.ts does to a socket. Nothing pending
 * is re-armed but the keepalive timer; what waited for more to be written may leave.
 *
 * Source: net/core/sock.c sk_setsockopt; net/ipv4/tcp.c do_tcp_setsockopt, tcp_sock_set_keepidle_locked;
 * net/ipv4/tcp_timer.c tcp_set_keepalive.
 */
import { InputError } from '../../model/issue.ts';
import { FIN_TIMEOUT_MAX_MS, INITIAL_RTO_MS, RTO_MAX_MS } from '../../model/linux/constants.ts';
import { silentJ } from '../../model/linux/keepalive-timer.ts';
import type { KernelProfile } from '../../model/linux/sysctls.ts';
import {
  socketOptionIssues,
  socketOptionNames,
  type SocketOptionName,
  type SocketOptionValues,
} from '../../model/linux/socket-options.ts';
import { pushPending } from './output.ts';
import { wakeWriter } from './send-buffer.ts';
import { armKeepaliveTimer, stopKeepaliveTimer } from './timers.ts';
import type { Sock } from './tcp-sock.ts';
import { TcpState } from './types.ts';

type Setter = (sk: Sock, value: number) => void;

const setters: Readonly<Record<SocketOptionName, Setter>> = {
  SO_KEEPALIVE: (sk, on) => setKeepalive(sk, on === 1),
  TCP_KEEPIDLE: (sk, seconds) => {
    sk.keepIdleJ = sk.kernel.ms(seconds * 1000);
    if (!sk.keepaliveOn || !hasKeepaliveTimer(sk)) return;
    armKeepaliveTimer(sk, Math.max(0, sk.keepIdleJ - silentJ(sk, sk.kernel.jiffies())));
  },
  TCP_KEEPINTVL: (sk, seconds) => {
    sk.keepIntervalJ = sk.kernel.ms(seconds * 1000);
  },
  TCP_KEEPCNT: (sk, probes) => {
    sk.keepProbes = probes;
  },
  TCP_USER_TIMEOUT: (sk, ms) => {
    sk.userTimeoutMs = ms;
  },
  TCP_NODELAY: (sk, on) => {
    sk.nodelay = on === 1;
    if (on === 0) return;
    // What is corked leaves too, this once (__tcp_sock_set_nodelay).
    sk.pushesOnce = true;
    pushWaiting(sk);
  },
  TCP_CORK: (sk, on) => {
    sk.corked = on === 1;
    if (on === 1) return;
    if (sk.nodelay) sk.pushesOnce = true;
    pushWaiting(sk);
  },
  TCP_MAXSEG: (sk, bytes) => {
    sk.userMss = bytes;
  },
  TCP_NOTSENT_LOWAT: (sk, bytes) => {
    sk.notsentLowat = bytes;
    wakeWriter(sk);
  },
  SO_SNDBUF: (sk, bytes) => {
    sk.sendBuffer = 2 * bytes;
    sk.sendBufferLocked = true;
  },
  SO_RCVBUF: (sk, bytes) => {
    sk.receiveBuffer = 2 * bytes;
    sk.receiveBufferLocked = true;
  },
  SO_LINGER: (sk) => {
    sk.resetsOnClose = true;
  },
  TCP_SYNCNT: (sk, retries) => {
    sk.synCount = retries;
  },
  TCP_DEFER_ACCEPT: (sk, seconds) => {
    sk.deferAccept = secondsToTimeouts(seconds);
  },
  TCP_LINGER2: (sk, seconds) => {
    const ms = Math.min(seconds * 1000, FIN_TIMEOUT_MAX_MS);
    sk.linger2J = ms < 0 ? -1 : sk.kernel.ms(ms);
  },
  TCP_RTO_MAX_MS: (sk, ms) => {
    sk.rtoMaxMs = ms;
    sk.rtoMaxJ = sk.kernel.ms(ms);
  },
  TCP_RTO_MIN_US: (sk, us) => {
    sk.rtoMinUs = us;
  },
  TCP_THIN_LINEAR_TIMEOUTS: (sk, on) => {
    sk.thinLinear = on === 1;
  },
};

/** tcp_push_pending_frames, of a connection that there is. */
function pushWaiting(sk: Sock): void {
  if (sk.state !== TcpState.Close) pushPending(sk);
}

/** getsockopt(2) of what the kernel keeps as another number than was set, or may change by itself. */
const getters: Readonly<Partial<Record<SocketOptionName, (sk: Sock) => number>>> = {
  TCP_NODELAY: (sk) => (sk.nodelay ? 1 : 0),
  TCP_CORK: (sk) => (sk.corked ? 1 : 0),
  TCP_MAXSEG: (sk) => {
    const isOpen = sk.state !== TcpState.Close && sk.state !== TcpState.Listen;
    return sk.userMss > 0 && !isOpen ? sk.userMss : sk.mss;
  },
  TCP_NOTSENT_LOWAT: (sk) => sk.notsentLowat,
  TCP_USER_TIMEOUT: (sk) => sk.userTimeoutMs,
  SO_KEEPALIVE: (sk) => (sk.keepaliveOn ? 1 : 0),
  SO_SNDBUF: (sk) => sk.sendBuffer,
  SO_RCVBUF: (sk) => sk.receiveBuffer,
};

/** getsockopt(2); null = not kept. */
export function optionOf(sk: Sock, name: SocketOptionName): number | null {
  return getters[name]?.(sk) ?? null;
}

/** What a kernel has been asked to set, as it sets it. */
interface Settings {
  readonly profile: KernelProfile;
  readonly each: readonly { readonly set: Setter; readonly value: number }[];
}

/** What was in order once is so in every life. */
const known = new WeakMap<SocketOptionValues, Settings>();

function settingsOf(options: SocketOptionValues, profile: KernelProfile): Settings {
  const before = known.get(options);
  if (before !== undefined && before.profile === profile) return before;
  const issues = socketOptionIssues(options, profile);
  if (issues.length > 0) throw new InputError(issues);
  const each = socketOptionNames.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [{ set: setters[name], value }];
  });
  const settings = { profile, each };
  known.set(options, settings);
  return settings;
}

/**
 * setsockopt(2), several at once, in the order of the table.
 *
 * @param options not changed afterwards
 * @throws InputError for what setsockopt(2) would refuse
 */
export function setOptions(sk: Sock, options: SocketOptionValues): void {
  for (const { set, value } of settingsOf(options, sk.kernel.profile).each) set(sk, value);
}

/** secs_to_retrans: how many SYN-ACK timeouts of 1, 2, 4 … 120 s it takes to cover that time. */
function secondsToTimeouts(seconds: number): number {
  let timeouts = 0;
  let timeoutS = INITIAL_RTO_MS / 1000;
  for (let coveredS = 0; coveredS < seconds && timeouts < 255; timeouts += 1) {
    coveredS += timeoutS;
    timeoutS = Math.min(timeoutS * 2, RTO_MAX_MS / 1000);
  }
  return timeouts;
}

/** Whether the keepalive timer is the keepalive's: it belongs to the end of the connection else. */
function hasKeepaliveTimer(sk: Sock): boolean {
  if (sk.state === TcpState.Close || sk.state === TcpState.Listen) return false;
  return sk.state !== TcpState.TimeWait && !sk.orphan;
}

/** tcp_set_keepalive: switched on, it waits for TCP_KEEPIDLE; switched on again, it changes nothing. */
function setKeepalive(sk: Sock, on: boolean): void {
  const wasOn = sk.keepaliveOn;
  sk.keepaliveOn = on;
  if (wasOn === on || !hasKeepaliveTimer(sk)) return;
  if (on) armKeepaliveTimer(sk, sk.keepIdleJ);
  else stopKeepaliveTimer(sk);
}
