/** How a setting is written where the system is configured: the line to copy. Without a form of its own, option and value. */
import { parseDuration } from '../duration.ts';
import type { Hop } from './hops.ts';

/** A time as the system writes it: from milliseconds. */
type Written = (ms: number) => string;
/** A line: of the option, and its value as it is written. */
type Line = (option: string, value: string) => string;

const seconds: Written = (ms) => String(ms / 1_000);
const milliseconds: Written = String;
const minutes: Written = (ms) => String(ms / 60_000);
const withUnit: Written = (ms) => `${ms / 1_000}s`;
/** time.Duration of Go. */
const goDuration: Written = (ms) =>
  ms % 1_000 === 0 ? `${ms / 1_000} * time.Second` : `${ms} * time.Millisecond`;
/** TimeSpan of .NET. */
const timeSpan: Written = (ms) => `TimeSpan.FromSeconds(${ms / 1_000})`;

const property: Line = (option, value) => `${option}: ${value}`;
const assignment: Line = (option, value) => `${option} = ${value}`;
const argument: Line = (option, value) => `${option}=${value}`;
const directive: Line = (option, value) => `${option} ${value}`;
const statement: Line = (option, value) => `${option} ${value};`;
const quoted: Line = (option, value) => `${option} = '${value}'`;
const commandFlag: Line = (option, value) => `--${option.replaceAll('_', '-')} ${value}`;
const member =
  (of: string): Line =>
  (option, value) =>
    `${of}.${option} = ${value}`;

/** haproxy.cfg: `timeout tunnel`, and what is no timeout by its own name. */
const haproxy: Line = (option, value) =>
  ['tunnel', 'client', 'server'].includes(option)
    ? `timeout ${option} ${value}`
    : `${option} ${value}`;

/** The old process is told on the command line, the rest in the configuration. */
const envoy: Line = (option, value) =>
  option === 'parent-shutdown-time-s'
    ? `--${option} ${value.replace(/s$/, '')}`
    : `${option}: ${value}`;

/** By the name of the system. */
const forms: Readonly<Record<string, readonly [Written, Line]>> = {
  'nginx-websocket': [withUnit, statement],
  'nginx-stream': [withUnit, statement],
  'ingress-nginx': [
    seconds,
    (option, value) => `nginx.ingress.kubernetes.io/${option}: "${value}"`,
  ],
  'haproxy-tunnel': [withUnit, haproxy],
  envoy: [withUnit, envoy],
  'envoy-tcp-proxy': [withUnit, property],
  'apache-proxy': [seconds, directive],
  pgbouncer: [seconds, assignment],
  'aws-alb': [seconds, (_option, value) => `idle_timeout.timeout_seconds=${value}`],
  'aws-nlb': [seconds, (_option, value) => `tcp.idle_timeout.seconds=${value}`],
  'gcp-alb': [seconds, property],
  'azure-lb': [minutes, property],
  'azure-nat-gateway': [minutes, property],
  'azure-application-gateway': [minutes, property],
  'fly-proxy': [seconds, assignment],
  'k8s-termination': [seconds, property],
  'systemd-stop': [withUnit, argument],
  'docker-stop': [withUnit, property],
  'aws-ecs-stop': [seconds, (option, value) => `"${option}": ${value}`],
  'nomad-stop': [withUnit, (option, value) => `${option} = "${value}"`],
  'pm2-stop': [milliseconds, property],
  'supervisord-stop': [seconds, argument],
  'fly-machine': [seconds, assignment],
  'engine.io-v4-server': [milliseconds, (option, value) => `new Server({ ${option}: ${value} })`],
  'node-http': [milliseconds, member('server')],
  'sockjs-node': [milliseconds, property],
  uwebsockets: [seconds, property],
  'bun-serve': [seconds, property],
  'deno-upgradeWebSocket': [seconds, property],
  'websockets-py-asyncio': [seconds, argument],
  'websockets-py-sync': [seconds, argument],
  'aiohttp-server-ws': [seconds, argument],
  'aiohttp-client-ws': [seconds, argument],
  tornado: [seconds, argument],
  uvicorn: [seconds, commandFlag],
  gunicorn: [seconds, assignment],
  puma: [seconds, directive],
  'cowboy-ws': [milliseconds, (option, value) => `${option} => ${value}`],
  'phoenix-server+client': [milliseconds, property],
  'phoenix-client': [milliseconds, property],
  kestrel: [timeSpan, member('options.Limits')],
  'signalr-server': [timeSpan, member('options')],
  'signalr-client': [timeSpan, member('connection')],
  'gorilla-chat': [goDuration, assignment],
  'go-http-server': [goDuration, property],
  'go-http-client': [goDuration, property],
  'grpc-go-server': [goDuration, property],
  'grpc-go-client': [goDuration, property],
  'go-redis': [goDuration, property],
  pgxpool: [goDuration, member('config')],
  'nats.go': [goDuration, property],
  'nats-server': [withUnit, (option, value) => `${option}: "${value}"`],
  'rabbitmq-amqp091': [seconds, assignment],
  redis: [seconds, directive],
  'postgres-server': [withUnit, quoted],
  'mysql-server': [seconds, assignment],
  'kafka-broker': [milliseconds, argument],
  'kafka-clients': [milliseconds, argument],
  librdkafka: [milliseconds, argument],
  sshd: [seconds, directive],
  ssh: [seconds, directive],
  'apache-httpd': [seconds, directive],
  hikaricp: [milliseconds, argument],
  'mysql2-pool': [milliseconds, property],
  'mongodb-node': [milliseconds, property],
  ioredis: [milliseconds, property],
  undici: [milliseconds, property],
  'redis-py': [seconds, argument],
  'asyncpg-pool': [seconds, argument],
};

/** What no option of a system sets, and the application on it can do all the same. */
const byApplication: Readonly<Record<string, (value: string) => string>> = {
  heartbeat: (value) => `a message of the application every ${value} (it has no option for that)`,
};

/** The line that sets an option of a hop; where that is nothing of its system, what the application is to do. */
export function lineFor({ system, called }: Hop, option: string, value: string): string {
  const isOwn = system?.options.some(({ name }) => name === option) === true;
  const hasOptions = (system?.options.length ?? 0) > 0;
  const asked = isOwn || !hasOptions ? undefined : byApplication[option];
  if (asked !== undefined) return `${called}: ${asked(value)}`;
  const form = isOwn ? forms[system?.name ?? ''] : undefined;
  if (form === undefined) return `${called}: ${option}=${value}`;
  const [written, line] = form;
  const read = parseDuration(value, '');
  return `${called}: ${line(option, read.ok ? written(read.value) : value)}`;
}
