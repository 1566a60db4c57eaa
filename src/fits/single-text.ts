// Single-precision numbers as text: the digits that tell one from its neighbours, not those of its double.

/** A single-precision number in the fewest digits (6 to 9) that give the same one again: 0.1, not 0.10000000149. */
export function singleText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}
