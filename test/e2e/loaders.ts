import { describeUnless } from '../describe-unless.ts'
import { chromiumLoader } from './chromium-loader.ts'
import { electronLoader } from './electron-loader.ts'
import type { Loader } from './loader.ts'

/** Every program that the interface runs in: the same tests for all of them. */
export const loaders: readonly Loader[] = [chromiumLoader, electronLoader]

/** The same tests in every program; where one is not there, its tests are skipped with the reason. */
export function inEvery(what: string, tests: (loader: Loader) => void): void {
  for (const loader of loaders) describeUnless(loader.missing, `${what}, in ${loader.name}`, () => tests(loader))
}
