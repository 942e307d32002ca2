import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { Services } from '../services.ts';
import { failure, good, warning } from './finding.ts';

/** Whether foreign events come in, and whether any were lost. */
export async function checkIntake(intake: Services['intake'], now: number): Promise<DoctorCheck> {
  const name = 'intake';
  const { listeners, problem, lastMessageMs } = await intake.status();
  if (listeners.length === 0) return good(name, 'no listener is configured');
  const received = listeners.reduce((sum, one) => sum + one.received, 0);
  const dropped = listeners.reduce((sum, one) => sum + one.droppedByKernel + one.droppedHere, 0);
  const places = listeners.map(({ transport, address }) => `${transport} ${address}`).join(', ');
  const last =
    lastMessageMs === null
      ? 'no message yet'
      : `last message ${Math.max(0, Math.round((now - lastMessageMs) / 1000))} s ago`;
  const detail = `${places}: ${received} received, ${dropped} dropped; ${last}`;
  if (problem !== null)
    return failure(
      name,
      `${detail}; nothing is taken: ${problem}`,
      'Senders wait or lose messages until it is mended.',
    );
  return dropped > 0
    ? warning(
        name,
        detail,
        'Send over TCP or TLS, which wait instead; or raise net.core.rmem_max and intake.udpSockets.',
      )
    : good(name, detail);
}
