/** aiohttp.web.WebSocketResponse(heartbeat=…): a ping after silence, half of it again for the pong. */
import type { MechanismInput } from '../../types.ts';
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { pythonAsyncio } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';

/** helpers.calculate_timeout_when: above it instants are rounded up to whole seconds of the loop. */
const CEIL_THRESHOLD_MS = 5_000;

/** heartbeat of both ends. */
export const aiohttpHeartbeatOption = timeOrOff(
  '30s',
  'Silence before the ping; the pong has half of it. None = no heartbeat.',
  {
    bare: 's',
    minMs: 2,
  },
);

/** The heartbeat that server and client run alike. */
export function aiohttpHeartbeat(heartbeat: number | null): readonly MechanismInput[] {
  if (heartbeat === null) return [];
  return [
    {
      kind: 'ping',
      intervalMs: heartbeat,
      after: 'last-received',
      replyTimeoutMs: Math.floor(heartbeat / 2),
      replyClock: 'enqueued',
      life: ['any-byte'],
      ...(heartbeat > CEIL_THRESHOLD_MS
        ? { granularity: { everyMs: 1_000, direction: 'up', grid: 'process' } as const }
        : {}),
      verdict: 'flush',
    },
  ];
}

export const aiohttpServerWs = definePreset({
  name: 'aiohttp-server-ws',
  aliases: ['aiohttp'],
  tags: ['server'],
  title: 'aiohttp server: heartbeat 30 s, pong within 15 s',
  claim: 'With heartbeat=30 a dead client is gone after 30 s.',
  truth:
    'Off unless asked for. With 30: a ping after 30 s without a byte, the verdict 15 s later, both rounded up to a whole second: 15 s to 46 s. The verdict calls transport.close(), which first wants to write what is queued: with a full send buffer the descriptor is never freed.',
  source: 'aio-libs/aiohttp@495e77836, aiohttp/web_ws.py, helpers.py',
  assumes: [
    'heartbeat=30 is set; without it there is none. web.run_app with tcp_keepalive=True, its default, which switches SO_KEEPALIVE on and leaves its times to the system',
  ],
  runtime: pythonAsyncio,
  notModelled: ['a byte that arrives between two turns of the event loop is counted at the turn'],
  options: {
    heartbeat: aiohttpHeartbeatOption,
  },
  mechanisms: ({ heartbeat }) => [
    ...aiohttpHeartbeat(heartbeat),
    // tcp_keepalive=True switches SO_KEEPALIVE on and leaves its times to the system.
    SYSTEM_KEEPALIVE,
  ],
});
