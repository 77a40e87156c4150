/**
 * What a sender has been kept by, as TCP_INFO tells it (tcpi_busy_time, tcpi_rwnd_limited, tcpi_sndbuf_limited): one clock runs at a time,
 * and the more telling one goes before. Nothing depends on it, and cycles that are moved on at once are not counted.
 * Source: net/ipv4/tcp_output.c tcp_chrono_start, tcp_chrono_stop, tcp_write_xmit, tcp_cwnd_validate.
 */
import type { Sock } from './tcp-sock.ts';

/** What keeps it, the more telling the higher (enum tcp_chrono). */
export const Chrono = {
  None: 0,
  /** Something is queued or in flight. */
  Busy: 1,
  /** The peer's window is shut. */
  ReceiveWindow: 2,
  /** The process has more than the send buffer takes. */
  SendBuffer: 3,
} as const;

/** tcp_chrono_set. */
function set(sk: Sock, next: number): void {
  const nowJ = sk.kernel.jiffies();
  sk.chronoJ[sk.chrono] = (sk.chronoJ[sk.chrono] as number) + nowJ - sk.chronoSinceJ;
  sk.chrono = next;
  sk.chronoSinceJ = nowJ;
}

/** tcp_chrono_start. */
export function startChrono(sk: Sock, what: number): void {
  if (what > sk.chrono) set(sk, what);
}

/** tcp_chrono_stop. */
export function stopChrono(sk: Sock, what: number): void {
  if (sk.chrono === Chrono.None) return;
  if (sk.rtx.length === 0 && sk.unsent.length === 0) set(sk, Chrono.None);
  else if (what === sk.chrono) set(sk, Chrono.Busy);
}

/** How long that has kept it, jiffies (tcp_get_info_chrono_stats). */
export function chronoJ(sk: Sock, what: number): number {
  const running = what === sk.chrono ? sk.kernel.jiffies() - sk.chronoSinceJ : 0;
  return (sk.chronoJ[what] as number) + running;
}
