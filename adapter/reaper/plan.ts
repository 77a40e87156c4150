/** A policy made ready for this machine: what of it can work, compiled, and the counts of what it did. */
import type { Socket } from 'node:net';
import { compileReaper, limitsOf, type CompiledReaper } from '../../model/reaper/index.ts';
import { InputError } from '../../model/issue.ts';
import type { Policy } from '../../model/policy/types.ts';
import { setKernelOptions } from '../kernel/options.ts';
import { selectKernel } from '../kernel/select.ts';
import type { KernelBackend } from '../kernel/types.ts';
import type { HandedIn } from './attached.ts';
import { boundOf, type ReaperBound } from './bound.ts';
import {
  asItRuns,
  closeLimitMs,
  demandAll,
  refusalsOf,
  stateOf,
  whileClosing,
  type Transport,
} from './mechanisms.ts';
import type { ReaperOptions } from './options.ts';
import { laterMs } from './send-path.ts';
import { Tallies } from './tallies.ts';
import { offWarning, otherMachine, type ReaperWarning } from './warnings.ts';

export class Plan {
  /** The policy as it runs here: what this machine cannot do is marked lost. */
  readonly policy: Policy;
  readonly kernel: KernelBackend;
  readonly reaper: CompiledReaper;
  /** What looks at connections that are closing; mechanisms keep their index, the others are lost in it. */
  readonly closingReaper: CompiledReaper;
  /** How long an orderly end may take; undefined where the policy does not say. */
  readonly closeLimitMs: number | null | undefined;
  readonly tallies: Tallies;
  /** What of it is off and still holds, or that its certificate speaks of other machines. */
  readonly warnings: readonly ReaperWarning[];
  /** What its certificate assumes and nobody can know here. */
  readonly unchecked: readonly string[];
  readonly #bytesMs: number;
  #bound: ReaperBound | undefined;

  /** Throws InputError when `options.kernel` or `options.requireAll` demands what this machine cannot give. */
  constructor(
    { policy, certified, machine }: HandedIn,
    options: Pick<ReaperOptions<never>, 'kernel' | 'requireAll'>,
    transport: Transport,
  ) {
    this.kernel = selectKernel(options.kernel ?? 'auto', policy);
    const refusals = refusalsOf(policy, this.kernel, transport);
    const requiresAll = options.requireAll ?? certified;
    if (requiresAll) demandAll(policy, refusals, certified);
    if (requiresAll && machine.differs.length > 0) throw new InputError(machine.differs);
    this.unchecked = machine.unchecked;
    this.policy = asItRuns(policy, refusals);
    this.reaper = compileReaper(this.policy);
    this.closingReaper = compileReaper(whileClosing(this.policy));
    this.closeLimitMs = closeLimitMs(this.policy);
    this.tallies = new Tallies(
      this.policy,
      policy.mechanisms.map((mechanism, index) => stateOf(mechanism, refusals[index], transport)),
    );
    this.#bytesMs = transport.bytesKnownWithinMs(this.policy);
    this.warnings = [
      offWarning(policy, refusals, () => this.bound),
      otherMachine(policy, machine.differs),
    ].filter((warning) => warning !== undefined);
  }

  /** Sets on one socket what the policy leaves to the kernel. */
  setKernelOptions(socket: Socket | undefined): void {
    setKernelOptions(this.kernel, socket, this.reaper.kernelOptions, (what, why) => {
      this.tallies.refused(what, why);
    });
  }

  /** Takes back on one socket what this policy has left to the kernel, and the one that comes next does not. */
  takeBackKernelOptions(socket: Socket, next: Plan): void {
    const { keepalive, userTimeoutMs } = this.reaper.kernelOptions;
    const then = next.reaper.kernelOptions;
    if (keepalive !== undefined && then.keepalive === undefined) socket.setKeepAlive(false);
    if (userTimeoutMs !== undefined && then.userTimeoutMs === undefined) {
      this.kernel.setUserTimeout(socket, 0);
    }
  }

  /** See the handle's `bound`. */
  get bound(): ReaperBound {
    this.#bound ??= boundOf(
      limitsOf(this.policy),
      laterMs(this.policy, this.#bytesMs),
      this.closeLimitMs,
    );
    return this.#bound;
  }
}
