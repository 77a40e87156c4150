/**
 * The decision code of every policy: xstate machines compiled into tables, and the engine that steps
 * through them. The simulator drives it with virtual time, the production adapter with real time.
 */
import type { Policy } from '../policy/types.ts';
import { columnOf, TableReaper } from './engine.ts';
import { drainDeadlineMs, kernelOptions } from './kernel-options.ts';
import { layOut } from './layout.ts';
import { regionsOf, type Region } from './region.ts';
import { LifeBit, type CompiledReaper } from './types.ts';

/**
 * Makes a policy ready to run: compiles the machine of each mechanism that decides in the process, once.
 *
 * @param policy a valid policy, made by `definePolicy` or `parsePolicy`
 * @returns what all connections under this policy share; `instance()` gives the reaper of one of them
 * @throws InternalError when a machine cannot be compiled, which is a bug
 * @remarks Instances allocate only when they are made. Their times are integer microseconds of any
 * monotonic clock.
 *
 * @example
 * const sweep = { kind: 'sweep', intervalMs: '30s', life: ['pong'] };
 * const reaper = compileReaper(definePolicy({ name: 'sweep', mechanisms: [sweep] })).instance();
 * reaper.start(0, 0);
 * reaper.deadlineUs // => 30_000_000
 * reaper.advance(30_000_000);
 * reaper.effects[0] // => ReaperEffect.Ping
 * reaper.advance(60_000_000); // nothing came back in between
 * reaper.effects[0] // => ReaperEffect.Reap
 */
export function compileReaper(policy: Policy): CompiledReaper {
  const regions = regionsOf(policy);
  const layout = layOut(regions);
  return {
    mechanismCount: policy.mechanisms.length,
    kernelOptions: kernelOptions(policy),
    needsSamples: regions.some((region) => region.samples !== undefined),
    drainDeadlineMs: drainDeadlineMs(policy),
    heard: lifeBitsWith((bit) => regions.some((one) => hearsAs(one, bit))),
    distinct: lifeBitsWith((bit) =>
      regions.some(
        (one) => hearsAs(one, bit) && columnOf(one, bit) !== columnOf(one, LifeBit.AnyByte),
      ),
    ),
    width: layout.width,
    instance: (row, at) => new TableReaper(layout, row, at),
  };
}

/** The sum of those signs of life. */
function lifeBitsWith(has: (bit: number) => boolean): number {
  return Object.values(LifeBit)
    .filter(has)
    .reduce((sum, bit) => sum + bit, 0);
}

/** Whether a region takes any notice of a sign of life. */
function hearsAs(region: Region, bit: number): boolean {
  return region.program.hears[columnOf(region, bit)] === 1;
}

export { LifeBit, ReaperEffect } from './types.ts';
export { limitsOf, type Limit, type Limits } from './limits.ts';
export type { CompiledReaper, ReaperInstance, RowWalk, SocketSample } from './types.ts';
