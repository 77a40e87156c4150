/** No reaper at all: what is left is the kernel's own patience. */
import { fixedPreset } from '../definition.ts';
import { kernelItself } from '../runtimes/runtime.ts';

export const nonePresets = [
  fixedPreset({
    name: 'none',
    tags: ['founding', 'kernel'],
    title: 'Nothing: kernel defaults, no keepalive',
    claim: 'TCP will notice when the other side is gone; tcp_retries2 = 15 means 13 to 30 minutes.',
    truth:
      'Only unacknowledged data makes TCP notice: death comes at the first retransmission timeout at least 924.6 s after the first retransmission. An idle connection, or one whose frozen peer still has a kernel, stands for ever.',
    source: 'tcp(7), tcp_retries2; net/ipv4/tcp_timer.c, retransmits_timed_out',
    assumes: ['Linux; neither program nor language sets a socket option'],
    runtime: kernelItself,
    mechanisms: [],
  }),
];
