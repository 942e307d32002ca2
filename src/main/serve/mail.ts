import type { MailService } from '#api/services.ts';
import type { Config } from '#config/config.ts';
import { PortcullisError } from '#contract/errors.ts';
import type { Secret } from '#lib/secret.ts';
import { loadMailSettings } from '#responder/mail/mail-settings.ts';
import { createMailer, type Mailer } from '#responder/mail/mailer.ts';
import { testMail } from '#responder/mail/test-mail.ts';

/** The way to the mail server, or null when none is configured. */
export async function openMail(config: Config, password: Secret | null): Promise<Mailer | null> {
  return config.mail === null ? null : createMailer(await loadMailSettings(config.mail, password));
}

export function composeMailService(mailer: Mailer | null): MailService {
  return {
    async sendTest(to) {
      if (mailer === null)
        throw new PortcullisError('E_MAIL', 'No mail server is configured. Set mail.host and start again.');
      const { answer, steps } = await mailer.report(testMail(to));
      return {
        accepted: answer !== null,
        answer,
        steps: steps.map(({ name, isOk, detail }) => ({ name, ok: isOk, detail })),
      };
    },
    look: async () => (mailer === null ? null : mailer.report(null)),
  };
}
