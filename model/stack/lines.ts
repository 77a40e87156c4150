/** How a setting is written where the system is configured: the line to copy. Without a form of its own, option and value. */
import { parseDuration } from '../duration.ts';
import type { Hop } from './hops.ts';

type Form = (option: string, value: string, ms: number | null) => string;

const seconds = (ms: number | null, value: string): string =>
  ms === null ? value : `${ms / 1_000}s`;
const bareSeconds = (ms: number | null, value: string): string =>
  ms === null ? value : String(ms / 1_000);
const bareMs = (ms: number | null, value: string): string => (ms === null ? value : String(ms));

/** By the name of the system. */
const forms: Readonly<Record<string, Form>> = {
  'nginx-websocket': (option, value, ms) => `${option} ${seconds(ms, value)};`,
  'haproxy-tunnel': (option, value, ms) => `timeout ${option} ${seconds(ms, value)}`,
  'aws-alb': (_option, value, ms) => `idle_timeout.timeout_seconds=${bareSeconds(ms, value)}`,
  'k8s-termination': (option, value, ms) => `${option}: ${bareSeconds(ms, value)}`,
  'systemd-stop': (option, value, ms) => `${option}=${seconds(ms, value)}`,
  'docker-stop': (option, value, ms) => `${option}: ${seconds(ms, value)}`,
  'engine.io-v4-server': (option, value, ms) => `new Server({ ${option}: ${bareMs(ms, value)} })`,
  'node-http': (option, value, ms) => `server.${option} = ${bareMs(ms, value)}`,
};

/** The line that sets an option of a hop. */
export function lineFor({ system, called }: Hop, option: string, value: string): string {
  const read = parseDuration(value, '');
  const isOwn = system?.options.some(({ name }) => name === option) === true;
  const form = isOwn ? forms[system?.name ?? ''] : undefined;
  const line = form?.(option, value, read.ok ? read.value : null) ?? `${option}=${value}`;
  return `${called}: ${line}`;
}
