/** The asyncio server of the Python library `websockets`. */
import { definePreset } from '../definition.ts';
import { websocketsPyKeepalive, websocketsPyOptions } from './websockets-py.ts';
import { pythonAsyncio } from '../runtimes/others.ts';

export const websocketsPyAsyncio = definePreset({
  name: 'websockets-py-asyncio',
  aliases: ['websockets', 'websockets-py'],
  tags: ['server'],
  title: 'Python websockets, asyncio: ping_interval 20 s, ping_timeout 20 s',
  claim: 'A dead client is noticed after ping_interval + ping_timeout = 40 s.',
  truth:
    'Decided after 20 s to 40 s, but the application is told only when the close has failed too, 10 s later: 30 s to 50 s. `await ping()` waits for drain(), so with a full send buffer the pong timer never starts, and the failure path waits for the same: nothing is decided until the kernel gives up.',
  source: 'python-websockets/websockets@04e599ca, src/websockets/asyncio/connection.py',
  assumes: [
    'websockets 14 or later, the asyncio implementation; ping() and the pong are awaited one after the other',
  ],
  runtime: pythonAsyncio,
  notModelled: [
    'the pause is shortened by the latency of the last pong: here the next ping comes that much later, one round trip',
  ],
  options: websocketsPyOptions,
  mechanisms: websocketsPyKeepalive,
});
