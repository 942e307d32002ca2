export { startMailbox, type Mailbox } from '#main/demo/mailbox.ts';
