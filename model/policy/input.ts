/** A policy as people write it in code: durations as text or milliseconds, defaults left out. */
import type {
  AgeMechanism,
  BorrowCheckMechanism,
  CloseHandshakeMechanism,
  DrainMechanism,
  Granularity,
  HandshakeDeadlineMechanism,
  IdleMechanism,
  KeepaliveMechanism,
  PeerClosedMechanism,
  PeerHeartbeat,
  PingMechanism,
  PingStrikesMechanism,
  Policy,
  PongTimerMechanism,
  ReceiveDeadlineMechanism,
  RequestDeadlineMechanism,
  SendQueueLimitMechanism,
  SendStallMechanism,
  SweepMechanism,
  UserTimeoutMechanism,
  WriteDeadlineMechanism,
} from './types.ts';

/** Fields that end in `Ms` may also be text such as `'30s'`. */
type Written<T> = {
  readonly [K in keyof T]: K extends `${string}Ms`
    ? T[K] | string
    : T[K] extends Granularity | undefined
      ? GranularityInput
      : T[K];
};
/** Like T, but the fields `K` may be left out. */
type Defaulted<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

type GranularityInput = {
  readonly everyMs: number | string;
  readonly direction?: Granularity['direction'];
  readonly grid?: Granularity['grid'];
};

/** One mechanism as {@link definePolicy} takes it. */
export type MechanismInput =
  | Written<Defaulted<SweepMechanism, 'timer' | 'ping' | 'life'>>
  | Written<Defaulted<PingMechanism, 'after' | 'replyClock' | 'life'>>
  | Written<Defaulted<PongTimerMechanism, 'replyClock' | 'life'>>
  | Written<Defaulted<ReceiveDeadlineMechanism, 'life'>>
  | Written<Defaulted<WriteDeadlineMechanism, 'judgedAt'>>
  | Written<Defaulted<SendQueueLimitMechanism, 'softBytes' | 'softForMs' | 'everyMs'>>
  | Written<Defaulted<PingStrikesMechanism, 'maxStrikes'>>
  | Written<HandshakeDeadlineMechanism>
  | Written<RequestDeadlineMechanism>
  | Written<Defaulted<BorrowCheckMechanism, 'freshMs'>>
  | Written<Defaulted<CloseHandshakeMechanism, 'clock'>>
  | Written<KeepaliveMechanism>
  | Written<UserTimeoutMechanism>
  | Written<Defaulted<SendStallMechanism, 'progress' | 'everyMs'>>
  | Written<Defaulted<PeerClosedMechanism, 'everyMs'>>
  | Written<IdleMechanism>
  | Written<AgeMechanism>
  | Written<DrainMechanism>;

/** A policy as {@link definePolicy} takes it. */
export type PolicyInput = Defaulted<
  Omit<Policy, 'mechanisms' | 'peerHeartbeat'> & {
    readonly mechanisms: readonly MechanismInput[];
    readonly peerHeartbeat?: Written<Defaulted<PeerHeartbeat, 'sign' | 'bytes' | 'sentBy'>>;
  },
  'schemaVersion' | 'title'
>;
