/** SO_KEEPALIVE with nothing else set. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, keepaliveOptions } from './keepalive-options.ts';
import { kernelItself } from '../runtimes/runtime.ts';

export const linuxKeepaliveDefault = definePreset({
  name: 'linux-keepalive-default',
  aliases: ['so_keepalive'],
  tags: ['kernel'],
  title: 'Linux keepalive: 7200 s, 9 × 75 s',
  claim: 'SO_KEEPALIVE is on, so dead peers are found.',
  truth:
    '7200 + 9 × 75 = 7875 s after the last segment, and the timer may fire up to 131 s late at 250 ticks a second. While sent data is unacknowledged it does nothing.',
  source: 'tcp(7); net/ipv4/tcp_timer.c, tcp_keepalive_timer',
  assumes: ['SO_KEEPALIVE is on and the three options of tcp(7) are not set'],
  runtime: kernelItself,
  options: keepaliveOptions('tcp_keepalive_time', 'tcp_keepalive_intvl', 'tcp_keepalive_probes'),
  mechanisms: (set) => [
    keepaliveOf(set.tcp_keepalive_time, set.tcp_keepalive_intvl, set.tcp_keepalive_probes),
  ],
});
