/** A machine that sleeps: nothing reaches it, and its clock stands (clock_gettime(2), CLOCK_MONOTONIC). */
import { expect, it } from 'vitest';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import { createKernelHost } from '../../sim/kernel/endpoint.ts';
import type { KernelConfig, SocketOwner } from '../../sim/kernel/types.ts';

const owner: SocketOwner = {
  established() {},
  readable() {},
  writable() {},
  peerFin() {},
  failed() {},
  released() {},
};

it('goes on with its SYNs where it stopped', () => {
  const scheduler = createScheduler();
  const config: KernelConfig = { hz: 1000, profile: '6.12', jiffiesAtZero: 2 ** 32, sysctls: {} };
  const sentUs: number[] = [];
  const stamps: number[] = [];
  const host = createKernelHost(
    scheduler,
    false,
    owner,
    (segment) => {
      sentUs.push(scheduler.nowUs);
      stamps.push(segment.timestampMs);
    },
    config,
  );
  host.socket.connect();
  scheduler.run(2_500_000);
  host.sleep();
  scheduler.run(12_500_000);
  host.wake();
  scheduler.run(20_000_000);
  // tcp_syn_linear_timeouts = 4: retransmissions at 1, 2, 3 and 4 s of the machine's own time, each late by its
  // bucket of the timer wheel, less than 0.1 s. Asleep from 2.5 to 12.5 s, its third and fourth come 10 s later.
  const seconds = sentUs.map((us) => Math.floor(us / 1_000_000));
  expect(seconds.slice(0, 5)).toEqual([0, 1, 2, 13, 14]);
  // The timestamp clock of TCP stood as well.
  const apartMs = (stamps[3] ?? 0) - (stamps[2] ?? 0);
  expect(apartMs).toBeGreaterThanOrEqual(1_000);
  expect(apartMs).toBeLessThan(1_100);
});
