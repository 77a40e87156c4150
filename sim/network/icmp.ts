/** ICMP errors about a connection (RFC 792), as far as TCP hears of them: net/ipv4/icmp.c icmp_err_convert. */

export type IcmpKind =
  'net-unreachable' | 'host-unreachable' | 'port-unreachable' | 'time-exceeded';

/** A host as whoever sends ICMP errors sees it. */
export interface IcmpReceiver {
  /** An ICMP error about a segment that began at `quotedSeq` arrives. */
  receiveIcmp(kind: IcmpKind, quotedSeq: number): void;
}
