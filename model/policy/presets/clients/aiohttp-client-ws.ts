/** aiohttp.ClientSession.ws_connect(heartbeat=…): the server's heartbeat without the server's SO_KEEPALIVE. */
import { definePreset } from '../definition.ts';
import { aiohttpHeartbeat, aiohttpHeartbeatOption } from '../servers/aiohttp-server-ws.ts';
import { pythonAsyncio } from '../runtimes/others.ts';

export const aiohttpClientWs = definePreset({
  name: 'aiohttp-client-ws',
  aliases: ['aiohttp-client'],
  tags: ['client'],
  title: 'aiohttp client: heartbeat 30 s, pong within 15 s',
  claim: 'Without a heartbeat TCP keepalive finds a server that has gone.',
  truth:
    'The client sets no SO_KEEPALIVE: with heartbeat=off, the default, an idle ghost stands for ever. With 30: a ping after 30 s without a byte, the verdict 15 s later, both rounded up to a whole second: 15 s to 46 s; with 180: up to 271 s.',
  source: 'aio-libs/aiohttp@495e77836, aiohttp/client_ws.py, connector.py; uilibs/uiprotect#1144',
  assumes: ['heartbeat=30 is set; without it there is none'],
  runtime: pythonAsyncio,
  notModelled: ['timeout of ws_connect: ws_receive, patience with a message, off by default'],
  options: { heartbeat: aiohttpHeartbeatOption },
  mechanisms: ({ heartbeat }) => aiohttpHeartbeat(heartbeat),
});
