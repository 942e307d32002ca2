import { sqlMigration } from '../migration.ts';

/** Who has logged in from where: an address that people share is not locked without asking. */
export const loginAddresses = sqlMigration('2026-11-25T235500-login-addresses', [
  `create table login_addresses (
    address TEXT not null,
    person TEXT not null,
    "firstAt" INT not null,
    "lastAt" INT not null,
    primary key (address, person)
  ) STRICT`,
  'create index login_addresses_person on login_addresses (person, "lastAt")',
  'create index login_addresses_age on login_addresses ("lastAt")',
]);
