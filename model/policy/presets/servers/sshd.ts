/** sshd: a request to its client after silence, where ClientAliveInterval is set. */
import { definePreset } from '../definition.ts';
import { count, flag, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';
import { ALIVE_COUNT, aliveRequests } from './openssh-alive.ts';

export const sshd = definePreset({
  name: 'sshd',
  aliases: ['openssh-server'],
  tags: ['server'],
  title: "sshd: TCPKeepAlive with the system's times, ClientAliveInterval 0",
  claim:
    'ClientAliveInterval 15 with ClientAliveCountMax 3 disconnects after 45 s, as the manual says.',
  truth:
    'After 60 s of silence: a count of 3 has to be exceeded, at the fourth interval. Off by default, which leaves SO_KEEPALIVE, 7200 + 9 × 75 s. A session that prints more often than the interval is not asked at all: its ghost is left to tcp_retries2. ClientAliveCountMax 0 disconnects nobody.',
  source:
    'openssh/openssh-portable@0ef0f5a83, serverloop.c (client_alive_check, wait_until_can_do_something); SUSE KB 000021602',
  assumes: [
    'OpenSSH 9 or later, where the check waits for a poll in which nothing happened at all',
  ],
  runtime: cPlain,
  notModelled: [
    'output that comes less often than the interval puts off the next request, not the count: here it starts the count anew, so such a ghost stands longer',
    'LoginGraceTime, ChannelTimeout and UnusedConnectionTimeout',
  ],
  options: {
    ClientAliveInterval: timeOrOff('off', 'Silence before a request.', { bare: 's' }),
    ClientAliveCountMax: count(3, 'Requests that may be unanswered; 0 = any number.', ALIVE_COUNT),
    TCPKeepAlive: flag(true, "SO_KEEPALIVE with the system's times."),
  },
  mechanisms: (set) => [
    ...(set.ClientAliveInterval === null
      ? []
      : [
          aliveRequests(set.ClientAliveInterval, set.ClientAliveCountMax, [
            'any-byte',
            'send-accepted',
            'drained',
          ]),
        ]),
    ...(set.TCPKeepAlive ? [SYSTEM_KEEPALIVE] : []),
  ],
});
