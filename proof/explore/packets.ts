/** What is on its way in the ideal world, what each thing says to the reaper, and what may hold or lose it. */
import { LifeBit } from '../../model/reaper/index.ts';

/** What is on its way. */
export const Packet = {
  Ping: 1,
  Message: 2,
  Ack: 3,
  Pong: 4,
  ApplicationAck: 5,
  PeerMessage: 6,
  /** Asked by the reaper, answered by the peer's application. */
  ApplicationPing: 7,
  ApplicationPong: 8,
  /** What the peer sends of its own, and the server's answer to its ping. */
  PeerPing: 9,
  UnsolicitedPong: 10,
  Heartbeat: 11,
  AnswerToPeer: 12,
} as const;
export type PacketCode = (typeof Packet)[keyof typeof Packet];

export interface Flying {
  readonly packet: PacketCode;
  readonly dueUs: number;
}

/** What is wrong. Packets are lost when they are sent; answers are held back until the end. */
export interface Trouble {
  readonly losesToClient?: boolean;
  readonly losesToServer?: boolean;
  /** What the peer's library sends, when it is asked. */
  readonly holdsPongs?: boolean;
  /** What the peer's application sends: messages, acknowledgements, answers of its own. */
  readonly holdsOwn?: boolean;
  /** The timers of the peer's application, or those of all its process, do not run: a heartbeat is late. */
  readonly stopsBeatsOf?: 'application' | 'all';
  /** Heartbeats are sent in time, and held back as everything else. */
  readonly holdsBeats?: boolean;
  /** Acknowledgements by the peer's kernel. */
  readonly holdsAcks?: boolean;
  /** The server's process does not read. */
  readonly holdsReading?: boolean;
  /** Nor do its timers run. */
  readonly holdsTimers?: boolean;
}

/**
 * One of a kind stands for all of them: they come at one instant. Pings may be counted, so as many are kept as can make
 * a difference.
 */
export function keep(kept: PacketCode[], packet: PacketCode, pingsThatCount: number): void {
  const most = packet === Packet.PeerPing ? pingsThatCount : 1;
  if (kept.filter((one) => one === packet).length < most) kept.push(packet);
}

/** What a packet says when the server reads it. */
export function lifeBits(packet: PacketCode): number {
  switch (packet) {
    case Packet.Pong:
    case Packet.ApplicationPong:
      return LifeBit.AnyByte | LifeBit.Pong;
    case Packet.ApplicationAck:
      return LifeBit.AnyByte | LifeBit.Message | LifeBit.ApplicationAck;
    case Packet.PeerPing:
      return LifeBit.AnyByte | LifeBit.Ping;
    case Packet.UnsolicitedPong:
      return LifeBit.AnyByte | LifeBit.UnsolicitedPong;
    default:
      return LifeBit.AnyByte | LifeBit.Message;
  }
}

/** Whether the peer cannot send this until the trouble is over. */
export function isHeld(packet: PacketCode, trouble: Trouble): boolean {
  switch (packet) {
    case Packet.Pong:
      return trouble.holdsPongs === true;
    case Packet.Ack:
      return trouble.holdsAcks === true;
    case Packet.PeerPing:
    case Packet.UnsolicitedPong:
    case Packet.Heartbeat:
      return trouble.holdsBeats === true;
    default:
      return trouble.holdsOwn === true;
  }
}
