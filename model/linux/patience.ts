/** How long Linux itself goes on with a peer that answers nothing: what a watch over a socket has to outlast. */
import { FALLBACK_RTO_MS, FIN_TIMEOUT_MAX_MS, RTO_MAX_MS, TIME_WAIT_MS } from './constants.ts';
import type { Sysctls } from './sysctls.ts';
import { SYN_MODEL_BASE_MS, timeoutModelMs } from './timeout-model.ts';

/** What tcp_orphan_retries = 0 means (net/ipv4/tcp_timer.c, tcp_orphan_retries). */
const ORPHAN_RETRIES = 8;

/**
 * After so long a socket to which nothing more is written or read is gone from the kernel, ms: the first write is given
 * up, then the orphan that close(2) leaves, then FIN_WAIT_2 and TIME_WAIT. Never less; the jiffies that timers are
 * rounded up by, at most an eighth, are in it.
 *
 * @param rttMs the longest round trip
 */
export function kernelPatienceMs(sysctls: Sysctls, rttMs: number): number {
  const {
    tcp_retries2: retries,
    tcp_orphan_retries: orphan,
    tcp_fin_timeout: finS,
    tcp_rto_max_ms: rtoMaxMs,
  } = sysctls;
  // A timeout doubles from the first one, which is longer than the model's base on a long path; death comes at the
  // first expiry past the model's end.
  const baseMs = Math.min(rtoMaxMs, Math.max(FALLBACK_RTO_MS, 3 * rttMs));
  const givesUpMs = (after: number): number =>
    timeoutModelMs(after, rtoMaxMs, baseMs) + baseMs + RTO_MAX_MS;
  const openingMs = timeoutModelMs(sysctls.tcp_synack_retries, RTO_MAX_MS, SYN_MODEL_BASE_MS);
  const farewellMs = Math.max(FIN_TIMEOUT_MAX_MS, finS * 1000) + TIME_WAIT_MS;
  const all =
    givesUpMs(retries) + givesUpMs(orphan === 0 ? ORPHAN_RETRIES : orphan) + openingMs + farewellMs;
  return Math.ceil(all * (1 + 1 / 8));
}
