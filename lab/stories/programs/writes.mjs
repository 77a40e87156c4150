// What a process hands to its kernel over TCP: one JSON line for each write(2) or writev(2), and of a server's the address that it goes to.

/** @param Socket the class whose sockets are listened to */
export function tellWrites(Socket) {
  const { _write: write, _writev: writev } = Socket.prototype;
  const tell = (socket, bytes) => {
    // A pipe to whoever reads this is a socket, too.
    if (socket === process.stdout || socket === process.stderr) return;
    const { server, remoteAddress, connecting } = socket;
    if (connecting) {
      socket.once('connect', () => tell(socket, bytes));
      return;
    }
    const atMs = performance.timeOrigin + performance.now();
    const address = server ? remoteAddress : undefined;
    process.stdout.write(`${JSON.stringify({ event: 'wrote', atMs, bytes, address })}\n`);
  };
  Socket.prototype._write = function told(data, encoding, done) {
    tell(this, Buffer.byteLength(data, encoding));
    return write.call(this, data, encoding, done);
  };
  Socket.prototype._writev = function told(parts, done) {
    const bytes = parts.map(({ chunk, encoding }) => Buffer.byteLength(chunk, encoding));
    tell(
      this,
      bytes.reduce((sum, length) => sum + length, 0),
    );
    return writev.call(this, parts, done);
  };
}
