/** The line that moves: only where somebody watches, and gone at the end. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProgress } from '../../cli/terminal/progress.ts';
import { captured } from './support.ts';

describe('progress', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => vi.useRealTimers());

  it('waits a moment, shows share and time left, and is erased', () => {
    const { terminal, err } = captured({ stderrIsTerminal: true });
    const progress = startProgress('simulating', terminal, false);
    vi.advanceTimersByTime(299);
    progress.report(1, 4);
    expect(err()).toBe('');
    vi.advanceTimersByTime(701);
    progress.report(1, 4);
    expect(err()).toContain('25 % · 3 s left'); // a quarter took 1 s
    vi.advanceTimersByTime(50);
    progress.report(2, 4);
    expect(err()).not.toContain('50 %'); // too soon to redraw
    vi.advanceTimersByTime(950);
    progress.report(4, 4);
    expect(err()).toContain('100 % · 0 s left');
    progress.end();
    expect(err().endsWith('\r\u001b[2K')).toBe(true);
  });

  it('is silent in pipes and under --quiet', () => {
    for (const [stderrIsTerminal, quiet] of [
      [false, false],
      [true, true],
    ] as const) {
      const { terminal, err } = captured({ stderrIsTerminal });
      const progress = startProgress('simulating', terminal, quiet);
      vi.advanceTimersByTime(10_000);
      progress.report(1, 2);
      progress.end();
      expect(err()).toBe('');
    }
  });
});
