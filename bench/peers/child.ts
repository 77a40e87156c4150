/** A process of one peer written in TypeScript: plays the lives that it is told to, and tells what they took and came to. */
import { cpuUs } from '../process.ts';
import { drawn, firstSweepUs, type Life, type PlayLife } from './story.ts';

/** Which lives; `list` asks for each of them. */
export interface Asked {
  readonly first: number;
  readonly lives: number;
  readonly list: boolean;
}

export interface Answered {
  readonly cpuUs: number;
  /** Cut to decision, over all lives. */
  readonly decidedUs: number;
  readonly releasedUs: number;
  readonly list: readonly Life[];
}

type PlayRange = (first: number, lives: number, each: (life: Life, cutUs: number) => void) => void;

const oneByOne =
  (play: PlayLife): PlayRange =>
  (first, lives, each) => {
    for (let life = first; life < first + lives; life += 1) {
      const { cutUs, sweepShare } = drawn(life);
      each(play(cutUs, firstSweepUs(cutUs, sweepShare)), cutUs);
    }
  };

/** Each is loaded alone: what the others make of shared code is not its business. */
const PEERS: Readonly<Record<string, () => Promise<PlayRange | PlayTogether>>> = {
  ghostbound: async () => {
    const { playGhostbound } = await import('./ghostbound.ts');
    return (first, lives, each) => {
      for (let life = first; life < first + lives; life += 1) {
        const { cutUs, sweepShare } = drawn(life);
        each(playGhostbound(cutUs, sweepShare, life), cutUs);
      }
    };
  },
  typed: async () => oneByOne((await import('./typed.ts')).playTyped),
  objects: async () => oneByOne((await import('./objects.ts')).playObjects),
  actors: async () => oneByOne((await import('./actors.ts')).playActors),
  'fake-timers': async () => {
    const { playFakeTimers } = await import('./fake-timers.ts');
    return async (first, lives, each) => {
      const all = Array.from({ length: lives }, (_, i) => {
        const { cutUs, sweepShare } = drawn(first + i);
        return { cutUs, firstSweepUs: firstSweepUs(cutUs, sweepShare) };
      });
      const played = await playFakeTimers(all);
      for (const [i, life] of played.entries()) each(life, all[i]?.cutUs ?? NaN);
    };
  },
};

type PlayTogether = (...asked: Parameters<PlayRange>) => Promise<void>;

const play = await PEERS[process.argv[2] ?? '']?.();
process.on('message', (asked: Asked) => {
  void answer(asked);
});

async function answer({ first, lives, list }: Asked): Promise<void> {
  let decidedUs = 0;
  let releasedUs = 0;
  const listed: Life[] = [];
  const beganUs = cpuUs();
  await play?.(first, lives, (life, cutUs) => {
    decidedUs += life.decidedUs - cutUs;
    releasedUs += life.releasedUs - cutUs;
    if (list) listed.push({ ...life });
  });
  const answered: Answered = { cpuUs: cpuUs() - beganUs, decidedUs, releasedUs, list: listed };
  process.send?.(answered);
}
