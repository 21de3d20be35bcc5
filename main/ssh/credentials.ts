/** How we prove to a host who we are: private keys from files, and an ssh agent. Never a password. */
import { readFile } from 'node:fs/promises'
import ssh2 from 'ssh2'
import type { AnyAuthMethod, BaseAgent, IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'
import { HostError } from '../transport/host-error.ts'
import type { SshTarget } from './ssh-target.ts'

export interface Credentials {
  readonly methods: readonly AnyAuthMethod[]
  /** what is offered and what could not be, in words, for the message of a refusal */
  readonly offered: readonly string[]
}

/**
 * Collects what can be offered to the host. Reads the key files at every connection, so that a corrected one counts.
 *
 * @throws {HostError} `configuration` for a missing or unusable key file, `authentication` where there is nothing to offer
 */
export async function credentials(target: SshTarget): Promise<Credentials> {
  const methods: AnyAuthMethod[] = []
  const offered: string[] = []
  const encrypted: string[] = []
  const publicKeys: Buffer[] = []
  const username = target.user
  for (const { path, required } of target.keys) {
    const text = await readOptional(path)
    const halves = await readOptional(`${path}.pub`)
    const publicKey = halves === undefined ? undefined : ssh2.utils.parseKey(halves)
    if (publicKey && !(publicKey instanceof Error)) publicKeys.push(first(publicKey).getPublicSSH())
    if (text === undefined) {
      if (required)
        throw new HostError('configuration', target.name, `the key file ${path} does not exist or cannot be read`)
      continue
    }
    const parsed = ssh2.utils.parseKey(text)
    if (parsed instanceof Error) {
      if (/passphrase/.test(parsed.message)) {
        encrypted.push(path)
        continue
      }
      if (!required) continue
      throw new HostError(
        'configuration',
        target.name,
        `${path} is not a private key that can be used: ${parsed.message}`,
      )
    }
    const key = first(parsed)
    if (!key.isPrivateKey()) {
      // ssh takes a public key file for "the agent's key of this kind"
      publicKeys.push(key.getPublicSSH())
      continue
    }
    methods.push({ type: 'publickey', username, key })
    offered.push(`key file ${path}`)
  }
  if (target.agent !== undefined) {
    const agent = ssh2.createAgent(target.agent)
    methods.push({
      type: 'agent',
      username,
      agent: target.onlyTheseKeys ? chosenIdentities(agent as BaseAgent<ParsedKey>, publicKeys) : agent,
    })
    offered.push(`the agent at ${target.agent}`)
  }
  for (const path of encrypted) {
    offered.push(`(not ${path}: it is encrypted, and fencelab asks for no passphrase; load it with: ssh-add ${path})`)
  }
  if (methods.length === 0) {
    throw new HostError(
      'authentication',
      target.name,
      encrypted.length > 0
        ? `the key ${encrypted.join(', ')} is encrypted and no ssh agent is running; start one and load the key: ` +
            `eval "$(ssh-agent)" && ssh-add ${encrypted.join(' ')}`
        : `there is no key to log in with as ${username}: name a key file in the testbed, or load one into an ssh agent ` +
            `(SSH_AUTH_SOCK). Passwords are not supported`,
    )
  }
  return { methods, offered }
}

/** An agent that shows only the given public keys (ssh's IdentitiesOnly). */
function chosenIdentities(agent: BaseAgent<ParsedKey>, allowed: readonly Buffer[]): BaseAgent<ParsedKey> {
  return new (class extends ssh2.BaseAgent<ParsedKey> {
    override getIdentities(callback: IdentityCallback<ParsedKey>) {
      agent.getIdentities((error, keys) => {
        if (error) return callback(error)
        const chosen = (keys ?? []).filter((key) => {
          const blob = 'pubKey' in key ? key.pubKey : key
          const parsed = ssh2.utils.parseKey(blob as ParsedKey)
          return !(parsed instanceof Error) && allowed.some((one) => one.equals(first(parsed).getPublicSSH()))
        })
        callback(undefined, chosen)
      })
    }
    override sign(
      key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      callback?: SignCallback,
    ) {
      agent.sign(key, data, options as SigningRequestOptions, callback)
    }
  })()
}

const first = (key: ParsedKey | readonly ParsedKey[]) => (Array.isArray(key) ? key[0] : key) as ParsedKey

async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return undefined
    throw error
  }
}
