import type { Language } from '#contract/resources/user.ts';

export interface EnrolmentTexts {
  readonly demanded: string;
  readonly lead: string;
  readonly typed: (secret: string) => string;
  readonly prompt: string;
  readonly wrong: string;
  readonly tooMany: string;
  readonly cancelled: string;
  readonly done: string;
  readonly codes: string;
  readonly goOn: string;
}

const ENGLISH: EnrolmentTexts = {
  demanded: 'A second factor is demanded here, and you have none yet.',
  lead: 'Scan this with an authenticator app (any that does TOTP), then type the code that it shows.',
  typed: (secret) => `Or type the secret into the app: ${secret}`,
  prompt: 'Verification code (Ctrl-C to stop): ',
  wrong: 'This is not the code. Is the clock of your phone right? Try again.',
  tooMany: 'Too many wrong codes. Nothing was changed.',
  cancelled: 'Nothing was changed.',
  done: 'The authenticator is set up. From now on each login asks for its code.',
  codes:
    'Keep these recovery codes somewhere safe. Each works once, in place of a code, if you lose the app:',
  goOn: 'Press Enter to go on. They are not shown again.',
};

const CHINESE: EnrolmentTexts = {
  demanded: '此处需要第二因素，而您尚未设置。',
  lead: '请用验证器应用（任何支持 TOTP 的应用）扫描，然后输入它显示的验证码。',
  typed: (secret) => `或在应用中手动输入密钥：${secret}`,
  prompt: '验证码（Ctrl-C 取消）：',
  wrong: '验证码不正确。手机的时间准确吗？请重试。',
  tooMany: '错误次数过多，未作任何更改。',
  cancelled: '未作任何更改。',
  done: '验证器已设置。今后每次登录都会要求输入验证码。',
  codes: '请妥善保存这些恢复码。丢失应用时，每个可代替验证码使用一次：',
  goOn: '按回车继续。恢复码不会再次显示。',
};

export function enrolmentTexts(language: Language): EnrolmentTexts {
  return language === 'zh' ? CHINESE : ENGLISH;
}
