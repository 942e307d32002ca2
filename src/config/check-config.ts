import { accessSync, constants } from 'node:fs';
import type { ConfigDocument } from '#contract/config.ts';
import type { Problem } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import { parseDuration } from '#lib/time.ts';
import { isAddressOrRange, isLoopback, parseListen } from './addresses.ts';
import { CONFIG_KEYS } from './config-keys.ts';
import type { Config } from './config.ts';
import { parseSize } from './sizes.ts';

const ADDRESS_IN_MAIL = /^[^\s<>@]+@[^\s<>@]+$|^[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>$/;

/** What a schema cannot say about one value: ranges, address forms, combinations. */
export function checkDocument(document: ConfigDocument): readonly Problem[] {
  return [
    ...checkListen('ssh.listen', document.ssh.listen),
    ...checkListen('http.listen', document.http.listen),
    ...checkIntake(document.intake),
    ...checkRanges('ssh.trustedProxies', document.ssh.trustedProxies),
    ...checkRanges('http.trustedProxies', document.http.trustedProxies),
    ...checkRanges('detection.breakGlassAddresses', document.detection.breakGlassAddresses),
    ...checkDurations(document),
    ...checkPublicUrl(document.http.publicUrl),
    ...checkMail(document.mail),
    ...checkTimeZone('detection.timeZone', document.detection.timeZone),
    ...checkModes(document.detection.modes),
    ...checkEngineUrl('state', document.state.url, ['postgres:', 'postgresql:']),
    ...checkEngineUrl('archive', document.archive.url, ['http:', 'https:']),
    ...document.connectors.flatMap((one, index) => checkConnector(one, index, document.connectors)),
  ];
}

function checkListen(path: string, addresses: readonly string[]): readonly Problem[] {
  return addresses.length === 0
    ? [{ path, message: 'needs at least one address' }]
    : checkPorts(path, addresses);
}

function checkPorts(path: string, addresses: readonly string[]): readonly Problem[] {
  return addresses.flatMap((one, index) =>
    parseListen(one) === undefined
      ? [{ path: `${path}[${index}]`, message: 'the port must be 0 to 65535' }]
      : [],
  );
}

function checkIntake(intake: ConfigDocument['intake']): readonly Problem[] {
  const problems = [
    ...checkPorts('intake.udp', intake.udp),
    ...checkPorts('intake.tcp', intake.tcp),
    ...checkPorts('intake.tls', intake.tls),
    ...checkRanges('intake.allowFrom', intake.allowFrom),
    ...checkRanges('intake.trustedProxies', intake.trustedProxies),
    ...checkTimeZone('intake.zone', intake.zone),
  ];
  if (intake.tls.length > 0 && intake.certificate === undefined)
    problems.push({ path: 'intake.certificate', message: 'is needed for the addresses of intake.tls' });
  for (const [name, size, largest] of [
    ['datagram', intake.datagram, '64KiB'],
    ['message', intake.message, '16MiB'],
  ] as const) {
    const parsed = parseSize(size) ?? 0;
    if (parsed < 1024 || parsed > (parseSize(largest) ?? 0))
      problems.push({ path: `intake.${name}`, message: `must be 1KiB to ${largest}` });
  }
  return problems;
}

function checkRanges(path: string, ranges: readonly string[]): readonly Problem[] {
  return ranges.flatMap((one, index) =>
    isAddressOrRange(one)
      ? []
      : [{ path: `${path}[${index}]`, message: 'must be an IP address or a range such as 10.0.0.0/8' }],
  );
}

function checkDurations(document: ConfigDocument): readonly Problem[] {
  const sections: Readonly<Record<string, unknown>> = { ...document };
  return CONFIG_KEYS.flatMap(({ path }) => {
    const [section = '', name = ''] = path.split('.');
    const value = (sections[section] as Readonly<Record<string, unknown>> | undefined)?.[name];
    return typeof value === 'string' && parseDuration(value) === 0
      ? [{ path, message: 'must be longer than zero' }]
      : [];
  });
}

function checkPublicUrl(text: string | undefined): readonly Problem[] {
  if (text === undefined) return [];
  const path = 'http.publicUrl';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return [{ path, message: 'must begin with https://' }];
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')))
    return [
      {
        path,
        message: 'must begin with https:// unless it is a loopback address; recovery links travel over it',
      },
    ];
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return [{ path, message: 'must have no name, password, query or fragment' }];
  return [];
}

function checkMail(mail: ConfigDocument['mail']): readonly Problem[] {
  if (mail === undefined) return [];
  const problems: Problem[] = [];
  if (mail.security === 'none' && !isLoopback(mail.host))
    problems.push({
      path: 'mail.security',
      message: '"none" is for loopback only; use starttls or tls, or recovery links travel in the open',
    });
  if (mail.security === 'none' && mail.user !== undefined)
    problems.push({
      path: 'mail.user',
      message:
        'needs mail.security starttls or tls; a password is never sent in the open, on loopback neither',
    });
  if (!ADDRESS_IN_MAIL.test(mail.from))
    problems.push({ path: 'mail.from', message: 'must be a mail address, with or without a name before it' });
  mail.responders.forEach((one, index) => {
    if (!ADDRESS_IN_MAIL.test(one))
      problems.push({ path: `mail.responders[${index}]`, message: 'must be a mail address' });
  });
  return problems;
}

function checkTimeZone(path: string, timeZone: string): readonly Problem[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format(0);
    return [];
  } catch {
    return [{ path, message: 'is no time zone; write UTC or one like Europe/Berlin' }];
  }
}

function checkModes(modes: readonly string[]): readonly Problem[] {
  const rules = modes.map((one) => one.slice(0, one.lastIndexOf('=')));
  return rules.flatMap((rule, index) =>
    rules.indexOf(rule) === index
      ? []
      : [{ path: `detection.modes[${index}]`, message: `names ${rule} again` }],
  );
}

function checkEngineUrl(
  section: 'state' | 'archive',
  text: string | undefined,
  protocols: readonly string[],
): readonly Problem[] {
  if (text === undefined) return [];
  const path = `${section}.url`;
  if (!URL.canParse(text)) return [{ path, message: 'must be a URL' }];
  const url = new URL(text);
  if (!protocols.includes(url.protocol)) return [{ path, message: `must begin with ${protocols.at(0)}//` }];
  if (url.password !== '')
    return [
      { path, message: `must not contain a password; put it into the file of ${section}.passwordFile` },
    ];
  return [];
}

function checkConnector(
  { name, url: text, tokenFile, accessKey }: ConfigDocument['connectors'][number],
  index: number,
  all: ConfigDocument['connectors'],
): readonly Problem[] {
  const path = `connectors[${index}]`;
  const problems: Problem[] = [];
  if (nameKey(name) === 'gateway')
    problems.push({ path: `${path}.name`, message: '"gateway" is the realm of our own users' });
  if (all.findIndex((one) => nameKey(one.name) === nameKey(name)) !== index)
    problems.push({ path: `${path}.name`, message: `names ${name} again` });
  if ((tokenFile === undefined) === (accessKey === undefined))
    problems.push({ path, message: 'needs either tokenFile or accessKey' });
  const url = new URL(text);
  const isSafe =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')));
  if (!isSafe)
    problems.push({
      path: `${path}.url`,
      message: 'must begin with https:// unless it is a loopback address; the token travels over it',
    });
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    problems.push({ path: `${path}.url`, message: 'must have no name, password, query or fragment' });
  return problems;
}

/** Checks that need the file system: files that are named must be there and readable. */
export function checkFiles(config: Config): readonly Problem[] {
  const named: readonly (readonly [string, string | null])[] = [
    ['http.tls.certFile', config.http.tls?.certFile ?? null],
    ['http.tls.keyFile', config.http.tls?.keyFile ?? null],
    ['intake.certificate.certFile', config.intake.certificate?.certFile ?? null],
    ['intake.certificate.keyFile', config.intake.certificate?.keyFile ?? null],
    ...config.intake.types.map((one, index) => [`intake.types[${index}]`, one] as const),
    ['intake.clientCaFile', config.intake.clientCaFile],
    ['mail.caFile', config.mail?.caFile ?? null],
    ...config.connectors.map((one, index) => [`connectors[${index}].caFile`, one.caFile] as const),
    ...config.detection.rules.map((one, index) => [`detection.rules[${index}]`, one] as const),
    ...config.detection.playbooks.map((one, index) => [`detection.playbooks[${index}]`, one] as const),
  ];
  return named.flatMap(([path, file]) =>
    file === null || isReadable(file) ? [] : [{ path, message: `${file} is missing or cannot be read` }],
  );
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** What works and is probably not meant. */
export function warningsAbout(config: Config): readonly Problem[] {
  const warnings: Problem[] = [];
  const open = config.http.listen.filter(({ host }) => !isLoopback(host));
  if (open.length > 0 && config.http.tls === null && config.http.trustedProxies.length === 0)
    warnings.push({
      path: 'http.tls',
      message: `tokens and passwords travel in the open on ${open.map(({ host, port }) => `${host}:${port}`).join(', ')}; set http.tls, or listen on loopback behind a proxy`,
    });
  if (config.mail !== null && config.http.publicUrl === null)
    warnings.push({ path: 'http.publicUrl', message: 'is not set, so no recovery link can be mailed' });
  config.connectors.forEach(({ dangerouslyAcceptAnyCertificate, url }, index) => {
    if (dangerouslyAcceptAnyCertificate)
      warnings.push({
        path: `connectors[${index}].dangerouslyAcceptAnyCertificate`,
        message: `whoever sits between here and ${url} can take the token; set caFile instead`,
      });
  });
  const allowed = new Set(config.ssh.allowUsers.map(nameKey));
  const both = config.ssh.blockUsers.filter((name) => allowed.has(nameKey(name)));
  if (both.length > 0)
    warnings.push({ path: 'ssh.allowUsers', message: `${both.join(', ')} is blocked as well; block wins` });
  return warnings;
}
