/**
 * What the numbers of an established socket do in a cycle that only repeats. Told first are those that take longest to settle.
 *
 * Not told of are
 * - what a socket is opened with and what a story does to it: options, sizes of segments, the state itself;
 * - what follows from empty queues and from a congestion state in which nothing is wrong: counts of segments, what an undo goes back to;
 * - what only the call reads that has written it, and what only the handshake reads, or the end.
 *
 * test/kernel/walk.test.ts names each of them: a number that is added to the record has its place there or here.
 */
import { Unit, type StateWalk, type UnitCode } from '../clock/state-walk.ts';
import { NEVER, type Sock } from './tcp-sock.ts';

/** The most that the interactive session's counter comes to (inet_csk_inc_pingpong_cnt). */
const MOST_PINGPONG = 255;

/** Tells of an established socket. */
export function walkSock(sk: Sock, state: StateWalk): void {
  const sent = sk.kernel.isServer ? Unit.ToClient : Unit.ToServer;
  const heard = sk.kernel.isServer ? Unit.ToServer : Unit.ToClient;
  state.none(sk.rtx.length + sk.unsent.length + sk.outOfOrder.length + sk.receiveQueue.memory);
  state.none(sk.congestion + sk.pending + sk.news);
  walkEstimates(sk, state);
  walkSending(sk, state, sent);
  walkReceiving(sk, state, heard);
  walkTimes(sk, state, sent, heard);
  state.wheel(sk.kernel.widestRunJ);
  sk.kernel.widestRunJ = 1;
}

/** Round trips and what is made of them. */
function walkEstimates(sk: Sock, state: StateWalk): void {
  state.same(sk.srtt8);
  state.same(sk.rttvar4);
  state.same(sk.mdevMax4);
  state.same(sk.minRttUs);
  state.same(sk.reordering);
  state.same(Number(sk.reorderingSeen > 0));
  state.same(sk.rcvRtt8);
  state.same(sk.rtoJ);
  state.same(sk.rackRttUs);
  walkDeviation(sk, state);
}

/**
 * The deviation is what it was; or, while round trips are all alike, sinks by a quarter with each (model/linux/estimator.ts). It
 * decides nothing below the floor of the variance term; how far it sinks is worked out, for it counts again when they differ.
 */
function walkDeviation(sk: Sock, state: StateWalk): void {
  const before = sk.rttSamples;
  sk.rttSamples = state.counts(before);
  const isSame = state.isSame(sk.mdev4);
  const areAlike = state.isSame(sk.rttChanges);
  const isLow = state.isSame(Number(sk.mdev4 > sk.rtoMinUs)) && sk.mdev4 <= sk.rtoMinUs;
  if (isSame) return;
  state.none(Number(!areAlike || !isLow));
  for (let left = sk.rttSamples - before; left > 0 && sk.mdev4 >= 4; left -= 1) {
    sk.mdev4 -= Math.floor(sk.mdev4 / 4);
  }
}

function walkSending(sk: Sock, state: StateWalk, sent: UnitCode): void {
  sk.sndUna = state.moves(sent, sk.sndUna);
  sk.sndNxt = state.moves(sent, sk.sndNxt);
  sk.writeSeq = state.moves(sent, sk.writeSeq);
  sk.bytesWritten = state.moves(sent, sk.bytesWritten);
  sk.sndSml = state.moves(sent, sk.sndSml);
  sk.pushedSeq = state.moves(sent, sk.pushedSeq);
  sk.rttSeq = state.moves(sent, sk.rttSeq);
  sk.maxPacketsSeq = state.moves(sent, sk.maxPacketsSeq);
  sk.rackEndSeq = state.moves(sent, sk.rackEndSeq);
  // Of a loss that is over; a probe of the tail is none in good times.
  sk.highSeq = state.passed(sent, sk.highSeq);
  state.none(sk.tlpHighSeq - NEVER);
  state.same(sk.sndWnd);
  state.same(sk.maxWindow);
  state.same(sk.sendBuffer);
  state.same(sk.burstBytes);
  state.same(sk.cwnd);
  state.same(sk.ssthresh);
  state.same(sk.cwndCount);
  state.same(sk.cwndUsed);
  state.same(sk.maxPacketsOut);
  state.same(Number(sk.cwndLimited));
  sk.delivered = state.counts(sk.delivered);
}

function walkReceiving(sk: Sock, state: StateWalk, heard: UnitCode): void {
  const { rcvNxt } = sk;
  sk.rcvNxt = state.moves(heard, rcvNxt);
  sk.copiedSeq = state.moves(heard, sk.copiedSeq);
  sk.rcvWup = state.moves(heard, sk.rcvWup);
  sk.bytesRead = state.moves(heard, sk.bytesRead);
  sk.sndWl1 = state.moves(heard, sk.sndWl1);
  // Read once the window that is timed has arrived.
  sk.rcvRttSeq = state.ahead(heard, sk.rcvRttSeq, rcvNxt);
  sk.rcvRttStampUs = state.passed(Unit.Us, sk.rcvRttStampUs);
  // Without an estimate of the round trip nobody reads what has come within one.
  if (sk.rcvRtt8 !== 0) {
    sk.drsSeq = state.moves(heard, sk.drsSeq);
    sk.drsStartUs = state.moves(Unit.Us, sk.drsStartUs, state.stands(heard));
  }
  state.same(sk.drsSpace);
  state.same(sk.rcvWnd);
  state.same(sk.rcvSsthresh);
  state.same(sk.windowClamp);
  state.same(sk.receiveBuffer);
  state.same(sk.scalingRatio);
  state.same(sk.rcvMss);
  state.same(sk.lastSegmentSize);
  state.same(sk.forwardBytes);
  state.same(Number(sk.foreseen));
  state.same(sk.quickAcks);
  state.same(sk.atoJ);
  state.same(sk.ackPushed);
  state.same(Number(sk.pingpong >= 1));
  sk.pingpong = Math.min(MOST_PINGPONG, state.counts(sk.pingpong));
  state.none(Number(sk.ackScheduled || sk.ackTimerPending || sk.ackNow));
}

function walkTimes(sk: Sock, state: StateWalk, sent: UnitCode, heard: UnitCode): void {
  const sentStands = state.stands(sent);
  const heardStands = state.stands(heard);
  sk.lastSendJ = state.moves(Unit.Jiffies, sk.lastSendJ, sentStands);
  sk.cwndStampJ = state.moves(Unit.Jiffies, sk.cwndStampJ, sentStands);
  sk.rackSentUs = state.moves(Unit.Us, sk.rackSentUs, sentStands);
  sk.lastDataRecvJ = state.moves(Unit.Jiffies, sk.lastDataRecvJ, heardStands);
  sk.stampUs = state.moves(Unit.Us, sk.stampUs, heardStands);
  // Written by what is heard; read only to see whether that is the same.
  const echoedAgain = !state.isSame(sk.echoesAgain);
  sk.rcvRttEchoMs = echoedAgain
    ? state.moves(Unit.Ms, sk.rcvRttEchoMs, heardStands)
    : state.rewritten(Unit.Ms, sk.rcvRttEchoMs, heardStands);
  // Its age is asked for by keepalive.
  sk.lastAckRecvJ = state.moves(Unit.Jiffies, sk.lastAckRecvJ, !sk.keepaliveOn);
  // The peer measures by it what it sends and hears.
  sk.tsRecent = state.moves(Unit.Ms, sk.tsRecent, sentStands && heardStands);
  // A limit of half a second.
  sk.lastInvalidAckJ = state.passed(Unit.Jiffies, sk.lastInvalidAckJ);
  // Of timers none of which is pending: read only once they are armed again.
  sk.writeExpiryJ = state.rewritten(Unit.Jiffies, sk.writeExpiryJ, true);
  sk.delackExpiryJ = state.rewritten(Unit.Jiffies, sk.delackExpiryJ, true);
  sk.delackTimeoutJ = state.rewritten(Unit.Jiffies, sk.delackTimeoutJ, true);
  sk.keepExpiryJ = state.passed(Unit.Jiffies, sk.keepExpiryJ);
}
