import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { arch } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { recipe } from '../../labs/virtual/recipe.ts'
import { cacheDirectory } from '../directories.ts'
import { makeFolder } from '../make-folder.ts'
import type { OnProgress } from '../progress.ts'
import { runTool } from './run-tool.ts'

export interface Image {
  /** hash of the recipe and of what was built from it: a machine's saved state goes with this very image and no other */
  readonly hash: string
  readonly kernel: string
  readonly initialRamdisk: string
  readonly root: string
}

/** seconds that each stage took when it was last measured here: only for the time left that is shown */
const stages = { kernel: 5, root: 70, ramdisk: 2 }
const total = Object.values(stages).reduce((sum, seconds) => sum + seconds, 0)

const { scripts, ...rootRecipe } = recipe
const hashOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
/** the slow part (kernel and root) and the quick one (scripts) are cached apart: a changed script costs a second */
const rootHash = hashOf(rootRecipe)
export const imageHash = hashOf(recipe)

/** The image, where it is built already. */
export function cachedImage(): Image | undefined {
  const image = imageAt(join(cacheDirectory(), 'images', rootHash))
  return rootIsBuilt(image) && existsSync(image.initialRamdisk) ? image : undefined
}

const rootIsBuilt = (image: Image) =>
  existsSync(image.root) && existsSync(image.kernel) && existsSync(identityOf(image.root))

/** two builds of one recipe differ in their bytes: the packages of another day, the order of files */
const identityOf = (root: string) => `${root}.sha256`

function imageAt(directory: string): Image {
  const identity = identityOf(join(directory, 'root.squashfs'))
  return {
    hash: existsSync(identity) ? `${imageHash}-${readFileSync(identity, 'utf8')}` : imageHash,
    kernel: join(directory, 'kernel'),
    initialRamdisk: join(directory, `initrd-${hashOf(scripts)}`),
    root: join(directory, 'root.squashfs'),
  }
}

/**
 * Builds the machines' image, or finds it built: Debian's own packages, no file of this computer in it. The folder gets
 * its final name only when it is whole, so an interrupted build leaves nothing that looks like an image.
 * @throws Error with the last lines of the tool that failed
 */
export async function buildImage(onProgress: OnProgress, signal: AbortSignal): Promise<Image> {
  const ready = cachedImage()
  if (ready) return ready
  if (arch() !== 'x64') throw new Error(`the virtual lab's machines are x86-64; this computer is ${arch()}`)
  const images = join(cacheDirectory(), 'images')
  makeFolder(images, 0o777)
  const final = join(images, rootHash)
  if (rootIsBuilt(imageAt(final))) {
    await buildInitialRamdisk(final, signal)
    return imageAt(final)
  }
  const work = await mkdtemp(join(images, 'building-'))
  try {
    const image = imageAt(work)
    let done = 0
    const stage = (text: string, seconds: number) => {
      onProgress({ text, fraction: done / total, secondsLeft: total - done })
      done += seconds
    }
    stage('fetching the kernel', stages.kernel)
    const version = await fetchKernel(work, image.kernel, signal)
    stage('installing Debian into the image', stages.root)
    await buildRoot(work, image.root, version, signal)
    await writeFile(identityOf(image.root), await sha256OfFile(image.root))
    stage('packing the first file system', stages.ramdisk)
    await buildInitialRamdisk(work, signal)
    await rm(join(work, 'kernel-package'), { recursive: true, force: true })
    await rm(final, { recursive: true, force: true })
    await rename(work, final)
    onProgress({ text: 'image built', fraction: 1, secondsLeft: 0 })
    return imageAt(final)
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw error
  }
}

/** Downloads exactly the package behind the meta package and unpacks it; nothing is installed on this computer. */
async function fetchKernel(work: string, kernel: string, signal: AbortSignal): Promise<string> {
  const depends = await runTool(['apt-cache', 'depends', '--important', recipe.kernelPackage], { signal })
  const name = /Depends: (linux-image-[\w.+-]+)/.exec(depends)?.[1]
  if (!name) {
    throw new Error(
      `apt knows no kernel behind ${recipe.kernelPackage}: run "apt-get update" and see that the package sources ` +
        `of Debian ${recipe.suite} are there`,
    )
  }
  const unpacked = join(work, 'kernel-package')
  await mkdir(unpacked)
  await runTool(['apt-get', 'download', name], { signal, cwd: unpacked })
  const deb = (await readdir(unpacked)).find((file) => file.endsWith('.deb'))
  if (!deb) throw new Error(`apt-get download ${name} left no file`)
  await runTool(['dpkg', '-x', join(unpacked, deb), unpacked], { signal })
  const version = name.slice('linux-image-'.length)
  await cp(join(unpacked, 'boot', `vmlinuz-${version}`), kernel)
  await mkdir(join(work, 'early-modules'))
  for (const module of recipe.earlyModules) {
    const from = join(unpacked, 'lib', 'modules', version, 'kernel', module)
    await cp(from, join(work, 'early-modules', basename(module)))
  }
  return version
}

async function buildRoot(work: string, root: string, version: string, signal: AbortSignal): Promise<void> {
  const modules = join(work, 'kernel-package', 'lib', 'modules', version)
  for (const unused of [
    'kernel/drivers/gpu',
    'kernel/drivers/infiniband',
    'kernel/sound',
    'kernel/drivers/net/ethernet',
  ]) {
    await rm(join(modules, unused), { recursive: true, force: true })
  }
  await runTool(
    [
      'mmdebstrap',
      `--mode=${process.getuid?.() === 0 ? 'root' : 'unshare'}`,
      '--variant=minbase',
      `--include=${recipe.packages.join(',')}`,
      ...recipe.excludedPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
      '--customize-hook=mkdir -p "$1/lib/modules"',
      `--customize-hook=copy-in ${modules} /lib/modules`,
      `--customize-hook=chroot "$1" depmod ${version}`,
      '--customize-hook=rm -rf "$1/var/cache/apt" "$1/var/lib/apt/lists" "$1/etc/ssh/ssh_host_"*',
      '--format=tar',
      recipe.suite,
      `${root}.tar`,
      ...(await packageSources()),
    ],
    { signal },
  )
  await runTool(['sh', '-c', 'sqfstar -comp lz4 -quiet -no-progress "$1" <"$1.tar" && rm "$1.tar"', 'sh', root], {
    signal,
  })
}

/** The sources this computer's apt uses; without any, mmdebstrap takes Debian's own mirror. */
async function packageSources(): Promise<string[]> {
  const directory = '/etc/apt/sources.list.d'
  const listed = existsSync(directory) ? (await readdir(directory)).map((file) => join(directory, file)) : []
  const files = ['/etc/apt/sources.list', ...listed].filter(
    (file) => /\.(list|sources)$/.test(file) && existsSync(file),
  )
  const debian: string[] = []
  for (const file of files) if ((await readFile(file, 'utf8')).includes(recipe.suite)) debian.push(file)
  return debian
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function buildInitialRamdisk(image: string, signal: AbortSignal): Promise<void> {
  const work = await mkdtemp(join(image, 'ramdisk-'))
  const directory = join(work, 'root')
  for (const part of ['bin', 'proc', 'sys', 'dev', 'lab']) await mkdir(join(directory, part), { recursive: true })
  const busybox = (await runTool(['sh', '-c', 'command -v busybox'], { signal })).trim()
  await cp(busybox, join(directory, 'bin', 'busybox'), { dereference: true })
  await cp(join(image, 'early-modules'), join(directory, 'modules'), { recursive: true })
  await writeFile(
    join(directory, 'modules', 'order'),
    recipe.earlyModules.map((module) => `${basename(module)}\n`).join(''),
  )
  for (const [path, text] of Object.entries(recipe.scripts)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
    await chmod(join(directory, path), 0o755)
  }
  const archive = join(work, 'archive')
  await runTool(['sh', '-c', 'find . | busybox cpio -o -H newc >"$1"', 'sh', archive], { signal, cwd: directory })
  await writeFile(`${archive}.gz`, gzipSync(await readFile(archive), { level: 6 }))
  await rename(`${archive}.gz`, imageAt(image).initialRamdisk)
  await rm(work, { recursive: true })
}
