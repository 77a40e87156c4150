/**
 * The policy of `attachReaper(server)` where none is given. Each rule is there for a story that the others fail; docs/standard-policy.md
 * tells them, and test/policy/standard.test.ts plays them with the rule taken out.
 */
import { definePolicy } from './parse.ts';
import type { MechanismInput, Policy } from './types.ts';

/**
 * A peer that says nothing is asked every 20 s and has 40 s to be heard of: longer than an outage of half a minute, and shorter than the idle limit
 * of any box that is worth a rule. Any byte is life, for no pong can pass a long upload; and so is progress of what waits to be sent,
 * for a slow reader comes to the ping only when it has read what lies before it. The clock runs from the ping's being handed over: a send
 * path that is stuck must not put it off.
 */
const ASKS: MechanismInput = {
  kind: 'ping',
  intervalMs: '20s',
  replyTimeoutMs: '40s',
  after: 'last-received',
  replyClock: 'enqueued',
  life: ['any-byte', 'drained'],
};

export const standardPolicy: Policy = definePolicy({
  name: 'standard',
  title: 'What ghostbound runs where no policy is given',
  mechanisms: [
    ASKS,
    // Bytes wait, and none is acknowledged: also of a peer that goes on talking and never reads.
    { kind: 'send-stall', graceMs: '40s' },
    // What is left in the kernel after a verdict is not kept for the minutes that it would retransmit.
    { kind: 'user-timeout', timeoutMs: '40s' },
  ],
});

/**
 * The same where sockets cannot be looked at: not Linux, or no koffi. It loses: a peer that talks and never reads stands five minutes
 * instead of 40 s, and a reader who is behind for five minutes on end is ended for it, however steadily it reads; what lies in the kernel alone is not seen
 * to move, so a slow reader of one large message is ended when its last part takes longer than 40 s; and after a verdict the kernel
 * keeps what was unsent for as long as it retransmits.
 */
export const standardPolicyWithoutKernel: Policy = definePolicy({
  name: 'standard-without-kernel',
  title: 'What ghostbound runs where no policy is given and sockets cannot be looked at',
  mechanisms: [ASKS, { kind: 'write-deadline', timeoutMs: '5m' }],
});
