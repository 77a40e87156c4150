/** An instance that takes up another's memory goes on as that one does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileReaper, LifeBit } from '../../model/reaper/index.ts';
import type { ReaperInstance } from '../../model/reaper/index.ts';
import { anyMechanisms, GRID_MS, policyOf } from './arbitrary-policy.ts';

const SEED = 20_261_124;

type Call = 'advance' | 'pong' | 'message' | 'sent' | 'written' | 'sampled';
const calls = fc.array(
  fc.constantFrom<Call>('advance', 'advance', 'pong', 'message', 'sent', 'written', 'sampled'),
  { maxLength: 20 },
);

/** One call every grid step; what it left, in words. */
function drive(reaper: ReaperInstance, all: readonly Call[], fromUs: number): string[] {
  return all.map((call, index) => {
    const nowUs = fromUs + (index + 1) * GRID_MS * 1000;
    if (call === 'advance') reaper.advance(nowUs);
    else if (call === 'pong') reaper.received(LifeBit.AnyByte | LifeBit.Pong, nowUs);
    else if (call === 'message') reaper.received(LifeBit.AnyByte | LifeBit.Message, nowUs);
    else if (call === 'sent') reaper.messageSent(nowUs);
    else if (call === 'written') reaper.pingWritten(nowUs);
    else
      reaper.sampled(
        { queueBytes: 1, userQueueBytes: 0, bytesAcked: index % 3, established: true },
        nowUs,
      );
    return `${reaper.deadlineUs} ${reaper.effects.slice(0, reaper.effectCount).join()}`;
  });
}

it('an instance recalls a memory whole', () => {
  fc.assert(
    fc.property(anyMechanisms, calls, calls, calls, (mechanisms, before, after, detour) => {
      const compiled = compileReaper(policyOf(...mechanisms));
      const [reaper, other] = [compiled.instance(), compiled.instance()];
      reaper.start(0, 0);
      drive(reaper, before, 0);
      const memory = reaper.memory();
      const nowUs = before.length * GRID_MS * 1000;
      const went = drive(reaper, after, nowUs);
      other.start(0, 0);
      drive(other, detour, 0);
      other.recall(memory);
      expect(other.memory()).toEqual(memory);
      expect(drive(other, after, nowUs)).toEqual(went);
      expect(other.memory()).toEqual(reaper.memory());
    }),
    { seed: SEED, numRuns: 300 },
  );
});
