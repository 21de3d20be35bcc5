import { HostError } from '../transport/host-error.ts'
import { type HostKeyAnswer, fingerprint, keyType } from './known-hosts.ts'
import type { SshTarget } from './ssh-target.ts'

/** The refusal of a host key, saying what was shown, what was known, where, and what to do; undefined for a known key. */
export function hostKeyError(target: SshTarget, key: Buffer, answer: HostKeyAnswer): HostError | undefined {
  const where = `${target.address}:${target.port}`
  const shown = `${keyType(key)} ${fingerprint(key)}`
  switch (answer.answer) {
    case 'known':
      return undefined
    case 'revoked':
      return new HostError(
        'host-key-revoked',
        target.name,
        `the host at ${where} shows the key ${shown}, which ${answer.entry.file} line ${answer.entry.line} marks as ` +
          `revoked. Do not connect; find out who answers there`,
      )
    case 'changed': {
      const known = Buffer.from(answer.entry.key, 'base64')
      return new HostError(
        'host-key-changed',
        target.name,
        `the host at ${where} shows the key ${shown}, but ${answer.entry.file} line ${answer.entry.line} knows it by ` +
          `${answer.entry.type} ${fingerprint(known)}. Either somebody is in between, or the host was reinstalled. If ` +
          `you know that it was (compare with ssh-keygen -lf on its console), remove that line and add the new key`,
      )
    }
    case 'unknown': {
      const file = target.knownHosts[0] ?? '~/.ssh/known_hosts'
      const scan =
        target.hostKeyAlias === undefined
          ? `ssh-keyscan -p ${target.port} ${target.address} >> ${file}`
          : `ssh-keyscan -p ${target.port} ${target.address}, with the name ${target.hostKeyAlias} put first in its line, into ${file}`
      const authority =
        answer.authority === undefined
          ? ''
          : ` (${answer.authority.file} line ${answer.authority.line} names a certificate authority for it: fencelab does not support host certificates, it needs the key itself)`
      return new HostError(
        'host-key-unknown',
        target.name,
        `the host at ${where} shows the key ${shown}, which is in none of ${target.knownHosts.join(', ')}${authority}. ` +
          `Compare that fingerprint with ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub on the host's console, then: ${scan}`,
      )
    }
  }
}
