import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as v from 'valibot'
import { stateDirectory } from '../directories.ts'
import { UserError, type LoadedTestbed } from '../load-testbed.ts'
import { log } from '../log/log.ts'
import { makeFolder } from '../make-folder.ts'
import { LabInUse, type LabUser } from './lab-in-use.ts'
import { labKeys } from './lab-keys.ts'
import { identityOf, isAlive } from '../hypervisor/process-identity.ts'

/**
 * One program changes a lab at a time. Each program that wants to writes a claim, a file of its own, and then looks at all
 * others: of two that claim at once, whichever looks last sees both, so never do both go on. A claim whose process is gone
 * (number, start time and boot: never its age alone) counts for nothing and is removed; claims have names that never come
 * again, so nobody's is removed by mistake.
 */
export interface LabLock {
  release(): void
}

type LabOf = Pick<LoadedTestbed, 'testbed' | 'directory'>

const claimSchema = v.object({
  program: v.string(),
  pid: v.number(),
  user: v.string(),
  host: v.string(),
  since: v.string(),
  keys: v.array(v.string()),
  /** boot and start time, see process-identity.ts; absent off Linux */
  process: v.optional(v.string()),
  /** the computer, where state directories are shared by several */
  machine: v.string(),
  /** process numbers mean something only within it (containers); absent off Linux */
  namespace: v.optional(v.string()),
})
type Claim = v.InferOutput<typeof claimSchema>
interface Found {
  readonly file: string
  readonly claim: Claim
}
/**
 * Beside a claim: its program has looked at all others, and works with the lab. A file of its own, because a claim that is
 * replaced could be missed by whoever lists the folder just then.
 */
const heldFile = (file: string) => `${file}.held`

/** two that claim at the same moment both withdraw, and try again at moments of their own */
const tries = 8
const tryMilliseconds = 150

const folder = () => join(stateDirectory(), 'users')
/** what this process holds; a command within a command shares it */
const own = new Map<string, { readonly keys: readonly string[]; holders: number }>()

/**
 * Claims a lab for changes, until it is released or this process is gone.
 * @throws LabInUse where another program works with it
 */
export async function lockLab(lab: LabOf): Promise<LabLock> {
  const keys = labKeys(lab)
  const shared = [...own].find(([, held]) => keys.every((key) => held.keys.includes(key)))
  if (shared) return hold(...shared)
  makeFolder(folder())
  const file = join(folder(), `${process.pid}-${randomBytes(8).toString('hex')}.json`)
  const claim: Claim = { ...thisProgram(), keys: [...keys] }
  for (let tried = 1; ; tried += 1) {
    write(file, claim)
    const other = othersOf(keys)[0]
    if (!other) {
      writeFileSync(heldFile(file), '')
      log.info('the lab is locked for changes', { lab: lab.testbed.name, keys })
      return hold(file, { keys, holders: 0 })
    }
    rmSync(file, { force: true })
    if (existsSync(heldFile(other.file)) || tried === tries) {
      const refused = refusal(lab.testbed.name, other)
      log.warning('the lock of the lab was refused', { lab: lab.testbed.name, keys, user: refused.user })
      throw refused
    }
    await delay(Math.random() * tryMilliseconds)
  }
}

/** Works with a lab that no other program changes meanwhile. @throws LabInUse */
export async function withLab<T>(lab: LabOf, work: () => Promise<T>): Promise<T> {
  const lock = await lockLab(lab)
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** Who works with a lab now, other than this process. */
export const labUsers = (lab: LabOf): readonly LabUser[] => othersOf(labKeys(lab)).map(({ claim }) => userOf(claim))

function hold(file: string, held: { readonly keys: readonly string[]; holders: number }): LabLock {
  own.set(file, held)
  held.holders += 1
  let released = false
  return {
    release() {
      if (released) return
      released = true
      held.holders -= 1
      if (held.holders > 0) return
      own.delete(file)
      forget(file)
      log.info('the lock is released', { keys: held.keys })
    },
  }
}

process.on('exit', () => {
  for (const file of own.keys()) forget(file)
})

function forget(file: string): void {
  rmSync(file, { force: true })
  rmSync(heldFile(file), { force: true })
}

/** Claims of others that are in force and share a key. */
function othersOf(keys: readonly string[]): readonly Found[] {
  return allClaims().filter(({ file, claim }) => {
    if (own.has(file) || !claim.keys.some((key) => keys.includes(key))) return false
    const itself = claim.pid === process.pid && claim.process === identityOf(process.pid)
    return !itself && state(claim) !== 'gone'
  })
}

function allClaims(): readonly Found[] {
  const found: Found[] = []
  for (const name of names()) {
    const file = join(folder(), name)
    const text = readIfThere(file)
    // it was released since the list was read
    if (text === undefined) continue
    const read = v.safeParse(claimSchema, parseJson(text))
    if (!read.success) {
      throw new UserError(
        `${file} does not say which program works with which lab, or was written by another version of fencelab. ` +
          'Make sure that no other fencelab runs, then remove that file',
      )
    }
    if (state(read.output) === 'gone') forget(file)
    else found.push({ file, claim: read.output })
  }
  return found
}

function names(): readonly string[] {
  try {
    return readdirSync(folder()).filter((name) => name.endsWith('.json'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** `unknown`: a process of another computer, or of another container. */
function state(claim: Claim): 'alive' | 'gone' | 'unknown' {
  const here = thisComputer()
  if (claim.machine !== here.machine) return 'unknown'
  const boot = (identity: string | undefined) => identity?.split(' ')[0]
  if (boot(claim.process) !== boot(identityOf(process.pid))) return 'gone'
  if (claim.namespace !== here.namespace) return 'unknown'
  return isAlive(claim.pid, claim.process) ? 'alive' : 'gone'
}

function refusal(lab: string, { file, claim }: Found): LabInUse {
  const free = 'Looking is free meanwhile: status, check, keys, judge, report'
  if (state(claim) === 'unknown') {
    return new LabInUse(
      lab,
      userOf(claim),
      `Whether that program still runs cannot be seen from here: wait for it, or, if it is gone, remove ${file}. ${free}`,
    )
  }
  return new LabInUse(
    lab,
    userOf(claim),
    `Wait until it has ended, or end it with Ctrl-C there or "kill ${claim.pid}": it takes back what it injected. ${free}`,
  )
}

function userOf({ program, pid, user, host, since }: Claim): LabUser {
  return { program, pid, user, host, since }
}

/** This program, as others are told of it. */
export function thisProgram(): LabUser & Pick<Claim, 'process' | 'machine' | 'namespace'> {
  const identity = identityOf(process.pid)
  return {
    program:
      'electron' in process.versions ? 'fencelab (its window)' : ['fencelab', ...process.argv.slice(2)].join(' '),
    pid: process.pid,
    user: userName(),
    host: hostname(),
    since: new Date().toISOString(),
    ...(identity !== undefined && { process: identity }),
    ...thisComputer(),
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch (error) {
    // a user without an entry in the system's list, as in some containers
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `user ${process.getuid?.() ?? '?'}`
    throw error
  }
}

function thisComputer(): Pick<Claim, 'machine' | 'namespace'> {
  const namespace = linkIfThere('/proc/self/ns/pid')
  return {
    machine: `${readIfThere('/etc/machine-id')?.trim() ?? ''} ${hostname()}`,
    ...(namespace !== undefined && { namespace }),
  }
}

function write(file: string, claim: Claim): void {
  writeFileSync(`${file}.new`, JSON.stringify(claim), { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

const readIfThere = (file: string) => ifThere(() => readFileSync(file, 'utf8'))
const linkIfThere = (file: string) => ifThere(() => readlinkSync(file))

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
