/** The threading server of the Python library `websockets`. */
import { definePreset } from '../definition.ts';
import { websocketsPyKeepalive, websocketsPyOptions } from './websockets-py.ts';

export const websocketsPySync = definePreset({
  name: 'websockets-py-sync',
  aliases: ['websockets-sync'],
  tags: ['server'],
  title: 'Python websockets, threads: ping_interval 20 s, ping_timeout 20 s',
  claim: 'A thread per connection cannot be held up by another.',
  truth:
    'Its own send holds it up: sendall blocks under the protocol mutex, and the ping waits for the mutex. Otherwise as the asyncio server: decided after 20 s to 40 s, told 10 s later.',
  source: 'python-websockets/websockets@04e599ca, src/websockets/sync/connection.py',
  options: websocketsPyOptions,
  mechanisms: websocketsPyKeepalive,
});
