import { log, type LogFields } from './log.ts'

/** Does a task, and writes to the log that it begins, and how it ended after how long. What it throws comes through. */
export async function logTask<T>(text: string, fields: LogFields, task: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const time = () => ({ milliseconds: Math.round(performance.now() - began) })
  log.info(`${text}: begins`, fields)
  try {
    const result = await task()
    log.info(`${text}: done`, { ...fields, ...time() })
    return result
  } catch (error) {
    log.error(`${text}: failed: ${error instanceof Error ? error.message : String(error)}`, {
      ...fields,
      ...time(),
      error,
    })
    throw error
  }
}
