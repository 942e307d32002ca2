import { MIN_PASSWORD_LENGTH, type Language } from '#contract/resources/user.ts';
import type { PasswordProblem } from '#identity/password-rules.ts';

export interface PageTexts {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly language: string;
  readonly password: string;
  readonly repeat: string;
  readonly passwordHint: string;
  readonly problems: Readonly<
    Record<
      | PasswordProblem
      | 'not_repeated'
      | 'code_missing'
      | 'code_wrong'
      | 'bad_username'
      | 'bad_email'
      | 'taken'
      | 'refused'
      | 'not_confirmed'
      | 'too_late',
      string
    >
  >;
  readonly recovery: {
    readonly title: string;
    readonly lead: (username: string) => string;
    readonly keys: string;
    readonly button: string;
    readonly doneTitle: string;
    readonly done: string;
  };
  readonly setup: {
    readonly title: string;
    readonly lead: string;
    readonly button: string;
    readonly doneTitle: string;
    readonly done: string;
  };
  readonly secondFactor: {
    readonly legend: string;
    readonly demanded: string;
    readonly offered: string;
    readonly picture: string;
    readonly typed: string;
    readonly code: string;
    readonly codes: string;
  };
  readonly linkInvalid: { readonly title: string; readonly text: string };
  readonly failed: { readonly title: string; readonly text: string };
}

const en: PageTexts = {
  username: 'User name',
  name: 'Name',
  email: 'Mail address (for recovery)',
  language: 'Language',
  password: 'New password',
  repeat: 'New password again',
  passwordHint: `At least ${MIN_PASSWORD_LENGTH} characters. A few unrelated words are good.`,
  problems: {
    too_short: `The password must have at least ${MIN_PASSWORD_LENGTH} characters.`,
    too_long: 'The password is too long.',
    too_simple: 'The password must not be a few characters again and again.',
    is_name: 'The password must not be the user name.',
    not_repeated: 'The two passwords are not the same.',
    code_missing: 'Type the code that the authenticator shows: a second factor is demanded.',
    code_wrong:
      'This is not the code that the authenticator shows now. Is the clock of your phone right? Try again.',
    bad_username: 'A user name has letters, digits, "_", "." or "-", and begins with a letter, digit or "_".',
    bad_email: 'This is not a mail address.',
    taken: 'There is a user of this name already.',
    refused: 'You are not signed in. Check name, password and code, and try again.',
    not_confirmed: 'Nothing was changed: the present password or the code is not right, or you must wait.',
    too_late: 'That took too long. Begin again.',
  },
  recovery: {
    title: 'Set a new password',
    lead: (username) =>
      `For ${username}. Your old password and tokens do not work any more. Nothing happens until you press the button.`,
    keys: 'Tick the SSH keys that are yours. The others stay switched off.',
    button: 'Set the password',
    doneTitle: 'You have access again',
    done: 'The new password is set. Log in as usual. You can close this page.',
  },
  setup: {
    title: 'Create the administrator',
    lead: 'This is a new installation. The link works once.',
    button: 'Create',
    doneTitle: 'The administrator exists',
    done: 'You can log in now. This page does not work a second time.',
  },
  secondFactor: {
    legend: 'Authenticator app',
    demanded:
      'Scan this with an authenticator app, then type the code that it shows. An earlier one does not count any more.',
    offered:
      'If you like: scan this with an authenticator app and type the code that it shows. Or leave the code empty.',
    picture: 'QR code for the authenticator app',
    typed: 'Or type this secret into the app:',
    code: 'Verification code',
    codes:
      'Keep these recovery codes somewhere safe. Each works once, in place of a code, if you lose the app. They are not shown again.',
  },
  linkInvalid: {
    title: 'This link does not work',
    text: 'It may have been used, replaced by a newer one, or be too old. Ask an administrator for a new one.',
  },
  failed: {
    title: 'That did not work',
    text: 'Try again in a moment. If it happens again, tell an administrator.',
  },
};

const zh: PageTexts = {
  username: '用户名',
  name: '姓名',
  email: '邮箱地址（用于恢复访问）',
  language: '语言',
  password: '新密码',
  repeat: '再次输入新密码',
  passwordHint: `至少 ${MIN_PASSWORD_LENGTH} 个字符，几个互不相关的词语即可。`,
  problems: {
    too_short: `密码至少需要 ${MIN_PASSWORD_LENGTH} 个字符。`,
    too_long: '密码过长。',
    too_simple: '密码不能只是几个字符的重复。',
    is_name: '密码不能与用户名相同。',
    not_repeated: '两次输入的密码不一致。',
    code_missing: '请输入验证器显示的验证码：此处要求第二因素。',
    code_wrong: '验证码与验证器当前显示的不符。手机的时间准确吗？请重试。',
    bad_username: '用户名只能包含字母、数字、“_”、“.”和“-”，并以字母、数字或“_”开头。',
    bad_email: '这不是有效的邮箱地址。',
    taken: '该用户名已存在。',
    refused: '登录未成功。请检查用户名、密码和验证码后重试。',
    not_confirmed: '未作任何更改：当前密码或验证码不正确，或需要稍等片刻。',
    too_late: '操作超时，请重新开始。',
  },
  recovery: {
    title: '设置新密码',
    lead: (username) => `用户：${username}。您的旧密码和令牌已失效。在您按下按钮之前，不会有任何更改。`,
    keys: '请勾选属于您的 SSH 密钥，其余密钥将保持停用。',
    button: '设置密码',
    doneTitle: '您已恢复访问',
    done: '新密码已设置，请照常登录。您可以关闭此页面。',
  },
  setup: {
    title: '创建管理员',
    lead: '这是一个全新的安装。此链接只能使用一次。',
    button: '创建',
    doneTitle: '管理员已创建',
    done: '您现在可以登录。此页面不能再次使用。',
  },
  secondFactor: {
    legend: '验证器应用',
    demanded: '请用验证器应用扫描，然后输入它显示的验证码。之前的验证器不再有效。',
    offered: '可选：用验证器应用扫描并输入它显示的验证码；或将验证码留空。',
    picture: '供验证器应用扫描的二维码',
    typed: '或在应用中输入此密钥：',
    code: '验证码',
    codes: '请妥善保存这些恢复码。丢失应用时，每个可代替验证码使用一次。它们不会再次显示。',
  },
  linkInvalid: {
    title: '此链接无效',
    text: '它可能已被使用、已被新的链接取代，或已过期。请向管理员索取新的链接。',
  },
  failed: { title: '操作未成功', text: '请稍后重试。如果再次出现，请告知管理员。' },
};

export const PAGE_TEXTS: Readonly<Record<Language, PageTexts>> = { en, zh };

/** What the browser prefers among what there is; the fallback when it says nothing of use. */
export function pageLanguage(acceptLanguage: string | undefined, fallback: Language): Language {
  for (const part of (acceptLanguage ?? '').slice(0, 256).toLowerCase().split(',')) {
    if (/^\s*zh\b/.test(part)) return 'zh';
    if (/^\s*en\b/.test(part)) return 'en';
  }
  return fallback;
}
