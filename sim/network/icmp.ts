/** ICMP errors about a connection (RFC 792), as far as TCP hears of them: net/ipv4/icmp.c icmp_err_convert. */

export type IcmpKind =
  | 'net-unreachable'
  | 'host-unreachable'
  | 'port-unreachable'
  | 'time-exceeded'
  // What a firewall answers with (REJECT --reject-with icmp-…-prohibited): codes 9, 10 and 13.
  | 'net-prohibited'
  | 'host-prohibited'
  | 'admin-prohibited';

/** A host as whoever sends ICMP errors sees it. */
export interface IcmpReceiver {
  /** An ICMP error about a segment that began at `quotedSeq` arrives. */
  receiveIcmp(kind: IcmpKind, quotedSeq: number): void;
}
