import { expect, test } from 'vitest';
import { closeHandshakeOf } from '../../model/reaper/close-handshake.ts';
import { policyOf } from './arbitrary-policy.ts';

const own = { kind: 'close-handshake', timeoutMs: 5_000, clock: 'written' } as const;

test('the closing handshake takes what the policy says, and else what ws does: 30 s from the call', () => {
  expect(closeHandshakeOf(policyOf(own))).toEqual(own);
  expect(closeHandshakeOf(policyOf())).toMatchObject({ timeoutMs: 30_000, clock: 'enqueued' });
});

test('without its timer nobody waits for an end', () => {
  expect(closeHandshakeOf(policyOf({ ...own, lost: 'timer' })).timeoutMs).toBeNull();
});
