/** PgBouncer, its clients' side: tcp_keepalive 6/2/3. */
import type { RecordedSystem } from './types.ts';

export const pgbouncer: RecordedSystem = {
  name: 'pgbouncer',
  policy: 'pgbouncer(tcp_keepidle=6,tcp_keepintvl=2,tcp_keepcnt=3)',
  debian: ['pgbouncer'],
  version: { command: 'pgbouncer', args: ['--version'] },
  protocol: 'postgres',
  // Its own console needs no database behind it.
  database: 'pgbouncer',
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
  ],
  start({ address, port, folder, write, run }) {
    write('users.txt', '"postgres" ""\n');
    const config = write(
      'pgbouncer.ini',
      `[databases]\n[pgbouncer]\nlisten_addr=${address}\nlisten_port=${port}\nunix_socket_dir=${folder}\nauth_type=trust\nauth_file=${folder}/users.txt\nadmin_users=postgres\ntcp_keepidle=6\ntcp_keepintvl=2\ntcp_keepcnt=3\nlogfile=${folder}/log\n`,
    );
    run('chown', '-R', 'postgres:postgres', folder);
    const args = ['--reuid=postgres', '--regid=postgres', '--clear-groups', 'pgbouncer', config];
    return [{ command: 'setpriv', args }];
  },
};
