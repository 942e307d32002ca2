import type { EventRecord } from '#contract/event.ts';
import type { CommandJudgement } from '#domain/command/verdict.ts';
import { nameKey } from '#contract/names.ts';
import { printable } from '#lib/printable.ts';
import type { LoginTarget } from '../login.ts';
import { UpstreamFailure } from '../upstream/failure.ts';
import { AssetSession, type ChannelEnd } from './asset-session.ts';
import { authorize, currentSubject, type Authorization, type Refusal } from './authorize.ts';
import { chooseTarget } from './choose-target.ts';
import type { ChannelControls } from './client-requests.ts';
import { denialText } from './channel-gate.ts';
import { commandText, judgementData, verdictType } from './command-events.ts';
import type { ChannelHost } from './channel-host.ts';
import { canEnrol, enrolInSession } from './enrol-second-factor.ts';
import { during, OpenFailure, reportFailure } from './open-failure.ts';
import type { PersonChannel } from './person-channel.ts';

/** What a shell answers when it may not run a command (POSIX.1-2024, Shell Command Language 2.8.2). */
const EXIT_DENIED = 126;
/** What ssh itself answers when there is no connection. */
const EXIT_NO_CONNECTION = 255;

/** Runs one shell or command of a person, from the request until the channel ends. */
export async function runChannel(
  connection: ChannelHost,
  person: PersonChannel,
  controls: ChannelControls,
): Promise<void> {
  const { target } = connection.login;
  if (target !== null) {
    const end = await runOnTarget(connection, person, controls, target);
    if (end !== undefined) conclude(connection, person, target, end);
    return;
  }
  if (person.kind === 'exec') {
    person.say(connection.messages.targetNeeded(connection.login.username));
    person.end(EXIT_NO_CONNECTION);
    return;
  }
  if (person.pty === null) {
    person.say(connection.messages.terminalNeeded());
    person.end(EXIT_NO_CONNECTION);
    return;
  }
  if (!(await settleOwed(connection, person))) {
    person.say(connection.messages.secondFactorRequired());
    person.end(EXIT_NO_CONNECTION);
    return;
  }
  await runMenu(connection, person, controls);
}

/** Whoever owes a second factor sets it up before the menu, which would be empty. */
async function settleOwed(connection: ChannelHost, person: PersonChannel): Promise<boolean> {
  const { services, login } = connection;
  const owes = async (): Promise<boolean> => (await currentSubject(services, login))?.secondFactor === 'owed';
  if (!(await owes())) return true;
  await enrolInSession(connection, person, true);
  return !(await owes());
}

/** After each session the person is back in the menu. */
async function runMenu(
  connection: ChannelHost,
  person: PersonChannel,
  controls: ChannelControls,
): Promise<void> {
  person.comesBack = true;
  for (;;) {
    const choice = await chooseTarget(connection, person, controls);
    if (choice === undefined || connection.isEnded || person.port.isClosed) {
      person.end(0);
      return;
    }
    if (choice === 'second-factor') {
      await enrolInSession(connection, person, false);
      continue;
    }
    const end = await runOnTarget(connection, person, controls, choice, 'menu');
    if (end === undefined) continue;
    if (end.by !== 'asset') return;
    if (end.exit === undefined) person.say(connection.messages.connectionLost(choice.asset));
    person.pause();
  }
}

function conclude(
  connection: ChannelHost,
  person: PersonChannel,
  target: LoginTarget,
  end: ChannelEnd,
): void {
  if (end.by !== 'asset') return;
  if (end.exit === undefined) {
    person.say(connection.messages.connectionLost(printable(target.asset, 64)));
    person.end(EXIT_NO_CONNECTION);
  } else person.finish(end.exit);
}

/**
 * Asks for permission, makes it known, opens, relays. Undefined when it was not opened: the person was told,
 * and the channel ended unless it came from the menu.
 */
async function runOnTarget(
  connection: ChannelHost,
  person: PersonChannel,
  controls: ChannelControls,
  target: LoginTarget,
  from: 'menu' | 'direct' = 'direct',
): Promise<ChannelEnd | undefined> {
  const giveUp = (message: string, status: number): undefined => {
    person.say(message);
    if (from === 'direct') person.end(status);
  };
  const { services, login, messages } = connection;
  if (!services.leaseHeld()) return giveUp(messages.locksStale(), EXIT_NO_CONNECTION);

  const open = connection.openSession(keyOf(target));
  const wish = { kind: person.kind, target, command: person.command, session: open?.id ?? login.id };
  let answer: Awaited<ReturnType<typeof authorize>>;
  try {
    answer = await authorize(services, login, wish, messages);
    if (!answer.allowed && answer.refusal.code === 'second_factor_required' && canEnrol(person)) {
      await enrolInSession(connection, person, true);
      answer = await authorize(services, login, wish, messages);
    }
  } catch (error) {
    services.logger.error({ err: error, login: login.id }, 'access could not be decided');
    return giveUp(messages.stateUnavailable(), EXIT_NO_CONNECTION);
  }
  if (!answer.allowed) {
    reportRefused(connection, person, target, answer.refusal, open);
    return giveUp(answer.refusal.message, EXIT_NO_CONNECTION);
  }
  const { judgement } = answer.value;
  if (judgement?.verdict === 'deny' && answer.value.permission.mode !== 'observe') {
    return giveUp(await tellDenied(connection, person, answer.value, judgement, open), EXIT_DENIED);
  }
  const session = connection.sessionFor(
    keyOf(answer.value.target),
    (hooks) =>
      new AssetSession({
        services,
        login,
        target: answer.value.target,
        permission: answer.value.permission,
        ...hooks,
      }),
  );
  // The connection ended while we asked.
  if (session === undefined) return { by: 'cut' };
  // A lock that came between the question and the registration is found here, one that comes later finds us.
  if (services.lockBook.denying(connection.lockSubject(session)) !== undefined) {
    if (session.channelCount === 0) session.end('terminated');
    return giveUp(messages.locked(), EXIT_NO_CONNECTION);
  }
  return openAndRelay(connection, person, controls, session, answer.value, from, giveUp);
}

async function openAndRelay(
  connection: ChannelHost,
  person: PersonChannel,
  controls: ChannelControls,
  session: AssetSession,
  authorization: Authorization,
  from: 'menu' | 'direct',
  giveUp: (message: string, status: number) => undefined,
): Promise<ChannelEnd | undefined> {
  const { services, messages } = connection;
  const { judgement } = authorization;
  const { asset, account } = session.target;
  const fields = { ...session.eventFields(), channel: person.id };
  const events: EventRecord[] = [
    services.events.make('channel.opened', {
      ...fields,
      ...(person.command === null ? {} : { command: commandText(person.command) }),
      data: {
        kind: person.kind,
        terminal: person.pty !== null,
        environment: [...person.environment.keys()],
      },
    }),
  ];
  if (judgement !== null && person.command !== null) {
    events.push(
      services.events.make(verdictType(judgement.verdict, session.permission.mode), {
        ...fields,
        command: commandText(person.command),
        data: { ...judgementData(judgement), kind: 'exec' },
      }),
    );
  }
  controls.resized = (pty) => session.relayOf(person)?.resize(pty.columns, pty.rows, pty.width, pty.height);
  controls.signalled = (name) => session.relayOf(person)?.signal(name);
  let opened = false;
  session.join(person);
  try {
    await session.begin(events);
    opened = true;
    const refusal = await confirm(connection, person, session, authorization);
    if (session.isEnded) return { by: 'cut' };
    if (refusal !== undefined) {
      session.leave(person);
      if (session.channelCount === 0) session.end('permission');
      return giveUp(refusal.message, refusal.status);
    }
    const end = await session.run(
      person,
      services.channelGate({
        person,
        mode: session.permission.mode,
        reading: judgement?.reading ?? null,
        judge: session.judge,
        messages,
        events: services.events,
        eventFields: fields,
        now: services.monotonicClock,
        denied: () => session.syncRecording(person),
        say: (text) => session.relayOf(person)?.say(text),
        mustEnd: (why) => session.gateFailed(why),
      }),
    );
    if (from === 'menu' && session.channelCount === 0) session.end(end.by === 'asset' ? 'asset' : 'client');
    return end;
  } catch (error) {
    session.leave(person);
    const report = reportFailure(error, messages, asset, account);
    if (report.internal)
      services.logger.error({ err: error, session: session.id }, 'a session could not be opened');
    services.events.report('session.failed', {
      ...fields,
      data: { code: report.code, detail: detailOf(error) },
    });
    if (session.channelCount === 0) session.end(report.endReason);
    return giveUp(report.message, EXIT_NO_CONNECTION);
  } finally {
    session.leave(person);
    controls.resized = () => undefined;
    controls.signalled = () => undefined;
    if (opened) services.events.report('channel.closed', { ...fields, data: { kind: person.kind } });
  }
}

/**
 * Asks once more when policy has changed while the session was made known, until the answer is of now, and puts
 * its rules in force. Gives what the person is told when the answer has become no.
 */
async function confirm(
  connection: ChannelHost,
  person: PersonChannel,
  session: AssetSession,
  authorization: Authorization,
): Promise<{ readonly message: string; readonly status: number } | undefined> {
  const { services, login, messages } = connection;
  const { target } = session;
  const { kind, command } = person;
  let current = authorization;
  while (current.version !== services.policy.version && !session.isEnded) {
    const wish = { kind, target, command, session: session.id };
    const answer = await during('state', () => authorize(services, login, wish, messages));
    if (session.isEnded) return undefined;
    if (!answer.allowed) {
      reportRefused(connection, person, target, answer.refusal, session);
      return { message: answer.refusal.message, status: EXIT_NO_CONNECTION };
    }
    current = answer.value;
    const { judgement } = current;
    if (judgement?.verdict === 'deny' && session.permission.mode !== 'observe') {
      const message = await tellDenied(connection, person, current, judgement, session);
      return { message, status: EXIT_DENIED };
    }
  }
  session.useRules(current.judge, current.version);
  return undefined;
}

function reportRefused(
  { services, login }: ChannelHost,
  person: PersonChannel,
  target: LoginTarget,
  refusal: Refusal,
  open: AssetSession | undefined,
): void {
  services.events.report(open === undefined ? 'session.refused' : 'channel.refused', {
    user: login.username,
    address: login.address,
    port: login.port,
    ...(open === undefined ? {} : { session: open.id }),
    data: {
      login: login.id,
      kind: person.kind,
      code: refusal.code,
      askedAsset: printable(target.asset, 64),
      askedAccount: printable(target.account, 64),
    },
  });
}

/** Writes down that a command was denied, and only then gives the words for the person. It runs in no case. */
async function tellDenied(
  { services, login, messages }: ChannelHost,
  person: PersonChannel,
  { target }: Authorization,
  judgement: CommandJudgement,
  open: AssetSession | undefined,
): Promise<string> {
  const denied = services.events.make('command.denied', {
    user: login.username,
    address: login.address,
    port: login.port,
    asset: target.asset,
    account: target.account,
    ...(open === undefined ? {} : { session: open.id }),
    channel: person.id,
    command: commandText(person.command ?? ''),
    data: { ...judgementData(judgement), kind: 'exec', login: login.id },
  });
  try {
    await services.events.require([denied]);
    return denialText(messages, judgement);
  } catch (error) {
    services.logger.error({ err: error, event: denied }, 'a denied command could not be written down');
    return messages.auditFailed();
  }
}

function detailOf(error: unknown): string {
  const inner = error instanceof OpenFailure ? error.cause : error;
  if (inner instanceof UpstreamFailure || inner instanceof Error) return printable(inner.message, 500);
  return 'unknown';
}

function keyOf({ asset, account }: { readonly asset: string; readonly account: string }): string {
  return `${account}@${nameKey(asset)}`;
}
