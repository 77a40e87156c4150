/** One or two proxies between the parties of a drawn story. */
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { numbers } from './draw.ts';

/** @param most how many stand there at most */
export function behindProxies(scenario: Scenario, seed: number, most: number): Scenario {
  const draw = numbers(seed * 3571 + 101);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const ms = (from: number, to: number): number =>
    Math.round((from * (to / from) ** draw()) / 100) * 100;
  const limit = (chance: number): number | null => (draw() < chance ? ms(3_000, 300_000) : null);
  const count = 1 + Math.floor(draw() * most);
  const proxies = Array.from({ length: count }, (_, place) => ({
    name: `hop-${place + 1}`,
    rttMs: pick([1, 1, 5, 40, 200]),
    idleMs: limit(0.5),
    clientIdleMs: limit(0.2),
    serverIdleMs: limit(0.2),
    ...(draw() < 0.15 && { ageMs: ms(20_000, 600_000) }),
    ...(draw() < 0.1 && {
      reloads: { everyMs: ms(20_000, 600_000), graceMs: pick([null, 0, 30_000]) },
    }),
    ...(draw() < 0.2 && {
      towardsClient: {
        ...(draw() < 0.5 && {
          keepalive: {
            idleMs: pick([5_000, 60_000]),
            intervalMs: pick([2_000, 15_000]),
            probes: pick([1, 3, 9]),
          },
        }),
        ...(draw() < 0.5 && { userTimeoutMs: pick([3_000, 20_000, 90_000]) }),
        ...(draw() < 0.3 && { writeMs: pick([5_000, 60_000]) }),
      },
    }),
    halfClose: pick(['closes-both', 'passes']),
    sysctls: draw() < 0.2 ? { 'net.ipv4.tcp_retries2': pick([3, 5, 8]) } : {},
  }));
  // Where they end HTTP/2, all of them do.
  const ping = (): object => ({
    ping: { intervalMs: pick([3_000, 30_000, 90_000]), timeoutMs: pick([null, 4_000, 20_000]) },
  });
  const answering = proxies.map((proxy) => ({
    ...proxy,
    answersPings: true,
    ...(draw() < 0.5 && { towardsClient: { ...proxy.towardsClient, ...ping() } }),
    ...(draw() < 0.3 && { towardsServer: ping() }),
  }));
  const endsHttp2 = draw() < 0.3;
  // What is deaf to a proxy's word is not followed: most servers here are not.
  const { closesAtEof: _deaf, broken, ...server } = scenario.server;
  const sound = draw() < 0.9 || broken === undefined ? server : { ...server, broken };
  return defineScenario({
    ...scenario,
    server: sound,
    proxies: endsHttp2 ? answering : proxies,
  } as never);
}
