/**
 * Playing a recorded story again on the simulated kernel.
 *
 * What people and processes did happens at the recorded instants; what the kernels did is left to the
 * simulation. The handshake is timed by the recorded packets, because the round trip measured there
 * decides the first retransmission timeout.
 */
import { assert } from '../../model/assert.ts';
import { blankInfo } from '../../sim/kernel/tcp-info.ts';
import type { TcpInfo } from '../../sim/kernel/types.ts';
import type { Adoption } from './adoption.ts';
import { deedsOf, type Deed } from './deeds.ts';
import { Stage, toSeconds, toUs, type StageOptions } from './stage.ts';
import { otherSide, sides } from './trace.ts';
import type { KernelTrace, PacketEntry } from './trace.ts';

/** What the simulation did with the story. */
export interface Replay {
  /** Errno name, CLOSED or SURVIVED. */
  readonly outcome: string;
  readonly endS: number | null;
  readonly packets: readonly PacketEntry[];
  /** TCP_INFO around each wanted instant: readings up to two jiffies away. */
  readonly samples: readonly (readonly TcpInfo[])[];
  /** Widest bucket of the timer wheel that was used, jiffies: the phase matters modulo this. */
  readonly widestBucketJ: number;
}

/** How to play it. */
export interface ReplayOptions extends StageOptions {
  /** Seconds at which TCP_INFO of the watched side is wanted. */
  readonly sampleTimes: readonly number[];
  readonly adoptions: readonly Adoption[];
  /** Stop when the end is known: nothing else is wanted. */
  readonly onlyEnd?: boolean;
}

/** The recorded state in place of the simulated one; the wire is empty, as it was recorded to be. */
function adopt(trace: KernelTrace, stage: Stage, adoption: Adoption): void {
  for (const side of sides) stage.lines[side].clear();
  stage.hosts[otherSide(trace.watch)].adoptReceiver(adoption.receiver);
  stage.processes[trace.watch].adopt(() => stage.hosts[trace.watch].adoptSender(adoption.sender));
}

/** The handshake as it was recorded; from `settledAt` on the wire's usual delay holds. */
function handshakeDeeds(trace: KernelTrace, stage: Stage): Deed[] {
  const { hosts, lines, timing } = stage;
  const usualUs = { server: lines.server.delayUs, client: lines.client.delayUs };
  return [
    {
      atUs: toUs(timing.connectAt),
      run: () => {
        hosts.server.socket.listen();
        for (const side of trace.startDropped) lines[side].cut = true;
        lines.client.delayUs = timing.synDelayUs;
        lines.server.delayUs = timing.synAckDelayUs;
        hosts.client.socket.connect();
        lines.client.delayUs = timing.ackDelayUs;
      },
    },
    {
      atUs: toUs(timing.settledAt),
      run: () => {
        for (const side of sides) lines[side].delayUs = usualUs[side];
      },
    },
  ];
}

/** Offsets in jiffies at which TCP_INFO is read around a sample; densest where some states last microseconds. */
const READINGS = [-2, -1, -0.5, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.5, 1, 2];

/** Reads TCP_INFO of the watched side around each wanted instant. */
function readingsOf(
  stage: Stage,
  trace: KernelTrace,
  options: ReplayOptions,
  deeds: Deed[],
): TcpInfo[][] {
  const { socket } = stage.hosts[trace.watch];
  const tickUs = 1_000_000 / trace.hz;
  return options.sampleTimes.map((t) => {
    const readings: TcpInfo[] = [];
    for (const offset of READINGS) {
      const run = (): void => void readings.push(socket.info(blankInfo()));
      deeds.push({ atUs: toUs(t) + offset * tickUs, run });
    }
    return readings;
  });
}

/** Plays the story. */
export function replay(trace: KernelTrace, options: ReplayOptions): Replay {
  const stage = new Stage(trace, options);
  const deeds = [...deedsOf(trace, stage), ...handshakeDeeds(trace, stage)];
  for (const adoption of options.adoptions) {
    deeds.push({ atUs: toUs(adoption.t), run: () => adopt(trace, stage, adoption) });
  }
  // Into an open window the receiver has no part in what is taken over, and the transfer need not be played.
  if ((options.adoptions[0]?.sender.windowBytes ?? 0) > 0) stage.processes[trace.watch].withhold();
  const samples = readingsOf(stage, trace, options, deeds);
  deeds.sort((a, b) => a.atUs - b.atUs);
  for (const deed of deeds) {
    assert(deed.atUs >= stage.scheduler.nowUs, 'the recording begins too early');
    stage.scheduler.run(deed.atUs);
    deed.run();
    if (options.onlyEnd === true && endOf(trace, stage).endS !== null) break;
  }
  const untilUs = toUs(trace.maxS);
  const isOver = options.onlyEnd === true && endOf(trace, stage).endS !== null;
  if (!isOver && untilUs > stage.scheduler.nowUs) stage.scheduler.run(untilUs);
  const { widestBucketJ } = stage.hosts[trace.watch];
  return { ...endOf(trace, stage), packets: stage.packets, samples, widestBucketJ };
}

function endOf(trace: KernelTrace, stage: Stage): { outcome: string; endS: number | null } {
  const process = stage.processes[trace.watch];
  if (process.failure !== null) {
    return { outcome: process.failure.errno, endS: toSeconds(process.failure.atUs) };
  }
  const goneUs = trace.watchKernel ? process.releasedUs : process.closedUs;
  if (goneUs !== null && goneUs <= toUs(trace.maxS)) {
    return { outcome: 'CLOSED', endS: toSeconds(goneUs) };
  }
  return { outcome: 'SURVIVED', endS: null };
}
