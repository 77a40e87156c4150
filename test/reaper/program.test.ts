import { describe, expect, it } from 'vitest';
import type {
  BorrowCheckMechanism,
  PingMechanism,
  SweepMechanism,
} from '../../model/policy/types.ts';
import { programOf } from '../../model/reaper/program.ts';

const ping: PingMechanism = {
  kind: 'ping',
  intervalMs: 30_000,
  after: 'last-ping',
  replyTimeoutMs: 10_000,
  replyClock: 'enqueued',
  life: ['pong'],
};

const sweep: SweepMechanism = {
  kind: 'sweep',
  intervalMs: 30_000,
  timer: 'shared',
  ping: true,
  life: ['pong'],
};
const check: BorrowCheckMechanism = { kind: 'borrow-check', timeoutMs: 5_000, freshMs: 500 };

describe('programOf', () => {
  it('compiles a shape once, whatever its durations', () => {
    expect(programOf({ ...ping, intervalMs: 5_000, replyTimeoutMs: 1 })).toBe(programOf(ping));
  });

  it('tells apart what changes the machine', () => {
    expect(programOf({ ...ping, after: 'last-reply' })).not.toBe(programOf(ping));
    expect(programOf({ ...ping, replyTimeoutMs: null })).not.toBe(programOf(ping));
    expect(programOf({ ...ping, lost: 'verdict' })).not.toBe(programOf(ping));
    expect(programOf({ ...ping, firstMs: 1, after: 'last-life' })).not.toBe(
      programOf({ ...ping, after: 'last-life' }),
    );
    expect(programOf({ ...sweep, misses: 2 })).not.toBe(programOf({ ...sweep, misses: 3 }));
    expect(programOf({ ...check, freshMs: 0 })).not.toBe(programOf(check));
  });

  it('leaves out what the host does, and where a clock ends', () => {
    const coarse = { everyMs: 4_000, direction: 'down', grid: 'process' } as const;
    expect(
      programOf({ ...ping, verdict: 'close', answeredBy: 'application', granularity: coarse }),
    ).toBe(programOf(ping));
  });

  it('fits into a few rows', () => {
    // Before the first ping, an answer outstanding, answered, and the end.
    const { next, width } = programOf(ping);
    expect(next.length / width).toBe(4);
  });
});
