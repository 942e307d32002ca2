import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PortcullisError } from '#contract/errors.ts';
import type { Language } from '#contract/resources/user.ts';
import type { MailConfig } from '#config/config.ts';
import type { Secret } from '#lib/secret.ts';

/** How to reach the mail server. */
export interface MailSettings {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user: string | null;
  readonly password: Secret | null;
  /** An address, with or without a name before it. */
  readonly from: string;
  readonly responders: readonly string[];
  /** Of mails to the responders. */
  readonly language: Language;
  /** PEM of an additional certificate authority. */
  readonly ca: string | null;
}

export async function loadMailSettings(config: MailConfig, password: Secret | null): Promise<MailSettings> {
  return {
    host: config.host,
    port: config.port,
    security: config.security,
    user: config.user,
    password,
    from: config.from,
    responders: config.responders,
    language: config.language,
    ca: config.caFile === null ? null : await readCa(config.caFile),
  };
}

async function readCa(file: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    throw new PortcullisError('E_CONFIG', `mail.caFile: ${file} cannot be read.`, { cause: error });
  }
  if (!holdsCertificate(pem))
    throw new PortcullisError('E_CONFIG', `mail.caFile: ${file} holds no certificate in PEM form.`);
  return pem;
}

function holdsCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
