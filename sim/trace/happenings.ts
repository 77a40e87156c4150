/**
 * Everything a run can note apart from packets, as one table: the digest takes a happening's number
 * and its two values, the timeline takes its words. One list, so neither can know more than the other.
 */
import type { Where } from '../../model/results/types.ts';

export interface Happening {
  /** Part of every digest: never renumber. */
  readonly id: number;
  readonly where: Where;
  readonly event: string;
  /** Names of the two values, in order; absent ones are not shown. */
  readonly details: readonly string[];
}

export const happenings = {
  accepted: { id: 1, where: 'server-app', event: 'accepted', details: [] },
  connected: { id: 2, where: 'peer-app', event: 'connected', details: [] },
  loadStarted: { id: 3, where: 'server-app', event: 'load-started', details: [] },
  pingQueued: { id: 4, where: 'server-app', event: 'ping-queued', details: ['mechanism'] },
  pingWritten: { id: 5, where: 'server-app', event: 'ping-written', details: [] },
  pingBlocked: { id: 6, where: 'server-app', event: 'ping-waits-for-lock', details: ['mechanism'] },
  pongRead: { id: 7, where: 'server-app', event: 'pong-read', details: [] },
  messageRead: { id: 8, where: 'server-app', event: 'message-read', details: [] },
  acknowledgementRead: { id: 9, where: 'server-app', event: 'acknowledgement-read', details: [] },
  closeRead: { id: 10, where: 'server-app', event: 'close-frame-read', details: ['code'] },
  endOfFile: { id: 11, where: 'server-app', event: 'end-of-file', details: [] },
  sampled: {
    id: 12,
    where: 'server-app',
    event: 'socket-sampled',
    details: ['queueBytes', 'bytesAcked'],
  },
  reaped: { id: 13, where: 'server-app', event: 'reaped', details: ['mechanism'] },
  closing: {
    id: 14,
    where: 'server-app',
    event: 'closing-handshake',
    details: ['mechanism', 'code'],
  },
  closeTimedOut: { id: 15, where: 'server-app', event: 'closing-handshake-timed-out', details: [] },
  socketError: { id: 16, where: 'server-app', event: 'socket-error', details: ['errno'] },
  descriptorClosed: { id: 17, where: 'server-app', event: 'descriptor-closed', details: ['code'] },
  starved: { id: 18, where: 'server-app', event: 'starved', details: [] },
  scheduledAgain: { id: 19, where: 'server-app', event: 'scheduled-again', details: [] },
  sigterm: { id: 20, where: 'server-app', event: 'sigterm', details: [] },
  sigkill: { id: 21, where: 'server-app', event: 'sigkill', details: [] },
  released: { id: 22, where: 'server-kernel', event: 'socket-forgotten', details: [] },
  wireCut: { id: 23, where: 'wire', event: 'cut', details: ['toClient', 'toServer'] },
  wireHealed: { id: 24, where: 'wire', event: 'healed', details: [] },
  flowForgotten: { id: 25, where: 'wire', event: 'middlebox-forgot-the-flow', details: [] },
  frozen: { id: 26, where: 'peer-app', event: 'frozen', details: [] },
  crashed: { id: 27, where: 'peer-app', event: 'crashed', details: [] },
  poweredOff: { id: 28, where: 'peer-kernel', event: 'powered-off', details: [] },
  poweredOn: { id: 29, where: 'peer-kernel', event: 'powered-on', details: [] },
  nobodyBehindProxy: { id: 30, where: 'peer-app', event: 'nobody-behind-the-proxy', details: [] },
  pingRead: { id: 31, where: 'peer-app', event: 'ping-read', details: [] },
  pongSent: { id: 32, where: 'peer-app', event: 'pong-sent', details: [] },
  peerMessageSent: { id: 33, where: 'peer-app', event: 'message-sent', details: ['bytes'] },
  acknowledgementSent: { id: 34, where: 'peer-app', event: 'acknowledgement-sent', details: [] },
  peerClosing: { id: 35, where: 'peer-app', event: 'closing-handshake', details: ['code'] },
  silenceBegan: { id: 36, where: 'peer-app', event: 'silence-began', details: [] },
  silenceEnded: { id: 37, where: 'peer-app', event: 'silence-ended', details: [] },
  peerClosed: { id: 38, where: 'peer-app', event: 'descriptor-closed', details: ['code'] },
  querySent: { id: 39, where: 'server-app', event: 'query-sent', details: ['bytes'] },
  peerFailed: { id: 41, where: 'peer-app', event: 'socket-error', details: ['errno'] },
  peerCloseTimedOut: {
    id: 42,
    where: 'peer-app',
    event: 'closing-handshake-timed-out',
    details: [],
  },
  serverPongSent: { id: 43, where: 'server-app', event: 'pong-sent', details: [] },
  peerPingRead: { id: 44, where: 'server-app', event: 'ping-read', details: [] },
  peerPingSent: { id: 45, where: 'peer-app', event: 'ping-sent', details: [] },
  unsolicitedPongSent: {
    id: 46,
    where: 'peer-app',
    event: 'unsolicited-pong-sent',
    details: [],
  },
  heartbeatSent: { id: 47, where: 'peer-app', event: 'heartbeat-sent', details: ['bytes'] },
  peerPongRead: { id: 48, where: 'peer-app', event: 'pong-read', details: [] },
  heartbeatRead: { id: 49, where: 'server-app', event: 'heartbeat-read', details: [] },
  unsolicitedPongRead: {
    id: 50,
    where: 'server-app',
    event: 'unsolicited-pong-read',
    details: [],
  },
  sendAccepted: { id: 51, where: 'server-app', event: 'message-accepted', details: [] },
  sendBlocked: { id: 52, where: 'server-app', event: 'send-blocked', details: ['waitingBytes'] },
  sendDrained: { id: 53, where: 'server-app', event: 'send-drained', details: ['waitingBytes'] },
  flushing: {
    id: 54,
    where: 'server-app',
    event: 'flushing',
    details: ['mechanism', 'waitingBytes'],
  },
  testSent: { id: 61, where: 'server-app', event: 'test-query-sent', details: ['mechanism'] },
  replySent: { id: 62, where: 'peer-app', event: 'reply-sent', details: [] },
  replyRead: { id: 63, where: 'server-app', event: 'reply-read', details: [] },
  // Numbers from 300 on lie beyond those that mark packets in a digest.
  pageFrozen: { id: 300, where: 'peer-app', event: 'page-frozen', details: [] },
  halfClosed: { id: 301, where: 'peer-app', event: 'sending-side-shut', details: [] },
  hostAsleep: { id: 302, where: 'peer-kernel', event: 'asleep', details: [] },
  hostAwake: { id: 303, where: 'peer-kernel', event: 'awake', details: [] },
  networkChanged: { id: 304, where: 'peer-kernel', event: 'address-changed', details: [] },
  cameBack: { id: 305, where: 'peer-app', event: 'back-as-a-new-connection', details: [] },
  unreachable: { id: 306, where: 'wire', event: 'router-says-unreachable', details: [] },
  icmpReceived: { id: 307, where: 'server-kernel', event: 'icmp-host-unreachable', details: [] },
  linkDown: { id: 308, where: 'server-kernel', event: 'link-down', details: [] },
  stalled: { id: 309, where: 'server-app', event: 'event-loop-stalled', details: [] },
  runsAgain: { id: 310, where: 'server-app', event: 'event-loop-runs-again', details: [] },
  upgradeAwaited: { id: 311, where: 'server-app', event: 'upgrade-awaited', details: [] },
  requestDropped: { id: 312, where: 'server-kernel', event: 'request-dropped', details: [] },
  processStopped: { id: 313, where: 'peer-app', event: 'stopped', details: [] },
  processGoesOn: { id: 314, where: 'peer-app', event: 'goes-on', details: [] },
  synSent: { id: 315, where: 'peer-app', event: 'connecting', details: [] },
  timersThrottled: {
    id: 316,
    where: 'peer-app',
    event: 'timers-throttled',
    details: ['everyMs'],
  },
} as const satisfies Record<string, Happening>;
