import { z } from 'zod';
import { Name } from './names.ts';

const Listen = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'must be HOST:PORT, e.g. 0.0.0.0:2222 or [::]:2222');
const Duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'must be a number with a unit: 500ms, 30s, 15m, 24h, 90d');
const Cidr = z.string().max(64);
const Size = z.string().regex(/^\d{1,9}(KiB|MiB|GiB)$/, 'must be a number with a unit: 512MiB, 2GiB');

const Tls = z.strictObject({
  certFile: z.string().min(1).describe('PEM file with the certificate and its chain.'),
  keyFile: z.string().min(1).describe('PEM file with the private key, mode 0600.'),
});

/** Access to one foreign bastion: how it is reached, and with what right. */
const Connector = z
  .strictObject({
    name: Name.describe('Realm of its users: `name:alice` is alice there.'),
    kind: z.literal('jumpserver').describe('What it is.'),
    url: z.url().describe('Where its API is, e.g. `https://jumpserver.example.com`.'),
    caFile: z.string().min(1).optional().describe('PEM file with the certificate authority of that server.'),
    dangerouslyAcceptAnyCertificate: z
      .boolean()
      .default(false)
      .describe('True lets whoever sits on the way read the token and pretend that people are contained.'),
    tokenFile: z.string().min(1).optional().describe('File with a private token, mode 0600.'),
    accessKey: z
      .strictObject({
        id: z.string().min(1).max(64).describe('Id of the access key.'),
        secretFile: z.string().min(1).describe('File with its secret, mode 0600.'),
      })
      .optional()
      .describe('An access key instead of a token: requests are signed.'),
    version: z
      .union([z.literal('auto'), z.literal(2), z.literal(3), z.literal(4)])
      .default('auto')
      .describe('Major version there.'),
    organisations: z
      .union([z.literal('all'), z.array(z.guid()).min(1).max(1000)])
      .default('all')
      .describe('Ids of the organisations that are looked into; `all` is all that the token may see.'),
    breakGlassUsers: z
      .array(z.string().min(1).max(128))
      .default([])
      .describe('User names there that no automatic action may disable.'),
  })
  .describe('A foreign bastion.');

/** `portcullis.yaml`. Every key is also `PORTCULLIS_…` in the environment (`ssh.listen` → `PORTCULLIS_SSH_LISTEN`). */
export const ConfigDocument = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .default('./data')
    .describe('Folder for everything the server keeps. One process owns it.'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('How much goes to standard error.'),
  ssh: z
    .strictObject({
      listen: z.array(Listen).default(['0.0.0.0:2222']).describe('Addresses of the SSH gateway.'),
      banner: z.string().max(4096).default('').describe('Text shown before login.'),
      allowUsers: z
        .array(Name)
        .default([])
        .describe('When not empty, only these users may log in, on every channel.'),
      blockUsers: z
        .array(Name)
        .default([])
        .describe('These users may not log in, on any channel. Wins over allowUsers.'),
      trustedProxies: z
        .array(Cidr)
        .default([])
        .describe('Addresses or CIDR ranges whose PROXY protocol header is believed. They must send one.'),
      environment: z
        .array(z.string())
        .default(['LANG', 'LC_*', 'TERM', 'COLORTERM'])
        .describe('Environment variables a client may set on an asset.'),
    })
    .prefault({}),
  http: z
    .strictObject({
      listen: z.array(Listen).default(['127.0.0.1:8080']).describe('Addresses of the API and web pages.'),
      tls: Tls.optional().describe(
        'Certificate and key files; required off loopback unless a trusted proxy terminates TLS.',
      ),
      trustedProxies: z.array(Cidr).default([]).describe('Proxies whose X-Forwarded-For is believed.'),
      publicUrl: z
        .url()
        .optional()
        .describe('How people reach the web pages; links in mails are built from it. https off loopback.'),
      jumpserverVersion: z
        .union([z.literal(3), z.literal(4)])
        .default(4)
        .describe('Version of JumpServer whose shapes the calls under `/api/v1/` have.'),
    })
    .prefault({}),
  mail: z
    .strictObject({
      host: z.string().min(1).describe('Mail server. Without it no mail is sent.'),
      port: z.number().int().min(1).max(65_535).default(587).describe('Port of the mail server.'),
      security: z
        .enum(['starttls', 'tls', 'none'])
        .default('starttls')
        .describe('`none` is for loopback only.'),
      user: z.string().optional().describe('Name to log in with at the mail server.'),
      passwordFile: z.string().optional().describe('File with the password of that name, mode 0600.'),
      from: z.string().min(3).describe('Sender of every mail, e.g. `Portcullis <gate@example.test>`.'),
      responders: z.array(z.string()).default([]).describe('Who is mailed about offenses.'),
      language: z
        .enum(['en', 'zh'])
        .default('en')
        .describe('Language of mails to the responders. Mails to a person are in the language of the user.'),
      caFile: z.string().optional().describe('Additional certificate authority of the mail server.'),
    })
    .optional(),
  recovery: z
    .strictObject({
      linkLifetime: Duration.default('1h').describe('How long a mailed recovery link works.'),
      mailsPerHour: z
        .number()
        .int()
        .min(1)
        .max(100)
        .default(5)
        .describe('Recoveries of one user, and to one mail address, within an hour.'),
      secondPerson: z
        .boolean()
        .default(false)
        .describe('Mail no recovery link before a second person has approved it.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      idle: Duration.default('30m').describe('A session without input or output ends after this.'),
      session: Duration.default('24h').describe('A session ends after this in any case.'),
      webIdle: Duration.default('30m').describe('A web session without a request ends after this.'),
      webSession: Duration.default('12h').describe('A web session ends after this in any case.'),
      loginGrace: Duration.default('60s').describe('Time to finish logging in.'),
      authenticationTries: z
        .number()
        .int()
        .min(1)
        .max(20)
        .default(6)
        .describe('Failed attempts before a connection is closed.'),
      pendingConnections: z
        .number()
        .int()
        .min(10)
        .max(10_000)
        .default(200)
        .describe('Connections that have not logged in yet; more are dropped at random, early.'),
      connectionsPerAddress: z
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(100)
        .describe('Connections from one address that have not logged in yet.'),
      connectTimeout: Duration.default('15s').describe('Time to reach an asset.'),
    })
    .prefault({}),
  retention: z
    .strictObject({
      events: Duration.default('365d').describe('How long events stay searchable.'),
      recordings: Duration.default('365d').describe('How long recordings are kept.'),
      journal: Duration.default('7d').describe(
        'How long archived events stay in the stream too; at least the longest timespan of a detection rule.',
      ),
      reserve: Size.default('256MiB').describe(
        'Free space kept for gateway audit and recordings. With twice as much left foreign events are not taken; with half as much again the archive waits.',
      ),
    })
    .prefault({}),
  intake: z
    .strictObject({
      udp: z
        .array(Listen)
        .default([])
        .describe('Addresses for syslog over UDP, usually port 5514. Without an address nothing listens.'),
      tcp: z.array(Listen).default([]).describe('Addresses for syslog over TCP, usually port 5514.'),
      tls: z
        .array(Listen)
        .default([])
        .describe('Addresses for syslog over TLS, usually port 6514; they need `intake.certificate`.'),
      certificate: Tls.optional().describe('Certificate and key files of the TLS addresses.'),
      clientCaFile: z
        .string()
        .optional()
        .describe('Senders over TLS must show a certificate of this authority (PEM file).'),
      allowFrom: z
        .array(Cidr)
        .default([])
        .describe('When not empty, only these addresses or CIDR ranges may send.'),
      trustedProxies: z
        .array(Cidr)
        .default([])
        .describe('Addresses or CIDR ranges that must send a PROXY protocol header over TCP or TLS.'),
      types: z.array(z.string()).default([]).describe('Further folders with log source types.'),
      framing: z
        .enum(['auto', 'lf', 'nul', 'counted'])
        .default('auto')
        .describe(
          'What ends a message over TCP or TLS: a line end, a NUL, a count before it, or all of them.',
        ),
      zone: z
        .string()
        .default('UTC')
        .describe('Zone of times that name none: `UTC`, `+08:00` or one like `Europe/Berlin`.'),
      udpSockets: z
        .number()
        .int()
        .min(1)
        .max(16)
        .default(2)
        .describe('Sockets that share each UDP address; each has a receive buffer of its own.'),
      datagram: Size.default('64KiB').describe('Longer datagrams are cut and marked.'),
      message: Size.default('1MiB').describe('Longer messages over TCP or TLS are cut and marked.'),
      connections: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .default(1000)
        .describe('Connections to each TCP or TLS address; more are refused.'),
      idle: Duration.default('1h').describe('A connection over which nothing comes ends after this.'),
    })
    .prefault({}),
  archive: z
    .strictObject({
      url: z.url().optional().describe('A ClickHouse server instead of the embedded engine.'),
      user: z.string().optional().describe('Name to log in with at the ClickHouse server.'),
      passwordFile: z.string().optional().describe('File with the password of that name, mode 0600.'),
      memory: Size.default('700MiB').describe('Memory cap of the embedded engine.'),
    })
    .prefault({}),
  state: z
    .strictObject({
      url: z.string().optional().describe('postgres://… instead of the embedded SQLite database.'),
      passwordFile: z.string().optional().describe('File with the password at that server, mode 0600.'),
    })
    .prefault({}),
  vault: z
    .strictObject({
      keyFile: z
        .string()
        .optional()
        .describe(
          'Master key file, mode 0600; default: master.key in dataDir, made at first start. PORTCULLIS_MASTER_KEY overrides it.',
        ),
    })
    .prefault({}),
  detection: z
    .strictObject({
      rules: z.array(z.string()).default([]).describe('Further folders with detection rules.'),
      playbooks: z.array(z.string()).default([]).describe('Further folders with playbooks.'),
      modes: z
        .array(
          z
            .string()
            .regex(
              /^[^=]+=(off|shadow|approve|auto)$/,
              'must be a rule, "=" and off, shadow, approve or auto, e.g. many_assets=off',
            ),
        )
        .default([])
        .describe(
          'Modes of rules that stand above those in their files, e.g. `login_outside_hours=approve`.',
        ),
      timeZone: z
        .string()
        .default('UTC')
        .describe('Zone in which rules read `time.hour` and `time.weekday`, e.g. `Europe/Berlin`.'),
      quiet: Duration.default('24h').describe(
        'An episode ends when nothing happened for this long and no containment is in force.',
      ),
      breakGlassUsers: z.array(Name).default([]).describe('Users that no automatic action may lock out.'),
      breakGlassAddresses: z
        .array(Cidr)
        .default([])
        .describe('Addresses or CIDR ranges that no automatic action may lock, e.g. of your office.'),
      lockoutsPer10Minutes: z
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(5)
        .describe('More automatic locks on people and addresses than this wait for a person.'),
    })
    .prefault({}),
  connectors: z
    .array(Connector)
    .max(50)
    .default([])
    .describe(
      'Foreign bastions that are acted on through their API, each with name, kind and url; see the guide on the JumpServer connector.',
    ),
});
export type ConfigDocument = z.infer<typeof ConfigDocument>;
