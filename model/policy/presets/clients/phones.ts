/** What apps of phones open: React Native's WebSocket on both systems, and requests of URLSession. */
import { definePreset, fixedPreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { PATIENCE_MS, timeOrOff } from '../options.ts';
import { jvm } from '../runtimes/others.ts';
import type { Runtime } from '../runtimes/runtime.ts';

const coreFoundation: Runtime = {
  name: 'CFNetwork and CFStream',
  sets: 'nothing that the library asks for; what the system sets by itself is not documented',
  source: 'facebookincubator/SocketRocket@b7f833e, SocketRocket/SRWebSocket.m',
  mechanisms: [],
};

const reactNative = definePreset({
  name: 'react-native-websocket',
  aliases: ['react-native'],
  tags: ['client'],
  title: 'React Native WebSocket on Android: no pings, write timeout 10 s',
  claim: 'OkHttp below it notices a dead server.',
  truth:
    'It switches the read timeout off and asks for no pings: an idle ghost stands for ever, one that is sent a little until tcp_retries2, some 16 min, one whose buffers are full 10 s longer. ws.ping() of the module sends an empty message, and nobody waits for an answer.',
  source:
    'facebook/react-native@011fdba9, ReactAndroid/src/main/java/com/facebook/react/modules/websocket/WebSocketModule.kt (connect)',
  assumes: ['Android, without a CustomClientBuilder; the app is in the foreground'],
  runtime: jvm,
  notModelled: ['connectTimeout, 10 s'],
  options: {
    writeTimeout: timeOrOff('10s', 'How long a write may be blocked.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: ({ writeTimeout }) =>
    given(writeTimeout, (timeoutMs) => ({ kind: 'write-deadline', timeoutMs })),
});

const socketRocket = fixedPreset({
  name: 'socketrocket',
  aliases: ['react-native-ios'],
  tags: ['client'],
  title: 'SocketRocket, React Native WebSocket on iOS: no pings of its own',
  claim: 'timeoutInterval of the request ends a connection whose server has gone.',
  truth:
    'It limits the opening alone. sendPing: is there for the app to call; nobody waits for its pong, and an idle ghost stands for ever.',
  source: 'facebookincubator/SocketRocket@b7f833e, SocketRocket/SRWebSocket.m (open, sendPing)',
  assumes: ['the app is in the foreground: one that is suspended loses its sockets'],
  runtime: coreFoundation,
  mechanisms: [],
});

const urlSession = definePreset({
  name: 'urlsession',
  aliases: ['NSURLSession', 'alamofire'],
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: 'URLSession: timeoutIntervalForRequest 60 s',
  claim: 'A request waits 60 s at most.',
  truth:
    '60 s without a byte: whatever arrives starts them again, and timeoutIntervalForResource, seven days, ends it in the end.',
  source:
    'swiftlang/swift-corelibs-foundation@1aa94aef, Sources/FoundationNetworking/URLSession/URLSessionConfiguration.swift',
  assumes: ['requests over HTTP, not a WebSocket task; URLSessionConfiguration.default'],
  runtime: coreFoundation,
  notModelled: [
    'how long an unused connection is kept: it is not documented',
    'timeoutIntervalForResource, seven days',
  ],
  options: {
    timeoutIntervalForRequest: timeOrOff('60s', 'Patience for the next byte of an answer.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: ({ timeoutIntervalForRequest }) =>
    given(timeoutIntervalForRequest, (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
});

export const phonePresets: readonly Preset[] = [reactNative, socketRocket, urlSession];
