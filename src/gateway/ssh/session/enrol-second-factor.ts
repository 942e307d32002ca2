import { enrolSecondFactor, ISSUER, newTotpSecret } from '#identity/enrolment.ts';
import { enrolmentUri, secretForPeople } from '#identity/totp.ts';
import { Secret } from '#lib/secret.ts';
import { EnrolmentDialogue, type EnrolmentAnswer } from '../../menu/enrolment-dialogue.ts';
import type { ChannelHost } from './channel-host.ts';
import type { PersonChannel } from './person-channel.ts';

/** Whether somebody can be asked: on a terminal, in a shell. */
export function canEnrol(person: PersonChannel): boolean {
  return person.kind === 'shell' && person.pty !== null;
}

/**
 * Lets the person set up an authenticator on this channel. The login then counts as one with a second factor,
 * since the code was proved on it.
 */
export async function enrolInSession(
  connection: ChannelHost,
  person: PersonChannel,
  isDemanded: boolean,
): Promise<void> {
  const { services, login } = connection;
  using _open = connection.menuOpened();
  const secret = newTotpSecret();
  const dialogue = new EnrolmentDialogue({
    language: login.language,
    uri: enrolmentUri(secret, login.username, ISSUER),
    secret: secretForPeople(secret),
    isDemanded,
  });
  const { promise: over, resolve } = Promise.withResolvers<void>();
  let isBusy = false;
  const show = ({ output, done }: EnrolmentAnswer): void => {
    person.port.send(Buffer.from(output), 'data');
    if (done === true) resolve();
  };
  const check = async (code: string): Promise<void> => {
    isBusy = true;
    try {
      const codes = await store(connection, secret, new Secret(code));
      if (codes !== undefined) login.secondFactor = 'given';
      show(codes === undefined ? dialogue.refused() : dialogue.accepted(codes.map((one) => one.expose())));
    } catch (error) {
      services.logger.error({ err: error, login: login.id }, 'a second factor could not be stored');
      person.say(connection.messages.stateUnavailable());
      resolve();
    } finally {
      isBusy = false;
    }
  };
  person.port.send(Buffer.from(dialogue.start()), 'data');
  person.listen({
    data: (bytes) => {
      connection.touch();
      person.port.consumed(bytes.length);
      if (connection.isFrozen || isBusy) return;
      const answer = dialogue.input(bytes);
      show(answer);
      if (answer.code !== undefined) void check(answer.code);
    },
    eof: resolve,
    closed: resolve,
    sent: () => undefined,
  });
  await over;
  person.pause();
}

function store(
  { services, login }: ChannelHost,
  secret: Secret<Uint8Array>,
  code: Secret,
): Promise<readonly Secret[] | undefined> {
  const { userId, username, address } = login;
  return services.state.transact((tx, emit) =>
    enrolSecondFactor(
      tx,
      emit,
      services.vault,
      { userId, username, by: username, address, secret, code },
      services.clock(),
    ),
  );
}
