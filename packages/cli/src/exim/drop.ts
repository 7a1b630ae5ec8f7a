/** Submission by somebody who may not write the spool: a file in `drop/`, which the daemon takes from there. */
import { systemRandom } from "@mailkit/runtime";
import { writeDrop } from "@mailkit/spool";
import { join } from "node:path";
import type { Face } from "./face.ts";

export async function dropMessage({ context, args, engine }: Face): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of context.stdin) chunks.push(chunk as Buffer);
  const directory = join(engine.settings.text("spool_directory") as string, "drop");
  const name = `${Date.now().toString(36)}-${systemRandom.octets(12).toString("hex")}`;
  try {
    writeDrop(directory, name, { options: dropOptions(args), recipients: args.rest }, Buffer.concat(chunks));
    return 0;
  } catch (error) {
    context.stderr.write(`exim: the message cannot be handed over: ${(error as Error).message}\n`);
    return 75;
  }
}

function dropOptions(args: Face["args"]): Record<string, string | boolean> {
  return {
    extract: args.extractRecipients,
    dotEnds: args.dotEnds,
    ...(args.sender === undefined ? {} : { sender: args.sender }),
    ...(args.fullName === undefined ? {} : { fullName: args.fullName }),
  };
}
