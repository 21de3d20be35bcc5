import { keepLab } from '../virtual/keeper-process.ts'
export async function main(words: readonly string[]): Promise<void> {
  if (words[0] === 'keep-lab') await keepLab(words[1]!, words[2]!, words[3] === 'bound')
}
