/** Picks the backend: the fullest one that this machine has, and only when the policy needs one. */
import { InputError } from '../../model/issue.ts';
import { kindOf } from '../../model/mechanisms/index.ts';
import type { Need } from '../../model/mechanisms/kind.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import { loadKoffiBackend } from './koffi.ts';
import { noBackend } from './none.ts';
import { nodeBackend } from './node.ts';
import type { KernelBackend, KernelBackendName } from './types.ts';

/** A backend by name, or `auto`: the fullest one that this machine has. */
export type KernelChoice = KernelBackendName | 'auto';

export const KERNEL_CHOICES: readonly KernelChoice[] = ['auto', 'koffi', 'node', 'none'];

const OF_KERNEL: ReadonlySet<Need['what']> = new Set(['keepalive', 'user-timeout', 'socket-state']);

/** Whether a mechanism asks anything of the operating system. */
function needsKernel(mechanism: Mechanism): boolean {
  return kindOf(mechanism)
    .needs(mechanism)
    .some(({ what }) => OF_KERNEL.has(what));
}

/**
 * `auto` falls back from koffi to Node and says why. `koffi` is a demand: throws InputError when this
 * machine cannot meet it. Neither loads koffi for a policy that needs nothing of the kernel.
 */
export function selectKernel(choice: KernelChoice, policy: Policy): KernelBackend {
  if (choice === 'none') return noBackend("it is switched off by the option kernel: 'none'");
  if (!policy.mechanisms.some(needsKernel))
    return noBackend('the policy asks nothing of the kernel');
  if (choice === 'node')
    return nodeBackend("it needs koffi, which the option kernel: 'node' excludes");
  const loaded = loadKoffiBackend();
  if (loaded.ok) return loaded.backend;
  if (choice === 'auto') return nodeBackend(loaded.why);
  throw new InputError([
    {
      code: 'kernel-backend-unavailable',
      path: 'options.kernel',
      expected: "a backend this machine has, such as 'auto'",
      received: "'koffi'",
      hint: loaded.why,
    },
  ]);
}
