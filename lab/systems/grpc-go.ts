/** grpc-go's server as it comes: TCP_USER_TIMEOUT 20 s over the keepalive of Go's listener. */
import type { RecordedSystem } from './types.ts';

export const grpcGo: RecordedSystem = {
  name: 'grpc-go',
  policy: 'grpc-go',
  debian: ['golang-go', 'golang-google-grpc-dev'],
  version: { command: 'dpkg-query', args: ['-W', '-f', '${Version}', 'golang-google-grpc-dev'] },
  protocol: 'http2',
  stories: [{ story: 'vanish', watchS: 45 }],
  start: ({ address, port, go }) => [
    { command: go('grpc-server.go'), args: [`${address}:${port}`, '0', '0'] },
  ],
};
