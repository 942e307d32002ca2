export { freePort, startSshd, type Sshd } from '#main/demo/sshd.ts';
