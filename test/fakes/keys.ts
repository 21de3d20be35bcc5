/** Keys for tests. */
import ssh2 from 'ssh2'

export type KeyKind = 'ed25519' | 'rsa' | 'ecdsa'

export interface KeyPair {
  /** OpenSSH's private key format */
  readonly private: string
  /** `type base64` */
  readonly public: string
}

/**
 * A new key pair. One in 256 of the ed25519 keys that ssh2 1.17 makes is malformed, because it strips a leading zero
 * byte (mscdex/ssh2#1513): such a one is made again.
 */
export function makeKeyPair(kind: KeyKind = 'ed25519'): KeyPair {
  for (;;) {
    const pair = generate(kind)
    const halves = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)]
    if (!halves.some((half) => half instanceof Error)) return pair
  }
}

function generate(kind: KeyKind): KeyPair {
  switch (kind) {
    case 'ed25519':
      return ssh2.utils.generateKeyPairSync('ed25519')
    case 'rsa':
      return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
    case 'ecdsa':
      return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
  }
}
