import type { Language } from '#contract/resources/user.ts';
import { writeMail } from './mail-text.ts';
import { fill } from './offense-words.ts';
import type { OutgoingMail } from './outgoing-mail.ts';

const WORDS = {
  en: {
    subject: 'Set a new password for privileged access',
    why: 'Hello {name}. Your old password, keys, tokens and web sessions no longer work. Set a new password on this page:',
    how: 'The link works once, within {lifetime}. Opening it changes nothing; the button on the page does.',
    not: 'If you did not expect this mail, tell your administrators now and do not use the link.',
  },
  zh: {
    subject: '设置新的特权访问密码',
    why: '{name}，您好。您的旧密码、密钥、令牌和网页会话均已失效。请在此页面设置新密码：',
    how: '该链接只能使用一次，{lifetime}内有效。打开链接不会更改任何内容，点击页面上的按钮才会。',
    not: '如果您没有预料到会收到本邮件，请立即告知管理员，并且不要使用该链接。',
  },
} as const;

/** The mail with the one-time link. */
export function recoveryMail(about: {
  readonly to: string;
  readonly name: string;
  readonly language: Language;
  readonly url: string;
  readonly lifetimeMs: number;
  readonly id: string;
}): OutgoingMail {
  const words = WORDS[about.language];
  const body = writeMail(about.language, [
    { kind: 'text', text: fill(words.why, { name: plainName(about.name) }) },
    { kind: 'link', url: about.url },
    { kind: 'text', text: fill(words.how, { lifetime: lifetimeText(about.lifetimeMs, about.language) }) },
    { kind: 'text', text: words.not },
  ]);
  return { to: [about.to], subject: words.subject, id: about.id, language: about.language, ...body };
}

/** In the largest unit that holds it exactly: "one hour" is longer to write than to understand. */
function lifetimeText(lifetimeMs: number, language: Language): string {
  const [unit, sizeMs] = UNITS.find(([, size]) => lifetimeMs % size === 0) ?? (['minute', 60_000] as const);
  const count = Math.max(1, Math.floor(lifetimeMs / sizeMs));
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
    style: 'unit',
    unit,
    unitDisplay: 'long',
  }).format(count);
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;
const NAME_SHOWN = 60;

/**
 * A name can come from a directory that somebody else fills. In a mail whose only purpose is a link, nothing
 * else may look like one: letters, digits and the signs of names stay, and a dot only where a word ends.
 */
function plainName(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{M}\p{N} .,'’()_-]/gu, '·')
    .replaceAll(/\.(?=[^\s.])/g, '·')
    .slice(0, NAME_SHOWN)
    .trim();
}
