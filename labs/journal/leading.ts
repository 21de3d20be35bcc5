/** How many elements at the beginning of a list suit, where all that suit come first: found by halving, for long journals. */
export function leading<T>(list: readonly T[], suits: (element: T) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (suits(list[middle] as T)) low = middle + 1
    else high = middle
  }
  return low
}
