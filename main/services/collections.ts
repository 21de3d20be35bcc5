import { join, resolve } from 'node:path'
import { ContractError } from '../../preload/contract/contract-error.ts'
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

  add(folder: string): Collection {
    const place = resolve(folder)
    const present = this.#all.find((one) => one.folder === place)
    if (present) return present
    const made = { name: `folder${this.#all.length - 1}`, folder: place, sample: false }
    this.#all.push(made)
    return made
  }

  async places(): Promise<readonly RunPlace[]> {
    const found = await Promise.all(
      this.#all.map(async ({ name, folder, sample }) =>
        (await runFolders(folder)).map((run) => ({ run: `${name}/${run}`, directory: join(folder, run), sample })),
      ),
    )
    return found.flat()
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
