/** RabbitMQ, AMQP 0-9-1 with a heartbeat of 6 s. */
import type { RecordedSystem } from './types.ts';

export const rabbitmq: RecordedSystem = {
  name: 'rabbitmq',
  policy: 'rabbitmq(heartbeat=6)',
  debian: ['rabbitmq-server'],
  version: { command: 'dpkg-query', args: ['-W', '-f', '${Version}', 'rabbitmq-server'] },
  protocol: 'amqp',
  beatS: 6,
  stories: [
    { story: 'vanish', watchS: 30 },
    { story: 'freeze', watchS: 30 },
    { story: 'quiet', watchS: 25 },
  ],
  start({ address, port, folder, write }) {
    write('rabbitmq.conf', `listeners.tcp.1 = ${address}:${port}\nloopback_users = none\n`);
    const settings = {
      HOME: folder,
      RABBITMQ_MNESIA_BASE: `${folder}/mnesia`,
      RABBITMQ_LOG_BASE: `${folder}/log`,
      RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq`,
      RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/plugins`,
      RABBITMQ_NODENAME: 'rabbit@localhost',
      RABBITMQ_DIST_PORT: '25672',
    };
    const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    return [{ command: 'env', args: [...words, '/usr/lib/rabbitmq/bin/rabbitmq-server'] }];
  },
};
