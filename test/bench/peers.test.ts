/** What the bench times are the same lives: all peers decide at the same instants. */
import { describe, expect, it } from 'vitest';
import { playActors } from '../../bench/peers/actors.ts';
import { playFakeTimers } from '../../bench/peers/fake-timers.ts';
import { playGhostbound } from '../../bench/peers/ghostbound.ts';
import { playObjects } from '../../bench/peers/objects.ts';
import { drawn, firstSweepUs } from '../../bench/peers/story.ts';
import { playTyped } from '../../bench/peers/typed.ts';

const LIVES = 60;
const lives = Array.from({ length: LIVES }, (_, i) => {
  const { cutUs, sweepShare } = drawn(i + 1);
  return { cutUs, sweepShare, firstSweepUs: firstSweepUs(cutUs, sweepShare), run: i + 1 };
});
const ours = lives.map(({ cutUs, sweepShare, run }) => ({
  ...playGhostbound(cutUs, sweepShare, run),
}));

describe('peers of the bench', () => {
  it.each([
    ['typed arrays', playTyped],
    ['objects', playObjects],
    ['actors', playActors],
  ])('%s decide when Ghostbound does, and are forgotten a little sooner', (_, play) => {
    for (const [i, { cutUs, firstSweepUs: us }] of lives.entries()) {
      const { decidedUs, releasedUs } = play(cutUs, us);
      expect(decidedUs).toBe(ours[i]?.decidedUs);
      // Wheels round up, by an eighth at most.
      const laterUs = (ours[i]?.releasedUs ?? NaN) - releasedUs;
      expect(laterUs).toBeGreaterThanOrEqual(0);
      expect(laterUs).toBeLessThan((releasedUs - cutUs) / 8);
    }
  });

  it('`ws` on fake timers decides within its millisecond', async () => {
    for (const [i, { decidedUs }] of (await playFakeTimers(lives)).entries()) {
      expect(Math.abs(decidedUs - (ours[i]?.decidedUs ?? NaN))).toBeLessThanOrEqual(1_000);
    }
  });
});
