/**
 * Where the program begins. Looks at the words only: listing and counting the queue have a small bundle of their own,
 * because the time until node has read the whole engine is most of what they would take.
 */
import { basename } from "node:path";

/** Servers, and input that is a message: what they do does not hang on their output. */
const LASTING = /^(?:serve|__worker|__helper)\b|(?:^| )-(?:bd|bdf|bw|bs|bS|bm|t|q\S*)(?: |$)/;
const argv = process.argv.slice(2);
const name = basename(process.env.MAILKIT_ARGV0 ?? "");

// `mailkit queue list | head`: whoever reads has enough. A server goes on without its terminal.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  if (!LASTING.test(argv.join(" "))) process.exit(141);
});

process.exitCode = (await quick()) ?? (await (await import("./dispatch.ts")).dispatch(argv, name));

async function quick(): Promise<number | undefined> {
  const exim = name === "mailq" || argv.some((word) => word.startsWith("-bp") || word.startsWith("-M"));
  const queue = argv[0] === "queue" && (argv[1] === "list" || argv[1] === "count");
  if (!exim && !queue) return undefined;
  const { quickMain } = await import("./quick-main.ts");
  return quickMain(argv, name);
}
