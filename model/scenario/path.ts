/** What follows from a path alone. */
import type { Path, Scenario } from './types.ts';

/** The most that is added to a packet's way: jitter, and half of what the round trip rises by. */
export function addedMs({ rttMs, jitterMs = 0, risesToMs = rttMs }: Path): number {
  return jitterMs + (risesToMs - rttMs) / 2;
}

/** The longest round trip of what is not lost: what is added may fall on both ways. */
export function longestRttMs(path: Path): number {
  return path.rttMs + 2 * addedMs(path);
}

/** The way from client to server, the links between proxies included: what both ends wait for takes so long. */
export function wholePathOf({ path, proxies = [] }: Pick<Scenario, 'path' | 'proxies'>): Path {
  if (proxies.length === 0) return path;
  const beyondMs = proxies.reduce((sum, { rttMs }) => sum + rttMs, 0);
  const { rttMs, risesToMs } = path;
  const jitterMs = proxies.reduce((sum, one) => sum + (one.jitterMs ?? 0), path.jitterMs ?? 0);
  const passing = proxies.reduce(
    (share, { lossPercent = 0 }) => share * (1 - lossPercent / 100),
    1 - (path.lossPercent ?? 0) / 100,
  );
  return {
    ...path,
    rttMs: rttMs + beyondMs,
    ...(jitterMs > 0 && { jitterMs }),
    ...(passing < 1 && { lossPercent: 100 * (1 - passing) }),
    ...(risesToMs !== undefined && { risesToMs: risesToMs + beyondMs }),
  };
}

/** Whether a path gets worse once the connection has settled: packets are late or lost, or the round trip rises. */
export function isUneven(path: Path): boolean {
  return addedMs(path) > 0 || (path.lossPercent ?? 0) > 0;
}
