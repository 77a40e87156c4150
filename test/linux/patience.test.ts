/** How long Linux goes on, by hand: sums of net/ipv4/tcp_timer.c and include/net/tcp.h, with an eighth more for the wheel. */
import { describe, expect, it } from 'vitest';
import { feedRtt } from '../../model/linux/estimator.ts';
import { OrphanFate, orphanFate } from '../../model/linux/orphan-limit.ts';
import { kernelPatienceMs } from '../../model/linux/patience.ts';
import { defaultSysctls } from '../../model/linux/sysctls.ts';

const EIGHTH_MORE = 9 / 8;

describe('the patience of a kernel', () => {
  const defaults = defaultSysctls('6.18');

  it('is longer by TCP_RTO_MAX for each retry beyond the doublings', () => {
    const more =
      kernelPatienceMs(defaults, 50) - kernelPatienceMs({ ...defaults, tcp_retries2: 14 }, 50);
    expect(more).toBe(120_000 * EIGHTH_MORE);
  });

  it('counts tcp_fin_timeout in seconds, where it is above TCP_FIN_TIMEOUT_MAX', () => {
    const patience = (tcp_fin_timeout: number) =>
      kernelPatienceMs({ ...defaults, tcp_fin_timeout }, 50);
    expect(patience(3_600) - patience(60)).toBe((3_600_000 - 120_000) * EIGHTH_MORE);
    expect(patience(90)).toBe(patience(60));
  });
});

describe('a round trip that is suddenly longer', () => {
  it('raises the variance at once (tcp_rtt_estimator, mdev_max above rttvar)', () => {
    const rtt = { srtt8: 0, mdev4: 0, mdevMax4: 0, rttvar4: 0, rttSeq: 0 };
    feedRtt(rtt, 50_000, 200_000, 0, 1);
    expect(rtt.rttvar4).toBe(200_000);
    // The error is 200 ms, and a quarter of the deviation of 100 ms is forgotten: 100 + 200 − 25.
    feedRtt(rtt, 250_000, 200_000, 1, 1);
    expect(rtt.rttvar4).toBe(275_000);
  });
});

describe('an orphan that has just sent', () => {
  it('is not silent, however long the machine is up', () => {
    const nowJ = 10_000_000;
    const orphan = { lastSendJ: nowJ - 10, rtoMaxJ: 30_000, sndWnd: 1, packetsOut: 1 };
    expect(orphanFate(orphan, false, true, 51, 100, nowJ, 15_000)).toBe(OrphanFate.Stays);
  });
});
