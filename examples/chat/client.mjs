// The chat as a guest sees it, in a browser or in Node: comes back by itself, and notices when the server cannot be reached any more.

/**
 * @param createClient of `ghostbound/client`
 * @param url of the chat
 * @param name the guest's
 * @param heard called with each message, `{ from, text }`
 * @param options further options of the client
 */
export function enterChat(createClient, url, name, heard, options = {}) {
  const address = `${url}/?name=${encodeURIComponent(name)}`;
  const client = createClient(
    address,
    { baseMs: 500, capMs: '10s' },
    {
      heartbeat: { intervalMs: '5s', replyTimeoutMs: '3s', message: () => '' },
      ...options,
    },
  );
  client.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.text !== undefined) heard(message);
  });
  return {
    say: (text) => client.send(text),
    leave: () => client.close(),
    on: (event, listener) => client.on(event, listener),
  };
}
