/** The world of objects.ts, with an xstate actor for the state of either end: each event of TCP is sent to it. */
import { createActor, setup } from 'xstate';
import { objectWorld, type TcpEvent, type TcpStates } from './objects.ts';

const machine = setup({
  types: { events: {} as { readonly type: TcpEvent } },
}).createMachine({
  initial: 'listen',
  on: { GIVE_UP: '.closed' },
  states: {
    listen: { on: { CONNECT: 'synSent', SYN: 'synReceived' } },
    synSent: { on: { SYN_ACK: 'established' } },
    synReceived: { on: { ACK: 'established', DATA: 'established' } },
    established: { on: { CLOSE: 'finWait1' } },
    finWait1: {},
    closed: { type: 'final' },
  },
});

class ActorStates implements TcpStates {
  readonly #actor = createActor(machine).start();

  get state(): TcpStates['state'] {
    return this.#actor.getSnapshot().value;
  }

  send(event: TcpEvent): void {
    this.#actor.send({ type: event });
  }
}

export const playActors = objectWorld(() => new ActorStates());
