import type { MessagePort, Worker } from 'node:worker_threads';
import { connectRpc, serveRpc } from '#lib/rpc.ts';
import type { Control } from './control.ts';

/** Lets another thread use the control plane. Calls keep their order; answers cross by structured clone. */
export function serveControl(port: MessagePort | Worker, control: Control): void {
  serveRpc(port, handlersOf(control));
}

/** The control plane at the other end of the port. When the port closes, every call fails. */
export function connectControl(port: MessagePort | Worker): Control {
  const { call } = connectRpc<ReturnType<typeof handlersOf>>(port);
  return {
    sessions: () => call.sessions(),
    terminate: (order) => call.terminate(order),
    tellLocks: (terminatedBy) => call.tellLocks(terminatedBy),
  };
}

function handlersOf(control: Control) {
  return {
    sessions: () => control.sessions(),
    terminate: (order: Parameters<Control['terminate']>[0]) => control.terminate(order),
    tellLocks: (terminatedBy: string) => control.tellLocks(terminatedBy),
  };
}
