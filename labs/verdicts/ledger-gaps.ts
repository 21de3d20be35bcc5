/** What is missing, or there twice, in the numbers of a writer, in order: in words. */
export function gaps(numbers: readonly number[]): readonly string[] {
  return numbers.flatMap((number, index) => {
    const before = numbers[index - 1]
    if (before === undefined || number === before + 1) return []
    return [number === before ? `${number} (told twice)` : `${before + 1} to ${number - 1}`]
  })
}
