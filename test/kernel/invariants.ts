/** What must hold of a socket's record after every event. */
import { Timer } from '../../model/linux/timers.ts';
import { assert } from '../../model/assert.ts';
import { Mark } from '../../sim/kernel/queues.ts';
import { sendMemory } from '../../sim/kernel/send-memory.ts';
import { SockKind, type Sock } from '../../sim/kernel/tcp-sock.ts';
import { TcpState } from '../../sim/kernel/types.ts';

function checkQueues(sk: Sock): void {
  const { rtx } = sk;
  let packets = 0;
  let sacked = 0;
  let lost = 0;
  let retransmitting = 0;
  let memory = 0;
  for (let i = 0; i < rtx.length; i += 1) {
    const segments = rtx.segments(i);
    const marks = rtx.marks(i);
    packets += segments;
    memory += sendMemory(rtx.bytes(i));
    if (marks & Mark.Sacked) sacked += segments;
    if (marks & Mark.Lost) lost += segments;
    if (marks & Mark.Retransmitting) retransmitting += segments;
    assert(i === 0 || rtx.seq(i) === rtx.end(i - 1), 'retransmit queue has a hole');
    assert(rtx.end(i) > sk.sndUna, 'acknowledged buffer still queued');
  }
  if (rtx.length > 0) {
    assert(rtx.seq(0) <= sk.sndUna, 'retransmit queue begins above snd_una');
    assert(rtx.end(rtx.length - 1) === sk.sndNxt, 'retransmit queue does not end at snd_nxt');
  }
  assert(packets === sk.packetsOut, `packets_out ${sk.packetsOut}, counted ${packets}`);
  // Without SACK they are duplicate acknowledgements, and no segment is marked.
  const duplicates = sk.kernel.sysctls.tcp_sack === 0 ? sk.sackedOut : 0;
  assert(sacked + duplicates === sk.sackedOut, `sacked_out ${sk.sackedOut}, counted ${sacked}`);
  assert(sk.sackedOut + sk.lostOut <= packets, `left_out ${sk.sackedOut} and ${sk.lostOut}`);
  assert(lost === sk.lostOut, `lost_out ${sk.lostOut}, counted ${lost}`);
  // After an undo a retransmission is counted once more than it is marked (sim/kernel/undo.ts), until nothing is in flight.
  assert(
    retransmitting <= sk.retransOut && (packets > 0 || sk.retransOut === 0),
    `retrans_out ${sk.retransOut}, counted ${retransmitting}`,
  );
  const { memory: unsentMemory, bytes } = unsentOf(sk);
  memory += unsentMemory;
  assert(memory === sk.sendMemory, `wmem_queued ${sk.sendMemory}, counted ${memory}`);
  if (sk.state === TcpState.Close) return;
  const fin = sk.finQueued && !sk.finSent ? 1 : 0;
  assert(sk.sndNxt + bytes + fin === sk.writeSeq, 'unsent bytes do not reach write_seq');
}

function unsentOf(sk: Sock): { memory: number; bytes: number } {
  const queue = sk.unsent as unknown as { ring: Float64Array; head: number; length: number };
  let memory = 0;
  let bytes = 0;
  for (let i = 0; i < queue.length; i += 1) {
    const length = queue.ring[(queue.head + i) & (queue.ring.length - 1)] as number;
    memory += sendMemory(length);
    bytes += length;
  }
  return { memory, bytes };
}

/** States that may last for ever: nothing is waited for but the process or the peer. */
const patient = new Set<number>([
  TcpState.Established,
  TcpState.CloseWait,
  TcpState.FinWait2,
  TcpState.Listen,
  TcpState.Close,
]);

function checkDeadlines(sk: Sock): void {
  const { scheduler } = sk.kernel;
  const writeArmed = scheduler.dueUs(sk.writeSlot) !== Infinity;
  if (sk.pending !== Timer.None) assert(writeArmed, 'a meaning without a timer');
  if (sk.kind === SockKind.None) return;
  if (sk.kind === SockKind.TimeWait || (sk.state === TcpState.FinWait2 && sk.orphan)) {
    assert(
      scheduler.dueUs(sk.keepSlot) !== Infinity,
      'a light or orphaned sock without a deadline',
    );
    return;
  }
  const owes = sk.packetsOut > 0 || sk.unsent.length > 0;
  if (owes || !patient.has(sk.state)) {
    assert(sk.pending !== Timer.None, `state ${sk.state} without a deadline`);
  }
  if (sk.keepaliveOn && sk.state === TcpState.Established) {
    assert(scheduler.dueUs(sk.keepSlot) !== Infinity, 'keepalive is on and not armed');
  }
}

/** Asserts everything about one socket. */
export function checkSock(sk: Sock): void {
  assert(sk.sndUna <= sk.sndNxt && sk.sndNxt <= sk.writeSeq, 'send sequence space is out of order');
  assert(sk.cwnd >= 1 || sk.state === TcpState.Close, 'no congestion window');
  checkQueues(sk);
  const fin = sk.peerFinSeen ? 1 : 0;
  const unread = sk.rcvNxt - sk.copiedSeq - fin;
  if (!sk.orphan && sk.kind !== SockKind.None) {
    assert(unread === sk.receiveQueue.bytes, `unread ${unread}, queued ${sk.receiveQueue.bytes}`);
  }
  assert(sk.receiveQueue.memory >= 0 && sk.receiveQueue.bytes >= 0, 'receive memory below zero');
  const { ranges } = sk.outOfOrder;
  for (let i = 0; i < ranges.length; i += 2) {
    assert((ranges[i] as number) < (ranges[i + 1] as number), 'a range is empty');
    assert((ranges[i] as number) > sk.rcvNxt, 'a range is in order');
  }
  checkDeadlines(sk);
}

/** Conservation between two ends that belong to the same connection. */
export function checkPair(a: Sock, b: Sock): void {
  if (a.kind !== SockKind.Full || b.kind !== SockKind.Full) return;
  if (a.state === TcpState.Close || b.state === TcpState.Close) return;
  if (a.state === TcpState.Listen || b.state === TcpState.Listen) return;
  for (const [sender, receiver] of [
    [a, b],
    [b, a],
  ] as const) {
    if (receiver.state === TcpState.SynSent) continue;
    assert(sender.sndUna <= receiver.rcvNxt, 'acknowledged what was not received');
    assert(receiver.rcvNxt <= sender.sndNxt, 'received what was not sent');
    assert(receiver.bytesRead <= sender.bytesWritten, 'read what was not written');
  }
}
