/** The chat of examples/chat: a guest who is cut off is gone within the stated time, the others stay, and who was cut off comes back. */
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../../adapter/client.ts';

interface Chat {
  readonly port: number;
  readonly boundMs: number;
  close(): Promise<void>;
}
interface Guest {
  say(text: string): string;
  leave(): void;
  on(event: string, listener: (...values: unknown[]) => void): void;
}
interface Heard {
  readonly from: string;
  readonly text: string;
}
type StartChat = (options: object) => Promise<Chat>;
type EnterChat = (
  create: typeof createClient,
  url: string,
  name: string,
  heard: (message: Heard) => void,
  options: object,
) => Guest;

const SLACK_MS = 1_000;
const POLICY = {
  name: 'chat',
  mechanisms: [{ kind: 'ping', intervalMs: 500, replyTimeoutMs: 400, life: ['any-byte'] }],
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function example<T>(file: string): Promise<T> {
  return (await import(new URL(`../../examples/chat/${file}`, import.meta.url).href)) as T;
}

it('a guest who is cut off is gone in time, and comes back', async () => {
  const { startChat } = await example<{ startChat: StartChat }>('server.mjs');
  const { enterChat } = await example<{ enterChat: EnterChat }>('client.mjs');
  const log: string[] = [];
  const chat = await startChat({
    port: 0,
    policy: POLICY,
    told: (line: string) => log.push(line),
  });
  cleanups.push(() => chat.close());
  expect(chat.boundMs).toBe(900);
  const url = `ws://127.0.0.1:${chat.port}`;
  const enter = (name: string, heard: Heard[]): Guest => {
    const guest = enterChat(createClient, url, name, (message) => heard.push(message), {
      WebSocket,
      heartbeat: { intervalMs: 600, replyTimeoutMs: 400, message: () => '' },
    });
    cleanups.push(() => {
      guest.leave();
    });
    return guest;
  };
  const heardByAnn: Heard[] = [];
  const ann = enter('Ann', heardByAnn);
  const ben = enter('Ben', []);
  ben.say('hello');
  await expect.poll(() => heardByAnn.some(({ text }) => text === 'hello')).toBe(true);
  const list = async (): Promise<{ guests: { id: number; name: string }[]; reaped: number }> =>
    (await (await fetch(`http://127.0.0.1:${chat.port}/guests`)).json()) as never;
  const { guests } = await list();
  const id = guests.find(({ name }) => name === 'Ben')?.id ?? 0;
  const cutMs = performance.now();
  await fetch(`http://127.0.0.1:${chat.port}/cut/${id}`, { method: 'POST' });
  await expect
    .poll(() => heardByAnn.some(({ text }) => text === 'Ben is gone'), {
      timeout: 3_000,
      interval: 10,
    })
    .toBe(true);
  expect(performance.now() - cutMs).toBeLessThan(chat.boundMs + SLACK_MS);
  expect(log.find((line) => line.startsWith('Ben is gone'))).toMatch(/no any-byte|within 400 ms/);
  expect((await list()).reaped).toBe(1);
  // Ben's own client has noticed too, and is here again under another number.
  await expect
    .poll(async () => (await list()).guests.some((one) => one.name === 'Ben' && one.id !== id), {
      timeout: 6_000,
    })
    .toBe(true);
  ann.say('welcome back');
  await expect.poll(() => heardByAnn.some(({ text }) => text === 'welcome back')).toBe(true);
});
