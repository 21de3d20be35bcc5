import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { RunFolder } from '../../preload/contract/runs.ts'
import { journalFile } from '../recorder/files.ts'
import { runsDirectory } from '../directories.ts'
import { runFolders } from '../replay/open-run.ts'
import type { RunPlace } from '../replay/summarise.ts'
import { root } from '../root.ts'

/** A folder that holds recordings, each in a folder of its own. */
export interface Collection {
  readonly name: string
  readonly folder: string
  readonly sample: boolean
}

/** recordings that come along, so that there is something to look at on any computer */
const samples = join(root, 'labs/samples')

/** Where recordings are: those of this computer, those that come along, and folders that a person added. */
export class Collections {
  readonly #all: Collection[]
  #next = 1

  constructor(runs = runsDirectory(), sampleFolder = samples) {
    this.#all = [
      { name: 'runs', folder: runs, sample: false },
      { name: 'samples', folder: sampleFolder, sample: true },
    ]
  }

  /** The folder that new recordings are written to. */
  get own(): string {
    return this.#all[0]?.folder ?? runsDirectory()
  }

  /**
   * Also looks in this folder. Rejects, and keeps nothing, where it is not a folder that can be read.
   */
  async add(folder: string): Promise<Collection> {
    const place = resolve(folder)
    await checkFolder(place)
    const present = this.#all.find((one) => one.folder === place)
    if (present) return present
    const made = { name: `folder${this.#next++}`, folder: place, sample: false }
    this.#all.push(made)
    return made
  }

  /** Looks in this folder no longer. Only one that was added can be taken off. */
  remove(name: string): void {
    const index = this.#all.findIndex((one) => one.name === name && isAdded(one))
    if (index === -1) throw new ContractError('not-found', `there is no folder ${name} that was added`)
    this.#all.splice(index, 1)
  }

  /** Every recording there is. A folder that cannot be read says why, and hides none of the others. */
  async look(): Promise<{ readonly places: readonly RunPlace[]; readonly folders: readonly RunFolder[] }> {
    const found = await Promise.all(
      this.#all.map(async (collection) => {
        const { name, folder, sample } = collection
        const about = { id: name, folder, added: isAdded(collection) }
        try {
          const runs = await runFolders(folder)
          return {
            folder: about,
            places: runs.map((run) => ({ run: `${name}/${run}`, directory: join(folder, run), sample })),
          }
        } catch (error) {
          return { folder: { ...about, trouble: error instanceof Error ? error.message : String(error) }, places: [] }
        }
      }),
    )
    return { places: found.flatMap(({ places }) => places), folders: found.map(({ folder }) => folder) }
  }

  /** The id of a recording by its folder, where it lies in a collection. */
  idOf(directory: string): string | undefined {
    const found = this.#all.find(({ folder }) => resolve(directory, '..') === folder)
    return found && `${found.name}/${directory.slice(found.folder.length + 1)}`
  }

  /** The folder of a run. A name never leads out of its collection. */
  place(run: string): RunPlace {
    const [collection = '', name = '', ...more] = run.split('/')
    const found = this.#all.find((one) => one.name === collection)
    if (!found || more.length > 0 || name === '' || name === '.' || name === '..' || /[\\\0]/.test(name)) {
      throw new ContractError('not-found', `there is no recorded run ${run}`)
    }
    return { run, directory: join(found.folder, name), sample: found.sample }
  }
}

const isAdded = ({ name }: Collection) => name.startsWith('folder')

/** @throws ContractError with what is wrong with a folder that recordings are to be looked for in, and what to do */
async function checkFolder(folder: string): Promise<void> {
  const refused = (why: string) => new ContractError('user', why)
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR')
      throw refused(`${folder} is a file, not a folder: if it is an archive, unpack it and add the folder it makes`)
    if (error.code === 'ENOENT') throw refused(`there is no folder ${folder} on the computer that runs fencelab`)
    throw refused(`${folder} cannot be read: ${error.message}`)
  })
  if (names.includes(journalFile) && existsSync(join(folder, journalFile)))
    throw refused(`${folder} is one recording: add the folder that it lies in`)
}
