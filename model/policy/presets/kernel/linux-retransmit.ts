/** What the kernel does for everybody: it gives up on data that is never acknowledged. */
import { fixedPreset } from '../definition.ts';
import { kernelItself } from '../runtimes/runtime.ts';

export const linuxRetransmit = fixedPreset({
  name: 'linux-retransmit',
  aliases: ['tcp_retries2'],
  tags: ['kernel'],
  title: 'Linux retransmission alone: tcp_retries2 15',
  claim: 'tcp_retries2 = 15 ends a dead connection after 13 to 30 minutes.',
  truth:
    'At the first retransmission timeout at least 924.6 s after the first retransmission, and only with data in flight. It is what every other policy falls back to.',
  source: 'torvalds/linux, net/ipv4/tcp_timer.c, tcp_model_timeout',
  assumes: ['net.ipv4.tcp_retries2 = 15; a scenario may set another'],
  runtime: kernelItself,
  mechanisms: [],
});
