/** nginx as WebSocket proxy: proxy_read_timeout 5 s; hangs up on whoever is silent, gone or not. */
import type { RecordedSystem } from './types.ts';

const UPSTREAM_PORT = 7_001;

export const nginx: RecordedSystem = {
  name: 'nginx',
  policy: 'nginx(proxy_read_timeout=5)',
  debian: ['nginx-light'],
  version: { command: 'nginx', args: ['-v'] },
  protocol: 'websocket',
  stories: [{ story: 'quiet', watchS: 12 }],
  start({ address, port, folder, program, write }) {
    const config = write(
      'nginx.conf',
      `daemon off; user root; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}; proxy_temp_path ${folder};
  fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen ${address}:${port};
    location / {
      proxy_pass http://127.0.0.1:${UPSTREAM_PORT};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 5s;
    }
  }
}
`,
    );
    const upstream = [program('websocket-upstream.mjs'), '127.0.0.1', String(UPSTREAM_PORT)];
    return [
      { command: 'node', args: upstream },
      { command: 'nginx', args: ['-c', config] },
    ];
  },
};
