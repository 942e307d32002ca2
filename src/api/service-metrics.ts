import { metrics } from '@opentelemetry/api';
import type { IntakeState, Services } from './services.ts';

/** Measures what operators watch, at the moment when somebody asks. Returns the way to stop. */
export function measureServices(services: Services): Disposable {
  const meter = metrics.getMeter('portcullis');
  const gauge = (name: string, description: string, read: () => Promise<number>): (() => void) => {
    const observable = meter.createObservableGauge(name, { description });
    const observe: Parameters<typeof observable.addCallback>[0] = async (result) =>
      result.observe(await read());
    observable.addCallback(observe);
    return () => observable.removeCallback(observe);
  };
  const { state, stream, archive, detection, intake, control, locks } = services;
  const intakeSum = async (read: (listener: IntakeState['listeners'][number]) => number): Promise<number> =>
    (await intake.status()).listeners.reduce((sum, one) => sum + read(one), 0);
  const stops = [
    gauge('intake_received', 'Syslog messages that were taken since the start.', () =>
      intakeSum((one) => one.received),
    ),
    gauge('intake_dropped', 'Datagrams that were dropped since the start.', () =>
      intakeSum((one) => one.droppedByKernel + one.droppedHere),
    ),
    gauge('intake_connections', 'Open connections of senders.', () => intakeSum((one) => one.connections)),
    gauge('sessions_live', 'Connections that are logged in.', async () => (await control.sessions()).length),
    gauge('locks_in_force', 'Locks in force.', async () => (await locks.inForce()).length),
    gauge('stream_position', 'Last position of the event stream.', () => stream.head()),
    gauge(
      'archive_position',
      'Position up to which events are searchable.',
      async () => (await archive.status()).position,
    ),
    gauge(
      'detection_position',
      'Position up to which events were judged by the rules.',
      async () => (await detection.status()).position,
    ),
    gauge('offenses_open', 'Offenses that are open.', async () => {
      const row = await state.reader
        .selectFrom('offenses')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('status', '=', 'open')
        .executeTakeFirst();
      return row?.count ?? 0;
    }),
  ];
  return {
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
