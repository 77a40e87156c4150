/** ssh: a request to its server after silence, where ServerAliveInterval is set. */
import { definePreset } from '../definition.ts';
import { count, flag, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';
import { ALIVE_COUNT, aliveRequests } from '../servers/openssh-alive.ts';

export const sshClient = definePreset({
  name: 'ssh',
  aliases: ['openssh-client'],
  tags: ['client'],
  title: "ssh: TCPKeepAlive with the system's times, ServerAliveInterval 0",
  claim: 'ServerAliveInterval 15 with ServerAliveCountMax 3 gives up after 45 s.',
  truth:
    'After 60 s of silence: a count of 3 has to be exceeded, at the fourth interval. Off by default, which leaves SO_KEEPALIVE, 7200 + 9 × 75 s.',
  source:
    'openssh/openssh-portable@0ef0f5a83, clientloop.c (server_alive_check, client_wait_until_can_do_something)',
  assumes: ['OpenSSH 9 or later; the server answers the request, as every sshd does'],
  runtime: cPlain,
  options: {
    ServerAliveInterval: timeOrOff('off', 'Silence before a request.', { bare: 's' }),
    ServerAliveCountMax: count(3, 'Requests that may be unanswered.', { ...ALIVE_COUNT, min: 1 }),
    TCPKeepAlive: flag(true, "SO_KEEPALIVE with the system's times."),
  },
  mechanisms: (set) => [
    ...(set.ServerAliveInterval === null
      ? []
      : [aliveRequests(set.ServerAliveInterval, set.ServerAliveCountMax, ['any-byte'])]),
    ...(set.TCPKeepAlive ? [SYSTEM_KEEPALIVE] : []),
  ],
});
