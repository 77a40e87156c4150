/** ICMP from a router: as often as Linux allows, a round trip after each segment. */
import { expect, it } from 'vitest';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import type { KernelHost } from '../../sim/kernel/types.ts';
import type { IcmpKind } from '../../sim/network/icmp.ts';
import { UnreachableRouter } from '../../sim/network/router.ts';

it('answers a burst of six, then one a second (icmp_ratelimit, XRLIM_BURST_FACTOR)', () => {
  const scheduler = createScheduler();
  const received: { atUs: number; kind: IcmpKind; seq: number }[] = [];
  const host = {
    receiveIcmp: (kind: IcmpKind, seq: number) => {
      received.push({ atUs: scheduler.nowUs, kind, seq });
    },
  };
  let told = 0;
  const router = new UnreachableRouter(scheduler, host as KernelHost, 50_000, () => {
    told += 1;
  });
  router.reset();
  for (let seq = 0; seq < 10; seq += 1) router.refuse(seq);
  scheduler.run(400_000);
  expect(received).toEqual(
    [0, 1, 2, 3, 4, 5].map((seq) => ({ atUs: 50_000, kind: 'host-unreachable', seq })),
  );
  // The bucket was empty at 0: a token at 1 s, the next at 2 s, none in between.
  for (const atUs of [900_000, 1_000_000, 1_500_000, 2_000_000]) {
    scheduler.run(atUs);
    router.refuse(atUs);
  }
  scheduler.run(3_000_000);
  expect(received.slice(6).map(({ seq }) => seq)).toEqual([1_000_000, 2_000_000]);
  expect(told).toBe(8);
});
