// One living client of a recorded system, in a process of its own so that it can be frozen or cut off alone:
// `node client.mjs '{"protocol":"redis","host":…,"port":…,"localAddress":…,"beatS":…}'`. It opens the connection as the
// protocol wants it, prints `ready`, and from then on only does what the protocol asks of a client.
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { WebSocket } from 'ws';

const order = JSON.parse(process.argv[2]);
const { protocol, host, port, localAddress, path = '/', beatS = 0 } = order;

const ready = () => process.stdout.write('ready\n');

/** A plain TCP client: `opened` speaks first, `heard` gets all bytes so far and returns how many it took. */
function tcp(opened, heard) {
  const socket = net.connect({ host, port, localAddress, noDelay: true }, () => opened(socket));
  let bytes = Buffer.alloc(0);
  socket.on('data', (data) => {
    bytes = Buffer.concat([bytes, data]);
    for (let took = heard(socket, bytes); took > 0; took = heard(socket, bytes)) {
      bytes = bytes.subarray(took);
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => process.exit(0));
  return socket;
}

function lines(onLine) {
  return (socket, bytes) => {
    const end = bytes.indexOf('\n');
    if (end < 0) return 0;
    onLine(socket, bytes.subarray(0, end).toString().trim());
    return end + 1;
  };
}

const protocols = {
  /** Nothing but TCP. */
  tcp: () => tcp(ready, (_socket, bytes) => bytes.length),

  /** RFC 6455; the library answers pings. */
  websocket() {
    const socket = new WebSocket(`ws://${host}:${port}${path}`, { localAddress });
    socket.on('open', ready);
    socket.on('error', () => {});
    socket.on('close', () => process.exit(0));
  },

  /** Engine.IO protocol 4: the server's `2` is a ping, `3` its pong. */
  'engine.io'() {
    const url = `ws://${host}:${port}/engine.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { localAddress });
    socket.on('message', (data) => {
      const text = data.toString();
      if (text.startsWith('0')) ready();
      if (text.startsWith('2')) socket.send(`3${text.slice(1)}`);
    });
    socket.on('error', () => {});
    socket.on('close', () => process.exit(0));
  },

  /** SockJS's raw frames over its websocket transport: the server's heartbeat is `h`; pongs answer its pings. */
  sockjs() {
    const url = `ws://${host}:${port}/echo/000/${process.pid}/websocket`;
    const socket = new WebSocket(url, { localAddress });
    socket.on('message', (data) => data.toString() === 'o' && ready());
    socket.on('error', () => {});
    socket.on('close', () => process.exit(0));
  },

  /** One request on a connection that is kept. */
  http() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const request = http.get({ host, port, localAddress, agent, path }, (response) => {
      response.resume();
      response.on('end', ready);
    });
    request.on('error', () => {});
    setInterval(() => {}, 1 << 30);
  },

  /** HTTP/2 without TLS: Node answers pings; a stream stays open if the path is `/stream`. */
  http2() {
    const session = http2.connect(`http://${host}:${port}`, {
      createConnection: () => net.connect({ host, port, localAddress }),
    });
    session.on('remoteSettings', ready);
    session.on('error', () => {});
    session.on('close', () => process.exit(0));
  },

  /** RESP: one command, then silence. */
  redis: () =>
    tcp(
      (socket) => socket.write('PING\r\n'),
      lines((_socket, line) => line === '+PONG' && ready()),
    ),

  /** NATS client protocol: answers the server's PING. */
  nats: () =>
    tcp(
      () => {},
      lines((socket, line) => {
        if (line.startsWith('INFO')) socket.write('CONNECT {"verbose":false}\r\nPING\r\n');
        if (line === 'PING') socket.write('PONG\r\n');
        if (line === 'PONG') ready();
      }),
    ),

  /** PostgreSQL frontend protocol 3.0, trusted, no query. */
  postgres() {
    const parameters = Buffer.from(`user\0postgres\0database\0${order.database ?? 'postgres'}\0\0`);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + parameters.length, 0);
    head.writeUInt32BE(196_608, 4);
    tcp(
      (socket) => socket.write(Buffer.concat([head, parameters])),
      (_socket, bytes) => {
        if (bytes.length < 5) return 0;
        const length = 1 + bytes.readUInt32BE(1);
        if (bytes.length < length) return 0;
        if (bytes[0] === 0x5a) ready();
        return length;
      },
    );
  },

  /** MQTT 3.1.1: CONNECT with the keep alive `beatS`, then a PINGREQ so often. */
  mqtt() {
    const id = Buffer.from(`c${process.pid}`);
    const body = Buffer.concat([
      Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 2, beatS >> 8, beatS & 255, 0, id.length]),
      id,
    ]);
    tcp(
      (socket) => socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body])),
      (socket, bytes) => {
        if (bytes.length < 2) return 0;
        if (bytes[0] === 0x20) {
          ready();
          setInterval(() => socket.write(Buffer.from([0xc0, 0])), beatS * 1000);
        }
        return 2 + bytes[1];
      },
    );
  },

  /** AMQP 0-9-1: the opening as guest, heartbeat `beatS`; a heartbeat frame every half of it. */
  amqp() {
    const heartbeat = Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce]);
    const method = (cls, id, args) => {
      const payload = Buffer.concat([Buffer.from([0, cls, 0, id]), args]);
      const head = Buffer.alloc(7);
      head[0] = 1;
      head.writeUInt32BE(payload.length, 3);
      return Buffer.concat([head, payload, Buffer.from([0xce])]);
    };
    const short = (text) => Buffer.from([text.length, ...Buffer.from(text)]);
    const long = (text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const number = (size, value) => {
      const bytes = Buffer.alloc(size);
      bytes.writeUIntBE(value, 0, size);
      return bytes;
    };
    tcp(
      (socket) => socket.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1')),
      (socket, bytes) => {
        if (bytes.length < 8) return 0;
        const length = 8 + bytes.readUInt32BE(3);
        if (bytes.length < length) return 0;
        const name = bytes[0] === 1 ? `${bytes.readUInt16BE(7)}.${bytes.readUInt16BE(9)}` : '';
        if (name === '10.10') {
          const table = number(4, 0);
          const startOk = [table, short('PLAIN'), long('\0guest\0guest'), short('en_US')];
          socket.write(method(10, 11, Buffer.concat(startOk)));
        } else if (name === '10.30') {
          const tuneOk = [number(2, 2_047), number(4, 131_072), number(2, beatS)];
          socket.write(method(10, 31, Buffer.concat(tuneOk)));
          socket.write(method(10, 40, Buffer.concat([short('/'), short(''), Buffer.from([0])])));
        } else if (name === '10.41') {
          ready();
          setInterval(() => socket.write(heartbeat), beatS * 500);
        }
        return length;
      },
    );
  },
};

protocols[protocol]();
