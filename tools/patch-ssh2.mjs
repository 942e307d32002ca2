// Adds to ssh2 what it lacks and has no door for: the post-quantum key exchange mlkem768x25519-sha256
// (draft-ietf-sshm-mlkem-hybrid-kex), without which current OpenSSH clients warn at every login, and a correct list of
// signature algorithms in EXT_INFO (a comma is missing there, and SHA-1 is advertised).
// Each anchor must be there exactly once; otherwise nothing is written and the reason is returned.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MARK = '/* patched by portcullis: mlkem768x25519 */';

const HYBRID_CLASS = `${MARK}
  // Client sends ML-KEM public key ‖ X25519 public key, server answers ciphertext ‖ X25519 public key; the shared
  // secret is SHA-256 over both secrets and goes into the hash as a string, not as an mpint.
  class MlKem768X25519Exchange extends Curve25519Exchange {
    constructor(...args) {
      super('sha256', ...args);
      this.type = 'mlkem768x25519';
      this._kem = null;
      this._ciphertext = null;
    }
    generateKeys() {
      super.generateKeys();
      if (!this._protocol._server && !this._kem)
        this._kem = generateKeyPairSync('ml-kem-768');
    }
    getPublicKey() {
      const own = super.getPublicKey();
      if (this._protocol._server)
        return Buffer.concat([this._ciphertext, own]);
      return Buffer.concat([this._kem.publicKey.export({ format: 'raw-public' }), own]);
    }
    convertPublicKey(key) {
      return key;
    }
    computeSecret(other) {
      this.generateKeys();
      try {
        const kemLength = this._protocol._server ? 1184 : 1088;
        if (other.length !== kemLength + 32)
          throw new Error('wrong length of the hybrid public key');
        const kemPart = other.subarray(0, kemLength);
        let kemSecret;
        if (this._protocol._server) {
          const publicKey = createPublicKey({ key: kemPart, format: 'raw-public', asymmetricKeyType: 'ml-kem-768' });
          const { sharedKey, ciphertext } = encapsulate(publicKey);
          this._ciphertext = ciphertext;
          kemSecret = sharedKey;
        } else {
          kemSecret = decapsulate(this._kem.privateKey, kemPart);
        }
        const curveSecret = diffieHellman({
          privateKey: this._keys.privateKey,
          publicKey: createPublicKey({ key: other.subarray(kemLength), format: 'raw-public', asymmetricKeyType: 'x25519' }),
        });
        return createHash('sha256').update(kemSecret).update(curveSecret).digest();
      } catch (ex) {
        return ex;
      }
    }
  }

`;

/** Edits by file: anchor text, what takes its place. */
export const EDITS = {
  'kex.js': [
    [
      '  createECDH,\n  createHash,\n  createPublicKey,\n',
      '  createECDH,\n  createHash,\n  createPublicKey,\n  decapsulate,\n  encapsulate,\n',
    ],
    [
      '  class ECDHExchange extends KeyExchange {\n',
      `${HYBRID_CLASS}  class ECDHExchange extends KeyExchange {\n`,
    ],
    [
      "        case 'ecdh-sha2-nistp256':\n",
      "        case 'mlkem768x25519-sha256':\n          return new MlKem768X25519Exchange(...args);\n\n        case 'ecdh-sha2-nistp256':\n",
    ],
  ],
  'constants.js': [
    [
      'const SUPPORTED_KEX = DEFAULT_KEX.concat([\n',
      `const SUPPORTED_KEX = DEFAULT_KEX.concat([ ${MARK}\n  'mlkem768x25519-sha256',\n\n`,
    ],
  ],
  'Protocol.js': [
    [
      "    'ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521'\n      + 'rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss';\n",
      `    'ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,' ${MARK}\n      + 'rsa-sha2-512,rsa-sha2-256';\n`,
    ],
  ],
};

/** Text with all edits, or why not. */
export function patch(text, edits) {
  if (text.includes(MARK)) return { text };
  let edited = text;
  for (const [anchor, replacement] of edits) {
    if (edited.split(anchor).length !== 2)
      return { why: `the place to change was not found exactly once: ${anchor.trim().slice(0, 60)}` };
    edited = edited.replace(anchor, () => replacement);
  }
  return { text: edited };
}

/** Patches ssh2 below the folder. Returns undefined when done, else the reason. */
export function patchSsh2(root) {
  const folder = join(root, 'node_modules', 'ssh2', 'lib', 'protocol');
  if (!existsSync(folder)) return 'ssh2 is not installed';
  const results = Object.entries(EDITS).map(([name, edits]) => [
    join(folder, name),
    patch(readFileSync(join(folder, name), 'utf8'), edits),
  ]);
  for (const [file, result] of results) if (result.why !== undefined) return `${file}: ${result.why}`;
  for (const [file, result] of results) {
    writeFileSync(`${file}.new`, result.text);
    renameSync(`${file}.new`, file);
  }
  return undefined;
}
