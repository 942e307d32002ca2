import { join, resolve } from 'node:path';
import type { ConfigDocument } from '#contract/config.ts';
import { parseDuration } from '#lib/time.ts';
import { isLoopback, parseListen } from './addresses.ts';
import type { Config, ConnectorConfig, ListenAddress } from './config.ts';
import { parseSize } from './sizes.ts';

export interface ResolveOptions {
  /** The folder that a relative path at this key is relative to. */
  readonly folderOf: (path: string) => string;
  readonly dataDir: string | undefined;
}

/** Turns a checked document into the frozen configuration: units resolved, paths absolute, absence explicit. */
export function resolveConfig(document: ConfigDocument, options: ResolveOptions): Config {
  const absolute = (path: string, value: string): string => resolve(options.folderOf(path), value);
  const maybe = (path: string, value: string | undefined): string | null =>
    value === undefined ? null : absolute(path, value);
  const dataDir = options.dataDir ?? absolute('dataDir', document.dataDir);
  const { ssh, http, mail, recovery, limits, retention, archive, state, vault, detection } = document;
  const httpListen = http.listen.map(listenAddress);
  const tls =
    http.tls === undefined
      ? null
      : {
          certFile: absolute('http.tls.certFile', http.tls.certFile),
          keyFile: absolute('http.tls.keyFile', http.tls.keyFile),
        };
  return deepFreeze({
    dataDir,
    logLevel: document.logLevel,
    ssh: { ...ssh, listen: ssh.listen.map(listenAddress) },
    http: {
      listen: httpListen,
      tls,
      trustedProxies: http.trustedProxies,
      publicUrl: http.publicUrl?.replace(/\/+$/, '') ?? usualUrl(httpListen, tls !== null),
      jumpserverVersion: http.jumpserverVersion,
    },
    mail:
      mail === undefined
        ? null
        : {
            host: mail.host,
            port: mail.port,
            security: mail.security,
            user: mail.user ?? null,
            passwordFile: maybe('mail.passwordFile', mail.passwordFile),
            from: mail.from,
            responders: mail.responders,
            language: mail.language,
            caFile: maybe('mail.caFile', mail.caFile),
          },
    limits: {
      idleMs: milliseconds(limits.idle),
      sessionMs: milliseconds(limits.session),
      webIdleMs: milliseconds(limits.webIdle),
      webSessionMs: milliseconds(limits.webSession),
      loginGraceMs: milliseconds(limits.loginGrace),
      authenticationTries: limits.authenticationTries,
      pendingConnections: limits.pendingConnections,
      connectionsPerAddress: limits.connectionsPerAddress,
      connectTimeoutMs: milliseconds(limits.connectTimeout),
    },
    retention: {
      eventsMs: milliseconds(retention.events),
      recordingsMs: milliseconds(retention.recordings),
      journalMs: milliseconds(retention.journal),
      reserveBytes: bytes(retention.reserve),
    },
    intake: {
      udp: document.intake.udp.map(listenAddress),
      tcp: document.intake.tcp.map(listenAddress),
      tls: document.intake.tls.map(listenAddress),
      certificate:
        document.intake.certificate === undefined
          ? null
          : {
              certFile: absolute('intake.certificate.certFile', document.intake.certificate.certFile),
              keyFile: absolute('intake.certificate.keyFile', document.intake.certificate.keyFile),
            },
      clientCaFile: maybe('intake.clientCaFile', document.intake.clientCaFile),
      allowFrom: document.intake.allowFrom,
      trustedProxies: document.intake.trustedProxies,
      types: document.intake.types.map((one) => absolute('intake.types', one)),
      framing: document.intake.framing,
      zone: document.intake.zone,
      udpSockets: document.intake.udpSockets,
      datagramBytes: bytes(document.intake.datagram),
      messageBytes: bytes(document.intake.message),
      connections: document.intake.connections,
      idleMs: milliseconds(document.intake.idle),
    },
    archive: {
      url: archive.url ?? null,
      user: archive.user ?? null,
      passwordFile: maybe('archive.passwordFile', archive.passwordFile),
      memoryBytes: bytes(archive.memory),
    },
    state: { url: state.url ?? null, passwordFile: maybe('state.passwordFile', state.passwordFile) },
    vault: {
      keyFile: maybe('vault.keyFile', vault.keyFile) ?? join(dataDir, 'master.key'),
      keyFileConfigured: vault.keyFile !== undefined,
    },
    recovery: {
      linkLifetimeMs: milliseconds(recovery.linkLifetime),
      mailsPerHour: recovery.mailsPerHour,
      secondPerson: recovery.secondPerson,
    },
    detection: {
      rules: detection.rules.map((one) => absolute('detection.rules', one)),
      playbooks: detection.playbooks.map((one) => absolute('detection.playbooks', one)),
      modes: Object.fromEntries(detection.modes.map(ruleMode)),
      timeZone: detection.timeZone,
      quietMs: milliseconds(detection.quiet),
      breakGlassUsers: detection.breakGlassUsers,
      breakGlassAddresses: detection.breakGlassAddresses,
      lockoutsPer10Minutes: detection.lockoutsPer10Minutes,
    },
    connectors: document.connectors.map((one) => connector(one, (file) => absolute('connectors', file))),
  });
}

function connector(
  document: ConfigDocument['connectors'][number],
  absolute: (file: string) => string,
): ConnectorConfig {
  const { name, kind, caFile, tokenFile, accessKey } = document;
  if (tokenFile === undefined && accessKey === undefined) throw new Error('the connector was not checked');
  return {
    name,
    kind,
    url: document.url.replace(/\/+$/, ''),
    caFile: caFile === undefined ? null : absolute(caFile),
    dangerouslyAcceptAnyCertificate: document.dangerouslyAcceptAnyCertificate,
    credential:
      accessKey === undefined
        ? { kind: 'token', file: absolute(tokenFile ?? '') }
        : { kind: 'access-key', id: accessKey.id, file: absolute(accessKey.secretFile) },
    version: document.version,
    organisations: document.organisations,
    breakGlassUsers: document.breakGlassUsers,
  };
}

/** `RULE=MODE`, as the schema has checked it. */
function ruleMode(text: string): readonly [string, Config['detection']['modes'][string]] {
  const equals = text.lastIndexOf('=');
  return [text.slice(0, equals), text.slice(equals + 1) as Config['detection']['modes'][string]];
}

/** Without a configured URL people can only reach a loopback address, and that one is known. */
function usualUrl(listen: readonly ListenAddress[], tls: boolean): string | null {
  const local = listen.find(({ host, port }) => port !== 0 && isLoopback(host));
  if (local === undefined) return null;
  const host = local.host.includes(':') ? `[${local.host}]` : local.host;
  return `${tls ? 'https' : 'http'}://${host}:${local.port}`;
}

function listenAddress(text: string): ListenAddress {
  const address = parseListen(text);
  if (address === undefined) throw new Error('the address was not checked');
  return address;
}

function milliseconds(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new Error('the duration was not checked');
  return value;
}

function bytes(text: string): number {
  const value = parseSize(text);
  if (value === undefined) throw new Error('the size was not checked');
  return value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
