import type { Config } from '#config/config.ts';
import type { Secret } from '#lib/secret.ts';
import { loadMailSettings } from '#responder/mail/mail-settings.ts';
import { createMailer, type Mailer } from '#responder/mail/mailer.ts';

/** The way to the mail server, or null when none is configured. */
export async function openMail(config: Config, password: Secret | null): Promise<Mailer | null> {
  return config.mail === null ? null : createMailer(await loadMailSettings(config.mail, password));
}
