import { createHash } from 'node:crypto'
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import * as v from 'valibot'
import { readTestbed } from '../../labs/testbed-file/read-testbed.ts'
import { ContractError } from '../../preload/contract/contract-error.ts'
import { path } from '../../preload/contract/method.ts'
import type { TestbedEntry, TestbedsService } from '../../preload/contract/testbeds.ts'
import { configDirectory, labDirectory, stateDirectory } from '../directories.ts'
import { makeFolder } from '../make-folder.ts'
import { root } from '../root.ts'
import { jsonFile } from './json-file.ts'
import { listSshHosts, withSshHosts } from './ssh-hosts.ts'

export interface TestbedPlaces {
  /** files that come along */
  readonly builtIn: string
  /** files of this person */
  readonly own: string
  /** which others to show */
  readonly known: string
  readonly home: string
}

export const testbedPlaces = (): TestbedPlaces => ({
  builtIn: join(root, 'labs/testbeds'),
  own: join(configDirectory(), 'testbeds'),
  known: join(stateDirectory(), 'testbeds.json'),
  home: homedir(),
})

const knownSchema = v.object({ files: v.optional(v.array(path), []) })
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const isTestbed = (name: string) => /\.ya?ml$/.test(name)

/** Testbed files: what there is, and reading, checking and writing them. Nothing here reaches any host. */
export function testbedsService(places: TestbedPlaces = testbedPlaces()): TestbedsService {
  const known = jsonFile(places.known, knownSchema)
  const isBuiltIn = (file: string) => resolve(file, '..') === resolve(places.builtIn)
  const read = (text: string, file: string) =>
    readTestbed(text, file, { lab: labDirectory(basename(file).replace(/\.ya?ml$/, '')), home: places.home })

  async function entry(file: string): Promise<TestbedEntry> {
    const base = {
      file,
      name: basename(file).replace(/\.ya?ml$/, ''),
      builtIn: isBuiltIn(file),
      virtual: false,
      destructive: false,
      nodes: 0,
      luns: 0,
    }
    const text = await readFile(file, 'utf8').catch((error: Error) => error)
    if (text instanceof Error) return { ...base, description: text.message, problems: 1 }
    const reading = tried(() => read(text, file))
    if (reading instanceof Error) return { ...base, description: reading.message, problems: 1 }
    if (!reading.ok)
      return { ...base, description: reading.problems[0]?.message ?? '', problems: reading.problems.length }
    const { testbed } = reading
    return {
      ...base,
      name: testbed.name,
      description: testbed.description ?? '',
      virtual: testbed.virtual !== undefined,
      destructive: testbed.destructive,
      nodes: Object.values(testbed.hosts).filter(({ node }) => node).length,
      luns: Object.keys(testbed.luns).length,
      problems: 0,
    }
  }

  return {
    async list() {
      const folders = await Promise.all(
        [places.builtIn, places.own].map(async (folder) => ({ folder, names: await namesIn(folder) })),
      )
      const files = [
        ...folders.flatMap(({ folder, names }) =>
          names instanceof Error ? [] : names.filter(isTestbed).map((name) => join(folder, name)),
        ),
        ...(await known.read()).files,
      ]
      const entries = await Promise.all([...new Set(files.map((file) => resolve(file)))].map(entry))
      const broken = folders.flatMap(({ folder, names }) =>
        names instanceof Error ? [unreadableFolder(folder, names)] : [],
      )
      return { testbeds: [...entries, ...broken], folder: places.own }
    },
    async read({ file }) {
      refuseOtherFiles(file)
      const text = await readFile(file, 'utf8')
      return { file: resolve(file), text, hash: hashOf(text), builtIn: isBuiltIn(file) }
    },
    async check({ file, text }) {
      const reading = read(text, file)
      if (!reading.ok) return { ok: false, problems: reading.problems, nodes: 0, luns: 0, links: 0, hosts: 0 }
      const { hosts, luns, links } = reading.testbed
      return {
        ok: true,
        problems: reading.warnings,
        nodes: Object.values(hosts).filter(({ node }) => node).length,
        luns: Object.keys(luns).length,
        links: Object.keys(links).length,
        hosts: Object.keys(hosts).length,
      }
    },
    async save({ file, text, hash }) {
      if (isBuiltIn(file))
        throw new ContractError('user', `${file} is part of fencelab and is not changed: save it under another name`)
      refuseOtherFiles(file)
      const present = await readFile(file, 'utf8')
      if (hashOf(present) !== hash) {
        throw new ContractError(
          'user',
          `${file} was changed by another program since it was opened here. Open it again, or save under another name`,
        )
      }
      await writeWhole(file, text)
      return { hash: hashOf(text) }
    },
    async create({ name, text }) {
      const file = join(places.own, `${name}.yaml`)
      makeFolder(places.own, 0o777)
      const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST')
          throw new ContractError('user', `there is a testbed ${name} already (${file}): choose another name`)
        throw error
      })
      await handle.writeFile(text)
      await handle.close()
      return { file }
    },
    async add({ file }) {
      refuseOtherFiles(file)
      await readFile(file, 'utf8')
      const { files } = await known.read()
      if (!files.includes(resolve(file))) await known.write({ files: [...files, resolve(file)] })
      return {}
    },
    sshHosts: async () => listSshHosts(places.home),
    withSshHosts: async ({ text, hosts }) => ({ text: withSshHosts(text, hosts) }),
  }
}

/** Through this door only testbeds go in and out. */
function refuseOtherFiles(file: string): void {
  if (!isTestbed(file))
    throw new ContractError('user', `${file} is no testbed file: its name must end with .yaml or .yml`)
}

/** A file that the reader itself breaks on is an entry with that error: it must not take the whole list with it. */
function tried<T>(read: () => T): T | Error {
  try {
    return read()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Names in a folder; one that cannot be read is an error, one that is not there is empty. */
async function namesIn(folder: string): Promise<readonly string[] | Error> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : error))
}

/** A folder of testbeds that cannot be read, as an entry of the list. */
function unreadableFolder(folder: string, error: Error): TestbedEntry {
  return {
    file: folder,
    name: basename(folder),
    description: error.message,
    builtIn: false,
    virtual: false,
    destructive: false,
    nodes: 0,
    luns: 0,
    problems: 1,
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const made = `${file}.${process.pid}.new`
  try {
    await writeFile(made, text, { flush: true })
    await rename(made, file)
  } catch (error) {
    await rm(made, { force: true })
    throw error
  }
}
