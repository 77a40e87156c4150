import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  finTimeJ,
  finWait2Begins,
  finWait2RestJ,
  FinWait2Step,
  finWait2WaitJ,
  lightSockJ,
} from '../../model/linux/close-timers.ts';
import {
  atoAfterDataJ,
  atoAfterExpiryJ,
  delayedAckJ,
  isLongGap,
} from '../../model/linux/delayed-ack-timer.ts';
import {
  deadSilenceJ,
  keepaliveExpired,
  KeepaliveStep,
  keepaliveWaitJ,
} from '../../model/linux/keepalive-timer.ts';
import { countedOrphans, OrphanFate, orphanFate } from '../../model/linux/orphan-limit.ts';
import { orphanRetries } from '../../model/linux/orphan-retries.ts';
import { reorderingDelayJ, reorderingWindowUs } from '../../model/linux/reordering-timer.ts';
import {
  BackOff,
  backOff,
  backedOffJ,
  givesUpAfterMs,
  rearmedJ,
  retransmitDelayJ,
  retransmitExpired,
  RetransmitStep,
} from '../../model/linux/retransmit-timer.ts';
import { synAckDelayJ, synAckExpired, SynAckStep } from '../../model/linux/syn-ack-timer.ts';
import { defaultSysctls } from '../../model/linux/sysctls.ts';
import { tailProbeDelayJ } from '../../model/linux/tail-probe-timer.ts';
import { Timer, timers } from '../../model/linux/timers.ts';
import { wheelWindow } from '../../model/linux/wheel-window.ts';
import { fireJiffy } from '../../model/linux/wheel.ts';
import {
  clampedWindowProbeJ,
  windowProbeBackoff,
  windowProbeExpired,
  windowProbeIntervalJ,
  WindowProbeStep,
} from '../../model/linux/window-probe-timer.ts';

const TICK_US = 4_000;

describe('the window of a wheel timer', () => {
  const delay = fc.integer({ min: 1, max: 40_000 });
  const start = fc.integer({ min: 2 ** 32, max: 2 ** 32 + 8 ** 6 });

  it('holds every instant at which a timer armed at any instant can fire', () => {
    fc.assert(
      fc.property(delay, fc.nat(50), start, fc.nat(TICK_US - 1), (lo, more, jiffy, sinceUs) => {
        const window = wheelWindow(lo, lo + more, 0, TICK_US);
        const d = lo + (jiffy % (more + 1));
        const afterUs = (fireJiffy(jiffy, d, false) - jiffy) * TICK_US - sinceUs;
        expect(afterUs).toBeGreaterThanOrEqual(window.loUs);
        expect(afterUs).toBeLessThanOrEqual(window.hiUs);
      }),
    );
  });

  it('holds every instant after a callback at a multiple of a width, and is one instant where that says all', () => {
    fc.assert(
      fc.property(delay, start, fc.constantFrom(1, 8, 64, 512), (d, any, alignedJ) => {
        const jiffy = Math.floor(any / alignedJ) * alignedJ;
        const window = wheelWindow(d, d, alignedJ, TICK_US);
        const fired = fireJiffy(jiffy, d, true);
        expect((fired - jiffy) * TICK_US).toBeGreaterThanOrEqual(window.loUs);
        expect((fired - jiffy) * TICK_US).toBeLessThanOrEqual(window.hiUs);
        expect(fired % window.widthJ).toBe(0);
        const knowsAll = window.widthJ <= alignedJ;
        expect(window.hiUs - window.loUs).toBeLessThanOrEqual(
          knowsAll ? 0 : window.widthJ * TICK_US,
        );
      }),
    );
  });
});

describe('the rules of the timers', () => {
  it('doubles the timeout up to the largest', () => {
    expect(backedOffJ(63, 30_000)).toBe(126);
    expect(backedOffJ(20_000, 30_000)).toBe(30_000);
  });

  it('lets TCP_USER_TIMEOUT take the place of the count', () => {
    expect(givesUpAfterMs(0, 15, 120_000)).toBe(924_600);
    expect(givesUpAfterMs(20_000, 15, 120_000)).toBe(20_000);
  });

  it('cuts the wait short to what is left of it', () => {
    expect(retransmitDelayJ(500, 0, 99_999, 250)).toBe(500);
    expect(retransmitDelayJ(500, 20_000, 19_000, 250)).toBe(250);
    expect(retransmitDelayJ(500, 20_000, 20_000, 250)).toBe(1);
  });

  it('probes a lone segment later than one of several, and never after the timeout', () => {
    const srtt8 = 8 * 50_000;
    expect(tailProbeDelayJ(srtt8, 1, 200_000, 1_000_000, 250)).toBe(75);
    expect(tailProbeDelayJ(srtt8, 2, 200_000, 1_000_000, 250)).toBe(26);
    expect(tailProbeDelayJ(srtt8, 1, 200_000, 250_000, 250)).toBe(63);
    expect(tailProbeDelayJ(srtt8, 1, 200_000, 0, 250)).toBe(75);
    expect(tailProbeDelayJ(0, 1, 200_000, 0, 250)).toBe(250);
  });

  it('counts probes, or with a user timeout the silence and one probe', () => {
    expect(deadSilenceJ(2, 3, 0)).toBe(Infinity);
    expect(deadSilenceJ(3, 3, 0)).toBe(0);
    expect(deadSilenceJ(0, 3, 5_000)).toBe(Infinity);
    expect(deadSilenceJ(1, 3, 5_000)).toBe(5_000);
  });
});

/** A socket on a path without any delay: RTO 204 ms, 51 jiffies of HZ 250, 120 s at most. */
const socket = {
  srtt8: 8,
  mdev4: 2,
  rttvar4: 200_000,
  mdevMax4: 200_000,
  rttSeq: 0,
  orphan: false,
  softError: null,
  sndWnd: 65_536,
  packetsOut: 1,
  ssthresh: 0x7fffffff,
  retransmits: 0,
  timeouts: 0,
  backoff: 0,
  rtoJ: 51,
  rtoMaxJ: 30_000,
  rtoMaxMs: 120_000,
  retransStampMs: -1,
  writeExpiryJ: 1_000,
  lastAckRecvJ: 949,
  userTimeoutMs: 0,
  synCount: 0,
  thinLinear: false,
};
const sysctls = defaultSysctls('6.18');

describe('an expiry of the retransmission timer', () => {
  const expired = (
    change: Partial<typeof socket>,
    nowMs: number,
    synSent = false,
    settings = sysctls,
  ) => retransmitExpired({ ...socket, ...change }, synSent, 0, nowMs, 250, settings);

  it('never gives up before it has retransmitted', () => {
    expect(expired({ userTimeoutMs: 1 }, 10_000_000)).toBe(RetransmitStep.Retransmit);
  });

  it('gives up 924.6 s after the first retransmission with tcp_retries2 = 15, and not a millisecond sooner', () => {
    const again = { retransmits: 12, retransStampMs: 1_000 };
    expect(expired(again, 925_599)).toBe(RetransmitStep.Retransmit);
    expect(expired(again, 925_600)).toBe(RetransmitStep.GiveUp);
  });

  it('counts TCP_USER_TIMEOUT from the first retransmission, too', () => {
    const again = { retransmits: 1, retransStampMs: 1_000, userTimeoutMs: 20_000 };
    expect(expired(again, 20_999)).toBe(RetransmitStep.Retransmit);
    expect(expired(again, 21_000)).toBe(RetransmitStep.GiveUp);
  });

  it('gives an orphan 102.2 s while its timeout still grows, and no time once it has stopped', () => {
    const orphan = { orphan: true, retransmits: 9, retransStampMs: 0 };
    expect(expired(orphan, 102_199)).toBe(RetransmitStep.Retransmit);
    expect(expired(orphan, 102_200)).toBe(RetransmitStep.GiveUp);
    expect(expired({ ...orphan, rtoJ: 30_000 }, 200)).toBe(RetransmitStep.GiveUp);
    expect(orphanRetries(0, true, false)).toBe(8);
    expect(orphanRetries(0, false, false)).toBe(0);
    expect(orphanRetries(3, false, true)).toBe(0);
    expect(orphanRetries(3, false, false)).toBe(3);
  });

  it('gives connect up after 10 SYNs, or after the time that TCP_SYNCNT stands for', () => {
    const syn = { retransmits: 9, retransStampMs: 0 };
    expect(expired(syn, 60_000, true)).toBe(RetransmitStep.Retransmit);
    expect(expired({ ...syn, retransmits: 10 }, 60_000, true)).toBe(RetransmitStep.GiveUp);
    const once = { retransmits: 1, retransStampMs: 0, synCount: 1 };
    expect(expired(once, 2_999, true)).toBe(RetransmitStep.Retransmit);
    expect(expired(once, 3_000, true)).toBe(RetransmitStep.GiveUp);
  });

  it('probes a window that has been shut over data in flight, for ever while the peer answers', () => {
    const shut = { sndWnd: 0, retransStampMs: 0, lastAckRecvJ: 900_000, writeExpiryJ: 910_000 };
    expect(expired(shut, 100_000_000)).toBe(RetransmitStep.ProbeShutWindow);
    const silent = { ...shut, lastAckRecvJ: 849_999 };
    expect(expired(silent, 240_001)).toBe(RetransmitStep.GiveUp);
    expect(expired({ ...silent, lastAckRecvJ: 850_000 }, 240_001)).toBe(
      RetransmitStep.ProbeShutWindow,
    );
    expect(expired({ ...shut, userTimeoutMs: 5_000 }, 5_000)).toBe(RetransmitStep.ProbeShutWindow);
    expect(expired({ ...shut, userTimeoutMs: 5_000 }, 5_001)).toBe(RetransmitStep.GiveUp);
  });

  it('does not back off the first SYN timeouts, nor the first six of a thin stream that asked for it', () => {
    expect(backOff({ ...socket, timeouts: 4 }, false, true, sysctls)).toBe(BackOff.Stays);
    expect(backOff({ ...socket, timeouts: 5 }, false, true, sysctls)).toBe(BackOff.Doubles);
    const thin = { ...socket, thinLinear: true, ssthresh: 10, retransmits: 6 };
    expect(backOff(thin, true, false, sysctls)).toBe(BackOff.StartsOver);
    expect(backOff({ ...thin, retransmits: 7 }, true, false, sysctls)).toBe(BackOff.Doubles);
    expect(backOff({ ...thin, packetsOut: 4 }, true, false, sysctls)).toBe(BackOff.Doubles);
    expect(backOff(socket, true, false, sysctls)).toBe(BackOff.Doubles);
  });

  it('is put to what is left of the timeout after a probe, and to all of it otherwise', () => {
    expect(rearmedJ(51, false, 1_000, 250)).toBe(51);
    expect(rearmedJ(51, true, 1_000, 250)).toBe(1);
    expect(rearmedJ(51, true, -5, 250)).toBe(1);
    expect(rearmedJ(51, true, 100_000, 250)).toBe(25);
  });
});

describe('an expiry of the window probe timer', () => {
  const probing = {
    orphan: false,
    softError: null,
    rtoJ: 51,
    rtoMaxJ: 30_000,
    backoff: 0,
    probesOut: 0,
    probesStampJ: -1,
    userTimeoutMs: 0,
  };
  const expired = (change: Partial<typeof probing>, nowJ = 5_000, settings = sysctls) =>
    windowProbeExpired({ ...probing, ...change }, nowJ, 250, settings);

  it('gives up at the expiry after tcp_retries2 unanswered probes', () => {
    expect(expired({ probesOut: 14 })).toBe(WindowProbeStep.Probe);
    expect(expired({ probesOut: 15 })).toBe(WindowProbeStep.NoProbesLeft);
  });

  it('counts TCP_USER_TIMEOUT from the first expiry, whatever the peer answers', () => {
    expect(expired({ userTimeoutMs: 5_000 }, 9_999_999)).toBe(WindowProbeStep.Probe);
    const running = { userTimeoutMs: 5_000, probesStampJ: 1_000 };
    expect(expired(running, 2_249)).toBe(WindowProbeStep.Probe);
    expect(expired(running, 2_250)).toBe(WindowProbeStep.UserTimeout);
  });

  it('gives an orphan eight probes while the interval grows, and none once it has stopped', () => {
    const orphan = { orphan: true, backoff: 7, probesOut: 7 };
    expect(expired(orphan)).toBe(WindowProbeStep.Probe);
    expect(expired({ ...orphan, probesOut: 8 })).toBe(WindowProbeStep.NoProbesLeft);
    expect(expired({ ...orphan, backoff: 10, probesOut: 0 })).toBe(WindowProbeStep.OrphanGivenUp);
  });

  it('doubles the interval up to 120 s, and as often as tcp_retries2 says', () => {
    const gaps = [0, 1, 2, 9, 10, 11].map((backoff) =>
      windowProbeIntervalJ({ ...probing, backoff }, 250),
    );
    expect(gaps).toEqual([51, 102, 204, 26_112, 30_000, 30_000]);
    expect(windowProbeIntervalJ({ ...probing, rtoJ: 25 }, 250)).toBe(50);
    const four = { ...sysctls, tcp_retries2: 4 };
    expect([3, 4].map((backoff) => windowProbeBackoff(backoff, four))).toEqual([4, 4]);
  });

  it('is cut short to the end of TCP_USER_TIMEOUT, but not below two jiffies', () => {
    const running = { ...probing, userTimeoutMs: 5_000, probesStampJ: 1_000 };
    expect(clampedWindowProbeJ(running, 500, 2_000, 250)).toBe(250);
    expect(clampedWindowProbeJ(running, 500, 9_000, 250)).toBe(2);
    expect(clampedWindowProbeJ({ ...running, probesStampJ: -1 }, 500, 9_000, 250)).toBe(500);
  });
});

describe('an expiry of the keepalive timer', () => {
  const idle = {
    packetsOut: 0,
    keepIdleJ: 2_500,
    keepIntervalJ: 1_250,
    keepProbes: 3,
    probesOut: 0,
    lastDataRecvJ: 1_000,
    lastAckRecvJ: 4_000,
  };

  it('looks back at the last data or ACK, whichever came later', () => {
    expect(keepaliveExpired(idle, false, 0, 6_499)).toBe(KeepaliveStep.Wait);
    expect(keepaliveWaitJ(idle, false, 6_499)).toBe(1);
    expect(keepaliveExpired(idle, false, 0, 6_500)).toBe(KeepaliveStep.Probe);
  });

  it('is deferred for the whole idle time by data in flight or queued', () => {
    expect(keepaliveExpired({ ...idle, probesOut: 3 }, true, 0, 99_999)).toBe(KeepaliveStep.Wait);
    expect(keepaliveWaitJ(idle, true, 99_999)).toBe(2_500);
  });

  it('gives up after TCP_KEEPCNT probes, or by TCP_USER_TIMEOUT and one', () => {
    expect(keepaliveExpired({ ...idle, probesOut: 2 }, false, 0, 9_000)).toBe(KeepaliveStep.Probe);
    expect(keepaliveExpired({ ...idle, probesOut: 3 }, false, 0, 9_000)).toBe(KeepaliveStep.GiveUp);
    const { Probe, GiveUp } = KeepaliveStep;
    expect(keepaliveExpired(idle, false, 2_000, 7_000)).toBe(Probe);
    expect(keepaliveExpired({ ...idle, probesOut: 1 }, false, 3_500, 7_499)).toBe(Probe);
    expect(keepaliveExpired({ ...idle, probesOut: 1 }, false, 3_500, 7_500)).toBe(GiveUp);
  });
});

describe('the close timers', () => {
  const [minuteJ, rtoJ] = [15_000, 51];
  const closing = { linger2J: 0, rtoJ };
  /** How long FIN_WAIT2 of an orphan lasts in all, s. */
  const lastsS = (finTimeoutS: number, change = {}): number => {
    const timer = { ...closing, ...change };
    const finJ = finTimeoutS * 250;
    if (finWait2Begins(timer, false, finJ, minuteJ) === FinWait2Step.Shrink) {
      return lightSockJ(timer, finTimeJ(timer, finJ)) / 250;
    }
    const waitJ = finWait2WaitJ(timer, finJ, minuteJ);
    return (waitJ + lightSockJ(timer, finWait2RestJ(timer, finJ, minuteJ))) / 250;
  };

  it('give FIN_WAIT2 tcp_fin_timeout up to 60 s, and twice the part beyond it', () => {
    expect([10, 60, 65, 90].map((finTimeoutS) => lastsS(finTimeoutS))).toEqual([10, 60, 10, 60]);
  });

  it('give it at least three and a half timeouts', () => {
    expect(lastsS(1, { rtoJ: 151 })).toBe((151 * 4 - 75) / 250);
  });

  it('let TCP_LINGER2 take the place of tcp_fin_timeout, and refuse FIN_WAIT2 where it is negative', () => {
    expect(lastsS(60, { linger2J: 1_250 })).toBe(5);
    expect(finWait2Begins({ ...closing, linger2J: -1 }, false, 15_000, minuteJ)).toBe(
      FinWait2Step.Reset,
    );
  });

  it('keep the full socket where the peer sends its FIN at once', () => {
    expect(finWait2Begins(closing, true, 2_500, minuteJ)).toBe(FinWait2Step.Wait);
    expect(finWait2WaitJ(closing, 2_500, minuteJ)).toBe(2_500);
  });
});

describe('an expiry of the SYN-ACK timer', () => {
  const request = {
    timeouts: 0,
    synCount: 0,
    deferAccept: 0,
    requestAcked: false,
    rtoMaxJ: 30_000,
  };

  it('asks again tcp_synack_retries times, after 1, 2, 4 … s, and then drops the request', () => {
    expect(synAckExpired({ ...request, timeouts: 4 }, 5)).toBe(SynAckStep.Resend);
    expect(synAckExpired({ ...request, timeouts: 5 }, 5)).toBe(SynAckStep.Drop);
    expect(synAckExpired({ ...request, timeouts: 2, synCount: 2 }, 5)).toBe(SynAckStep.Drop);
    const delays = [0, 1, 2, 7].map((timeouts) => synAckDelayJ({ ...request, timeouts }, 250));
    expect(delays).toEqual([250, 500, 1_000, 30_000]);
  });

  it('waits for data without a word while TCP_DEFER_ACCEPT lasts', () => {
    const deferred = { ...request, requestAcked: true, deferAccept: 4 };
    expect(synAckExpired({ ...deferred, timeouts: 2 }, 1)).toBe(SynAckStep.Wait);
    expect(synAckExpired({ ...deferred, timeouts: 3 }, 1)).toBe(SynAckStep.Resend);
    expect(synAckExpired({ ...deferred, timeouts: 4 }, 1)).toBe(SynAckStep.Drop);
  });
});

describe('the delayed ACK', () => {
  const limits = { delayedAckMinJ: 10, delayedAckMaxJ: 50 };
  const receiver = {
    atoJ: 10,
    pingpong: 0,
    ackPushed: 0,
    rtoJ: 51,
    rtoMinUs: 200_000,
    srtt8: 8 * 100_000,
  };

  it('takes 40 ms at first, follows the rhythm of the data, and grows where it was in vain', () => {
    expect(delayedAckJ(receiver, limits, 250)).toBe(10);
    expect(atoAfterDataJ({ ...receiver, atoJ: 20 }, 5, limits)).toBe(15);
    expect(atoAfterDataJ({ ...receiver, atoJ: 20 }, 12, limits)).toBe(22);
    expect(atoAfterDataJ({ ...receiver, atoJ: 20 }, 40, limits)).toBe(20);
    expect(isLongGap({ ...receiver, atoJ: 20 }, 51, 10)).toBe(false);
    expect(isLongGap({ ...receiver, atoJ: 20 }, 52, 10)).toBe(true);
    expect(atoAfterExpiryJ({ ...receiver, atoJ: 40, rtoJ: 90 }, limits)).toBe(50);
    expect(atoAfterExpiryJ({ ...receiver, atoJ: 24, rtoJ: 45 }, limits)).toBe(45);
    expect(atoAfterExpiryJ({ ...receiver, atoJ: 40, pingpong: 1 }, limits)).toBe(10);
  });

  it('never takes longer than a round trip, the largest delay, and what a sender with that floor waits', () => {
    expect(delayedAckJ({ ...receiver, atoJ: 49 }, limits, 250)).toBe(25);
    expect(delayedAckJ({ ...receiver, atoJ: 90, srtt8: 0, ackPushed: 1 }, limits, 250)).toBe(49);
    expect(delayedAckJ({ ...receiver, atoJ: 49, rtoMinUs: 20_000 }, limits, 250)).toBe(4);
  });
});

describe('the reordering timer', () => {
  it('waits a quarter of the least round trip, but no smoothed one, and nothing where order is known', () => {
    expect(reorderingWindowUs(80_000, 8 * 100_000, false)).toBe(20_000);
    expect(reorderingWindowUs(80_000, 8 * 10_000, false)).toBe(10_000);
    expect(reorderingWindowUs(80_000, 8 * 100_000, true)).toBe(0);
    expect(reorderingDelayJ(10_000, 51, 250)).toBe(3);
    expect(reorderingDelayJ(900_000, 51, 250)).toBe(51);
  });
});

describe('too many orphans', () => {
  const silent = { lastSendJ: 0, rtoMaxJ: 30_000, sndWnd: 1, packetsOut: 1 };
  const fate = (change: object, counted: number, timeLeft: boolean, nowJ: number, soft = false) =>
    orphanFate({ ...silent, ...change }, soft, timeLeft, counted, 100, nowJ, 15_000);

  it('are reset beyond tcp_max_orphans, the dubious ones from half or a quarter of it on', () => {
    expect(fate({}, 100, true, 10)).toBe(OrphanFate.Stays);
    expect(fate({}, 101, true, 10)).toBe(OrphanFate.IsReset);
    expect(fate({}, 51, true, 60_000)).toBe(OrphanFate.Stays);
    expect(fate({}, 51, true, 60_001)).toBe(OrphanFate.IsReset);
    expect(fate({}, 26, true, 60_001, true)).toBe(OrphanFate.IsReset);
  });

  it('go without a word where their time is up and they sent nothing for a minute', () => {
    expect(fate({}, 101, false, 15_000)).toBe(OrphanFate.IsReset);
    expect(fate({}, 101, false, 15_001)).toBe(OrphanFate.IsDropped);
    expect(fate({ sndWnd: 0, packetsOut: 0 }, 101, false, 15_001)).toBe(OrphanFate.IsReset);
  });

  it('are counted ten times a second: one that is younger does not count itself', () => {
    expect(countedOrphans(7, 100, 103, 26)).toBe(7);
    expect(countedOrphans(7, 100, 104, 26)).toBe(8);
  });
});

describe('the enumeration of timers', () => {
  it('names the file of every rule, and every rule of a timer is in it', () => {
    const folder = fileURLToPath(new URL('../../model/linux', import.meta.url));
    const files = readdirSync(folder).filter((name) => /-timers?\.ts$/.test(name));
    const named = new Set(Object.values(timers).map(({ rule }) => rule));
    expect(files.toSorted()).toEqual([...named].toSorted());
  });

  it('gives every timer one number', () => {
    const codes = Object.values(Timer);
    expect(new Set(codes).size).toBe(codes.length);
    expect(Object.keys(timers).toSorted()).toEqual(
      Object.keys(Timer)
        .filter((name) => name !== 'None')
        .toSorted(),
    );
  });
});
