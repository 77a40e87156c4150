/** What a story can do to its connection: the entries of a script. */
export const Act = {
  StartLoad: 1,
  Event: 2,
  EndSilence: 3,
  PowerOn: 4,
  Query: 5,
  Sigterm: 6,
  Sigkill: 7,
  Farewell: 8,
  /** Losses on the path begin. */
  Storm: 9,
  /** A host that slept wakes. */
  Wake: 10,
  /** The stall of a broken server's event loop is over. */
  EndStall: 11,
  /** A client that has lost its address is back with another one. */
  ComeBack: 12,
} as const;
export type ActCode = (typeof Act)[keyof typeof Act];
