/** The adapter with two workers, so that one and two are measured beside each other in one run. */
const before = process.env.MAILKIT_BENCH_WORKERS;
process.env.MAILKIT_BENCH_WORKERS = "2";
export const { name, label, modes, setup, command, tools, startup } = await import("./adapter.mjs?two");
if (before === undefined) delete process.env.MAILKIT_BENCH_WORKERS;
else process.env.MAILKIT_BENCH_WORKERS = before;
