/** mosquitto: one and a half times the keep alive that the client chose, looked at every six seconds. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

export const mqttMosquitto = definePreset({
  name: 'mqtt-mosquitto',
  aliases: ['mosquitto', 'mqtt'],
  tags: ['server'],
  title: 'mosquitto: keep alive 60 s, given up after one and a half',
  claim: 'A client is disconnected after one and a half times its keep alive.',
  truth:
    '90 s to 96 s after its last packet, since clients are looked at only every six seconds: 30 s to 96 s after it is gone. The client chooses the keep alive, and 0 switches the rule off.',
  source:
    'eclipse-mosquitto/mosquitto v2.0.11, src/keepalive.c (last_keepalive_check + 5 < now_s); MQTT 3.1.1, MQTT-3.1.2-24',
  assumes: [
    'mosquitto 2.0; the development line keeps a slot for each second instead',
    'the client chose a keep alive of 60 s and keeps to it; a bridge and keep alive 0 are never judged',
  ],
  runtime: cPlain,
  notModelled: [
    'of a packet that is still arriving, bytes count only while more than 1000 are missing',
  ],
  options: {
    keepAlive: timeOrOff('60s', 'What the client asks for; it sends a PINGREQ so often.', {
      bare: 's',
      maxMs: 65_535_000,
    }),
  },
  mechanisms: ({ keepAlive }) =>
    keepAlive === null
      ? []
      : [
          {
            kind: 'receive-deadline',
            timeoutMs: keepAlive + Math.floor(keepAlive / 2),
            life: ['any-byte'],
            granularity: { everyMs: 6_000, direction: 'up', grid: 'process' },
          },
        ],
  // PINGREQ: two bytes.
  peerHeartbeat: ({ keepAlive }) =>
    keepAlive === null ? undefined : { everyMs: keepAlive, bytes: 2, sentBy: 'websocket' },
});
