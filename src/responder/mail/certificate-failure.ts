import { printable } from '#lib/printable.ts';
import type { MailSettings } from './mail-settings.ts';

const NAMES_SHOWN = 300;

/** What is wrong with a certificate, why, and what to change. Undefined when the code is about something else. */
export function explainCertificate(
  code: string,
  names: string | undefined,
  settings: MailSettings,
): string | undefined {
  const { host, port, security } = settings;
  const look = `openssl s_client -connect ${host}:${port}${security === 'starttls' ? ' -starttls smtp' : ''} -showcerts`;
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `its certificate has expired. Renew it on the mail server; nothing can be set here to accept it. If it is still good, the clock of this machine is wrong (it says ${new Date().toISOString()}).`;
    case 'CERT_NOT_YET_VALID':
      return `its certificate is not valid yet. Look at the clock of this machine (it says ${new Date().toISOString()}) and at the certificate.`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another name: it is for ${printable(names ?? 'no name at all', NAMES_SHOWN)}, and mail.host is ${host}. Set mail.host to a name in the certificate, if that is your server.`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `its certificate is self-signed, so no authority vouches for it. Compare its fingerprint with the one on the server (${look}), save it in a file, and name that file in mail.caFile.`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `its certificate was issued by an authority that is not known here. Name the file with the certificate of that authority in mail.caFile. If it is a public authority, the server does not send its intermediate certificate: ${look} shows what it sends.`;
    default:
      return /CERT|CRL|CA_MD|CA_KEY/.test(code)
        ? `its certificate is not accepted (${code}). ${look} shows it.`
        : undefined;
  }
}
