/** The threading server of the Python library `websockets`. */
import { definePreset } from '../definition.ts';
import { websocketsPyKeepalive, websocketsPyOptions } from './websockets-py.ts';
import { pythonSockets } from '../runtimes/others.ts';

export const websocketsPySync = definePreset({
  name: 'websockets-py-sync',
  aliases: ['websockets-sync'],
  tags: ['server'],
  title: 'Python websockets, threads: ping_interval 20 s, ping_timeout 20 s',
  claim: 'A thread per connection cannot be held up by another.',
  truth:
    'Its own send holds it up: sendall blocks under the protocol mutex, and the ping waits for the mutex. Otherwise as the asyncio server: decided after 20 s to 40 s, told 10 s later.',
  source: 'python-websockets/websockets@04e599ca, src/websockets/sync/connection.py',
  assumes: ['websockets 15 or later, the threading implementation'],
  runtime: pythonSockets,
  notModelled: [
    'the pause is shortened by the latency of the last pong: here the next ping comes that much later, one round trip',
  ],
  options: websocketsPyOptions,
  mechanisms: websocketsPyKeepalive,
});
