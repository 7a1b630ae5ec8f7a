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
