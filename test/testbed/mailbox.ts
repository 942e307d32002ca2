export { startMailbox, type Mailbox, type ReceivedMail } from '#main/demo/mailbox.ts';
