/**
 * Where the program begins. Looks at the words only: listing and counting the queue have a small bundle of their own,
 * because the time until node has read the whole engine is most of what they would take.
 */
import { basename } from "node:path";

const argv = process.argv.slice(2);
const name = basename(process.env.MAILKIT_ARGV0 ?? "");

process.exitCode = (await quick()) ?? (await (await import("./dispatch.ts")).dispatch(argv, name));

async function quick(): Promise<number | undefined> {
  const exim = name === "mailq" || argv.some((word) => word.startsWith("-bp") || word.startsWith("-M"));
  const queue = argv[0] === "queue" && (argv[1] === "list" || argv[1] === "count");
  if (!exim && !queue) return undefined;
  const { quickMain } = await import("./quick-main.ts");
  return quickMain(argv, name);
}
