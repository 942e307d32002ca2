export { runSsh, startSsh, type SshOptions, type SshRun } from '#main/demo/ssh-client.ts';
