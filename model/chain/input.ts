/** A chain as people write it in code: durations as text or milliseconds, defaults left out. */
import type { PolicyInput } from '../policy/input.ts';
import type {
  Chain,
  ClientHop,
  MiddleboxHop,
  OrchestratorHop,
  ProxyHop,
  ServerHop,
} from './types.ts';

/** Fields that end in `Ms` may also be text such as `'30s'`. */
type Written<T> = { readonly [K in keyof T]: K extends `${string}Ms` ? T[K] | string : T[K] };
/** Like T, but the fields `K` may be left out. */
type Defaulted<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

type HopInput =
  | Written<Defaulted<ClientHop, 'timers'>>
  | Written<Defaulted<MiddleboxHop, 'atExpiry'>>
  | Written<Defaulted<ProxyHop, 'atExpiry'>>
  | (Written<Omit<ServerHop, 'policy'>> & { readonly policy?: PolicyInput })
  | Written<Defaulted<OrchestratorHop, 'preStopMs'>>;

/** A chain as `defineChain` takes it. */
export type ChainInput = Defaulted<
  Written<Omit<Chain, 'hops'>>,
  'schemaVersion' | 'title' | 'rttMs' | 'load' | 'readerBytesPerSecond'
> & { readonly hops: readonly HopInput[] };
