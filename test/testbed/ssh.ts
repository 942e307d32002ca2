export { runSsh, startSsh, type SshOptions } from '#main/demo/ssh-client.ts';
