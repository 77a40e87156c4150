/** Status codes of RFC 6455 §7.4.1, those that the processes of a story use. */
export const CloseCode = {
  /** The purpose for which the connection was established has been fulfilled. */
  Normal: 1000,
  /** The endpoint goes away: a server that lets an idle or an old connection go. */
  GoingAway: 1001,
  /** Never sent: the peer's Close frame had no code. */
  NoStatus: 1005,
  /** Never sent: no Close frame came at all. */
  Abnormal: 1006,
  /** The server has met a condition that keeps it from going on: its reaper's verdict. */
  InternalError: 1011,
} as const;
