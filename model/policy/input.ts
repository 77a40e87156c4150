/** A policy as people write it in code: durations as text or milliseconds, defaults left out. */
import type {
  AgeMechanism,
  DrainMechanism,
  IdleMechanism,
  KeepaliveMechanism,
  PeerClosedMechanism,
  PingMechanism,
  Policy,
  SendStallMechanism,
  SweepMechanism,
  UserTimeoutMechanism,
} from './types.ts';

/** Fields that end in `Ms` may also be text such as `'30s'`. */
type Written<T> = { readonly [K in keyof T]: K extends `${string}Ms` ? T[K] | string : T[K] };
/** Like T, but the fields `K` may be left out. */
type Defaulted<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** One mechanism as {@link definePolicy} takes it. */
export type MechanismInput =
  | Written<Defaulted<SweepMechanism, 'timer' | 'ping' | 'life'>>
  | Written<Defaulted<PingMechanism, 'after' | 'replyClock' | 'life'>>
  | Written<KeepaliveMechanism>
  | Written<UserTimeoutMechanism>
  | Written<Defaulted<SendStallMechanism, 'progress' | 'everyMs'>>
  | Written<Defaulted<PeerClosedMechanism, 'everyMs'>>
  | Written<IdleMechanism>
  | Written<AgeMechanism>
  | Written<DrainMechanism>;

/** A policy as {@link definePolicy} takes it. */
export type PolicyInput = Defaulted<
  Omit<Policy, 'mechanisms'> & { readonly mechanisms: readonly MechanismInput[] },
  'schemaVersion' | 'title'
>;
