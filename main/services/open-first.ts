import type { Engine } from './engine.ts'

/**
 * Opens the testbed that a person sees first: the one that was asked for, else the one that was open last, else the
 * virtual lab. Nothing is started or changed by that.
 * @returns why it could not be opened, for people; undefined where it was
 */
export async function openFirst({ services }: Engine, asked: string | undefined): Promise<string | undefined> {
  const call = { signal: new AbortController().signal, progress: () => undefined }
  const file = asked ?? (await services.system.loadState({}, call)).testbed ?? 'virtual'
  return services.lab.open({ file }, call).then(
    () => undefined,
    (error: Error) => `${file} was not opened: ${error.message}`,
  )
}
