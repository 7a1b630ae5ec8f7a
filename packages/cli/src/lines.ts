/** Lines of a stream as byte strings, without their ends. */
export async function* linesOf(input: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of input) {
    rest += Buffer.from(chunk as Buffer).toString("latin1");
    let from = 0;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
      yield rest.slice(from, end);
      from = end + 1;
    }
    rest = rest.slice(from);
  }
  if (rest !== "") yield rest;
}

/** White space at the end of a line is dropped; `\` there: the next line belongs to it, without its leading white space. */
export async function* joinedLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let pending: string | undefined;
  for await (const line of lines) {
    const cut = line.replace(/[ \t\v\f\r]+$/, "");
    const text = pending === undefined ? cut : pending + cut.replace(/^[ \t]+/, "");
    pending = text.endsWith("\\") ? text.slice(0, -1) : undefined;
    if (pending === undefined) yield text;
  }
  if (pending !== undefined) yield pending;
}
