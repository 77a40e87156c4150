/**
 * What a server asks of clients that come back: the time in `Retry-After` (RFC 9110 §10.2.3), and by its status or close code,
 * that they come later (429, 503, 1013) or spread (1012). Who obeys to the second comes back with all others that do, so
 * each wait is spread, too.
 */
import type { AskedWait } from './driver.ts';

const TOO_MANY_REQUESTS = 429; // RFC 6585 §4
const SERVICE_UNAVAILABLE = 503; // RFC 9110 §15.6.4
// IANA's registry of WebSocket close codes: clients may come back after 5 to 30 s, drawn by each
const SERVICE_RESTART = 1012;
const TRY_AGAIN_LATER = 1013;

/** @returns what a close code asks for; undefined where it asks nothing */
export function askedByCode(code: number, capMs: number): AskedWait | undefined {
  if (code === SERVICE_RESTART) return { leastMs: 0, spreadMs: capMs };
  if (code === TRY_AGAIN_LATER) return { leastMs: capMs / 2, spreadMs: capMs / 2 };
  return undefined;
}

/**
 * @param retryAfter the header as it came: seconds, or a date
 * @param wallMs the time of day, ms since 1970
 * @returns what a response to the handshake asks for; undefined where it asks nothing
 */
export function askedByStatus(
  status: number,
  retryAfter: string | undefined,
  capMs: number,
  wallMs: number,
): AskedWait | undefined {
  const leastMs = retryAfter === undefined ? Number.NaN : retryAfterMs(retryAfter, wallMs);
  if (leastMs >= 0) return { leastMs, spreadMs: capMs };
  if (status !== TOO_MANY_REQUESTS && status !== SERVICE_UNAVAILABLE) return undefined;
  return { leastMs: capMs / 2, spreadMs: capMs / 2 };
}

function retryAfterMs(text: string, wallMs: number): number {
  if (/^\d+$/u.test(text)) return Number(text) * 1000;
  return Math.max(0, Date.parse(text) - wallMs);
}
