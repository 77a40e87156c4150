/** The types of a policy, as its schema says it. */
export type {
  AgeMechanism,
  BorrowCheckMechanism,
  CloseHandshakeMechanism,
  DrainMechanism,
  Granularity,
  HandshakeDeadlineMechanism,
  IdleMechanism,
  KeepaliveMechanism,
  LifeSign,
  Loss,
  Mechanism,
  MechanismKind,
  PeerClosedMechanism,
  PingMechanism,
  PingStrikesMechanism,
  PongTimerMechanism,
  ReceiveDeadlineMechanism,
  RequestDeadlineMechanism,
  SendQueueLimitMechanism,
  SendStallMechanism,
  SweepMechanism,
  UserTimeoutMechanism,
  VerdictManner,
  WriteDeadlineMechanism,
} from '../schema/mechanisms.ts';
export type { LintSettings, RuleOff } from '../schema/names.ts';
export type { MechanismInput, PeerHeartbeat, Policy, PolicyInput } from '../schema/policy.ts';
