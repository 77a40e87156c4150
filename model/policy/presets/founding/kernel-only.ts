/** Reaping by the kernel alone: SO_KEEPALIVE and TCP_USER_TIMEOUT, no application pings. */
import { fixedPreset } from '../definition.ts';
import { kernelItself } from '../runtimes/runtime.ts';

const keepalive10s = { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 } as const;

export const kernelPresets = [
  fixedPreset({
    name: 'keepalive-linux-default',
    tags: ['founding', 'kernel'],
    title: "SO_KEEPALIVE with Linux' defaults: 7200 s, 9 × 75 s",
    claim: 'SO_KEEPALIVE is on, so dead peers are found.',
    truth:
      'After 7200 + 9 × 75 = 7875 s of silence, and the timer may fire up to 131 s late at 250 ticks a second. While sent data is unacknowledged it does nothing: tcp_retries2 rules.',
    source: 'tcp(7): tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes',
    assumes: ['Linux; the application sends no pings of its own'],
    runtime: kernelItself,
    mechanisms: [{ kind: 'keepalive', idleMs: '7200s', intervalMs: '75s', probes: 9 }],
  }),
  fixedPreset({
    name: 'keepalive-go-15s',
    tags: ['founding', 'kernel'],
    title: "Go's net.Dialer KeepAlive: 15 s, 9 × 15 s",
    claim: 'KeepAlive: 15 * time.Second closes a dead connection in about a minute.',
    truth:
      '15 + 9 × 15 = 150 s of silence: the number of probes stays at the default of 9. Busy connections are left to tcp_retries2.',
    source: 'golang/go, net.KeepAliveConfig: Idle 15 s, Interval 15 s, Count 9',
    assumes: ['Linux; the application sends no pings of its own'],
    runtime: kernelItself,
    mechanisms: [{ kind: 'keepalive', idleMs: '15s', intervalMs: '15s', probes: 9 }],
  }),
  fixedPreset({
    name: 'keepalive-10-5-3',
    tags: ['founding', 'kernel'],
    title: 'SO_KEEPALIVE 10 s, 3 × 5 s',
    claim: 'Any dead peer is found within 25 s.',
    truth:
      'An idle one: 10 + 3 × 5 = 25 s after the last segment. With sent data unacknowledged the probes stop and tcp_retries2 rules, 924.6 s or more; a frozen peer whose kernel answers is never found.',
    source: 'tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT',
    assumes: ['Linux; the application sends no pings of its own'],
    runtime: kernelItself,
    mechanisms: [keepalive10s],
  }),
  fixedPreset({
    name: 'user-timeout-20s',
    tags: ['founding', 'kernel'],
    title: 'TCP_USER_TIMEOUT 20 s alone',
    claim: 'A connection dies exactly 20 s after the peer has gone.',
    truth:
      'Only with data in flight, and counted from the first retransmission: about 20.8 s after the write at 50 ms round trip. Without keepalive an idle ghost is never found.',
    source: 'tcp(7), TCP_USER_TIMEOUT; net/ipv4/tcp_timer.c, retransmits_timed_out',
    assumes: ['Linux; the application sends no pings of its own'],
    runtime: kernelItself,
    mechanisms: [{ kind: 'user-timeout', timeoutMs: '20s' }],
  }),
  fixedPreset({
    name: 'keepalive-10-5-3-user-timeout-20s',
    tags: ['founding', 'kernel'],
    title: 'SO_KEEPALIVE 10 s, 3 × 5 s, and TCP_USER_TIMEOUT 20 s',
    claim: 'Idle 25 s, busy exactly 20 s.',
    truth:
      'The user timeout replaces the probe count, so idle is 20 s: the first check at or past it. Busy is counted from the first retransmission: about 20.8 s at 50 ms round trip.',
    source: 'tcp(7); net/ipv4/tcp_timer.c, tcp_keepalive_timer',
    assumes: ['Linux; the application sends no pings of its own'],
    runtime: kernelItself,
    mechanisms: [keepalive10s, { kind: 'user-timeout', timeoutMs: '20s' }],
  }),
  fixedPreset({
    name: 'keepalive-10-5-3-user-timeout-10s',
    tags: ['founding', 'kernel'],
    title: 'SO_KEEPALIVE 10 s, 3 × 5 s, and TCP_USER_TIMEOUT 10 s',
    claim: 'Idle and busy ghosts die after 10 s.',
    truth:
      'Idle takes 15 s: at 10 s the first probe has to be sent before the user timeout may end anything, and the next check comes 5 s later.',
    source: 'tcp(7); net/ipv4/tcp_timer.c, tcp_keepalive_timer',
    assumes: ['Linux; the application sends no pings of its own'],
    runtime: kernelItself,
    mechanisms: [keepalive10s, { kind: 'user-timeout', timeoutMs: '10s' }],
  }),
];
