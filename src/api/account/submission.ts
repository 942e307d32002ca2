import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PageTexts } from '../pages/texts.ts';
import type { AccountView } from './account-views.ts';
import type { SignedIn } from './signed-in.ts';

export const AccountForm = z.object({
  form: z.string(),
  present: z.string().max(1024).default(''),
  'present-code': z.string().max(64).default(''),
  code: z.string().max(64).default(''),
  password: z.string().max(2048).default(''),
  repeat: z.string().max(2048).default(''),
  session: z.string().max(64).default(''),
});

export type AccountForm = z.infer<typeof AccountForm>;
type FormProblem = keyof PageTexts['problems'];

/** One form of the account page, sent by whoever is signed in, from the page itself. */
export interface Submission {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly me: SignedIn;
  readonly form: AccountForm;
  readonly view: () => Promise<AccountView>;
  /** The page again, with what is wrong. */
  readonly again: (problem: FormProblem) => Promise<FastifyReply>;
  /** Whether the present password, and the code of whoever has an authenticator, are right. Wrong ones leave a trace. */
  readonly confirm: () => Promise<boolean>;
}

export type OnSubmit = (path: string, handler: (submission: Submission) => Promise<FastifyReply>) => void;
