/** Stacks that people run, by name: a line each, with every system at its defaults unless the line says otherwise. */
import type { Result } from '../issue.ts';
import { assert } from '../assert.ts';
import { unknownName } from '../select.ts';
import { parseExpression } from './expression.ts';
import { failed } from './facts.ts';
import type { Stack } from './schema.ts';

type Row = readonly [name: string, title: string, expression: string];

const rows: readonly Row[] = [
  [
    'socketio-nginx-kubernetes',
    'socket.io behind nginx on Kubernetes',
    'browser > nginx > socket.io @ kubernetes',
  ],
  ['ws-alb', 'ws behind an AWS ALB', 'browser > aws-alb > ws'],
  ['node-alb', 'Node behind an AWS ALB with keep-alive', 'browser > aws-alb(pool=60s) > node'],
  ['phoenix-heroku', 'Phoenix on Heroku', 'phoenix-client > heroku-router > phoenix'],
  ['grpc-envoy', 'gRPC behind Envoy', 'grpc-client(Time=5m) > envoy > grpc'],
  ['grpc-nlb', 'gRPC behind an AWS NLB', 'grpc-client > aws-nlb > grpc'],
  ['go-nlb', 'a Go service behind an AWS NLB', 'client > aws-nlb > go'],
  [
    'postgres-pool-nat',
    'a HikariCP pool of PostgreSQL behind a NAT gateway',
    'hikari > aws-nat-gateway > postgres',
  ],
  ['pgbouncer', 'PgBouncer between pgx and PostgreSQL', 'pgx > pgbouncer > postgres'],
  ['mysql-pool-gcp', 'a mysql2 pool over Google Cloud', 'mysql2 > gcp-network > server "MySQL"'],
  ['redis-azure', 'a Redis client behind an Azure balancer', 'ioredis > azure-lb > redis'],
  ['mqtt-carrier', 'MQTT over a carrier', 'client(heartbeat=60s) > carrier-nat > mosquitto'],
  ['okhttp-carrier', 'a phone with OkHttp', 'okhttp(pingInterval=30s) > carrier-nat > ws'],
  ['home-assistant', 'Home Assistant behind nginx', 'browser > nginx > aiohttp(heartbeat=55s)'],
  [
    'signalr-nginx-kubernetes',
    'SignalR behind nginx on Kubernetes',
    'signalr-client > nginx > signalr @ kubernetes',
  ],
  ['action-cable-nginx', 'Action Cable behind nginx', 'action-cable-client > nginx > action-cable'],
  ['rabbitmq-haproxy', 'RabbitMQ behind HAProxy', 'amqplib > haproxy(tunnel=1h) > rabbitmq'],
  ['nats-nlb', 'NATS behind an AWS NLB', 'nats.go > aws-nlb > nats'],
  [
    'uvicorn-nginx-systemd',
    'uvicorn behind nginx under systemd',
    'browser > nginx > uvicorn @ systemd',
  ],
  ['bun-cloudflare', 'Bun behind Cloudflare', 'browser > cloudflare > bun'],
  ['websockets-ipvs', 'websockets behind IPVS', 'client > ipvs > websockets @ kubernetes'],
  ['ssh-firewall', 'ssh through a firewall', 'ssh > firewall > sshd'],
];

function built([name, title, expression]: Row): Stack {
  const read = parseExpression(expression);
  assert(read.ok, `the built-in stack ${name} can be read`);
  return Object.freeze({ ...read.value, name, title });
}

let all: readonly Stack[] | undefined;

/**
 * All of them, in the order of the list.
 *
 * @example
 * builtInStacks().length >= 20 // => true
 */
export function builtInStacks(): readonly Stack[] {
  all ??= rows.map(built);
  return all;
}

/** The built-in stack of a name, or an issue that names the nearest. */
export function stackNamed(name: string): Result<Stack> {
  const row = rows.find(([one]) => one === name);
  if (row !== undefined) return { ok: true, value: built(row) };
  const names = rows.map(([one]) => one);
  return failed(unknownName('stack', name, names, 'stacks'));
}
