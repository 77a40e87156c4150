/** How long a socket that no process holds waits in FIN_WAIT2 and in TIME_WAIT (net/ipv4/tcp.c tcp_close, tcp_minisocks.c tcp_time_wait), µs at most. */
import { TIME_WAIT_MS } from '../linux/constants.ts';
import { finWait2RestJ, finWait2WaitJ, lightSockJ } from '../linux/close-timers.ts';
import { msToJiffies } from '../linux/jiffies.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import type { KernelNumbers } from './setting.ts';

function timerUs(delayJ: number, { tickUs }: KernelNumbers): number {
  return wheelWindow(delayJ, delayJ, 0, tickUs).hiUs;
}

export function timeWaitUs(kernel: KernelNumbers): number {
  const { rto, hz } = kernel;
  const timer = { linger2J: 0, rtoJ: rto.hi };
  return timerUs(lightSockJ(timer, msToJiffies(TIME_WAIT_MS, hz)), kernel);
}

export function finWait2Us(kernel: KernelNumbers): number {
  const { rto, hz, finTimeoutMs } = kernel;
  const timer = { linger2J: 0, rtoJ: rto.hi };
  const finTimeoutJ = msToJiffies(finTimeoutMs, hz);
  const timeWaitJ = msToJiffies(TIME_WAIT_MS, hz);
  const waitUs = timerUs(finWait2WaitJ(timer, finTimeoutJ, timeWaitJ), kernel);
  // What is beyond TIME_WAIT is waited for on the full socket, and again on a light one.
  const restJ = finWait2RestJ(timer, finTimeoutJ, timeWaitJ);
  return restJ > 0 ? waitUs + timerUs(lightSockJ(timer, restJ), kernel) : waitUs;
}
