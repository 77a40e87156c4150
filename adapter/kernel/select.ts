/** Picks the backend: the fullest one that this machine has, and only when the policy needs one. */
import { InputError } from '../../model/issue.ts';
import { kindOf } from '../../model/mechanisms/index.ts';
import type { Need } from '../../model/mechanisms/kind.ts';
import type { Mechanism, Policy } from '../../model/policy/types.ts';
import { loadKoffiBackend, type Koffi } from './koffi.ts';
import { noBackend } from './none.ts';
import { nodeBackend } from './node.ts';
import type { KernelBackend, KernelBackendName } from './types.ts';

/**
 * A backend by name; `auto`: the fullest one that this machine has; the package `koffi` itself, for bundles; or a backend of the
 * application's own, such as an addon.
 */
export type KernelChoice = KernelBackendName | 'auto' | Koffi | KernelBackend;

export const KERNEL_NAMES: readonly string[] = ['auto', 'koffi', 'node', 'none'];

const OF_KERNEL: ReadonlySet<Need['what']> = new Set(['keepalive', 'user-timeout', 'socket-state']);

function isKoffi(choice: unknown): choice is Koffi {
  const { load, errno } = (choice ?? {}) as Partial<Koffi>;
  return typeof load === 'function' && typeof errno === 'function';
}

const BACKEND_METHODS = [
  'keepaliveRefusal',
  'userTimeoutRefusal',
  'samplingRefusal',
  'setKeepalive',
  'setUserTimeout',
  'sendQueueBytes',
  'tcpInfo',
] as const satisfies readonly (keyof KernelBackend)[];

function isBackend(choice: unknown): choice is KernelBackend {
  const methods = (choice ?? {}) as Partial<Record<(typeof BACKEND_METHODS)[number], unknown>>;
  return BACKEND_METHODS.every((name) => typeof methods[name] === 'function');
}

/** Whether a value is something that `selectKernel` takes. */
export function isKernelChoice(choice: unknown): choice is KernelChoice {
  if (typeof choice === 'string') return KERNEL_NAMES.includes(choice);
  return isKoffi(choice) || isBackend(choice);
}

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
  if (typeof choice !== 'string' && isBackend(choice)) return choice;
  const loaded = typeof choice === 'string' ? loadKoffiBackend() : loadKoffiBackend(choice);
  if (loaded.ok) return loaded.backend;
  if (choice === 'auto') return nodeBackend(loaded.why);
  throw new InputError([
    {
      code: 'kernel-backend-unavailable',
      path: 'options.kernel',
      expected: "a backend this machine has, such as 'auto'",
      received: 'koffi',
      hint: loaded.why,
    },
  ]);
}
