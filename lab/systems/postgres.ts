/** PostgreSQL: tcp_keepalives 6/2/3 and tcp_user_timeout 9 s. */
import type { RecordedSystem } from './types.ts';

const BIN = '/usr/lib/postgresql/15/bin';
/** The server refuses to run as root. */
const AS_POSTGRES = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];

export const postgres: RecordedSystem = {
  name: 'postgres',
  policy:
    'postgres(tcp_keepalives_idle=6,tcp_keepalives_interval=2,tcp_keepalives_count=3,tcp_user_timeout=9s)',
  debian: ['postgresql-15'],
  version: { command: `${BIN}/postgres`, args: ['--version'] },
  protocol: 'postgres',
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
  ],
  start({ address, port, folder, run }) {
    run('chown', 'postgres:postgres', folder);
    const data = `${folder}/data`;
    run('setpriv', ...AS_POSTGRES, `${BIN}/initdb`, '-A', 'trust', '-D', data);
    run('sh', '-c', `echo 'host all all 10.0.0.0/8 trust' >> ${data}/pg_hba.conf`);
    const settings = {
      listen_addresses: address,
      port,
      unix_socket_directories: folder,
      tcp_keepalives_idle: 6,
      tcp_keepalives_interval: 2,
      tcp_keepalives_count: 3,
      tcp_user_timeout: 9_000,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = [...AS_POSTGRES, `${BIN}/postgres`, '-D', data, ...flags];
    return [{ command: 'setpriv', args }];
  },
};
