/**
 * How many delay warnings are due by now. Behind the last time of `delay_warning` the interval between the last two goes
 * on; a single one repeats itself (manual, option delay_warning). Times in milliseconds. Pure.
 */
export function dueWarnings(times: readonly number[], age: number): number {
  const last = times.at(-1);
  if (last === undefined || last <= 0) return 0;
  const passed = times.filter((time) => age >= time).length;
  if (passed < times.length) return passed;
  const interval = times.length > 1 ? last - (times.at(-2) as number) : last;
  return interval <= 0 ? passed : passed + Math.floor((age - last) / interval);
}
