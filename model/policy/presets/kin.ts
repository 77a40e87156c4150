/**
 * Names that people type and that no built-in policy has: what they are, and which built-in ones play the same part. Spelling
 * alone answers `redis` to who asks for a client of Redis, and `grpc` to who asks for gRPC's Java.
 */

/** Names of one part, and who plays it here. */
interface Kin {
  readonly names: readonly string[];
  /** What all of them are. */
  readonly are: string;
  /** Built-in policies of the same part; none = there is none. */
  readonly nearest: readonly string[];
}

export const kin: readonly Kin[] = [
  {
    names: [
      'lettuce',
      'jedis',
      'redisson',
      'rueidis',
      'node-redis',
      'hiredis',
      'predis',
      'phpredis',
    ],
    are: 'a client of Redis',
    nearest: ['ioredis', 'redis-py', 'go-redis'],
  },
  {
    names: ['grpc-java', 'grpc-python', 'grpc-cpp', 'grpc-dotnet', 'tonic'],
    are: 'gRPC of another language, with socket options of its own',
    nearest: ['grpc-go-server', 'grpc-go-client', 'grpc-js-client'],
  },
  {
    names: ['pgjdbc', 'npgsql', 'asyncpg', 'tokio-postgres', 'sqlalchemy', 'sequelize', 'prisma'],
    are: 'a client of PostgreSQL',
    nearest: ['libpq', 'node-postgres-pool', 'pgxpool'],
  },
  {
    names: ['mysql', 'mariadb', 'mysqlclient', 'pymysql', 'connector-j'],
    are: 'MySQL or a client of it',
    nearest: ['mysql2-pool'],
  },
  {
    names: ['nats.js', 'nats.py', 'nats.java', 'nats.rs'],
    are: 'a client of NATS',
    nearest: ['nats.go'],
  },
  {
    names: ['bunny', 'php-amqplib', 'stomp', 'kafka', 'kafkajs', 'librdkafka', 'paho'],
    are: 'a client of a broker',
    nearest: ['amqplib', 'pika', 'nats.go'],
  },
  {
    names: ['reqwest', 'hyper', 'axios', 'got', 'requests', 'httpx', 'urllib3'],
    are: 'a client of HTTP',
    nearest: ['undici', 'go-http2'],
  },
  {
    names: [
      'ingress-nginx',
      'openresty',
      'traefik',
      'caddy',
      'apache',
      'httpd',
      'istio',
      'linkerd',
    ],
    are: 'a proxy',
    nearest: ['nginx-websocket', 'haproxy-tunnel', 'envoy'],
  },
  {
    names: ['daphne', 'channels', 'hypercorn', 'gunicorn', 'flask-socketio', 'python-socketio'],
    are: 'a server of WebSockets in Python',
    nearest: ['uvicorn', 'tornado', 'websockets-py-asyncio', 'engine.io-v4-server'],
  },
  {
    names: ['jetty', 'tomcat', 'undertow', 'ktor', 'netty', 'vertx', 'spring-boot'],
    are: 'a server on the JVM',
    nearest: ['java-websocket', 'spring-simple-broker'],
  },
  {
    names: [
      'pusher',
      'pusher-js',
      'reverb',
      'soketi',
      'laravel-echo',
      'websocket-client',
      'starscream',
    ],
    are: 'a WebSocket service or client',
    nearest: ['phoenix-client', 'okhttp-websocket', 'ws-client-readme'],
  },
  {
    names: ['aws-nlb', 'nlb', 'aws-nat', 'azure-lb', 'cloudfront', 'conntrack'],
    are: 'a box on a link, which stacks have: "ghostbound stacks systems box" lists them; scenarios path-… play it',
    nearest: [],
  },
];

const byName: ReadonlyMap<string, Kin> = new Map(
  kin.flatMap((group) => group.names.map((name) => [name, group] as const)),
);

/**
 * What to say of a name that no built-in policy has and that is known all the same.
 *
 * @example
 * kinHint('lettuce') // => 'it is a client of Redis; the nearest are ioredis, redis-py, go-redis'
 * kinHint('nothing-known') // => undefined
 */
export function kinHint(name: string): string | undefined {
  const group = byName.get(name.toLowerCase());
  if (group === undefined) return undefined;
  const nearest = group.nearest.length === 0 ? '' : `; the nearest are ${group.nearest.join(', ')}`;
  return `it is ${group.are}${nearest}`;
}
