/** The registry: every system that can be recorded, one line each. */
import { aiohttp } from './aiohttp.ts';
import { engineIo } from './engine-io.ts';
import { goNet } from './go-net.ts';
import { gorilla } from './gorilla.ts';
import { haproxy } from './haproxy.ts';
import { mosquitto } from './mosquitto.ts';
import { nats } from './nats.ts';
import { nginx } from './nginx.ts';
import { nodeHttp } from './node-http.ts';
import { pgbouncer } from './pgbouncer.ts';
import { postgres } from './postgres.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import { redisTimeout } from './redis-timeout.ts';
import { sockjs } from './sockjs.ts';
import type { RecordedSystem } from './types.ts';
import { websocketsPy } from './websockets-py.ts';
import { wsReadme } from './ws-readme.ts';

export const systems: readonly RecordedSystem[] = [
  wsReadme,
  engineIo,
  sockjs,
  nodeHttp,
  websocketsPy,
  aiohttp,
  gorilla,
  goNet,
  nginx,
  haproxy,
  redis,
  redisTimeout,
  postgres,
  pgbouncer,
  mosquitto,
  rabbitmq,
  nats,
];
