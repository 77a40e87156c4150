/** Action Cable's server: a ping every 3 s, and nobody who waits for an answer. */
import { fixedPreset } from '../definition.ts';
import { setsNothing } from '../runtimes/runtime.ts';

export const actionCable = fixedPreset({
  name: 'action-cable',
  aliases: ['actioncable', 'rails'],
  tags: ['server'],
  title: 'Action Cable: a ping every 3 s, no verdict',
  claim: 'The server pings every 3 s, so it knows who is gone.',
  truth:
    'The pings are for the clients: none is answered, and none is missed. A vanished client stands until the kernel gives up on the pings, some 16 min, a frozen one until its buffers are full, and then for ever.',
  source:
    'rails/rails@2a2db1e8d6d, actioncable/lib/action_cable/server/connections.rb, connection/base.rb (beat)',
  assumes: ['Rails with its own server of WebSockets; AnyCable has another'],
  runtime: setsNothing('the socket that Puma hands over', 'puma/puma, lib/puma/binder.rb'),
  notModelled: ['the ping is a message that the client does not answer: here its library does'],
  mechanisms: [{ kind: 'ping', intervalMs: '3s', replyTimeoutMs: null }],
});
