/**
 * Names that people type and that no built-in policy has: what they are, and which built-in ones play the same part. Spelling
 * alone answers `redis` to who asks for a client of Redis, and `grpc` to who asks for gRPC's Python.
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
    names: ['redisson', 'rueidis', 'hiredis', 'predis', 'phpredis', 'stackexchange.redis'],
    are: 'a client of Redis',
    nearest: ['ioredis', 'node-redis', 'redis-py', 'go-redis', 'lettuce', 'jedis'],
  },
  {
    names: ['grpc-python', 'grpc-cpp', 'grpc-dotnet', 'grpc-ruby', 'grpc-web'],
    are: 'gRPC of another language, with socket options of its own',
    nearest: [
      'grpc-go-server',
      'grpc-go-client',
      'grpc-java-server',
      'grpc-java-client',
      'grpc-js-client',
      'tonic-client',
    ],
  },
  {
    names: ['npgsql', 'tokio-postgres', 'sqlx', 'sqlalchemy', 'sequelize', 'prisma'],
    are: 'a client of PostgreSQL',
    nearest: ['libpq', 'pgjdbc', 'node-postgres-pool', 'asyncpg-pool', 'pgxpool'],
  },
  {
    names: ['mysqlclient', 'pymysql', 'connector-j', 'mysql-connector'],
    are: 'a client of MySQL',
    nearest: ['mysql2-pool', 'go-sql-driver-mysql', 'hikaricp'],
  },
  {
    names: ['pymongo', 'motor', 'mongo-go-driver'],
    are: 'a client of MongoDB',
    nearest: ['mongodb-node'],
  },
  {
    names: ['nats.py', 'nats.java', 'nats.rs'],
    are: 'a client of NATS',
    nearest: ['nats.go', 'nats.js'],
  },
  {
    names: ['bunny', 'php-amqplib', 'lapin', 'stomp', 'sarama', 'kafka-go', 'hivemq', 'aedes'],
    are: 'a client of a broker, or a broker',
    nearest: ['amqplib', 'pika', 'rabbitmq-java-client', 'kafka-clients', 'librdkafka', 'mqtt.js'],
  },
  {
    names: ['axios', 'got', 'requests', 'httpx', 'urllib3', 'curl', 'httpclient'],
    are: 'a client of HTTP',
    nearest: ['undici', 'go-http-client', 'reqwest', 'urlsession'],
  },
  {
    names: ['openresty', 'kong', 'apisix', 'squid', 'varnish', 'consul', 'contour', 'pomerium'],
    are: 'a proxy',
    nearest: ['nginx-websocket', 'ingress-nginx', 'haproxy-tunnel', 'envoy', 'traefik', 'caddy'],
  },
  {
    names: ['flask-socketio', 'python-socketio', 'sanic', 'falcon'],
    are: 'a server of WebSockets in Python',
    nearest: ['uvicorn', 'daphne', 'hypercorn', 'tornado', 'engine.io-v4-server'],
  },
  {
    names: ['undertow', 'netty', 'vertx', 'helidon', 'quarkus', 'micronaut'],
    are: 'a server on the JVM',
    nearest: ['jetty-websocket', 'tomcat-websocket', 'ktor-server-ws', 'java-websocket'],
  },
  {
    names: ['soketi', 'starscream', 'ably', 'gws', 'fasthttp-websocket'],
    are: 'a WebSocket service or library',
    nearest: ['pusher-js', 'reverb', 'centrifuge', 'socketrocket', 'gorilla-chat', 'tungstenite'],
  },
  {
    names: ['aws-nlb', 'nlb', 'aws-nat', 'azure-lb', 'azure-nat', 'cloudfront', 'conntrack'],
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
 * kinHint('nats.py') // => 'it is a client of NATS; the nearest are nats.go, nats.js'
 * kinHint('nothing-known') // => undefined
 */
export function kinHint(name: string): string | undefined {
  const group = byName.get(name.toLowerCase());
  if (group === undefined) return undefined;
  const nearest = group.nearest.length === 0 ? '' : `; the nearest are ${group.nearest.join(', ')}`;
  return `it is ${group.are}${nearest}`;
}
